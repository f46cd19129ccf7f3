"""S2 and its alternatives, and MedCom's defaults to OIOXML: CareCommunication to XDIS91 and XBIN01."""

from __future__ import annotations

import pytest
from lxml import etree

from envelope.oioxml import rules as oioxml_rules
from envelope.oioxml.reading import read_letter
from tests.conformance.cases import case
from tests.conformance.exchange import Exchange, whats
from tests.conformance.letters import PDF, PNG, known
from tests.conformance.play import LONG_TEXT, MUNICIPALITY_NUMBERED, PRACTICE_NUMBERED
from tests.conversion.messages import CPR, LOCAL, LPR3, NATIONAL, OWN
from tests.conversion.to_xdis91 import at, text
from tests.simulator.post import OWN_FHIR, OWN_OIOXML

pytestmark = pytest.mark.timeout(240)  # the first of them waits until everything was played

BODY = "ClinicalEmail"
SENTENCE = (
    "Der er modtaget flere end et CPR-nummer i korrespondancemeddelelsen."
    " Derfor er de resterende medsendte CPR-numre indsat her"
)


def letters(exchange: Exchange, name: str, kind: str = "XDIS91") -> list[etree._Element]:
    """The letters of a kind made of a message, each found valid but for more than the schema has of a kind."""
    made = [read_letter(one.letter) for one in exchange.made(name) if one.what == kind]
    assert [str(finding) for one in made for finding in oioxml_rules.validate(one) if finding.is_error] == []
    return [one.root for one in made]


def letter(exchange: Exchange, name: str) -> etree._Element:
    """The one XDIS91 made of a message."""
    (made,) = letters(exchange, name)
    return made


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("message", marks=case("S2-converted-xml", "R1-converted")),
        pytest.param("JSON", marks=case("S2-converted-json")),
    ],
)
def test_a_message_becomes_a_letter(exchange: Exchange, name: str) -> None:
    """From XML and from JSON: the same text, subject and patient."""
    made = letter(exchange, name)
    assert text(made).startswith("Kære kolleger\nPatienten kan komme hjem.")
    assert at(made, f"{BODY}/Patient/CivilRegistrationNumber") == [CPR[1]]
    assert at(made, f"{BODY}/Sender/EANIdentifier") == [OWN_FHIR]


@case("R1-parties-by-reference")
def test_swapped_endpoints_swap_no_parties(exchange: Exchange) -> None:
    """Sender and receiver are the Organizations that the header refers to, wherever they stand."""
    made = letter(exchange, "swapped")
    assert at(made, f"{BODY}/Sender/EANIdentifier") == [OWN_FHIR]
    assert at(made, f"{BODY}/Receiver/EANIdentifier") == [OWN_OIOXML]


@case("S2-own-envelopes", "S2.A1-one-xbin01")
def test_two_attachments_travel_in_one_letter(exchange: Exchange) -> None:
    """XDIS91 and XBIN01, each in an envelope; the letter refers to both objects."""
    made = exchange.made("two files")
    assert whats(made) == ["XBIN01", "XDIS91"]
    assert len({one.head.identifier for one in made}) == 2
    (attachments,) = letters(exchange, "two files", "XBIN01")
    carried = at(attachments, "BinaryLetter/BinaryObject/ObjectIdentifier")
    referred = at(letter(exchange, "two files"), f"{BODY}/Reference/BIN/ObjectIdentifier")
    assert [one.replace("-", "") for one in carried] == referred
    assert len(referred) == 2


