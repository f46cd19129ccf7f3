from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from conversion import Identifiers, Reason, negative_receipt, positive_receipt, vans_receipt
from conversion.answers import latest_provenance
from conversion.facts import OutputFormat
from envelope.errors import NOT_XML
from envelope.facts import LetterFacts
from envelope.fhir.bundle import bundle_of, read_bundle
from envelope.fhir.json_xml import json_from_xml
from envelope.fhir.rules import validate as validate_bundle
from envelope.findings import Fault, Finding, Refused, Rule, Severity
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from tests.conversion.official import official
from tests.conversion.rows.case import LETTERS, strings

IDENTIFIERS = Identifiers("0" * 32)
SENT = datetime(2026, 5, 1, 22, 30, 5, tzinfo=UTC)
XDIS91 = (LETTERS / "xdis91-utf-8.xml").read_bytes()
XBIN01 = (LETTERS / "xbin01-2012.xml").read_bytes()
MESSAGE = (LETTERS / "carecommunication-reply.xml").read_bytes()
RECEIPTS = ("receipt-positive.xml", "receipt-negative.xml", "receipt-vans.xml", "acknowledgement-ok.xml")

UNKNOWN = Rule("VS-411", Fault.SENDER, "The receiver {gln} is not known.", "Correct it.", "vansim")
WARNED = Rule("VS-299", Fault.SENDER, "A warning.", "Nothing.", "vansim", Severity.WARNING)


def found(rule: str) -> Finding:
    """A finding of a rule by its id alone."""
    return Rule(rule, Fault.SENDER, "Wrong.", "Correct it.", "vansim").at("")


def refusal(payload: bytes) -> list[str]:
    """The ids of the rules by which an answer is refused."""
    with pytest.raises(Refused) as refused:
        positive_receipt(payload, SENT, IDENTIFIERS)
    return [finding.rule.id for finding in refused.value.findings]


def facts() -> LetterFacts:
    """Of a letter that can be answered."""
    return letter_facts(read_letter(XDIS91))


@pytest.mark.parametrize("letter", [XDIS91, XBIN01], ids=["XDIS91", "XBIN01"])
def test_a_letter_that_was_taken_is_answered_by_an_xctl03(letter: bytes) -> None:
    """The receipt goes back the way the letter came, quotes its identifiers, and holds every rule."""
    read = letter_facts(read_letter(letter))
    receipt = read_letter(positive_receipt(letter, SENT, IDENTIFIERS))
    assert receipt.type == "XCTL03"
    assert [finding for finding in validate(receipt) if finding.is_error] == []
    answered = letter_facts(receipt)
    assert (answered.sender, answered.receiver) == (read.receiver, read.sender)
    assert answered.answers is not None
    assert answered.answers.envelope_id == read.envelope_id
    assert (answered.answers.letter_ids, answered.answers.versions) == ((read.letter_id,), (read.version,))
    assert (receipt.text("Envelope/Sent/Date"), receipt.text("Envelope/Sent/Time")) == ("2026-05-02", "00:30")


def test_a_letter_that_was_not_taken_is_answered_by_an_xctl02() -> None:
    """Code and text stand for the whole sending, line breaks as Break."""
    receipt = negative_receipt(XDIS91, Reason("problem_med_version", "Nej.\nSend igen."), SENT, IDENTIFIERS)
    assert read_letter(receipt).type == "XCTL02"
    assert strings(receipt, "//o5:OriginalEmessage/o5:RefuseCode") == ["problem_med_version"]
    assert strings(receipt, "//o5:OriginalEmessage/o5:RefuseText/text()") == ["Nej.", "Send igen."]


@pytest.mark.parametrize("output_format", [None, "xml", "json"])
def test_a_message_that_was_taken_is_answered_by_an_acknowledgement(output_format: OutputFormat | None) -> None:
    """The answer says ok on the message's header, in the message's form or the one asked for, and holds every rule."""
    payload = positive_receipt(MESSAGE, SENT, IDENTIFIERS, output_format=output_format)
    bundle = read_bundle(payload)
    assert bundle.format == (output_format or "xml")
    assert validate_bundle(bundle) == ()
    header = read_bundle(MESSAGE).header
    assert header is not None
    identifier = header.find("{*}id")
    assert identifier is not None
    assert [element.get("value") for element in bundle.root.iterfind(".//{*}response/*")] == [
        identifier.get("value"),
        "ok",
    ]
    assert [element.get("value") for element in bundle.root.iterfind("{*}timestamp")] == ["2026-05-02T00:30:05+02:00"]


