from __future__ import annotations

from dataclasses import replace

import pytest

from conversion import convert
from envelope.findings import Refused
from tests.conversion.messages import Message
from tests.conversion.rows.case import FACTS, LETTERS


def _refused(sources: list[bytes], to: str) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        convert(sources, FACTS, to)
    return [(finding.rule.id, finding.text) for finding in refusal.value.findings]


def test_a_letter_is_converted_by_what_it_is() -> None:
    """The type of the source and the type asked for choose the direction."""
    converted = convert([(LETTERS / "xdis91-every-element.xml").read_bytes()], FACTS, "CareCommunication")
    assert [(output.type, output.version, output.postfix) for output in converted.outputs] == [
        ("CareCommunication", "5.0", "other")
    ]


@pytest.mark.parametrize(
    ("source", "to", "words"),
    [
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "XDIS91", "a FHIR message that does not say what it is"),
        (b"<html/>", "XDIS91", "a document <html>"),
        (b"UNA:+.? 'UNB+UNOC:3'UNH+1+MEDDIS:0:1:UN:D9134L+DIS91'", "CareCommunication", "DIS91"),
    ],
)
def test_what_has_no_conversion_is_refused_by_name(source: bytes, to: str, words: str) -> None:
    """Both the source's type and the one asked for are named."""
    assert _refused([source], to) == [("VS-501", f"{words} cannot be converted to {to}.")]


def test_a_letter_is_known_however_late_it_says_what_it_is() -> None:
    """A comment longer than what is looked at first changes nothing in what is made."""
    letter = (LETTERS / "xdis91-every-element.xml").read_bytes()
    late = letter.replace(b"<Envelope>", b"<!--" + b"x" * 10_000 + b"--><Envelope>", 1)
    assert late != letter
    assert convert([late], FACTS, "CareCommunication").outputs == convert([letter], FACTS, "CareCommunication").outputs


def test_a_letter_is_not_converted_to_its_own_format() -> None:
    """Nor is XDIS91 converted to a type nobody knows."""
    letter = (LETTERS / "xdis91-every-element.xml").read_bytes()
    for to in ("Acknowledgement", "XREF02"):
        assert _refused([letter], to) == [("VS-501", f"XDIS91 cannot be converted to {to}.")]
    assert _refused([letter], "XDIS91") == [("VS-501", "XDIS91 XD9134L cannot be converted to XDIS91 XD9134L.")]


@pytest.mark.parametrize(("version", "asked"), [("4.0", "5.0"), ("5.0", "3.0"), ("3.0", "4.0")])
def test_one_version_of_fhir_to_another_is_refused_by_both_names(version: str, asked: str) -> None:
    """Whoever asks for it reads which version the message has, and which was to be made."""
    words = f"CareCommunication {version} cannot be converted to CareCommunication {asked}."
    facts = replace(FACTS, fhir_version=asked)
    with pytest.raises(Refused) as refusal:
        convert([Message(version=version).xml()], facts, "CareCommunication")
    assert [(finding.rule.id, finding.text) for finding in refusal.value.findings] == [("VS-501", words)]


def test_one_that_cannot_be_read_is_refused_for_that() -> None:
    """Its version is in what was cut off, and the refusal says where it ends."""
    assert _refused([Message().xml()[:-9]], "CareCommunication")[0][0].startswith("VS-1")


def test_an_acknowledgement_is_not_made_of_one() -> None:
    """There is one version of it, so that only its own is named."""
    receipt = (LETTERS / "acknowledgement-ok.xml").read_bytes()
    words = "Acknowledgement 2.0 cannot be converted to Acknowledgement."
    assert _refused([receipt], "Acknowledgement") == [("VS-501", words)]


def test_nothing_is_refused() -> None:
    """Without a source there is nothing to convert."""
    assert _refused([], "XDIS91") == [("VS-501", "nothing cannot be converted to XDIS91.")]


def test_what_is_not_xml_is_refused_by_its_position() -> None:
    """Words that are no message are refused by the reader, with line and column."""
    assert _refused([b"Kaere kollega"], "CareCommunication")[0][0].startswith("VS-1")