@case("oioxml-object-identifier", "oioxml-object-size", "oioxml-object-code", "attachment-title")
def test_what_is_said_of_attachments(exchange: Exchange) -> None:
    """Bare identifiers, sizes in bytes, codes by type, titles as descriptions."""
    made, (attachments,) = letter(exchange, "two files"), letters(exchange, "two files", "XBIN01")
    reference, held = f"{BODY}/Reference/BIN", "BinaryLetter/BinaryObject"
    assert [len(one) for one in at(made, f"{reference}/ObjectIdentifier")] == [32, 32]
    assert [len(one) for one in at(attachments, f"{held}/ObjectIdentifier")] == [36, 36]
    for root, place in ((made, reference), (attachments, held)):
        assert at(root, f"{place}/OriginalObjectSize") == [str(len(PDF) * 3 // 4 - PDF.count("=")), "8"]
        assert at(root, f"{place}/ObjectCode") == ["vektor_grafik", "billede"]
        assert at(root, f"{place}/ObjectExtensionCode") == ["pdf", "png"]
    assert at(attachments, f"{held}/Object_Base64Encoded") == [PDF, PNG]
    assert at(made, f"{BODY}/Reference/RefDescription") == ["Svar.pdf", "Billede.png"]


@case("S2-attachment-without-content")
def test_an_old_attachment_is_noted_in_the_text(exchange: Exchange) -> None:
    """At its very end, without a Reference or an object, beside a new one that travels."""
    made, (attachments,) = letter(exchange, "old file"), letters(exchange, "old file", "XBIN01")
    assert "Tidligere svar.pdf" in text(made).splitlines()[-1]
    assert at(made, f"{BODY}/Reference/RefDescription") == ["Svar.pdf"]
    assert len(at(attachments, "BinaryLetter/BinaryObject")) == 1


@case("S2.A1-several-pairs")
def test_eleven_attachments_travel_in_numbered_pairs(exchange: Exchange) -> None:
    """Ten and one, numbered in the text; their four receipts become one Acknowledgement."""
    assert whats(exchange.made("eleven files")) == ["XBIN01"] * 2 + ["XDIS91"] * 2
    made, objects = letters(exchange, "eleven files"), letters(exchange, "eleven files", "XBIN01")
    assert [len(at(one, f"{BODY}/Reference")) for one in made] == [10, 1]
    assert [len(at(one, "BinaryLetter/BinaryObject")) for one in objects] == [10, 1]
    assert ["del 1 af 2" in text(made[0]), "del 2 af 2" in text(made[1])] == [True, True]
    assert whats(exchange.back("eleven files")) == ["Acknowledgement"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("reply", "svar på", marks=case("S2.A2-reply")),
        pytest.param("forward", "videresendelse", marks=case("S2.A2-forward")),
        pytest.param("forward of a reply", "videresendelse", marks=case("S2.A2-this-message")),
    ],
)
def test_a_reply_or_forward_says_so(exchange: Exchange, name: str, words: str) -> None:
    """In the text, by the Provenance of this message; the letter itself is always new."""
    made = letter(exchange, name)
    told = [
        line
        for line in text(made).splitlines()
        if line.startswith(("Denne meddelelse er en", "Denne meddelelse er et"))
    ]
    assert len(told) == 1
    assert words in told[0]
    assert at(made, f"{BODY}/Letter/StatusCode") == ["nytbrev"]


@case("numbers-cpr")
def test_a_cpr_number_alone(exchange: Exchange) -> None:
    """It is the patient's, and the text has no sentence about numbers."""
    made = letter(exchange, "message")
    assert at(made, f"{BODY}/Patient/CivilRegistrationNumber") == [CPR[1]]
    assert SENTENCE not in text(made)


@pytest.mark.parametrize(
    ("name", "element", "kept", "told"),
    [
        pytest.param(
            "three numbers",
            "CivilRegistrationNumber",
            CPR[1],
            [NATIONAL[1], LOCAL[1]],
            marks=case("numbers-in-text"),
        ),
        pytest.param(
            "two numbers",
            "AlternativeIdentifier",
            NATIONAL[1],
            [LOCAL[1]],
            marks=case("numbers-national-first", "numbers-in-text"),
        ),
    ],
)
def test_one_number_is_the_patients(exchange: Exchange, name: str, element: str, kept: str, told: list[str]) -> None:
    """CPR before the national number before the local one; the others stand in the text, after their sentence."""
    made = letter(exchange, name)
    assert at(made, f"{BODY}/Patient/{element}") == [kept]
    _, _, after = text(made).partition(SENTENCE)
    assert all(number in after for number in told)
    assert kept not in after


@case("S2-long-text")
def test_a_long_text_is_whole(exchange: Exchange) -> None:
    """All of it, far beyond the limit that letters once had."""
    assert LONG_TEXT.strip() in text(letter(exchange, "long"))


@case("line-breaks")
def test_a_newline_is_a_break(exchange: Exchange) -> None:
    """In the letter's bytes."""
    (made,) = exchange.made("message")
    assert b"kolleger<Break/>Patienten" in made.letter


@case("oioxml-codes", "oioxml-acknowledgement-code")
def test_codes(exchange: Exchange) -> None:
    """Of both letters; they ask for a positive receipt, and receipts for none."""
    made, (attachments,) = letter(exchange, "two files"), letters(exchange, "two files", "XBIN01")
    for root, body, version, code in (
        (made, BODY, "XD9134L", "XDIS91"),
        (attachments, "BinaryLetter", "XB0131X", "XBIN01"),
    ):
        assert at(root, f"{body}/Letter/VersionCode") == [version]
        assert at(root, f"{body}/Letter/StatisticalCode") == at(root, f"{body}/Letter/TypeCode") == [code]
        assert at(root, f"{body}/Letter/StatusCode") == ["nytbrev"]
        assert at(root, "Envelope/AcknowledgementCode") == ["pluspositivkvitt"]
    receipt = read_letter(exchange.receipts("plain")[0]).root
    assert at(receipt, "Envelope/AcknowledgementCode") == ["minuspositivkvitt"]


@case("oioxml-sender")
def test_the_sender_is_named_by_its_sor_code(exchange: Exchange) -> None:
    """In Identifier, under sorkode."""
    made = letter(exchange, "message")
    assert at(made, f"{BODY}/Sender/Identifier") == [known(OWN_FHIR).sor]
    assert at(made, f"{BODY}/Sender/IdentifierCode") == ["sorkode"]


@case("oioxml-receiver")
@pytest.mark.parametrize(
    ("name", "gln", "code"),
    [
        ("message", OWN_OIOXML, "sorkode"),
        ("to a practice", PRACTICE_NUMBERED, "ydernummer"),
        ("to a municipality", MUNICIPALITY_NUMBERED, "kommunenummer"),
    ],
)
def test_the_receiver_is_named_by_what_it_has(exchange: Exchange, name: str, gln: str, code: str) -> None:
    """Its number where it has one, else its SOR code; all by the directory."""
    made, receiver = letter(exchange, name), known(gln)
    number = receiver.identifiers[code] if code != "sorkode" else receiver.sor
    assert at(made, f"{BODY}/Receiver/Identifier") == [number]
    assert at(made, f"{BODY}/Receiver/IdentifierCode") == [code]


@case("oioxml-telephone", "oioxml-names")
def test_the_author(exchange: Exchange) -> None:
    """Telephone with the sender, name and role in the text."""
    made = letter(exchange, "message")
    assert at(made, f"{BODY}/Sender/TelephoneSubscriberIdentifier") == ["65432031"]
    assert "Ole P Prøvesen" in text(made)
    assert "ygeplejerske" in text(made)


@case("oioxml-subject")
@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("message", "Udskrivelse, Hjemsendelse"),
        ("long topic", ("Udskrivelse, " + "Hjemsendelse og alt hvad dertil hører " * 3)[:70].rstrip()),
        ("no topic", "Udskrivelse"),
    ],
)
def test_the_subject(exchange: Exchange, name: str, subject: str) -> None:
    """Category in Danish, comma, topic; of 70 characters; without a topic the category alone."""
    assert [one.rstrip() for one in at(letter(exchange, name), f"{BODY}/AdditionalInformation/Subject")] == [subject]