def test_a_message_in_json_is_answered_in_json() -> None:
    """Where no form is asked for, the answer has that of the message, and its time has no fraction of a second."""
    sent = SENT.replace(microsecond=123456)
    payload = positive_receipt(json_from_xml(etree.fromstring(MESSAGE)), sent, IDENTIFIERS)
    assert json.loads(payload)["timestamp"] == "2026-05-02T00:30:05+02:00"


def test_a_message_that_was_not_taken_is_answered_by_what_was_wrong() -> None:
    """The RefuseCode becomes the issue that says the same, and the response may ask for another try."""
    reason = Reason("syntaksfejl", "Kan ikke læses.", "transient-error")
    payload = negative_receipt(MESSAGE, reason, SENT, IDENTIFIERS)
    assert validate_bundle(read_bundle(payload)) == ()
    assert strings(payload, "//f:response/f:code/@value") == ["transient-error"]
    assert strings(payload, "//f:issue/f:details/f:coding/f:code/@value") == ["MSG_BAD_SYNTAX"]
    assert strings(payload, "//f:issue/f:details/f:text/@value") == ["Kan ikke læses."]


def test_the_acknowledgement_repeats_the_messages_latest_provenance() -> None:
    """Of several Provenances the one of this message's header travels back."""
    payload = positive_receipt(MESSAGE, SENT, IDENTIFIERS)
    header = strings(MESSAGE, "//f:MessageHeader/f:id/@value")[0]
    latest = strings(
        MESSAGE, f"//f:Provenance[contains(f:target/f:reference/@value, 'MessageHeader/{header}')]/f:id/@value"
    )
    assert strings(payload, "//f:Provenance/f:id/@value")[0] == latest[0]


def test_the_latest_provenance_is_found_by_its_target() -> None:
    """Provenances stand in any order."""
    root = etree.fromstring(MESSAGE)
    entries = [entry for entry in root.iterfind("{*}entry") if entry.find("{*}resource/{*}Provenance") is not None]
    assert len(entries) > 1
    found = set()
    for entry in entries:
        root.append(entry)
        found.add(etree.tostring(latest_provenance(bundle_of(root)), method="c14n"))
    assert len(found) == 1


@pytest.mark.parametrize("name", RECEIPTS)
def test_receipts_are_never_answered(name: str) -> None:
    """What is itself a receipt gets none in its own layer."""
    assert refusal((LETTERS / name).read_bytes()) == ["VS-545"]


def test_what_is_not_known_is_not_answered() -> None:
    """A payload of no known type gets no answer, nor does EDIFACT, whose receipts are not written here."""
    dis91 = b"UNA:+.? 'UNB+UNOC:3+5790000120314:14+5790000121526:14+240101:1200+1'UNH+1+MEDDIS:0:1:UN:D9134L+DIS91'"
    for payload, shown in ((b"<nothing/>", "A payload of no known type"), (dis91, "DIS91")):
        with pytest.raises(Refused, match=f"VS-545.*{shown}"):
            positive_receipt(payload, SENT, IDENTIFIERS)


@pytest.mark.parametrize("letter", [XDIS91, MESSAGE], ids=["OIOXML", "FHIR"])
def test_a_letter_is_known_however_late_it_says_what_it_is(letter: bytes) -> None:
    """A long comment before its type changes nothing in what a letter is answered by."""
    head = re.search(rb"<(Emessage|Bundle)[^>]*>", letter)
    assert head is not None
    late = letter[: head.end()] + b"<!--" + b"x" * 10_000 + b"-->" + letter[head.end() :]
    assert positive_receipt(late, SENT, IDENTIFIERS) == positive_receipt(letter, SENT, IDENTIFIERS)


