from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from conversion import Converted, Facts, Identity, Remembered, Settings, convert
from conversion.rows import taken_out
from conversion.to_xctl import CONVERSION_FAULT
from envelope.fhir import full_rules
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.rules import validate
from envelope.findings import Refused
from envelope.object_types import TYPES
from tests.conversion.rows.case import FACTS, HOSPITAL, LETTERS, strings
from tests.conversion.rows.from_xbin01 import IDENTIFIERS, KEYS, XBIN01S, contents, rules

LETTER = (LETTERS / "xdis91-attachments.xml").read_text(encoding="utf-8")
FIRST, SECOND = ((LETTERS / name).read_text(encoding="utf-8") for name in XBIN01S)
ALL = (LETTER, FIRST, SECOND)
INCOMPLETE = replace(FACTS, incomplete=True)
CONTENT = "//f:Communication/f:payload/f:contentAttachment[not(f:url)]"
NARRATIVE = "string(//f:Communication/f:text/x:div)"
SUP = "VS-536"
OTHER_TYPES = sorted(row.extension for row in TYPES if not row.since_2012)
AN_OBJECT = "    <BinaryObject>" + SECOND.split("    <BinaryObject>")[1].split("  </BinaryLetter>")[0]
A_REFERENCE = "    <Reference>" + LETTER.split("    <Reference>")[5].split("  </ClinicalEmail>")[0]


def _convert(*texts: str, facts: Facts = FACTS) -> Converted:
    return convert([text.encode() for text in texts], facts, "CareCommunication")


def _refused(*texts: str, facts: Facts = FACTS) -> list[str]:
    with pytest.raises(Refused) as refusal:
        _convert(*texts, facts=facts)
    return [finding.rule.id for finding in refusal.value.findings]


def _found(converted: Converted, find: str) -> list[str]:
    return strings(converted.outputs[0].payload, find)


def _remembered(converted: Converted) -> Remembered:
    assert converted.remembered is not None
    return converted.remembered


def _changed(text: str, *replacing: tuple[str, str]) -> str:
    for old, new in replacing:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("output_format", ["xml", "json"])
def test_a_letter_and_its_attachments_become_one_message(output_format: str) -> None:
    """Every object stands in the message where the letter refers to it, and nothing is to be said against it."""
    converted = _convert(*ALL, facts=replace(FACTS, output_format="json" if output_format == "json" else "xml"))
    [output] = converted.outputs
    bundle = read_bundle(output.payload)
    assert [str(finding) for finding in full_rules.validate(bundle)] == []
    assert bundle_facts(bundle).attachments == tuple(KEYS)
    assert [attachment.get("value") for attachment in bundle.root.iter("{*}data")] == contents()
    assert rules(converted) == [SUP]


def test_the_order_that_letters_came_in_does_not_matter() -> None:
    """Whichever comes first, the same bytes are made and the same is remembered."""
    expected = _convert(*ALL)
    for order in permutations(ALL):
        converted = _convert(*order)
        assert converted.outputs == expected.outputs
        assert converted.remembered == expected.remembered


def test_the_letter_is_remembered_first_and_then_each_xbin01() -> None:
    """What receipts will quote of each letter that went into the message."""
    first, *others = _remembered(_convert(SECOND, FIRST, LETTER)).original
    assert first.type == "XDIS91"
    assert others == [
        Identity("XBIN01", "XB0131X", "KUV2024BIN0008", "BIN20240000008", wants_receipt=True),
        Identity("XBIN01", "XB0131X", "KUV2024BIN0009", "BIN20240000009", wants_receipt=False),
    ]


def test_the_xbin01s_are_remembered_in_the_order_of_their_references() -> None:
    """Neither when they came nor what they are called decides, but which object the letter refers to first."""
    last = _changed(FIRST, ("KUV2024BIN0008", "KUV2024BIN0099"))
    for order in ((LETTER, SECOND, last), (last, LETTER, SECOND)):
        _, *others = _remembered(_convert(*order)).original
        assert [each.envelope_id for each in others] == ["KUV2024BIN0099", "KUV2024BIN0009"]


def test_the_narrative_shows_attachments_without_their_content() -> None:
    """Title, type and date are there; no base64 is."""
    converted = _convert(*ALL)
    [words] = _found(converted, NARRATIVE)
    assert all(text in words for text in ("Prøvesvar.pdf", "application/pdf", "Billede af sår", "image/gif"))
    payload = converted.outputs[0].payload
    assert [payload.count(text.encode()) for text in contents()] == [1, 1, 1]


