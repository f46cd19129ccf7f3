"""S1 and its alternatives, and MedCom's defaults to FHIR: XDIS91 and XBIN01 to CareCommunication."""

from __future__ import annotations

from uuid import UUID

import pytest
from lxml import etree

from envelope.fhir import rules as fhir_rules
from envelope.fhir.bundle import read_bundle
from tests.conformance.cases import case
from tests.conformance.exchange import Exchange, whats
from tests.conformance.letters import known, objects
from tests.conformance.play import STATUSES, UNUSUAL
from tests.conversion.messages import LOCAL, NATIONAL
from tests.simulator.post import OWN_FHIR, OWN_OIOXML

pytestmark = pytest.mark.timeout(240)  # the first of them waits until everything was played

NAMES = {"f": "http://hl7.org/fhir", "h": "http://www.w3.org/1999/xhtml"}
CORE = "http://medcomfhir.dk/ig/core/StructureDefinition/medcom-core-"
SENDER = "//f:Organization[f:identifier/f:value/@value='5799900000023']"
RECEIVER = "//f:Organization[f:identifier/f:value/@value='5799900000016']"


def bundle(exchange: Exchange, name: str) -> etree._Element:
    """The one message made of a letter."""
    (made,) = exchange.made(name)
    return read_bundle(made.letter).root


def at(root: etree._Element, path: str) -> list[str]:
    """The values at an XPath."""
    found = root.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(one) for one in found]


def extended(name: str, path: str) -> str:
    """The XPath of a core extension's value in every payload."""
    return f"//f:payload/f:extension[@url='{CORE}{name}-extension']/{path}"


@case("S1-converted", "R1-converted")
def test_a_letter_becomes_a_valid_message_in_an_envelope_of_its_own(exchange: Exchange) -> None:
    """Its parties are the letter's, its identifiers new, its bundle valid by every rule."""
    (sent,), (made,) = exchange.sent("plain"), exchange.made("plain")
    assert sent.row.state == "converted"
    assert (made.head.sender.id, made.head.receiver.id) == (OWN_OIOXML, OWN_FHIR)
    assert made.head.identifier != sent.head.identifier
    findings = fhir_rules.validate(read_bundle(made.letter), structure=True)
    assert [str(one) for one in findings if one.is_error] == []


@case("R1-sor-by-gln")
def test_sor_codes_come_from_the_directory(exchange: Exchange) -> None:
    """By the parties' GLN, in the message and in the Acknowledgement that a receipt becomes."""
    (receipt,) = exchange.receipts("receipts-1")
    for root in (bundle(exchange, "plain"), read_bundle(receipt).root):
        for place, gln in ((SENDER, OWN_OIOXML), (RECEIVER, OWN_FHIR)):
            codes = at(root, f"{place}/f:identifier[f:system/@value='urn:oid:1.2.208.176.1.1']/f:value/@value")
            assert codes == [known(gln).sor]


@pytest.mark.parametrize(
    ("name", "telephone"),
    [
        pytest.param("plain", "00000001", marks=case("S1-telephone-letter")),
        pytest.param("no telephone", "00990002", marks=case("S1-telephone-directory")),
        pytest.param("no telephone at all", "0000 0000", marks=case("S1-telephone-none")),
    ],
)
def test_the_telephone(exchange: Exchange, name: str, telephone: str) -> None:
    """The letter's, else the directory's, else noughts; always a phone."""
    made = bundle(exchange, name)
    assert at(made, extended("contact", "f:valueContactPoint/f:value/@value")) == [telephone]
    assert at(made, extended("contact", "f:valueContactPoint/f:system/@value")) == ["phone"]


@case("S1-narrative")
def test_every_resource_has_a_narrative(exchange: Exchange) -> None:
    """And the content of no attachment stands in one."""
    made = bundle(exchange, "whole pair")
    assert at(made, "//f:resource/*[not(f:text/h:div)]/f:id/@value") == []
    (content,) = at(made, "//f:contentAttachment/f:data/@value")
    assert content not in "".join(at(made, "//h:div//text()"))


