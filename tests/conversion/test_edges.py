"""What a conversion says and does where nothing else would notice: places, words, and inputs at the edge of a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.resources import files
from typing import Any

import pytest
from lxml import etree

from conversion import Converted, Facts, convert
from conversion.displays import as_parameter
from conversion.division import Part
from conversion.facts import Remembered
from conversion.record import Carried
from conversion.replaced import SHEETS, Replacement, begin
from conversion.to_xdis91 import _refuse_too_many, to_xdis91
from conversion.xhtml import plain_of_xhtml, xhtml_of_plain
from envelope.cutting import cut
from envelope.findings import Refused
from tests.conversion.messages import Message
from tests.conversion.rows.case import FACTS, LETTERS

EVERY = (LETTERS / "xdis91-every-element.xml").read_bytes()
ATTACHED = (LETTERS / "xdis91-attachments.xml").read_bytes()
OBJECTS = (LETTERS / "xbin01-attachments-1.xml").read_bytes()
_COMMUNICATION = (
    '<Communication xmlns="http://hl7.org/fhir"><payload><contentString value="{}"/></payload></Communication>'
)
EVENT = b"care-communication-message"


def refused(call: Callable[[], object]) -> list[tuple[str, str, str]]:
    """The findings of a refusal: rule, place, words."""
    with pytest.raises(Refused) as refusal:
        call()
    return [(finding.rule.id, finding.location, finding.text) for finding in refusal.value.findings]


@pytest.mark.parametrize(
    ("event", "version"),
    [(b"hospital-notification-message", "3.0"), (b"another-message", "unknown")],
)
def test_another_message_never_becomes_a_letter(event: bytes, version: str) -> None:
    """Whatever its version, only a CareCommunication is made a letter of, and the refusal names where it says which."""
    message = Message().xml().replace(EVENT, event).replace(b"careCommunication-message'", b"another'")
    [(rule, place, words)] = refused(lambda: to_xdis91([cut(message)], FACTS))
    assert (rule, place) == ("VS-520", "MessageHeader.definition")
    assert version in words


def test_a_sending_that_is_no_single_message_is_refused_as_a_whole() -> None:
    """Two bundles, and what has no conversion, are refused without a place in either."""
    message = cut(Message().xml())
    assert [found[:2] for found in refused(lambda: to_xdis91([message, message], FACTS))] == [("VS-509", "")]
    assert [found[1] for found in refused(lambda: convert([EVERY], FACTS, "XDIS91"))] == [""]


@pytest.mark.parametrize("namespace", [b"", b' xmlns:vendor="urn:vendor"'])
def test_the_provenance_that_is_remembered_stands_alone(namespace: bytes) -> None:
    """It is a text of its own: without namespaces that it does not use, and without what follows it."""
    message = Message().xml().replace(b"<Bundle ", b"<Bundle" + namespace + b" ", 1)
    remembered = convert([message], FACTS, "XDIS91").remembered
    assert remembered is not None
    kept = remembered.provenance
    assert isinstance(kept, str)
    assert "vendor" not in kept
    assert kept.endswith("</Provenance>")
    assert Remembered.from_json(remembered.to_json()).provenance == kept


def test_work_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred pairs of letters are made and not one more, and no more text than a message may have in all of them."""
    monkeypatch.setattr("conversion.to_xdis91.MOST_TEXT", 10)
    part = Part((), ())
    empty, full = (etree.fromstring(_COMMUNICATION.format(text)) for text in ("", "abcde"))
    _refuse_too_many(empty, [part] * 100)
    _refuse_too_many(full, [part] * 2)
    for communication, count in ((empty, 101), (full, 3)):
        refusal = partial(_refuse_too_many, communication, [part] * count)
        assert [found[:2] for found in refused(refusal)] == [("VS-525", "Communication.payload")]
    _refuse_too_many(etree.fromstring(_COMMUNICATION.format("abcdefghijkl")), [part])
    two = partial(_refuse_too_many, etree.fromstring(_COMMUNICATION.format("abcdef")), [part] * 2)
    assert [rule for rule, _, _ in refused(two)] == ["VS-525"]


def test_what_is_wrong_with_the_letter_comes_before_what_did_not_come() -> None:
    """An invalid letter is not asked for its attachments."""
    broken = ATTACHED.replace(b"<StatusCode>", b"<StatusCodes>").replace(b"</StatusCode>", b"</StatusCodes>")
    rules = [rule for rule, _, _ in refused(lambda: convert([broken], FACTS, "CareCommunication"))]
    assert rules
    assert "VS-515" not in rules


def test_a_sender_that_nobody_has_a_telephone_of_gets_zeros() -> None:
    """Neither the letter nor the directory knows one."""
    start, end = EVERY.index(b"<TelephoneSubscriberIdentifier>"), EVERY.index(b"</TelephoneSubscriberIdentifier>")
    silent = EVERY[:start] + EVERY[end + len(b"</TelephoneSubscriberIdentifier>") :]
    facts = replace(FACTS, sender=replace(FACTS.sender, telephone=None))
    assert b'<value value="0000 0000"/>' in convert([silent], facts, "CareCommunication").outputs[0].payload


