from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from envelope import safe_xml
from envelope.facts import Answers
from envelope.fhir import errors
from envelope.fhir.bundle import bundle_of, read_bundle, serialise
from envelope.fhir.facts import bundle_facts
from envelope.fhir.values import identifier
from envelope.findings import Refused

Letter = Callable[[str], bytes]

FHIR = "{http://hl7.org/fhir}"
PNG = "96bb6c2dfb794eb8a18f6318db4f8610"


def changed(letter: Letter, name: str, old: str, new: str) -> bytes:
    """A letter with one piece of its text replaced everywhere."""
    text = letter(name).decode()
    assert old in text
    return text.replace(old, new).encode()


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_care_communication_is_read_in_either_form(form: str, letter: Letter) -> None:
    """The facts of a new message are the same whether it is XML or JSON."""
    bundle = read_bundle(letter(f"bundle-new.{form}"))
    facts = bundle_facts(bundle)
    assert bundle.format == form
    assert (bundle.type, bundle.version, bundle.findings) == ("CareCommunication", "5.0", ())
    assert (facts.type, facts.version) == ("CareCommunication", "5.0")
    assert facts.envelope_id == "7e1da185-dc10-49e0-afc5-024297b497b6"
    assert facts.letter_id == "0539f112-0f7a-4b05-a250-987aaaf0c95a"
    assert (facts.sender, facts.receiver) == ("5790000120314", "5790000121526")
    assert facts.wants_receipt
    assert facts.answers is None


@pytest.mark.parametrize(
    ("name", "carried", "there"),
    [("bundle-new.xml", (PNG,), True), ("bundle-reply.xml", (), True), ("bundle-acknowledgement-ok.xml", (), False)],
)
def test_attachments_are_those_with_data(name: str, carried: tuple[str, ...], there: bool, letter: Letter) -> None:
    """A payload with data is an attachment by its identifier; one without data only says that there are any."""
    facts = bundle_facts(read_bundle(letter(name)))
    assert facts.attachments == carried
    assert facts.has_attachments is there


def test_an_attachment_without_identifier_is_still_an_attachment(letter: Letter) -> None:
    """A payload with data and no identifier cannot be named, but it is there."""
    payload = changed(letter, "bundle-new.xml", "core-identifier-extension", "core-other-extension")
    facts = bundle_facts(read_bundle(payload))
    assert facts.attachments == ()
    assert facts.has_attachments


@pytest.mark.parametrize(
    ("name", "code", "text", "refuse_code"),
    [
        ("ok", "positive", "", ""),
        ("fatal-error", "negative", "Kategorien er ukendt.", "MSG_VALUESET_VALUE_UNKNOWN"),
        ("transient-error", "negative", "Postkassen er lukket.", "MSG_Mailbox_Out_Of_Operation"),
    ],
)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_an_acknowledgement_says_what_it_answers(
    form: str, name: str, code: str, text: str, refuse_code: str, letter: Letter
) -> None:
    """response.identifier, response.code and the OperationOutcome's words are what the network must know."""
    facts = bundle_facts(read_bundle(letter(f"bundle-acknowledgement-{name}.{form}")))
    assert facts.type == "Acknowledgement"
    assert facts.version == "2.0"
    assert not facts.wants_receipt
    assert facts.answers is not None
    assert facts.answers.envelope_id is None
    assert facts.answers.letter_ids == ("0539f112-0f7a-4b05-a250-987aaaf0c95a",)
    assert (facts.answers.code, facts.answers.text, facts.answers.refuse_code) == (code, text, refuse_code)


def test_the_words_of_an_outcome_are_the_best_there_are(letter: Letter) -> None:
    """Text before diagnostics before the code; an issue with nothing but its type says that."""
    root = safe_xml.parse(letter("bundle-acknowledgement-fatal-error.xml"))
    for details in root.iter(f"{FHIR}details"):
        for part in details.findall(f"{FHIR}text"):
            details.remove(part)
    answers = bundle_facts(bundle_of(root)).answers
    assert answers is not None
    assert answers.text == "MSG_VALUESET_VALUE_UNKNOWN"
    for issue in root.iter(f"{FHIR}issue"):
        issue.remove(issue[-1])
        issue.remove(issue[-1])
    answers = bundle_facts(bundle_of(root)).answers
    assert answers is not None
    assert (answers.text, answers.refuse_code) == ("", "")


def test_sender_and_receiver_are_found_by_reference_not_by_place(letter: Letter) -> None:
    """The order of entries and the style of fullUrl say nothing about who sends."""
    root = safe_xml.parse(letter("bundle-new.xml"))
    for entry in root.findall(f"{FHIR}entry"):
        root.insert(4, entry)
    facts = bundle_facts(bundle_of(root))
    assert (facts.sender, facts.receiver) == ("5790000120314", "5790000121526")


def test_an_unmarked_destination_counts_when_it_is_the_only_one(letter: Letter) -> None:
    """With one destination the receiver is known even unmarked; with two it must be marked."""
    root = safe_xml.parse(letter("bundle-new.xml"))
    destination = next(root.iter(f"{FHIR}destination"))
    destination.remove(destination[0])
    assert bundle_facts(bundle_of(root)).receiver == "5790000121526"
    destination.addnext(safe_xml.parse(etree.tostring(destination, with_tail=False)))
    assert bundle_facts(bundle_of(root)).receiver is None


def test_a_gln_is_read_in_every_system_that_ever_was(letter: Letter) -> None:
    """https, http and the OID of the old map are all GLN; another system is none."""
    for system, known in (("http://www.gs1.org/gln", True), ("urn:oid:1.3.88", True), ("urn:other", False)):
        payload = changed(letter, "bundle-new.xml", "https://www.gs1.org/gln", system)
        assert (bundle_facts(read_bundle(payload)).sender == "5790000120314") is known
    assert identifier(None, "urn:other") is None