@case("S1.A1-complete")
def test_a_letter_and_its_attachment_become_one(exchange: Exchange) -> None:
    """By the rule of a pair that is whole; the attachment keeps its identifier, with hyphens."""
    sent = exchange.sent("whole pair")
    assert [one.row.rule for one in sent] == ["D-release"] * 2
    assert "S1.A1-complete" in [one.moved for one in sent]
    identifiers = at(bundle(exchange, "whole pair"), extended("identifier", "f:valueIdentifier/f:value/@value"))
    (mine,) = objects("whole pair", 1)
    assert f"urn:uuid:{mine}" in identifiers


@case("S1.A1-links")
def test_links_start_no_wait(exchange: Exchange) -> None:
    """References of URL and SUP alone: the letter is converted at once, with its link."""
    (sent,) = exchange.sent("links")
    assert (sent.row.rule, sent.moved) == ("D-convert", None)
    assert at(bundle(exchange, "links"), "//f:contentAttachment/f:url/@value") == ["https://example.org/vej"]


@case("S1.A1-eleven")
def test_eleven_attachments_are_converted(exchange: Exchange) -> None:
    """All of them, in one message, with a warning."""
    made = bundle(exchange, "eleven")
    assert len(at(made, "//f:contentAttachment/f:data/@value")) == 11
    assert "VS-513" in exchange.sent("eleven")[0].rules


@case("S1.A2-payload", "S1.A2-timeout")
def test_what_is_missing_is_named_without_its_content(exchange: Exchange) -> None:
    """After 60 minutes: identifier, date and type; no data and no title, not even empty ones."""
    assert exchange.sent("missing")[0].moved == "S1.A2-timeout"
    root = bundle(exchange, "missing")
    (payload,) = root.findall(".//{*}payload[{*}contentAttachment]")
    (mine,) = objects("missing", 1)
    assert [etree.QName(one).localname for one in payload[-1]] == ["contentType"]
    values = at(payload, "f:extension/*/f:value/@value | f:extension/f:valueDateTime/@value")
    assert sorted(values) == ["2024-03-05T09:41:00+01:00", f"urn:uuid:{mine}"]


@case("S1.A2-late-attachment")
def test_what_comes_after_its_letter_goes_on_as_it_is(exchange: Exchange) -> None:
    """Byte for byte, whether the receiver takes it or not."""
    (sent,) = exchange.sent("missing attachments")
    assert (sent.row.state, sent.row.rule) == ("delivered", "D-alone")
    assert len(exchange.made("missing")) == 1


@case("S1.A2-other-errors")
def test_other_errors_are_not_forgiven(exchange: Exchange) -> None:
    """A letter without its attachment and with a wrong check digit is refused for the digit."""
    (sent,) = exchange.sent("other errors")
    assert (sent.row.state, sent.moved, sent.rules) == ("refused", "S1.A2-timeout", ["VS-151", "VS-231"])
    assert exchange.made("other errors") == []
    assert whats(exchange.back("other errors")) == ["NegativeVans", "XCTL01"]


@case("S1.A3-timeout", "S1.A3-late-letter")
def test_an_attachment_goes_on_and_its_letter_after_it(exchange: Exchange) -> None:
    """After 60 minutes unconverted; the letter that comes then is converted at once, without the content."""
    (attachments,), (letter,) = exchange.sent("late letter attachments"), exchange.sent("late letter")
    assert (attachments.row.state, attachments.moved) == ("delivered", "S1.A3-timeout")
    assert (letter.row.state, letter.row.rule) == ("converted", "D-release")
    assert at(bundle(exchange, "late letter"), "//f:contentAttachment/f:data") == []


@case("S1.A4-file-type")
def test_a_type_that_fhir_does_not_have_is_converted(exchange: Exchange) -> None:
    """With its own type and content, and a warning."""
    made = bundle(exchange, "text file")
    assert at(made, "//f:contentAttachment/f:contentType/@value") == ["text/plain"]
    assert at(made, "//f:contentAttachment/f:data/@value") != []
    assert exchange.sent("text file")[0].rules == ["VS-534"]