def _theirs(to: str, *changes: tuple[str, str]) -> Replacement:
    text = (files("conversion") / "stylesheets" / f"{SHEETS[to]}.xsl").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return Replacement("theirs.xsl", text.encode())


def test_anothers_stylesheet_formats_the_texts_of_3_0_itself() -> None:
    """Only what our own stylesheet has written plain is made XHTML of."""
    facts = replace(FACTS, fhir_version="3.0")
    ours = convert([EVERY], facts, "CareCommunication").outputs[0].payload
    theirs = convert([EVERY], replace(facts, stylesheet=_theirs("CareCommunication")), "CareCommunication")
    assert b"1999/xhtml&quot;" in ours
    assert b"1999/xhtml&quot;" not in theirs.outputs[0].payload


def test_a_letter_that_is_invalid_is_not_the_stylesheets_fault() -> None:
    """What is refused before another's stylesheet runs is the sender's mistake."""
    broken = EVERY.replace(b"<StatusCode>", b"<StatusCodes>").replace(b"</StatusCode>", b"</StatusCodes>")
    facts = replace(FACTS, stylesheet=_theirs("CareCommunication"))
    assert "VS-551" not in [rule for rule, _, _ in refused(lambda: convert([broken], facts, "CareCommunication"))]


@pytest.mark.parametrize("begun", [True, False])
def test_what_anothers_stylesheet_makes_may_be_anything(monkeypatch: pytest.MonkeyPatch, begun: bool) -> None:
    """An error in its output is named as its own by its kind; an error of ours before it ran stays one."""

    def failing(_sources: object, _facts: Facts, _profile: bool) -> Converted:
        if begun:
            begin()
        raise ValueError("of what was made")

    monkeypatch.setitem(_directions(), ("XDIS91", "CareCommunication"), failing)
    facts = replace(FACTS, stylesheet=_theirs("CareCommunication"))
    if not begun:
        with pytest.raises(ValueError, match="of what was made"):
            convert([EVERY], facts, "CareCommunication")
        return
    [(rule, place, words)] = refused(lambda: convert([EVERY], facts, "CareCommunication"))
    assert (rule, place) == ("VS-551", "theirs.xsl")
    assert "ValueError" in words


def _directions() -> Any:
    import sys  # noqa: PLC0415

    from conversion import convert as module  # noqa: PLC0415, F401 (the package names its function alike)

    return sys.modules["conversion.convert"].DIRECTIONS


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("x<td>a</td>y", "x ay"),
        ("<p>a <b> b</b></p>", "a b"),
        ("<p>a</p><br/>b", "a\n\nb"),
        ("<pre>a <br/>b</pre>", "a \nb"),
        ('<a href="">x</a>', "x"),
    ],
)
def test_blanks_and_lines_are_those_that_a_reader_sees(written: str, seen: str) -> None:
    """Cells are parted by one blank, blanks fold but where they are kept, and a link to nowhere is not told."""
    assert plain_of_xhtml(written) == seen


def test_xhtml_escapes_all_that_it_must() -> None:
    """Signs of markup and white space that XML would change are written as references."""
    assert xhtml_of_plain("a>b&<\r\tc") == ('<div xmlns="http://www.w3.org/1999/xhtml">a&gt;b&amp;&lt;&#13;&#9;c</div>')


def test_a_table_is_given_to_a_stylesheet_as_one_text() -> None:
    """Each entry is marked on both sides, so that no code is found in another's."""
    assert as_parameter({"a": "1", "b": "2"}) == "|a=1|b=2|"


def test_a_record_is_told_under_these_names() -> None:
    """What programs read of a record does not change its names."""
    assert Carried("a", "XC-text", "b", "kept").as_dict() == {
        "source": "a",
        "rule": "XC-text",
        "target": "b",
        "what": "kept",
    }


@pytest.mark.parametrize("party", ["sender", "receiver"])
def test_a_sor_code_that_the_directory_does_not_know_is_told(party: str) -> None:
    """Both ways, with the element, the code and whose it is; the letter goes on as it says."""
    message = Message().xml()
    code = (FACTS.sender if party == "sender" else FACTS.receiver).sor
    wrong = "99999999999"
    back = convert([message.replace(f"value='{code}'".encode(), f"value='{wrong}'".encode())], FACTS, "XDIS91")
    told = [finding for finding in back.findings if finding.rule.id == "VS-527"]
    assert [(party in one.text, wrong in one.text, code in one.text) for one in told] == [(True, True, True)]
    assert told[0].location.endswith(".identifier")
    name = party.capitalize()
    start = EVERY.index(f"<{name}>".encode())
    place = EVERY.index(b"<Identifier>", start)
    end = EVERY.index(b"</IdentifierCode>", place)
    letter = EVERY[:place] + f"<Identifier>{wrong}</Identifier><IdentifierCode>sorkode".encode() + EVERY[end:]
    findings = convert([letter], FACTS, "CareCommunication").findings
    assert [one.location for one in findings if one.rule.id == "VS-527"] == [
        f"/Emessage/ClinicalEmail/{name}/Identifier"
    ]