def test_an_attachment_is_copied_as_it_was_written() -> None:
    """Base64 is not decoded and encoded again: only white space is left out of it."""
    [document, *_] = _found(_convert(*ALL), f"{CONTENT}/f:data/@value")
    assert base64.b64decode(document).startswith(b"%PDF-1.4")
    assert len(document) > 1024


def test_what_did_not_come_is_refused_by_name() -> None:
    """Each missing attachment is told, and nothing is made."""
    assert _refused(LETTER) == ["VS-515"] * 3
    assert _refused(LETTER, SECOND) == ["VS-515"] * 2
    with pytest.raises(Refused) as refusal:
        _convert(LETTER, FIRST)
    assert [finding.location for finding in refusal.value.findings] == ["/Emessage/ClinicalEmail/Reference[5]/BIN"]
    assert KEYS[2] in refusal.value.findings[0].text


def test_an_incomplete_message_has_neither_title_nor_content() -> None:
    """Identifier, date and type are there, title and data are left out, in the narrative too."""
    converted = _convert(LETTER, facts=INCOMPLETE)
    assert _found(converted, f"{CONTENT}/f:contentType/@value") == ["application/pdf", "image/png", "image/gif"]
    assert _found(converted, f"{CONTENT}/f:data | {CONTENT}/f:title") == []
    payloads = "//f:Communication/f:payload[f:contentAttachment[not(f:url)]]"
    assert len(_found(converted, f"{payloads}/f:extension/f:valueDateTime/@value")) == 3
    assert _found(converted, f"{payloads}//f:valueIdentifier/f:value/@value") == [
        f"urn:uuid:{identifier}" for identifier in IDENTIFIERS
    ]
    assert b'""' not in converted.outputs[0].payload
    assert "Prøvesvar.pdf" not in _found(converted, NARRATIVE)[0]
    assert rules(converted) == [SUP, *["VS-530"] * 3]


@pytest.mark.parametrize("output_format", ["xml", "json"])
def test_only_what_did_not_come_is_incomplete(output_format: str) -> None:
    """The attachments that are there are complete, and it is remembered which are not."""
    facts = replace(INCOMPLETE, output_format="json" if output_format == "json" else "xml")
    converted = _convert(FIRST, LETTER, facts=facts)
    assert _remembered(converted).incomplete == (KEYS[2],)
    assert [each.type for each in _remembered(converted).original] == ["XDIS91", "XBIN01"]
    bundle = read_bundle(converted.outputs[0].payload)
    assert [attachment.get("value") for attachment in bundle.root.iter("{*}data")] == contents()[:2]
    errors = [finding for finding in validate(bundle) if finding.is_error]
    assert [(finding.rule.id, finding.location.rpartition("payload")[2]) for finding in errors] == [
        ("VS-386", "[4].content.title")
    ]


def test_nothing_is_incomplete_when_all_is_there() -> None:
    """That something may be missing changes nothing when nothing is."""
    assert _convert(*ALL, facts=INCOMPLETE) == _convert(*ALL)


@pytest.mark.parametrize("row", ["XC-attachment-date", "XC-attachment-assigner", "XC-attachment-id"])
def test_an_incomplete_message_may_lack_nothing_else(row: str) -> None:
    """The errors that incompleteness causes are let pass, and no other."""
    with taken_out(row):
        [first, *_] = _refused(LETTER, facts=INCOMPLETE)
    assert first == "VS-504"


def test_an_attachment_that_is_there_may_not_lack_its_title() -> None:
    """What may be missing of an attachment that did not come may not be missing of another."""
    with taken_out("XC-attachment-title"):
        assert _refused(LETTER, FIRST, facts=INCOMPLETE)[:2] == ["VS-504", "VS-386"]


def test_an_xbin01_alone_is_refused_by_name() -> None:
    """Attachments make no message without the letter that refers to them."""
    assert _refused(FIRST) == ["VS-514"]
    assert _refused(FIRST, SECOND, facts=INCOMPLETE) == ["VS-514"]


def test_two_letters_are_two_sendings() -> None:
    """A second XDIS91 is refused, wherever it stands."""
    assert _refused(LETTER, FIRST, LETTER, SECOND) == ["VS-509"]