def test_an_acknowledgement_names_both_parties_as_the_message_does() -> None:
    """The organisations' names stand in the answer, sender and receiver having changed places."""
    payload = positive_receipt(MESSAGE, SENT, IDENTIFIERS)
    named = "//f:Organization[concat('Organization/', f:id/@value) = {}]/f:name/@value"
    for mine, theirs in (("sender", "destination/f:receiver"), ("destination/f:receiver", "sender")):
        answered = strings(payload, named.format(f"//f:MessageHeader/f:{mine}/f:reference/@value"))
        asked = strings(MESSAGE, named.format(f"//f:MessageHeader/f:{theirs}/f:reference/@value"))
        assert answered == asked != []


def test_every_message_in_fhir_is_answered() -> None:
    """A HospitalNotification gets its Acknowledgement as a CareCommunication does."""
    notification = MESSAGE.replace(b"care-communication-message", b"hospital-notification-message").replace(
        b'medcom-careCommunication-message"', b'medcom-hospitalNotification-message"'
    )
    payload = positive_receipt(notification, SENT, IDENTIFIERS)
    assert strings(payload, "//f:response/f:code/@value") == ["ok"]


def test_a_message_without_its_provenance_is_not_answered() -> None:
    """An Acknowledgement cannot repeat a Provenance that is not there."""
    assert refusal(re.sub(rb"<Provenance\b.*</Provenance>", b"<Basic/>", MESSAGE, flags=re.DOTALL)) == ["VS-546"]


def test_a_message_without_a_location_number_is_not_answered() -> None:
    """Where nobody can be found, nothing can be sent."""
    assert refusal(MESSAGE.replace(b"https://www.gs1.org/gln", b"https://example.org/number")) == ["VS-546"]


def test_the_network_refuses_a_letter_by_xctl01() -> None:
    """The operator answers the sender; the most severe finding gives the code, and errors stand before warnings."""
    findings = [WARNED.at(""), UNKNOWN.at("ReceiverID", gln="5790000000000")]
    receipt = vans_receipt(facts(), findings=findings, sent=SENT, identifiers=IDENTIFIERS, operator="TESTNET")
    read = read_letter(receipt)
    assert read.type == "XCTL01"
    assert [finding for finding in validate(read) if finding.is_error] == []
    assert strings(receipt, "//o5:Sender/o5:EANIdentifier") == ["TESTNET"]
    assert strings(receipt, "//o5:Receiver/o5:EANIdentifier") == [facts().sender]
    assert strings(receipt, "//o5:OriginalReceiver/o5:EANIdentifier") == [facts().receiver]
    assert strings(receipt, "//o5:RefuseCode") == ["ukendt_lokationsnummer"]
    assert strings(receipt, "//o5:RefuseText/text()") == [
        "The receiver 5790000000000 is not known.",
        "A warning.",
    ]


def test_the_network_refuses_under_its_own_name() -> None:
    """Where nobody says which operator refuses, the simulator does."""
    assert strings(vans_receipt(facts(), [], SENT, IDENTIFIERS), "//o5:Sender/o5:EANIdentifier") == ["VANSIM"]


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], "ikke_specificeret"),
        ([UNKNOWN.at("", gln="1")], "ukendt_lokationsnummer"),
        ([found("VS-412")], "problem_med_version"),
        ([found("VS-505")], "ikke_specificeret"),
        ([NOT_XML.at("", reason="x", line=1, column=1)], "syntaksfejl"),
        ([found("VS-210")], "syntaksfejl"),
    ],
)
def test_a_finding_gives_its_refuse_code(findings: list[Finding], code: str) -> None:
    """What the network found decides the code of its XCTL01."""
    assert strings(vans_receipt(facts(), findings, SENT, IDENTIFIERS), "//o5:RefuseCode") == [code]


