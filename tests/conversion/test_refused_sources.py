"""What breaks a rule is refused with all that there is to say of it, and what is too much before any work."""

from __future__ import annotations

import re

import pytest

from conversion import convert
from conversion.limits import MOST_PAYLOADS
from envelope.fhir import rules
from envelope.fhir.bundle import read_bundle
from envelope.fhir.json_xml import json_from_xml
from envelope.findings import Finding, Refused, most_severe_first
from envelope.safe_xml import parse
from envelope.validation import validate
from tests.conversion.messages import File, Message, Text
from tests.conversion.rows.case import FACTS, LETTERS

LETTER = (LETTERS / "xdis91-every-element.xml").read_bytes()
SAID = Text("Kære kolleger", "2026-05-12T14:00:00+02:00")
PATIENT = re.compile(rb"<entry><fullUrl value='[^']*Patient/patient-1'/>.*?</entry>", re.DOTALL)


def changed(data: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    """The same with each change made, each of which there must be."""
    for old, new in changes:
        assert old in data
        data = data.replace(old, new, 1)
    return data


def two_patients() -> bytes:
    """A message about two people."""
    [entry] = PATIENT.findall(Message().xml())
    return changed(Message().xml(), (entry, entry + entry.replace(b"patient-1", b"patient-2")))


FOCUS = b"<focus><reference value='Communication/communication-1'/></focus>"
SUBJECT = b"<subject><reference value='Patient/patient-1'/>"
BUNDLES = {
    "no header": Message(without=("MessageHeader",)).xml(),
    "no parties": Message(without=("Organization",)).xml(),
    "no Provenance and no category": changed(
        Message(without=("Provenance",)).xml(), (b"<code value='discharge'/>", b"<code value='unheard-of'/>")
    ),
    "dangling references": changed(Message().xml(), (SUBJECT, SUBJECT.replace(b"patient-1", b"nobody"))),
    "two patients": two_patients(),
    "two of what the profile has once": changed(Message().xml(), (FOCUS, FOCUS + FOCUS)),
    "not base64": Message(payloads=(SAID, File("Kurve.pdf", data="QUJD!REVG"))).xml(),
    "a status of another time": changed(
        Message().xml(), (b"<status value='unknown'/>", b"<status value='completed'/>")
    ),
}
LETTERS_WITH_FAULTS = {
    "an element missing": changed(LETTER, (b"<TypeCode>XDIS91</TypeCode>", b"")),
    "a value that is none": changed(LETTER, (b"<StatusCode>nytbrev<", b"<StatusCode>nyhedsbrev<")),
    "both": changed(LETTER, (b"<PersonSurnameName>Testesen</PersonSurnameName>", b""), (b"pluspositivkvitt", b"kvitt")),
}


def refused(source: bytes, to: str) -> tuple[Finding, ...]:
    """The findings of the refusal that a conversion is."""
    with pytest.raises(Refused) as refusal:
        convert([source], FACTS, to)
    return refusal.value.findings


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("case", BUNDLES)
def test_a_message_that_breaks_a_rule_is_refused_with_all_its_findings(case: str, form: str) -> None:
    """The same as `vansim validate` says, errors first; a conversion is no way around a rule."""
    source = BUNDLES[case] if form == "xml" else json_from_xml(parse(BUNDLES[case]))
    verdict = validate(source)
    assert not verdict.valid
    assert refused(source, "XDIS91") == most_severe_first(verdict.findings)


@pytest.mark.parametrize("case", LETTERS_WITH_FAULTS)
def test_a_letter_that_breaks_its_schema_is_refused_with_all_its_findings(case: str) -> None:
    """Likewise of OIOXML."""
    verdict = validate(LETTERS_WITH_FAULTS[case])
    assert not verdict.valid
    assert refused(LETTERS_WITH_FAULTS[case], "CareCommunication") == most_severe_first(verdict.findings)


def test_errors_are_told_before_warnings() -> None:
    """Each in the order that it was found in, for a receipt has room for the first of them only."""
    found = validate(BUNDLES["two patients"]).findings
    errors = [finding for finding in found if finding.is_error]
    warnings = [finding for finding in found if not finding.is_error]
    assert errors
    assert warnings
    assert list(refused(BUNDLES["two patients"], "XDIS91")) == [*errors, *warnings]


def test_thousands_of_payloads_are_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule is asked and no stylesheet is fetched: a conversion of so many would take as long as its square."""

    def work(*_: object, **__: object) -> None:
        raise AssertionError("a message of so many payloads is worked on")

    for name in ("stylesheet", "check_message", "read_thread", "divide"):
        monkeypatch.setattr(f"conversion.to_xdis91.{name}", work)
    [finding] = refused(Message(payloads=(SAID,) * 10_000).xml(), "XDIS91")
    assert (finding.rule.id, finding.location) == ("VS-528", "Communication.payload")
    assert "10000 payloads" in finding.text
    assert f"at most {MOST_PAYLOADS} " in finding.text


def test_as_many_payloads_as_the_limit_are_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts and attachments count alike, and one more is one too many."""
    monkeypatch.setattr("conversion.to_xdis91.MOST_PAYLOADS", 3)
    payloads: list[Text | File] = [SAID, File("Kurve.pdf", data="QUJD"), SAID, SAID]
    assert convert([Message(payloads=payloads[:3]).xml()], FACTS, "XDIS91", profile=False).outputs
    assert [finding.rule.id for finding in refused(Message(payloads=payloads).xml(), "XDIS91")] == ["VS-528"]


def test_a_rule_that_only_full_validation_has_refuses_too() -> None:
    """Where profiles are checked at all; what passes the rules of every message is not converted for that."""
    source = BUNDLES["two of what the profile has once"]
    assert [finding.rule.id for finding in refused(source, "XDIS91") if finding.is_error] == ["VS-324"]
    assert [finding for finding in rules.validate(read_bundle(source)) if finding.is_error] == []
    assert convert([source], FACTS, "XDIS91", profile=False).outputs


def test_a_fault_in_the_chain_is_its_receivers_to_refuse() -> None:
    """S2.A2 reads the message's own Provenance alone: a reply that names nothing before it becomes a letter."""
    source = Message(activity="reply-message").xml()
    assert [finding.rule.id for finding in validate(source).findings if finding.is_error] == ["VS-348"]
    assert convert([source], FACTS, "XDIS91").outputs
