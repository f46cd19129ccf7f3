"""Reading `network.yaml`: the file in which a network's participants are written, every mistake named with its line.

The file has three keys. `settings` holds for the whole network and may be left out, as may each of its keys:

| key | values | default | meaning |
| --- | --- | --- | --- |
| operator | 1 to 18 characters | VANSIM | who signs an XCTL01 and sends the network's own envelopes |
| repeat_receipts | true, false | true | a duplicate of a converted letter gets its receipts again |
| lpr3_first | true, false | false | of several episode-of-care ids the LPR3 one is kept, else the local one |
| xctl02_code | fatal-error, transient-error | fatal-error | the Acknowledgement code that an XCTL02 becomes |
| follow_receipt_wish | true, false | false | make an XCTL03 only where the letter asked for one |
| refuse_text_limit | 0, or 120 and more | 350 | how long RefuseText may be; 0 for as long as it is |

`participants` is a list of them:

```yaml
participants:
  - gln: 5790000120314            # 13 digits, right check digit, used once
    sor: 325371000016006          # 11 to 18 digits, used once
    name: MedCom FDIS91
    kind: test-system             # one of routing.directory.Kind
    telephone: 12345678           # optional: stands in letters whose sender gives none
    identifiers:                  # optional: other numbers, under OIOXML's own codes
      ydernummer: 001234          # 6 digits
      kommunenummer: 999          # 3 digits
      sygehusafdelingsnummer: 9999010
    external: true                # optional: your own system; without it a mock answers
    format: json                  # optional, json or xml (default): how FHIR made for it is written
    takes:                        # what it receives; with nothing in it, it can only send
      - {type: XDIS91, until: 2026-03-01}
      - {type: CareCommunication, version: "5.0", from: 2026-03-01}
```

- Values are read as they are written: digits need no quotes and keep their leading zeros.
- `type` is a name of the catalogue, or any other name that an envelope carries after `MCM:` (`XDIS22`), which is then
  delivered as it is. SOR's names for the FHIR messages (FDIS91, FDIS20, FCTL) mean CareCommunication,
  HospitalNotification and Acknowledgement.
- `version` may be left out (every version), and written in each way that envelopes write it (5, 5.0 and 5.0.2 are one).
- `from` is the first day it is taken, `until` the first day it is **not** (exclusive), so that a changeover is one date
  written twice. Both are Danish calendar days of the network's clock, and either may be left out.
- Who takes a letter takes its receipts: XDIS91 and XBIN01 bring XCTL01 to XCTL03, DIS91 and BIN01 bring CTL01 to CTL03,
  CareCommunication and HospitalNotification bring Acknowledgement. XBIN01 (attachments) is listed by itself.
- Nobody takes XDIS91 and CareCommunication on the same day: that is refused, and the days are named. A gap between them
  is only a warning.
- Anchors and aliases may be used (`takes: &fhir [...]`, `takes: *fhir`); tags, merge keys and second documents may not.

`waves` gives days names, under which MedCom's introduction goes on; a name stands wherever `from` or `until` do, and
who names a wave has joined it. When its day is moved, everybody in it moves (docs/rollout.md):

```yaml
waves:
  pilot: 2026-03-01
  wave-1: 2026-09-01
participants:
  - gln: 5790000120314
    takes:
      - {type: XDIS91, until: pilot}
      - {type: CareCommunication, from: pilot}
```

`conversion` may say from which day on letters are converted no more (`until`, a day or a wave), and name stylesheets
that convert in place of ours, a direction each (docs/stylesheets.md); paths are relative to the file:

```yaml
conversion:
  until: 2028-01-01
  stylesheets:
    XDIS91-to-CareCommunication: medcom/xdis91.xsl
    CareCommunication-to-XDIS91: medcom/carecommunication.xsl
    XCTL-to-Acknowledgement: medcom/xctl.xsl
    Acknowledgement-to-XCTL: medcom/acknowledgement.xsl
```
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from envelope.findings import Refused
from envelope.identities import GLN_DIGITS, gln_check_digit, gln_is_valid
from routing import errors
from routing.directory import Directory, Kind, Participant, Settings, StylesheetFile
from routing.marked_yaml import Node, Pairs, Text, compose
from routing.network_conversion import read_conversion
from routing.network_takes import read_takes
from routing.network_values import Values

DEFAULT_NETWORK = Path(__file__).with_name("network.yaml")
"""The network that ships in the package."""

IDENTIFIERS: dict[str, tuple[str, re.Pattern[str]]] = {
    "ydernummer": ("6 digits", re.compile(r"[0-9]{6}")),
    "kommunenummer": ("3 digits", re.compile(r"[0-9]{3}")),
    "sygehusafdelingsnummer": ("4 to 8 digits and capitals", re.compile(r"[0-9A-Z]{4,8}")),
}
"""Other identifiers, under OIOXML's IdentifierCode, with their forms."""

