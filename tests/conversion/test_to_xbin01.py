"""Attachments of a CareCommunication leave in an XBIN01 beside its XDIS91."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from lxml import etree

from conversion import Facts, convert
from conversion.identifiers import Identifiers
from conversion.limits import MOST_PAIRS
from envelope.cutting import TOKEN
from envelope.fhir.json_xml import json_from_xml
from envelope.fhir.values import NS
from envelope.findings import Refused
from envelope.oioxml.facts import object_key
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.rules import validate
from envelope.runs import LEAST
from tests.conversion.messages import CPR, LOCAL, NATIONAL, File, Message, Text
from tests.conversion.rows.case import FACTS
from tests.conversion.to_xdis91 import at, converted, refusal, text

SMALL = base64.b64encode(b"%PDF-1.4 en side").decode()
LARGE = base64.b64encode(bytes(range(256)) * 64).decode()
SAID = Text("Se bilag", "2026-05-12T10:00:00+02:00")
UUID = "urn:uuid:6f9619ff-8b86-4011-b42d-00c04fc964ff"
REFERENCE = "ClinicalEmail/Reference"
OBJECT = "BinaryLetter/BinaryObject"


def message(*payloads: Text | File, **changes: object) -> Message:
    """A message of one text and these payloads."""
    return Message(payloads=(SAID, *payloads)).but(**changes)


def letters(source: Message | bytes, facts: Facts = FACTS) -> list[Letter]:
    """The letters of a message, in order; all of them valid."""
    read = [read_letter(output.payload) for output in converted(source, facts).outputs]
    assert [validate(letter) for letter in read] == [()] * len(read)
    return read


def kinds(read: Sequence[Letter]) -> list[str]:
    """What they are."""
    return [letter.type for letter in read]


def test_an_attachment_leaves_in_an_xbin01_that_its_letter_refers_to() -> None:
    """Letter and object name it by the same UUID, in the letter without hyphens, and say the same of it."""
    xdis91, xbin01 = letters(message(File("Epikrise.pdf", data=LARGE, identifier=UUID)))
    assert kinds([xdis91, xbin01]) == ["XDIS91", "XBIN01"]
    assert at(xdis91.root, f"{REFERENCE}/BIN/ObjectIdentifier") == ["6f9619ff8b864011b42d00c04fc964ff"]
    assert at(xbin01.root, f"{OBJECT}/ObjectIdentifier") == ["6f9619ff-8b86-4011-b42d-00c04fc964ff"]
    for name, said in (
        ("ObjectCode", "vektor_grafik"),
        ("ObjectExtensionCode", "pdf"),
        ("OriginalObjectSize", str(256 * 64)),
    ):
        assert at(xdis91.root, f"{REFERENCE}/BIN/{name}") == at(xbin01.root, f"{OBJECT}/{name}") == [said]
    assert at(xdis91.root, f"{REFERENCE}/RefDescription") == ["Epikrise.pdf"]
    assert at(xbin01.root, f"{OBJECT}/Object_Base64Encoded") == [LARGE]


def test_all_attachments_of_a_message_are_in_one_xbin01() -> None:
    """Ten fit into one pair of letters, in the order of the message."""
    files = [File(f"Bilag {number}", data=SMALL) for number in range(10)]
    xdis91, xbin01 = letters(message(*files))
    assert at(xdis91.root, f"{REFERENCE}/RefDescription") == [file.title for file in files]
    references = at(xdis91.root, f"{REFERENCE}/BIN/ObjectIdentifier")
    assert references == [object_key(one) for one in at(xbin01.root, f"{OBJECT}/ObjectIdentifier")]
    assert len(set(references)) == 10
    assert "del 1" not in text(xdis91.root)


@pytest.mark.parametrize("numbers", [[CPR, NATIONAL], [NATIONAL, LOCAL], [LOCAL]])
def test_both_letters_name_the_same_parties_patient_and_time(numbers: Sequence[tuple[str, str]]) -> None:
    """Envelope, Authorisation, Sender, Receiver and Patient are equal, but for what XBIN01 has no element for."""
    read = letters(message(File("Bilag", data=SMALL), numbers=numbers, sender_name=None, family=None, given=()))
    only_in_letter = {"EpisodeOfCareStatusCode", "EpisodeOfCareIdentifier"}
    said = [
        [
            [(etree.QName(one).localname, one.text) for one in part.iter() if etree.QName(one).localname not in without]
            for part in (
                letter.root[0].find("{*}Sent"),
                letter.body.find("{*}Letter/{*}Authorisation"),
                *(letter.body.find(f"{{*}}{name}") for name in ("Sender", "Receiver", "Patient")),
            )
            if part is not None
        ]
        for letter, without in ((read[0], only_in_letter), (read[1], set[str]()))
    ]
    assert len(said[0]) == 5
    assert said[0] == said[1]
    assert at(read[1].root, "BinaryLetter/Patient/PersonSurnameName") == ["Ukendt"]


def test_each_letter_has_identifiers_of_its_own_and_all_are_remembered_in_order() -> None:
    """Receipts find every letter of several pairs again: XDIS91, XBIN01, XDIS91, XBIN01."""
    result = converted(message(*(File(f"Bilag {number}", data=SMALL) for number in range(21))))
    said = [(one.type, one.version, one.envelope_id, one.letter_id) for one in result.outputs]
    assert [one[:2] for one in said] == [("XDIS91", "XD9134L"), ("XBIN01", "XB0131X")] * 3
    assert len({one[2] for one in said} | {one[3] for one in said}) == 12
    new = Identifiers(FACTS.seed)
    assert said[0][2:] == (new.serial("envelope"), new.serial("letter"))
    for output in result.outputs:
        letter = read_letter(output.payload)
        body = etree.QName(letter.body).localname
        assert [output.envelope_id] == at(letter.root, "Envelope/Identifier")
        assert [output.letter_id] == at(letter.root, f"{body}/Letter/Identifier")
        assert output.postfix == ""
    assert result.remembered is not None
    assert [(one.type, one.version, one.envelope_id, one.letter_id) for one in result.remembered.made] == said


@pytest.mark.parametrize(("count", "sizes"), [(11, [10, 1]), (20, [10, 10]), (25, [10, 10, 5])])
def test_more_than_ten_attachments_leave_in_several_pairs(count: int, sizes: list[int]) -> None:
    """Each pair has ten at most, says first which part it is, and has the whole text."""
    read = letters(message(*(File(f"Bilag {number}", data=SMALL) for number in range(count))))
    assert kinds(read) == ["XDIS91", "XBIN01"] * len(sizes)
    titles: list[str] = []
    for number, (xdis91, xbin01) in enumerate(zip(read[::2], read[1::2], strict=True), 1):
        references = at(xdis91.root, f"{REFERENCE}/BIN/ObjectIdentifier")
        assert references == [object_key(one) for one in at(xbin01.root, f"{OBJECT}/ObjectIdentifier")]
        assert len(references) == sizes[number - 1]
        told, said, *_ = text(xdis91.root).split("\n")
        assert told.endswith(f" Dette brev er del {number} af {len(sizes)}.")
        assert said == "Se bilag"
        titles += at(xdis91.root, f"{REFERENCE}/RefDescription")
    assert titles == [f"Bilag {number}" for number in range(count)]


@pytest.mark.parametrize(("files", "links", "held", "lines"), [(8, 5, [2], 3), (10, 2, [0], 2), (12, 9, [0, 8], 1)])
def test_links_take_the_places_that_attachments_leave(files: int, links: int, held: list[int], lines: int) -> None:
    """A link never makes another pair; what finds no place among ten stands in the text."""
    payloads = [File(f"Link {number}", url=f"https://test.example/{number}") for number in range(links)]
    payloads += [File(f"Bilag {number}", data=SMALL) for number in range(files)]
    letters_of_text = letters(message(*payloads))[::2]
    assert [len(at(one.root, f"{REFERENCE}/URL")) for one in letters_of_text] == held
    assert all(len(at(one.root, REFERENCE)) <= 10 for one in letters_of_text)
    assert [text(one.root).count("Link: Link ") for one in letters_of_text] == [lines] * len(held)


def test_references_stand_in_the_order_of_the_message() -> None:
    """Attachments and links are not sorted apart."""
    xdis91, _ = letters(message(File("A", data=SMALL), File("B", url="https://test.example"), File("C", data=SMALL)))
    assert at(xdis91.root, f"{REFERENCE}/RefDescription") == ["A", "B", "C"]


def test_an_attachment_with_an_address_too_is_both() -> None:
    """Neither the bytes nor the link are lost."""
    xdis91, _ = letters(message(File("Begge", data=SMALL, url="https://test.example")))
    assert at(xdis91.root, f"{REFERENCE}/RefDescription") == ["Begge", "Begge"]
    assert at(xdis91.root, f"{REFERENCE}/URL") == ["https://test.example"]
    assert len(at(xdis91.root, f"{REFERENCE}/BIN")) == 1


def test_a_reply_notes_what_it_does_not_carry_and_sends_what_it_does() -> None:
    """One message has attachments of both kinds: the note is the very end of the text, and refers to nothing."""
    source = message(
        File("Tidligere", date="2026-05-10T09:00:00+02:00"),
        File("Nyt", data=SMALL),
        Text("Hvad siger I?", "2026-05-09T10:00:00+02:00", "municipality", new=False),
        activity="reply-message",
    )
    xdis91, xbin01 = letters(source)
    noted = "Bilag fra en tidligere meddelelse, ikke medsendt her: Tidligere, sendt 10-05-2026 kl. 09:00\n"
    assert text(xdis91.root).endswith(noted)
    assert at(xdis91.root, f"{REFERENCE}/RefDescription") == ["Nyt"]
    assert len(at(xbin01.root, OBJECT)) == 1


def test_an_attachment_travels_whatever_provenance_names_it() -> None:
    """Of a forward the attachment is another message's, and goes along all the same."""
    source = message(
        File("Videresendt", data=SMALL, identifier=UUID),
        Text("Se bilaget", "2026-05-09T10:00:00+02:00", "municipality", new=False),
        activity="forward-message",
    ).xml()
    root = etree.fromstring(source)
    now, before = root.iter(f"{NS}Provenance")
    moved = next(one for one in now.iterfind(f"{NS}entity") if UUID.encode() in etree.tostring(one))
    before.insert(list(before).index(before.findall(f"{NS}entity")[0]), moved)
    forwarded = etree.tostring(root)
    assert forwarded != source
    made, of_source = converted(forwarded), converted(source)
    assert made.outputs == of_source.outputs
    assert [one.type for one in made.outputs] == ["XDIS91", "XBIN01"]