@case("oioxml-dates", "oioxml-danish-time")
def test_an_evening_is_the_next_day_in_denmark(exchange: Exchange) -> None:
    """Sent is the bundle's time, Authorisation the text's, both Danish, to the minute."""
    made = letter(exchange, "evening")
    assert at(made, "Envelope/Sent/Date") + at(made, "Envelope/Sent/Time") == ["2026-05-13", "00:30"]
    authorised = f"{BODY}/Letter/Authorisation"
    assert at(made, f"{authorised}/Date") + at(made, f"{authorised}/Time") == ["2026-05-12", "00:30"]


@case("episode-local")
@pytest.mark.parametrize(("name", "kept"), [("two episodes", OWN), ("one episode", LPR3)])
def test_the_episode(exchange: Exchange, name: str, kept: tuple[str, str]) -> None:
    """The local id goes first; without hyphens."""
    (episode,) = at(letter(exchange, name), f"{BODY}/Letter/EpisodeOfCareIdentifier")
    assert episode.lower() == kept[1].removeprefix("urn:uuid:").replace("-", "")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *(
            pytest.param(f"message {one}", one, marks=case(f"episode-{one}"))
            for one in ("inaktiv", "indlagt", "ambulant", "doed")
        ),
        pytest.param("message ambulant", "ambulant", marks=case("episode-ambulant_roentgen")),
        pytest.param("message any other", "inaktiv", marks=case("episode-any-other")),
        pytest.param("message dead and ambulant", "inaktiv", marks=case("episode-any-other")),
        pytest.param("message", "inaktiv", marks=case("episode-any-other")),
    ],
)
def test_the_status_of_an_episode(exchange: Exchange, name: str, status: str) -> None:
    """Class, status and death by the table; any other combination, or none, is inaktiv."""
    assert at(letter(exchange, name), f"{BODY}/Patient/EpisodeOfCareStatusCode") == [status]