_PARTICIPANT_KEYS = (
    "gln",
    "sor",
    "name",
    "kind",
    "telephone",
    "identifiers",
    "external",
    "format",
    "takes",
)
LEAST_REFUSE_TEXT = 120
"""The sentence that the network adds to a refusal fits, which is never cut (use cases 3.1.0, 4.4)."""

_OPERATOR = re.compile(r"\S(?:[^\n\t]{0,16}\S)?")  # a token of 18: SenderID of an envelope holds no more
_SOR = re.compile(r"[0-9]{11,18}")
_GLN = re.compile(r"[0-9]{13}")


def load(text: str, source: str) -> Directory:
    """The directory that a network file's text describes.

    Args:
        text: the whole file.
        source: its name, as findings cite it.

    Returns:
        the directory; of the stylesheets that it names, only where they are.

    Raises:
        Refused: with every error of the file, by line and column; for errors of YAML itself, the first.
    """
    root, repeated = compose(text, source)
    values = Values(source)
    for key, first in repeated:
        values.find(key, errors.KEY_DUPLICATE, key=key.text, first=first.line)
    top = values.mapping(root or Pairs(1, 1), "the file", ("settings", "waves", "conversion", "participants"))
    participants: dict[str, Participant] = {}
    settings = Settings()
    stylesheets: tuple[StylesheetFile, ...] = ()
    conversion_until: date | None = None
    if top is not None:
        settings = _read_settings(values, top)
        _read_waves(values, top)
        stylesheets, conversion_until = read_conversion(values, top)
        if "participants" not in top.pairs:
            values.find(top, errors.KEY_MISSING, where="the file", key="participants")
        participants = _read_participants(values, values.items(top, "the file", "participants"))
    if any(finding.is_error for finding in values.findings):
        raise Refused(values.findings)
    return Directory(participants, settings, source, values.findings, stylesheets, dict(values.waves), conversion_until)


def _read_waves(values: Values, top: Pairs) -> None:
    """Let every line behind this name the waves that the file has."""
    _, node = top.pairs.get("waves", (None, None))
    if node is None or (isinstance(node, Text) and node.is_null):
        return
    if not isinstance(node, Pairs):
        values.mapping(node, "waves", ())
        return
    for name in node.pairs:
        day = values.calendar_day(node, "waves", name)
        if day is not None:
            values.waves[name] = day


def _read_settings(values: Values, top: Pairs) -> Settings:
    where, default = "settings", Settings()
    _, node = top.pairs.get("settings", (None, None))
    if node is None or (isinstance(node, Text) and node.is_null):
        return default
    pairs = values.mapping(node, where, tuple(default.as_dict()))
    if pairs is None:
        return default
    operator = values.text(pairs, where, "operator", "1 to 18 characters", _OPERATOR)
    code = values.text(pairs, where, "xctl02_code")
    chosen = None if code is None else values.choice(code, where, "xctl02_code", ("fatal-error", "transient-error"))
    return Settings(
        operator=default.operator if operator is None else operator.text,
        repeat_receipts=values.flag(pairs, where, "repeat_receipts", default=default.repeat_receipts),
        lpr3_first=values.flag(pairs, where, "lpr3_first", default=default.lpr3_first),
        xctl02_code="transient-error" if chosen == "transient-error" else "fatal-error",
        follow_receipt_wish=values.flag(pairs, where, "follow_receipt_wish", default=default.follow_receipt_wish),
        refuse_text_limit=values.limit(
            pairs, where, "refuse_text_limit", least=LEAST_REFUSE_TEXT, default=default.refuse_text_limit
        ),
    )