@case("S1.A4-invalid-type")
def test_a_type_that_oioxml_does_not_have_is_invalid(exchange: Exchange) -> None:
    """The XBIN01 gets its XCTL01, and the letter is converted without it."""
    assert exchange.sent("unknown type attachments")[0].row.state == "refused"
    assert whats(exchange.back("unknown type attachments")) == ["NegativeVans", "XCTL01"]
    assert exchange.sent("unknown type")[0].moved == "R1.A2-xbin-invalid"


@case("S1-referral-hotel")
def test_the_referral_hotel_is_not_waited_for(exchange: Exchange) -> None:
    """Its attachments go on at once, as they are."""
    (sent,) = exchange.sent("hotel")
    assert (sent.row.state, sent.row.rule, sent.moved) == ("delivered", "D-alone", None)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("invalid alone", marks=case("R1.A2-xdis-alone-invalid")),
        pytest.param("invalid attachments alone", marks=case("R1.A2-xbin-alone-invalid")),
    ],
)
def test_what_is_invalid_is_never_forwarded(exchange: Exchange, name: str) -> None:
    """A negative VANS receipt, and nothing goes on."""
    assert exchange.sent(name)[0].row.state == "refused"
    assert whats(exchange.back(name)) == ["NegativeVans", "XCTL01"]
    assert exchange.made(name) == []


@case("fhir-message")
def test_the_bundle_is_a_message(exchange: Exchange) -> None:
    """Of type, event and definition of CareCommunication 5.0."""
    made = bundle(exchange, "plain")
    assert at(made, "/f:Bundle/f:type/@value") == ["message"]
    assert at(made, "//f:MessageHeader/f:eventCoding/f:code/@value") == ["care-communication-message"]
    (definition,) = at(made, "//f:MessageHeader/f:definition/@value")
    assert definition.endswith("/MessageDefinition/MedComCareCommunicationMessageDefinition|5.0")


@case("fhir-status", "fhir-identifier", "fhir-activity")
def test_what_is_always_the_same(exchange: Exchange) -> None:
    """Status unknown, category other, a new UUID, and a new message."""
    made = bundle(exchange, "plain")
    assert at(made, "//f:Communication/f:status/@value") == ["unknown"]
    assert at(made, "//f:Communication/f:category/f:coding/f:code/@value") == ["other"]
    (identifier,) = at(made, "//f:Communication/f:identifier/f:value/@value")
    assert UUID(identifier.removeprefix("urn:uuid:")).version == 4
    assert at(made, "//f:Provenance/f:activity/f:coding/f:code/@value") == ["new-message"]


@case("fhir-topic")
@pytest.mark.parametrize(
    ("name", "topic"), [("plain", "Vedr. indlæggelse og øvrige aftaler"), ("no subject", "Ukendt emne")]
)
def test_the_topic(exchange: Exchange, name: str, topic: str) -> None:
    """The letter's Subject, or words that say that there is none."""
    assert at(bundle(exchange, name), "//f:Communication/f:topic/f:text/@value") == [topic]


@case("fhir-priority")
@pytest.mark.parametrize("name", ["plain", "routine"])
def test_the_priority(exchange: Exchange, name: str) -> None:
    """High priority is told in the text; routine is not; Communication.priority is never there."""
    made = bundle(exchange, name)
    (text,) = at(made, "//f:payload/f:contentString/@value")
    assert text.startswith("Denne meddelelse har høj prioritet. Kære") == (name == "plain")
    assert text.startswith("Kære") == (name == "routine")
    assert at(made, "//f:Communication/f:priority/@value") == []


@case("fhir-author", "fhir-names")
def test_author_and_names(exchange: Exchange) -> None:
    """The author is the organisation in an unknown role; of the receiver there is the organisation alone."""
    made = bundle(exchange, "plain")
    assert at(made, "//f:PractitionerRole/f:code/f:text/@value") == ["ukendt"]
    (name,) = at(made, f"{SENDER}/f:name/@value")
    assert name.split(", ") == ["Lægehuset Prøvebakken", "Lægehus", "Læge Åse Eksempelsen"]
    assert at(made, "//f:Practitioner/f:name/f:text/@value") == [name]
    assert at(made, f"{RECEIVER}/f:name/@value") == ["Eksempelstrup Kommune"]


