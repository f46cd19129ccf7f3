"""Acknowledgement 2.0 to XCTL02 and XCTL03: what the stylesheet cannot say, and its run for each letter.

One receipt for each OIOXML letter that entered the acknowledged CareCommunication; the letters' own identifiers come
from what is remembered of their conversion, since an Acknowledgement names the MessageHeader alone.
Source: MedCom's mapping XCTL-Acknowledgement (December 2023), use cases of the conversion service 3.1.0, S3 and S4.
The rows are in `conversion/rows/to_xctl.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversion.checking import check_message
from conversion.converted import Converted
from conversion.errors import ANSWERS_OTHER, NOTHING_REMEMBERED, RESPONSE_UNKNOWN, SOURCES
from conversion.facts import Facts, Identity, Remembered
from conversion.identifiers import Identifiers
from conversion.kinds import POSITIVE, Kind, kind_of_response
from conversion.refusals import UNSPECIFIED, Issue, refuse_code
from conversion.rows import carries
from conversion.times import local
from conversion.xctl import Answer, Original, write
from envelope.cutting import Slim
from envelope.facts import LetterFacts
from envelope.fhir.bundle import Bundle, read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.values import NS, value
from envelope.findings import Refused

# conversion.md S3 and S4, letter by letter: what the network adds where the conversion itself was the reason.
CONVERSION_FAULT = (
    "Konverteringen ml. XML/EDI og FHIR kunne ikke udføres korrekt pga. tekniske el. indholdsmæssige forhold i"
    " meddelelsen."
)

_CUT = "..."
_SEVERITIES = ("fatal", "error", "warning", "information")
_WORDS = ("details/text", "diagnostics", "details/coding/display", "details/coding/code", "code")


def to_xctl(sources: Sequence[Slim], facts: Facts, profile: bool) -> Converted:
    """Convert one Acknowledgement, XML or JSON, to an XCTL for each letter that it answers.

    Args:
        sources: the Acknowledgement, alone.
        facts: with `original`, what is remembered of the message that it answers.
        profile: whether the Acknowledgement is checked against MedCom's profiles.

    Raises:
        Refused: it is unreadable or invalid (VS-1xx, VS-3xx), nothing is remembered (VS-540), it answers something
            else (VS-541), or what was made is invalid (VS-504).
    """
    if len(sources) != 1:
        raise Refused(SOURCES.at("", count=len(sources)))
    bundle = read_bundle(sources[0])
    findings = check_message(bundle, profile=profile)
    if facts.original is None:
        raise Refused(NOTHING_REMEMBERED.at("", type="Acknowledgement"))
    remembered = facts.original
    read = bundle_facts(bundle)
    _check_answered(read, remembered)
    kind = _kind(bundle)
    identifiers = Identifiers(facts.seed)
    answer = _answer(bundle, read, kind, remembered, facts)
    outputs = tuple(
        write(replace(answer, original=_original(letter, remembered)), identifiers, str(number))
        for number, letter in enumerate(remembered.original, 1)
        if _is_told(kind, letter, facts)
    )
    return Converted(outputs, findings)


@carries("AR-answers-other", otherwise=None)
def _check_answered(read: LetterFacts, remembered: Remembered) -> None:
    made = [bundle.letter_id for bundle in remembered.made]
    answered = read.answers.letter_ids if read.answers is not None else ()
    if not answered or any(identifier not in made for identifier in answered):
        raise Refused(
            ANSWERS_OTHER.at(
                "MessageHeader.response.identifier",
                answered=", ".join(answered)[:80] or "nothing",
                made=", ".join(made),
            )
        )


def _kind(bundle: Bundle) -> Kind:
    code = (value(bundle.header, "response/code") if bundle.header is not None else None) or ""
    kind = kind_of_response(code)
    if kind is None:
        raise Refused(RESPONSE_UNKNOWN.at("MessageHeader.response.code", code=code[:40] or "missing"))
    return kind


@carries("AR-follow-wish", otherwise=True)
def _is_told(kind: Kind, letter: Identity, facts: Facts) -> bool:
    """MedCom's flow answers every letter; by setting, a letter that asked for no positive receipt gets none."""
    return kind is not POSITIVE or letter.wants_receipt or not facts.settings.follow_wish


def _answer(bundle: Bundle, read: LetterFacts, kind: Kind, remembered: Remembered, facts: Facts) -> Answer:
    """What every receipt says; which letter each answers is put in afterwards."""
    date, time = local(value(bundle.root, "timestamp") or "", "Bundle.timestamp")
    issues = _issues(bundle) if kind.refuses else []
    words = "\n".join(issue.text for issue in issues)
    return Answer(
        kind=kind,
        date=date,
        time=time,
        sender=read.sender or facts.sender.gln,
        receiver=read.receiver or facts.receiver.gln,
        original=_original(remembered.original[0], remembered),
        refuse_code=_refuse_code(issues),
        refuse_text=_text(words, _fault(kind, remembered), facts.settings.refuse_text_limit),
    )


def _original(letter: Identity, remembered: Remembered) -> Original:
    return Original(
        letter.envelope_id, letter.letter_id, letter.version, remembered.sender.gln, remembered.receiver.gln
    )


def _issues(bundle: Bundle) -> list[Issue]:
    """The issues of the OperationOutcome that the header points at, the most severe first."""
    outcome = bundle.index.referred(bundle.header, "response/details")
    found = []
    for issue in outcome.iterfind(f"{NS}issue") if outcome is not None else ():
        codes = tuple(coding.get("value", "") for coding in issue.iterfind(f"{NS}details/{NS}coding/{NS}code"))
        words = next((word for path in _WORDS if (word := value(issue, path))), "")
        found.append(Issue(value(issue, "severity") or "", value(issue, "code") or "", codes, words))
    return sorted(found, key=_severity)


def _severity(issue: Issue) -> int:
    return _SEVERITIES.index(issue.severity) if issue.severity in _SEVERITIES else len(_SEVERITIES)


def _refuse_code(issues: Sequence[Issue]) -> str:
    """The first code that says more than that something is wrong."""
    codes = [refuse_code(issue.type, issue.codes) for issue in issues]
    return next((code for code in codes if code != UNSPECIFIED), UNSPECIFIED)


@carries("AR-conversion-fault", otherwise="")
def _fault(kind: Kind, remembered: Remembered) -> str:
    """The network's own sentence, where what it made was incomplete or not allowed, which may be why it was refused."""
    return CONVERSION_FAULT if kind.refuses and (remembered.incomplete or remembered.not_allowed) else ""


def _text(words: str, sentence: str, limit: int) -> str:
    """The receiver's words and the network's sentence, together at most `limit` characters (0: any number)."""
    if limit and sentence:
        limit -= len(sentence) + 1
        if limit <= 0:
            return sentence
    return "\n".join(piece for piece in (shortened(words, limit), sentence) if piece)


@carries("AR-refuse-text-cut", otherwise="")
def shortened(text: str, limit: int) -> str:
    """A text of at most so many characters (0: any number); one that was cut says so at its end."""
    return text if not limit or len(text) <= limit else (text[: max(limit - len(_CUT), 0)] + _CUT)[:limit]