def test_findings_that_do_not_fit_are_cut() -> None:
    """RefuseText holds 350 characters, and says that there was more."""
    findings = [UNKNOWN.at("", gln="5" * 100)] * 5
    [*lines] = strings(vans_receipt(facts(), findings, SENT, IDENTIFIERS), "//o5:RefuseText/text()")
    text = "\n".join(lines)
    assert len(text) == 350
    assert text.endswith("...")


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    """A finding that repeats broken bytes does not break the receipt."""
    receipt = vans_receipt(facts(), [UNKNOWN.at("", gln="\x00")], SENT, IDENTIFIERS)
    assert strings(receipt, "//o5:RefuseText") == ["The receiver \ufffd is not known."]


def test_a_letter_without_an_identifier_is_answered_by_its_envelope() -> None:
    """An unreadable or oversized letter identifier leaves OriginalLetter out, as the schema allows."""
    for wrong in ("", "much-longer-than-14"):
        receipt = vans_receipt(replace(facts(), letter_id=wrong), [], SENT, IDENTIFIERS)
        assert strings(receipt, "//o5:OriginalLetter") == []
        assert strings(receipt, "//o5:OriginalEnvelopeIdentifier") == [facts().envelope_id]


@pytest.mark.parametrize(
    ("letter_id", "version", "quoted"),
    [
        ("L", "V", ["L"]),
        ("ABCDEFGHIJKLMN", "XD9134L", ["ABCDEFGHIJKLMN"]),
        ("ABCDEFGHIJKLMNO", "XD9134L", []),
        ("ABCDEFGHIJKLMN", "XD9134LX", []),
        ("ABCDEFGHIJKLMN", "", []),
    ],
)
def test_a_letter_is_quoted_whole_or_not_at_all(letter_id: str, version: str, quoted: list[str]) -> None:
    """An identifier of 1 to 14 characters is quoted beside a version of 1 to 7, the schema's lengths; no other is."""
    receipt = vans_receipt(replace(facts(), letter_id=letter_id, version=version), [], SENT, IDENTIFIERS)
    assert strings(receipt, "//o5:OriginalLetterIdentifier") == quoted
    assert strings(receipt, "//o5:OriginalVersionCode") == ([version] if quoted else [])


def test_an_envelope_identifier_that_is_too_long_is_cut() -> None:
    """The receipt on a letter with an oversized envelope identifier is valid and quotes its beginning."""
    receipt = vans_receipt(replace(facts(), envelope_id="ABCDEFGHIJKLMNOPQRST"), [], SENT, IDENTIFIERS)
    assert strings(receipt, "//o5:OriginalEnvelopeIdentifier") == ["ABCDEFGHIJKLMN"]


@pytest.mark.parametrize(
    ("unsaid", "place"),
    [
        (replace(facts(), envelope_id=""), "/Emessage/Envelope/Identifier"),
        (replace(facts(), sender=None), "/Emessage/*/Sender/EANIdentifier"),
        (replace(facts(), receiver=None), "/Emessage/*/Receiver/EANIdentifier"),
    ],
    ids=["envelope", "sender", "receiver"],
)
def test_a_letter_that_does_not_say_what_a_receipt_quotes_is_refused(unsaid: LetterFacts, place: str) -> None:
    """Without envelope identifier, sender or receiver there is no XCTL01, and the place that says nothing is named."""
    with pytest.raises(Refused) as refused:
        vans_receipt(unsaid, [], SENT, IDENTIFIERS)
    assert [(finding.rule.id, finding.location) for finding in refused.value.findings] == [("VS-546", place)]


@pytest.mark.reference
def test_every_receipt_is_valid_by_the_official_schema(reference: Path) -> None:
    """MedCom's own schema takes all three, as bytes in ISO-8859-1."""
    schema = official(reference, "2005/08/07")
    reason = Reason("ikke_specificeret", "€ og æ\n\n  mere")
    for receipt in (
        positive_receipt(XDIS91, SENT, IDENTIFIERS),
        negative_receipt(XBIN01, reason, SENT, IDENTIFIERS),
        vans_receipt(facts(), [UNKNOWN.at("", gln="1")], SENT, IDENTIFIERS),
        vans_receipt(replace(facts(), letter_id=""), [], SENT, IDENTIFIERS),
    ):
        assert receipt.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
        schema.assertValid(etree.fromstring(receipt))