VERSIONS = [
    ("|5.0", "|5.12", "5.12"),
    (
        "messagedefinitions/MessageDefinition/MedComCareCommunicationMessageDefinition|5.0",
        "carecommunication/medcom-careCommunication-message-definition|4.0.0",
        "4.0",
    ),
    ("MessageDefinition|5.0", "MessageDefinition", "5.0"),
]


@pytest.mark.parametrize(("old", "new", "version"), VERSIONS)
def test_the_version_stands_in_the_definition(old: str, new: str, version: str, letter: Letter) -> None:
    """MessageHeader.definition says the version, whichever address it has."""
    assert read_bundle(changed(letter, "bundle-new.xml", old, new)).version == version


def test_before_there_was_a_definition_the_extensions_tell(letter: Letter) -> None:
    """2.x has extensions of its own guide, 3.x those of core, and neither has a Communication.identifier."""
    root = safe_xml.parse(letter("bundle-new.xml"))
    for element in list(root.iter(f"{FHIR}definition")):
        element.getparent().remove(element)  # type: ignore[union-attr]
    assert bundle_of(root).version == "5.0"
    communication = next(root.iter(f"{FHIR}Communication"))
    communication.remove(communication.find(f"{FHIR}identifier"))  # type: ignore[arg-type]
    assert bundle_of(root).version == "3.0"
    for extension in root.iter(f"{FHIR}extension"):
        url = extension.get("url", "")
        extension.set(
            "url",
            url.replace(
                "core/StructureDefinition/medcom-core-",
                "carecommunication/StructureDefinition/medcom-carecommunication-",
            ),
        )
    assert bundle_of(root).version == "2.0"


@pytest.mark.parametrize(
    ("event", "profile", "kind", "version"),
    [
        ("hospital-notification-message", "", "HospitalNotification", "3.0"),
        ("homecareobservation-message", "", "HomeCareObservation", ""),
        (
            "",
            "http://medcomfhir.dk/ig/carecommunication/StructureDefinition/medcom-careCommunication-message|5.0.2",
            "CareCommunication",
            "5.0",
        ),
        ("", "", "", ""),
    ],
)
def test_the_type_stands_in_the_event_or_else_in_the_profile(event: str, profile: str, kind: str, version: str) -> None:
    """The event code says which message it is; where it says nothing, the bundle's profile."""
    data = (
        f'<Bundle xmlns="http://hl7.org/fhir"><meta><profile value="{profile}"/></meta><entry><resource><MessageHeader>'
        f'<eventCoding><code value="{event}"/></eventCoding></MessageHeader></resource></entry></Bundle>'
    )
    bundle = read_bundle(data.encode())
    assert (bundle.type, bundle.version) == (kind, version)


@pytest.mark.parametrize(
    "data", [b"<Patient xmlns='http://hl7.org/fhir'/>", b"<Bundle/>", b'{"resourceType": "Patient"}']
)
def test_what_is_not_a_bundle_is_refused(data: bytes) -> None:
    """A root that is not FHIR's Bundle is refused, whichever the form."""
    with pytest.raises(Refused) as caught:
        read_bundle(data)
    assert [finding.rule for finding in caught.value.findings] == [errors.NOT_A_BUNDLE]


@pytest.mark.parametrize(
    ("data", "rule"), [(b"[1]", "VS-311"), (b"{", "VS-301"), (b"hello", "VS-101"), (b"", "VS-108")]
)
def test_what_is_neither_form_is_refused(data: bytes, rule: str) -> None:
    """What begins as JSON is refused as JSON, everything else as XML."""
    with pytest.raises(Refused) as caught:
        read_bundle(data)
    assert caught.value.findings[0].rule.id == rule


def test_a_bundle_without_header_has_facts(letter: Letter) -> None:
    """What is missing is missing from the facts, and nothing fails."""
    root = safe_xml.parse(letter("bundle-new.xml"))
    root.remove(root[4])
    facts = bundle_facts(bundle_of(root))
    assert (facts.type, facts.letter_id, facts.sender, facts.receiver) == ("CareCommunication", "", None, None)
    acknowledgement = safe_xml.parse(
        b'<Bundle xmlns="http://hl7.org/fhir"><meta><profile value="x/medcom-messaging-acknowledgement"/></meta>'
        b"</Bundle>"
    )
    facts = bundle_facts(bundle_of(acknowledgement))
    assert facts.answers == Answers(envelope_id=None, letter_ids=(), code="negative", text="")
    assert facts.envelope_id == ""


@pytest.mark.parametrize("form", ["xml", "json"])
def test_what_the_network_writes_it_reads_again(form: str, letter: Letter) -> None:
    """Both forms of a message that was serialised read as the same tree, in UTF-8."""
    root = read_bundle(letter("bundle-new.xml")).root
    written = serialise(root, "json" if form == "json" else "xml")
    assert "Prøvesen" not in written.decode()
    assert "Lægerne" in written.decode()
    assert read_bundle(written).format == form
    assert serialise(read_bundle(written).root, "json") == serialise(root, "json")
    assert form == "json" or written.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Bundle ')


@pytest.mark.reference
def test_every_official_message_has_its_facts(reference: Path) -> None:
    """Of every official message both ids and both GLNs are found, whichever style of reference it uses."""
    samples = reference / "samples"
    for sample in (*samples.glob("carecommunication/*/*"), *samples.glob("conversion-flows/*-CareCommunication*")):
        facts = bundle_facts(read_bundle(sample.read_bytes()))
        assert (facts.type, facts.version) == ("CareCommunication", "5.0"), sample.name
        assert all((facts.letter_id, facts.envelope_id, facts.sender, facts.receiver)), sample.name