def test_what_is_no_letter_with_attachments_is_refused() -> None:
    """A receipt among the letters is refused by its type."""
    receipt = (LETTERS / "xctl03.xml").read_bytes()
    with pytest.raises(Refused) as refusal:
        convert([LETTER.encode(), receipt], FACTS, "CareCommunication")
    assert [finding.rule.id for finding in refusal.value.findings] == ["VS-512"]


def test_an_object_of_another_size_than_stated_is_refused() -> None:
    """OriginalObjectSize is that of the decoded bytes; an XBIN01 where it is not is invalid."""
    assert _refused(LETTER, _changed(FIRST, ("<OriginalObjectSize>70<", "<OriginalObjectSize>71<")), SECOND) == [
        "VS-236"
    ]


def test_what_is_not_base64_is_refused() -> None:
    """Characters that base64 does not have make the XBIN01 invalid."""
    assert _refused(LETTER, _changed(FIRST, ("iVBOR", "i*BOR")), SECOND) == ["VS-235"]


def test_every_error_of_every_letter_is_told() -> None:
    """An invalid letter does not hide what is wrong with its attachment, or with the directory."""
    letter = _changed(LETTER, ("<PersonSurnameName>Testesen</PersonSurnameName>", ""))
    other = _changed(FIRST, ("iVBOR", "i*BOR"))
    found = _refused(letter, other, SECOND, facts=replace(FACTS, sender=replace(HOSPITAL, sor="")))
    assert found[0].startswith("VS-2")
    assert found[1:] == ["VS-235", "VS-503"]


def test_an_object_that_the_letter_does_not_refer_to_is_left_out_and_told() -> None:
    """It has no title and no place in the letter."""
    other = _changed(AN_OBJECT, (IDENTIFIERS[2], "99999999-0000-4000-8000-000000000000"))
    converted = _convert(LETTER, FIRST, _changed(SECOND, (AN_OBJECT, AN_OBJECT + other)))
    assert rules(converted) == [SUP, "VS-517"]
    assert converted.findings[-1].location == "/Emessage/BinaryLetter/BinaryObject[2]"
    assert _found(converted, f"{CONTENT}/f:data/@value") == contents()
    assert b"99999999" not in converted.outputs[0].payload


def test_an_xbin01_of_another_letter_is_refused() -> None:
    """Attachments that the letter does not know at all are not its attachments."""
    letter = _changed(LETTER, (A_REFERENCE, ""))
    assert _refused(letter, FIRST, SECOND) == ["VS-516"]
    with pytest.raises(Refused, match=r"/Emessage/BinaryLetter: .*BIN20240000009") as refusal:
        _convert(letter, FIRST, SECOND)
    assert refusal.value.findings[0].location == "/Emessage/BinaryLetter"
    assert _refused((LETTERS / "xdis91-every-element.xml").read_text(encoding="utf-8"), SECOND) == ["VS-516"]


def test_the_same_object_twice_is_there_once() -> None:
    """An attachment that came again with the same content is told of."""
    again = _changed(SECOND, ("BIN20240000009", "BIN20240000010"), (IDENTIFIERS[2], IDENTIFIERS[2].upper()))
    converted = _convert(*ALL, again)
    assert rules(converted) == [SUP, "VS-519"]
    assert converted.outputs == _convert(LETTER, again, FIRST, SECOND).outputs
    assert _found(converted, f"{CONTENT}/f:data/@value") == contents()
    assert len(_remembered(converted).original) == 4


def test_two_contents_under_one_identifier_are_refused() -> None:
    """Nobody can say which of them the letter means."""
    small = base64.b64encode(bytes(35)).decode()
    other = _changed(SECOND, ("BIN20240000009", "BIN20240000010"), (contents()[2], small))
    other = _changed(other, (f">{len(base64.b64decode(contents()[2]))}<", ">35<"))
    assert _refused(*ALL, other) == ["VS-518"]


def test_two_contents_of_one_size_are_refused() -> None:
    """Not the size alone makes two objects the same."""
    first = base64.b64decode(contents()[2])
    alike = base64.b64encode(first[:-1] + bytes([first[-1] ^ 1])).decode()
    other = _changed(SECOND, ("BIN20240000009", "BIN20240000010"), (contents()[2], alike))
    assert _refused(*ALL, other) == ["VS-518"]