def test_a_message_without_attachments_has_no_xbin01() -> None:
    """Neither notes nor links make one."""
    assert kinds(letters(message(File("Før"), File("Link", url="https://test.example")))) == ["XDIS91"]


@pytest.mark.parametrize("between", ["\n", " ", "\r\n", "\t "])
@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_base64_keeps_its_characters_and_loses_only_white_space(data: str, between: str) -> None:
    """Lines and blanks in it, written plainly or escaped, in XML or in JSON, leave no trace."""
    broken = between.join(re.findall(".{1,76}", data))
    root = etree.fromstring(message(File("Bilag", data="BASE64")).xml())
    next(root.iter(f"{NS}data")).set("value", broken)
    for source in (etree.tostring(root), json_from_xml(root)):
        _, xbin01 = letters(source)
        assert at(xbin01.root, f"{OBJECT}/Object_Base64Encoded") == [data]
        assert at(xbin01.root, f"{OBJECT}/OriginalObjectSize") == [str(len(base64.b64decode(data)))]


def test_bits_that_no_byte_holds_stay_as_they_are() -> None:
    """Base64 is spliced, never decoded and encoded again: what only another writer would write differently is kept."""
    _, xbin01 = letters(message(File("Bilag", data="QUJDRH==")))
    assert at(xbin01.root, f"{OBJECT}/Object_Base64Encoded") == ["QUJDRH=="]
    assert at(xbin01.root, f"{OBJECT}/OriginalObjectSize") == ["4"]