@case("fhir-dates", "fhir-payloads")
def test_payloads(exchange: Exchange) -> None:
    """Text and attachment: the date of Authorisation, an identifier, the sender as assigner, an entity each."""
    made = bundle(exchange, "whole pair")
    assert at(made, extended("datetime", "f:valueDateTime/@value")) == ["2024-03-05T09:41:00+01:00"] * 2
    identifiers = at(made, extended("identifier", "f:valueIdentifier/f:value/@value"))
    assert len(set(identifiers)) == 2
    (sender,) = at(made, f"{SENDER}/f:id/@value")
    assigners = at(made, extended("identifier", "f:valueIdentifier/f:assigner/f:reference/@value"))
    assert [one.rpartition("/")[2] for one in assigners] == [sender, sender]
    entities = at(made, "//f:Provenance/f:entity[f:role/@value='source']/f:what/f:identifier/f:value/@value")
    assert sorted(entities) == sorted(identifiers)


@case("line-breaks", "attachment-title")
def test_breaks_and_titles(exchange: Exchange) -> None:
    """Break is a newline, and RefDescription the title."""
    (text,) = at(bundle(exchange, "plain"), "//f:payload/f:contentString/@value")
    assert "Kære kollega\n\nBorgeren" in text
    assert at(bundle(exchange, "whole pair"), "//f:contentAttachment/f:title/@value") == ["Bilag 1"]


FHIR_STATUS = {
    "inaktiv": ("other", "unknown", []),
    "indlagt": ("IMP", "in-progress", []),
    "ambulant": ("AMB", "in-progress", []),
    "doed": ("other", "finished", ["true"]),
    "ambulant_roentgen": ("AMB", "in-progress", []),
}


@pytest.mark.parametrize("status", [pytest.param(one, marks=case(f"episode-{one}")) for one in STATUSES])
def test_the_status_of_an_episode(exchange: Exchange, status: str) -> None:
    """Class, status and death by the table; the episode's id has hyphens."""
    made = bundle(exchange, status)
    encounter = (
        *at(made, "//f:Encounter/f:class/f:code/@value"),
        *at(made, "//f:Encounter/f:status/@value"),
        at(made, "//f:Patient/f:deceasedBoolean/@value"),
    )
    assert encounter == FHIR_STATUS[status]
    (episode,) = at(made, "//f:Encounter/f:episodeOfCare/f:identifier/f:value/@value")
    assert episode.removeprefix("urn:uuid:") == "5f1c2e7a-9b3d-4c60-8e21-f0a7b6c5d4e3"


@case("episode-without-id")
def test_without_an_id_there_is_no_encounter(exchange: Exchange) -> None:
    """And a patient who died is deceased all the same."""
    made = bundle(exchange, "doed without id")
    assert at(made, "//f:Encounter/f:id/@value") == []
    assert at(made, "//f:Patient/f:deceasedBoolean/@value") == ["true"]


@pytest.mark.parametrize(
    ("name", "number", "findings"),
    [
        pytest.param("national", NATIONAL, [], marks=case("numbers-national")),
        pytest.param("local", (LOCAL[0][: LOCAL[0].rindex(".")], LOCAL[1]), [], marks=case("numbers-local")),
        pytest.param("unusual", (NATIONAL[0], UNUSUAL), ["VS-507"], marks=case("numbers-unusual")),
    ],
)
def test_a_replacement_number_has_its_system(
    exchange: Exchange, name: str, number: tuple[str, str], findings: list[str]
) -> None:
    """By its seventh character; one that FHIR's own rule does not know is told of."""
    made = bundle(exchange, name)
    assert at(made, "//f:Patient/f:identifier/f:system/@value") == [number[0]]
    assert at(made, "//f:Patient/f:identifier/f:value/@value") == [number[1]]
    assert exchange.sent(name)[0].rules == findings