def _read_participants(values: Values, nodes: list[Node]) -> dict[str, Participant]:
    participants: dict[str, Participant] = {}
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for number, node in enumerate(nodes, start=1):
        where = _called(node, number)
        pairs = values.mapping(node, where, _PARTICIPANT_KEYS)
        if pairs is None:
            continue
        _find_twice(values, pairs, where, seen)
        participant = _read_participant(values, pairs, where)
        if participant is not None:
            participants[participant.gln] = participant
    return participants


def _find_twice(values: Values, pairs: Pairs, where: str, seen: dict[tuple[str, str], tuple[str, int]]) -> None:
    """Neither GLN nor SOR code may have been used by a participant before."""
    for what, key in (("GLN", "gln"), ("SOR code", "sor")):
        _, node = pairs.pairs.get(key, (None, None))
        if not isinstance(node, Text) or node.is_null:
            continue
        if (what, node.text) in seen:
            first, line = seen[what, node.text]
            words = {"what": what, "value": node.text, "first": first, "line": line}
            values.find(node, errors.PARTICIPANT_TWICE, where=where, **words)
        else:
            seen[what, node.text] = (where, node.line)


def _called(node: Node, number: int) -> str:
    """A participant in words: by GLN and name where it has them, else by its place in the list."""
    if isinstance(node, Pairs):
        texts = [node.pairs[key][1] for key in ("gln", "name") if key in node.pairs]
        words = [text.text for text in texts if isinstance(text, Text) and not text.is_null]
        if words:
            return f"participant {' '.join(words)}"
    return f"participant number {number}"


def _read_participant(values: Values, pairs: Pairs, where: str) -> Participant | None:
    """The participant, or None when something without which it is none is missing."""
    gln = values.required(pairs, where, "gln")
    if gln is not None:
        _check_gln(values, gln, where)
    sor = values.required(pairs, where, "sor")
    if sor is not None and not _SOR.fullmatch(sor.text):
        values.find(sor, errors.PARTICIPANT_SOR_FORM, where=where, sor=sor.text)
    name = values.required(pairs, where, "name")
    kind = values.required(pairs, where, "kind")
    chosen = None if kind is None else values.choice(kind, where, "kind", tuple(map(str, Kind)))
    syntax = values.text(pairs, where, "format")
    written = None if syntax is None else values.choice(syntax, where, "format", ("xml", "json"))
    telephone = values.telephone(pairs, where, "telephone")
    identifiers = _read_identifiers(values, pairs, where)
    external = values.flag(pairs, where, "external", default=False)
    takes = read_takes(values, pairs, where)
    if gln is None or sor is None or name is None or chosen is None:
        return None
    return Participant(
        gln=gln.text,
        sor=sor.text,
        name=name.text,
        kind=Kind(chosen),
        telephone=telephone,
        identifiers=identifiers,
        external=external,
        takes=takes,
        format="json" if written == "json" else "xml",
    )


def _check_gln(values: Values, node: Text, where: str) -> None:
    if not _GLN.fullmatch(node.text):
        values.find(node, errors.PARTICIPANT_GLN_FORM, where=where, gln=node.text)
    elif not gln_is_valid(node.text):
        twelve = node.text[: GLN_DIGITS - 1]
        right = twelve + gln_check_digit(twelve)
        values.find(node, errors.PARTICIPANT_GLN_CHECK_DIGIT, where=where, gln=node.text, right=right)


def _read_identifiers(values: Values, pairs: Pairs, where: str) -> dict[str, str]:
    _, node = pairs.pairs.get("identifiers", (None, None))
    if node is None:
        return {}
    listed = values.mapping(node, f"{where}, identifiers", tuple(IDENTIFIERS))
    if listed is None:
        return {}
    texts = {code: values.text(listed, where, code, expected, form) for code, (expected, form) in IDENTIFIERS.items()}
    return {code: node.text for code, node in texts.items() if node is not None}