def test_an_object_that_is_referred_to_twice_is_one_payload() -> None:
    """Identifiers of payloads are unique; the first title stands."""
    again = _changed(A_REFERENCE, ("Tegning", "Samme tegning"))
    converted = _convert(_changed(LETTER, (A_REFERENCE, A_REFERENCE + again)), FIRST, SECOND)
    assert rules(converted) == [SUP, "VS-535"]
    assert _found(converted, f"{CONTENT}/f:title/@value")[2:] == ["Tegning"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("<EANIdentifier>5790001382445<", "<EANIdentifier>5790000121526<", "sender"),
        ("<EANIdentifier>5790000121441<", "<EANIdentifier>5790000121526<", "receiver"),
        ("<CivilRegistrationNumber>2512489996<", "<CivilRegistrationNumber>0101909995<", "patient"),
    ],
)
def test_an_attachment_between_others_is_told_of(old: str, new: str, what: str) -> None:
    """The letter's parties and patient stand in the message; a warning says that the XBIN01 names others."""
    converted = _convert(LETTER, _changed(FIRST, (old, new)), SECOND)
    assert rules(converted) == [SUP, "VS-531"]
    assert re.search(rf"another {what}\b", converted.findings[-1].text)
    assert "0101909995" not in converted.findings[-1].text
    assert converted.outputs == _convert(*ALL).outputs


def test_an_attachment_that_is_about_no_patient_goes_with_the_letter() -> None:
    """SystemInformation names no patient, so none differs."""
    patient = SECOND[SECOND.index("    <Patient>") : SECOND.index("    <BinaryObject>")]
    other = _changed(SECOND, (patient, "<SystemInformation>true</SystemInformation><Contents>Vejledning</Contents>"))
    converted = _convert(LETTER, FIRST, other)
    assert rules(converted) == [SUP]
    assert b"Contents" not in converted.outputs[0].payload


@pytest.mark.parametrize("extension", OTHER_TYPES)
def test_every_type_of_xbin01_is_converted(extension: str) -> None:
    """Types that CareCommunication does not have pass with a warning, are remembered, and are the only error left."""
    other = ("<ObjectExtensionCode>gif<", f"<ObjectExtensionCode>{extension}<")
    converted = _convert(_changed(LETTER, other), FIRST, _changed(SECOND, other))
    [row] = [row for row in TYPES if row.extension == extension]
    assert _found(converted, f"{CONTENT}/f:contentType/@value")[2:] == [row.mime]
    if extension == "doc":
        told = converted.findings[-1]
        assert told.location == "/Emessage/ClinicalEmail/Reference[5]/BIN"
        assert "application/pdf, image/bmp, image/gif" in told.action
    errors = [finding.rule.id for finding in validate(read_bundle(converted.outputs[0].payload)) if finding.is_error]
    allowed = extension in {"pdf", "gif", "jpeg", "png", "tiff", "bmp"}
    assert rules(converted) == ([SUP] if allowed else [SUP, "VS-534"])
    assert _remembered(converted).not_allowed == (() if allowed else (KEYS[2],))
    assert errors == ([] if allowed else ["VS-387"])


@pytest.mark.parametrize("extension", ["plo", "fnx"])
def test_a_type_that_only_xbin01_has_is_the_objects(extension: str) -> None:
    """XDIS91 cannot say `plo` or `fnx`, so that it says something else is no contradiction."""
    letter = _changed(LETTER, ("<ObjectExtensionCode>gif<", "<ObjectExtensionCode>bin<"))
    converted = _convert(
        letter, FIRST, _changed(SECOND, ("<ObjectExtensionCode>gif<", f"<ObjectExtensionCode>{extension}<"))
    )
    assert rules(converted) == [SUP, "VS-534"]
    [row] = [row for row in TYPES if row.extension == extension]
    assert _found(converted, f"{CONTENT}/f:contentType/@value")[2:] == [row.mime]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("<ObjectExtensionCode>gif<", "<ObjectExtensionCode>bmp<", "type"),
        (f"<OriginalObjectSize>{len(base64.b64decode(contents()[2]))}<", "<OriginalObjectSize>99<", "size"),
    ],
)
def test_what_the_letter_says_otherwise_is_told_and_the_object_stands(old: str, new: str, what: str) -> None:
    """The object's own extension makes its type."""
    converted = _convert(_changed(LETTER, (old, new)), FIRST, SECOND)
    assert rules(converted) == [SUP, "VS-532"]
    told = converted.findings[-1]
    assert told.location == f"/Emessage/ClinicalEmail/Reference[5]/BIN/{old[1 : old.index('>')]}"
    assert re.search(rf"\b{what}\b", told.text)
    assert _found(converted, f"{CONTENT}/f:contentType/@value")[2:] == ["image/gif"]