@pytest.mark.parametrize("size", [LEAST, 12_000_000])
def test_no_stylesheet_and_no_rule_meets_base64(size: int) -> None:
    """An attachment beyond any length that a text may have is converted; no token is left in what is made."""
    xdis91, xbin01 = converted(message(File("Bilag", data="QUJD" * (size // 4)))).outputs
    assert b"<Object_Base64Encoded>" + b"QUJD" * (size // 4) + b"</Object_Base64Encoded>" in xbin01.payload
    assert TOKEN.search(xbin01.payload) is None
    assert len(xdis91.payload) < 4000
    assert xbin01.pieces.size == len(xbin01.payload)


@pytest.mark.parametrize("profile", [True, False])
@pytest.mark.parametrize("data", ["QUJD*", "QUJ", "Q=JD", "=QUJ", "æøå=", "QUJD" * 400 + "-"])
def test_data_that_is_not_base64_is_refused_with_its_place(data: str, profile: bool) -> None:
    """One bad attachment among others: the message is refused as a whole, in either form."""
    source = message(File("God", data=SMALL), File("Dårlig", data=data)).xml()
    for form in (source, json_from_xml(etree.fromstring(source))):
        with pytest.raises(Refused) as refused:
            convert([form], FACTS, "XDIS91", profile=profile)
        found = {(one.rule.id, one.location.rpartition("payload")[2]) for one in refused.value.findings}
        assert ("VS-359", "[2].content.data" if profile else "[2].contentAttachment.data") in found
        assert all(data not in one.text for one in refused.value.findings)


def test_an_attachment_of_no_bytes_is_refused() -> None:
    """XBIN01 has no object of size nought, and FHIR no base64 of no characters: the sender is told."""
    assert refusal(message(File("Tomt", data=" "))) == ["VS-524"]
    source = json.loads(json_from_xml(etree.fromstring(message(File("Tomt", data=SMALL)).xml())))
    for entry in source["entry"]:
        for payload in entry["resource"].get("payload", ()):
            if "contentAttachment" in payload:
                payload["contentAttachment"]["data"] = ""
    assert refusal(json.dumps(source).encode()) != []


def test_data_that_is_said_to_be_absent_is_a_note() -> None:
    """An element without a value holds nothing to send."""
    source = message(File("Udeladt", data=SMALL)).xml()
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    absent = f"<data><extension url='{url}'><valueCode value='masked'/></extension></data>"
    masked = source.replace(f"<data value='{SMALL}'/>".encode(), absent.encode())
    assert masked != source
    [xdis91] = convert([masked], FACTS, "XDIS91", profile=False).outputs
    assert "ikke medsendt her: Udeladt" in text(read_letter(xdis91.payload).root)


@pytest.mark.parametrize(
    "identifier", ["urn:oid:1.2.3", "6f9619ff8b864011b42d00c04fc964ff", "urn:uuid:6f9619ff-8b86-4011-b42d", "Bilag 1"]
)
def test_an_identifier_that_is_no_uuid_is_replaced_in_both_letters(identifier: str) -> None:
    """XBIN01 takes nothing else; the new one is the same in both, and every time."""
    source = message(File("Bilag", data=SMALL, identifier=identifier)).xml()
    xdis91, xbin01 = (
        read_letter(one.payload).root for one in convert([source], FACTS, "XDIS91", profile=False).outputs
    )
    new = Identifiers(FACTS.seed).uuid("object/2")
    assert at(xbin01, f"{OBJECT}/ObjectIdentifier") == [new]
    assert at(xdis91, f"{REFERENCE}/BIN/ObjectIdentifier") == [new.replace("-", "")]


@pytest.mark.parametrize("again", [UUID, UUID.upper(), UUID.removeprefix("urn:uuid:")])
def test_two_attachments_of_one_identifier_stay_apart(again: str) -> None:
    """The first keeps it, in any case of its letters; the second gets a new one, and no receiver mixes them up."""
    source = message(File("A", data=SMALL, identifier=UUID), File("B", data=LARGE, identifier=again)).xml()
    xdis91, xbin01 = (
        read_letter(one.payload).root for one in convert([source], FACTS, "XDIS91", profile=again == UUID).outputs
    )
    identifiers = at(xbin01, f"{OBJECT}/ObjectIdentifier")
    assert identifiers == [UUID.removeprefix("urn:uuid:"), Identifiers(FACTS.seed).uuid("object/3")]
    assert at(xbin01, f"{OBJECT}/Object_Base64Encoded") == [SMALL, LARGE]
    assert at(xdis91, f"{REFERENCE}/BIN/ObjectIdentifier") == [one.replace("-", "") for one in identifiers]


@pytest.mark.parametrize(
    ("mime", "title", "code", "in_letter", "beside"),
    [
        ("application/pdf", "a.docx", "vektor_grafik", "pdf", "pdf"),
        ("image/jpeg", "a.png", "billede", "jpeg", "jpeg"),
        ("image/tiff", "Fax", "billede", "tiff", "tiff"),
        ("application/octet-stream", "a.rtf", "tekstfil", "rtf", "rtf"),
        ("application/octet-stream", "Ukendt", "multimedie", "bin", "bin"),
        ("video/mp4", "a.mp4", "proprietaert_indhold", "bin", "bin"),
        ("application/zip", "a.fnx", "proprietaert_indhold", "zip", "fnx"),
        ("application/dicom", "EKG.scp", "biosignaler", "scp", "scp"),
    ],
)
def test_types_go_by_the_table_and_by_the_suffix_where_it_cannot_say(
    mime: str, title: str, code: str, in_letter: str, beside: str
) -> None:
    """Each letter uses the extensions that its schema has."""
    source = message(File(title, data=SMALL, mime=mime)).xml()
    xdis91, xbin01 = (read_letter(one.payload) for one in convert([source], FACTS, "XDIS91", profile=False).outputs)
    assert validate(xdis91) == validate(xbin01) == ()
    assert at(xbin01.root, f"{OBJECT}/ObjectCode") == [code]
    assert at(xdis91.root, f"{REFERENCE}/BIN/ObjectExtensionCode") == [in_letter]
    assert at(xbin01.root, f"{OBJECT}/ObjectExtensionCode") == [beside]


def test_a_type_that_carecommunication_does_not_know_is_refused_where_profiles_are_checked() -> None:
    """The message breaks its own profile, and a bundle that breaks a rule is not converted."""
    with pytest.raises(Refused, match="VS-387"):
        converted(message(File("a.mp4", data=SMALL, mime="video/mp4")))


def test_the_same_facts_give_the_same_letters_whenever_and_in_either_form() -> None:
    """Letters of several pairs are a function of source and facts, and JSON leaves no trace in them."""
    files = [File(f"Bilag {number}", data=SMALL, identifier="x" * (number % 2)) for number in range(12)]
    source = message(*files).xml()
    forms = (source, json_from_xml(etree.fromstring(source)))
    made = [
        tuple((one.payload, one.envelope_id) for one in convert([form], facts, "XDIS91", profile=False).outputs)
        for form in forms
        for facts in (
            FACTS,
            replace(FACTS, accepted=datetime(2031, 1, 1, tzinfo=UTC)),
            Facts.from_json(FACTS.to_json()),
        )
    ]
    assert len(made) == 6
    assert all(one == other for one, other in pairwise(made))
    other = convert([source], replace(FACTS, seed="f" * 32), "XDIS91", profile=False)
    assert {one.envelope_id for one in other.outputs}.isdisjoint(identifier for _, identifier in made[0])


def test_thousands_of_attachments_are_refused_in_bounded_time() -> None:
    """A message cannot make the network send letters without end: the test's time limit is the bound."""
    fits = message(*(File(f"{number}", data="AAAA") for number in range(10 * MOST_PAIRS))).xml()
    assert len(convert([fits], FACTS, "XDIS91", profile=False).outputs) == 2 * MOST_PAIRS
    for source in (
        message(*(File(f"{number}", data="AAAA") for number in range(10 * MOST_PAIRS + 1))),
        Message(
            payloads=(
                Text("Æ" * 5_000_000, "2026-05-12T10:00:00+02:00"),
                *(File(f"{number}", data="AAAA") for number in range(201)),
            )
        ),
    ):
        assert refusal(source) == ["VS-525"]