def _many(count: int) -> tuple[str, ...]:
    """A letter with so many attachments, all in one XBIN01."""
    references, objects = [], []
    for number in range(count):
        key = f"{number:032x}"
        references.append(A_REFERENCE.replace(KEYS[2], key))
        objects.append(AN_OBJECT.replace(IDENTIFIERS[2], f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"))
    letter = LETTER[: LETTER.index("    <Reference>")] + "".join(references) + "  </ClinicalEmail>\n</Emessage>\n"
    return letter, SECOND.replace(AN_OBJECT, "".join(objects))


@pytest.mark.parametrize("count", [11, 12, 20, 21, 35])
def test_more_than_ten_attachments_are_all_converted(count: int) -> None:
    """The schema's ten is a warning on either letter, and all of them are there."""
    converted = _convert(*_many(count))
    assert rules(converted) == ["VS-513", "VS-513"]
    assert len(_found(converted, f"{CONTENT}/f:data/@value")) == count
    assert [str(finding) for finding in validate(read_bundle(converted.outputs[0].payload))] == []


@pytest.mark.parametrize("broken", [3, 10, 12, 19, 20, 24])
def test_the_schema_looks_at_what_is_beyond_the_tenth_too(broken: int) -> None:
    """An error in any of many parts is found, with its place among all of them."""
    letter, xbin01 = _many(25)
    reference, found = f"<ObjectIdentifier>{broken:032x}<", f"{broken:012x}<"
    place = letter.index("gif", letter.index(reference))
    wrong = letter[:place] + "jpg" + letter[place + 3 :]
    with pytest.raises(Refused) as refusal:
        _convert(wrong, xbin01)
    assert {finding.location for finding in refusal.value.findings if finding.is_error} == {
        f"/Emessage/ClinicalEmail/Reference[{broken + 1}]/BIN/ObjectExtensionCode"
    }
    place = xbin01.index("gif", xbin01.index(found))
    with pytest.raises(Refused) as refusal:
        _convert(letter, xbin01[:place] + "jpg" + xbin01[place + 3 :])
    assert {finding.location for finding in refusal.value.findings if finding.is_error} == {
        f"/Emessage/BinaryLetter/BinaryObject[{broken + 1}]/ObjectExtensionCode"
    }


def test_what_is_wrong_beside_many_parts_is_told_once() -> None:
    """However often the schema is asked about the parts, the rest of the letter is told about once."""
    letter, xbin01 = _many(25)
    assert _refused(_changed(letter, ("<PersonSurnameName>Testesen</PersonSurnameName>", "")), xbin01) == [
        "VS-211",
        "VS-513",
        "VS-513",
    ]


def test_a_thousand_attachments_are_converted_and_more_are_not() -> None:
    """A letter made to be slow is refused: its schema's ten is then what it says."""
    letter, _ = _many(1000)
    assert len(_remembered(_convert(letter, facts=INCOMPLETE)).incomplete) == 1000
    assert _refused(_many(1001)[0], facts=INCOMPLETE) == ["VS-211"]


def test_a_blank_title_gets_a_word() -> None:
    """FHIR has no empty strings, and every attachment that is there has a title."""
    converted = _convert(_changed(LETTER, ("<RefDescription>Tegning<", "<RefDescription>\n<")), FIRST, SECOND)
    assert _found(converted, f"{CONTENT}/f:title/@value")[2:] == ["Bilag"]


def test_a_supplement_is_told_of_and_said_in_the_text() -> None:
    """SUP has no place in a CareCommunication; what it announces is not lost."""
    converted = _convert(*ALL)
    assert converted.findings[0].location == "/Emessage/ClinicalEmail/Reference[4]/SUP"
    assert "Prøvemappe" not in converted.findings[0].text
    [text] = _found(converted, "//f:payload/f:contentString/@value")
    assert text.endswith("\nSupplerende materiale sendes særskilt: Prøvemappe")
    assert _found(converted, "count(//f:payload)") == ["5.0"]


def _old(text: str) -> str:
    """An XB0130X of an XB0131X: it demands an address, and holds identifiers of 35 characters, of any form."""
    for identifier in (*IDENTIFIERS[:2], IDENTIFIERS[0].upper()):
        text = text.replace(identifier, identifier.replace("-", ""))
    address = "<StreetName>Prøvevej 1</StreetName><DistrictName>Prøveby</DistrictName>"
    telephone = "<TelephoneSubscriberIdentifier>00000002"
    return (
        text.replace("medcom.dk/xml/schemas/2012/03/28/", "sundcom.dk/medcom.dk/xml/schemas/2005/08/07/")
        .replace("XB0131X", "XB0130X")
        .replace(telephone, f"{address}<PostCodeIdentifier>9999</PostCodeIdentifier>{telephone}")
        .replace(IDENTIFIERS[2], "Tegning 3/Å")
    )


@pytest.mark.parametrize("older_letter", [False, True])
def test_an_older_xbin01_is_converted_likewise(older_letter: bool) -> None:
    """XB0130X has no hyphens and identifiers of any form: one that is no UUID gets a new one, and a warning tells."""
    letter = LETTER.replace(KEYS[2], "TEGNING 3/å")
    if older_letter:
        start, end = letter.index("    <AdditionalInformation>"), letter.index("    <ClinicalInformation>")
        letter = letter[:start] + letter[end:]
        letter = letter.replace("XD9134L", "XD9133L").replace("2006/07/01", "2005/08/07")
    converted = _convert(letter, _old(FIRST), _old(SECOND))
    assert rules(converted) == [SUP, "VS-533"]
    assert [each.version for each in _remembered(converted).original[1:]] == ["XB0130X", "XB0130X"]
    assert _found(converted, f"{CONTENT}/f:data/@value") == contents()
    [*known, new] = _found(converted, "//f:payload[.//f:data]//f:valueIdentifier/f:value/@value")
    assert known == [f"urn:uuid:{identifier}" for identifier in IDENTIFIERS[:2]]
    assert new not in {f"urn:uuid:{identifier}" for identifier in IDENTIFIERS}
    assert _convert(letter, _old(SECOND), _old(FIRST)).outputs == converted.outputs


def test_the_same_object_twice_is_there_once_however_it_is_named() -> None:
    """XB0130X names objects as the letter does, so a second one of a name would stand in the same payload."""
    again = _changed(_old(FIRST), ("BIN20240000008", "BIN20240000010")).replace(KEYS[0].upper(), KEYS[0])
    assert again.count(KEYS[0]) == 1
    converted = _convert(LETTER, _old(FIRST), SECOND, again)
    assert rules(converted) == [SUP, "VS-519", "VS-519"]
    assert _found(converted, f"{CONTENT}/f:data/@value") == contents()


def test_a_letter_cannot_have_an_attachment_put_into_its_text() -> None:
    """What looks like a token in a text stays what it is."""
    made: list[str] = []

    def tokens(converted: Converted) -> Sequence[str]:
        return _found(converted, "//f:payload/f:contentString/@value")

    token = "VanSim" + "0" * 26
    for text in (token, f"{token[:-8]}00000001"):
        converted = _convert(_changed(LETTER, ("Næste afsnit", text)), FIRST, SECOND)
        made += tokens(converted)
        assert _found(converted, f"{CONTENT}/f:data/@value") == contents()
    assert token in made[0]


def test_a_negative_answer_to_types_that_are_not_allowed_says_why() -> None:
    """The network's sentence stands where the type may be the reason, on every letter that went into the message."""
    word = ("<ObjectExtensionCode>gif<", "<ObjectExtensionCode>doc<")
    remembered = _remembered(_convert(_changed(LETTER, word), FIRST, _changed(SECOND, word)))
    restored = Remembered.from_json(remembered.to_json())
    assert restored == remembered
    answer = (LETTERS / "acknowledgement-negative.xml").read_text(encoding="utf-8")
    [answered] = strings(answer.encode(), "//f:MessageHeader/f:response/f:identifier/@value")
    answer = answer.replace(answered, remembered.made[0].letter_id)
    for kept, expected in ((remembered, True), (_remembered(_convert(*ALL)), False)):
        facts = replace(FACTS, original=kept, settings=Settings(refuse_text_limit=0))
        outputs = convert([answer.encode()], facts, "XCTL").outputs
        assert [CONVERSION_FAULT in output.payload.decode("latin-1") for output in outputs] == [expected] * 3
