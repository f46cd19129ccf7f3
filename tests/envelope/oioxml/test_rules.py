"""What is wrong with a letter, beside its schema: places, words, and what never shows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from envelope.findings import Finding, Severity
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.rules import validate
from envelope.oioxml.schema import MOST_ERRORS, schema
from envelope.oioxml.writing import serialise

LETTERS = Path(__file__).parents[2] / "letters"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def letter(name: str) -> Letter:
    """One of our own letters."""
    return read_letter((LETTERS / f"{name}.xml").read_bytes())


def place(read: Letter, path: str) -> etree._Element:
    """The element at a path of local names."""
    found = read.root.find("/".join(f"{{*}}{step}" for step in path.split("/")))
    assert found is not None
    return found


def findings(read: Letter) -> list[tuple[str, str]]:
    """Rule and place of everything found."""
    return [(finding.rule.id, finding.location) for finding in validate(read)]


@pytest.mark.parametrize("file", sorted(LETTERS.glob("x*.xml")), ids=lambda file: file.stem)
def test_our_own_letters_are_valid(file: Path) -> None:
    """Nothing at all is found in the letters under tests/letters."""
    assert validate(read_letter(file.read_bytes())) == ()


@pytest.mark.parametrize(
    ("name", "path", "text", "rule", "words"),
    [
        ("xdis91-minimal", "Envelope/Identifier", "K" * 15, "VS-215", "15 characters; at most 14"),
        ("xdis91-minimal", "Envelope/Identifier", "", "VS-216", "0 characters; at least 1"),
        ("xdis91-minimal", "Envelope/Sent/Date", "2023-02-29", "VS-214", "value 2023-02-29 of Date"),
        ("xdis91-minimal", "Envelope/Sent/Date", "2024-01-01+01:00", "VS-214", "without a zone"),
        ("xdis91-minimal", "Envelope/Sent/Time", "24:00", "VS-214", "value 24:00 of Time"),
        ("xdis91-minimal", "Envelope/AcknowledgementCode", "ja", "VS-213", "value ja of AcknowledgementCode"),
        ("xdis91-minimal", "ClinicalEmail/Sender/EANIdentifier", "5" * 36, "VS-215", "36 characters; at most 35"),
        ("xdis91-utf-8", "ClinicalEmail/Patient/AlternativeIdentifier", "0703921VJ", "VS-216", "at least 10"),
        ("xdis91-utf-8", "ClinicalEmail/Patient/AlternativeIdentifier", "0703921VJ42", "VS-215", "at most 10"),
        ("xdis91-windows-1252", "ClinicalEmail/Reference/BIN/OriginalObjectSize", "0", "VS-214", "at least 1"),
        ("xbin01-2012", "BinaryLetter/BinaryObject/ObjectIdentifier", "SCAN-1", "VS-214", "a UUID with hyphens"),
        ("xctl02", "NegativeReceipt/OriginalEmessage/OriginalLetter/RefuseCode", "nej", "VS-213", "value nej of"),
    ],
)
def test_a_value_that_breaks_its_type_is_found(name: str, path: str, text: str, rule: str, words: str) -> None:
    """The finding names the element, its place, its value where that is no patient's, and what is asked for."""
    read = letter(name)
    place(read, path).text = text
    first = validate(read)[0]
    assert first.rule.id == rule
    assert first.location.replace("[1]", "") == "/Emessage/" + path
    assert words in first.text


def test_one_wrong_value_is_told_once() -> None:
    """A value that breaks a facet, and therefore its type, and is no date either, gives one finding."""
    read = letter("xdis91-minimal")
    place(read, "Envelope/Sent/Date").text = "i går"
    assert findings(read) == [("VS-214", "/Emessage/Envelope/Sent/Date")]


def _drop(path: str) -> Callable[[Letter], None]:
    def drop(read: Letter) -> None:
        element = place(read, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return drop


def _set(path: str, name: str, text: str) -> Callable[[Letter], None]:
    return lambda read: place(read, path).set(name, text)


def _text(path: str, text: str) -> Callable[[Letter], None]:
    def write(read: Letter) -> None:
        place(read, path).text = text

    return write


def _tag(path: str, tag: str) -> Callable[[Letter], None]:
    def rename(read: Letter) -> None:
        place(read, path).tag = tag

    return rename


def _child(path: str, tag: str) -> Callable[[Letter], None]:
    return lambda read: place(read, path).append(etree.Element(tag))


TEXT01 = "ClinicalEmail/ClinicalInformation/Text01"


@pytest.mark.parametrize(
    ("change", "rule", "location", "words"),
    [
        (_drop("Envelope/Identifier"), "VS-211", "/Emessage/Envelope/AcknowledgementCode", ": Identifier is expected"),
        (
            _drop("ClinicalEmail/Patient/EpisodeOfCareStatusCode"),
            "VS-212",
            "/Emessage/ClinicalEmail/Patient",
            "Patient is incomplete: EpisodeOfCareStatusCode is expected",
        ),
        (
            _drop("ClinicalEmail/Patient/CivilRegistrationNumber"),
            "VS-211",
            "/Emessage/ClinicalEmail/Patient/PersonSurnameName",
            "one of CivilRegistrationNumber, AlternativeIdentifier is expected",
        ),
        (_child("Envelope", "{urn:x}Extra"), "VS-211", "/Emessage/Envelope/Extra", "Extra of the namespace urn:x"),
        (_child("Envelope/Sent", "Extra"), "VS-211", "/Emessage/Envelope/Sent/Extra", "of the namespace (none)"),
        (
            _tag(f"{TEXT01}/Break", "{urn:x}Break"),
            "VS-211",
            "/Emessage/ClinicalEmail/ClinicalInformation[1]/Text01/Break",
            "Break of the namespace urn:x",
        ),
        (_set("Envelope", "id", "1"), "VS-218", "/Emessage/Envelope", "Envelope has an attribute"),
        (_set("Envelope/Identifier", "id", "1"), "VS-218", "/Emessage/Envelope/Identifier", "Identifier has"),
        (_text("Envelope", "løs tekst"), "VS-217", "/Emessage/Envelope", "Envelope holds text"),
        (
            _text(f"{TEXT01}/Break", "løs tekst"),
            "VS-219",
            "/Emessage/ClinicalEmail/ClinicalInformation[1]/Text01/Break[1]",
            "Break holds something",
        ),
        (_child("Envelope/Identifier", "Bold"), "VS-219", "/Emessage/Envelope/Identifier", "Identifier holds"),
        (
            _set("Envelope/Identifier", f"{{{XSI}}}nil", "true"),
            "VS-220",
            "/Emessage/Envelope/Identifier",
            "CVC_ELT_3_1",
        ),
    ],
)
def test_structure_that_breaks_the_schema_is_found(
    change: Callable[[Letter], None], rule: str, location: str, words: str
) -> None:
    """Missing, strange and misplaced elements, attributes and text are each named with their place."""
    read = letter("xdis91-iso-8859-1")
    change(read)
    found = validate(read)
    assert (found[0].rule.id, found[0].location) == (rule, location)
    assert words in found[0].text


def test_every_error_is_found_at_once() -> None:
    """All that the schema says is told, in the order of the document."""
    read = letter("xdis91-minimal")
    place(read, "Envelope/Identifier").text = ""
    place(read, "ClinicalEmail/Letter/StatisticalCode").text = "X" * 9
    place(read, "ClinicalEmail/Patient/CivilRegistrationNumber").text = "1"
    assert [rule for rule, _ in findings(read)] == ["VS-216", "VS-215", "VS-214"]


def test_a_flood_of_errors_is_counted() -> None:
    """Beyond a bound the errors are counted instead of listed."""
    read = letter("xdis91-iso-8859-1")
    for _ in range(MOST_ERRORS + 50):
        etree.SubElement(place(read, TEXT01), f"{{{read.namespace}}}Break").set("x", "y")
    found = validate(read)
    assert len(found) == MOST_ERRORS + 1
    assert found[-1].rule.id == "VS-221"
    assert "50 further" in found[-1].text


def test_prefixed_elements_have_places_too() -> None:
    """An error in a document that uses a prefix is found at its element."""
    data = serialise(letter("xdis91-minimal").root).replace(b">K4<", b"><")
    data = data.replace(b"xmlns=", b"xmlns:p=").replace(b"<", b"<p:").replace(b"<p:/", b"</p:").replace(b"<p:?", b"<?")
    assert findings(read_letter(data)) == [("VS-216", "/Emessage/Envelope/Identifier")]


def test_a_place_that_no_path_names_is_told_by_its_line() -> None:
    """Where a prefix means two namespaces, the line must do."""
    data = serialise(letter("xdis91-minimal").root)
    strange = b'<p:Sent xmlns:p="urn:one"/><p:Sent xmlns:p="urn:two"/>'
    found = validate(read_letter(data.replace(b"<Envelope>", b"<Envelope>" + strange)))
    assert found[0].rule.id == "VS-211"
    assert found[0].location.startswith("line ")


PATIENTS = "Hemmelig"
PRIVATE = ("Patient", "ClinicalInformation", "Subject", "Reference", "RefuseText", "Contents", "BinaryObject")


@pytest.mark.parametrize("file", sorted(LETTERS.glob("x*.xml")), ids=lambda file: file.stem)
def test_no_finding_shows_what_is_the_patients(file: Path) -> None:
    """Whatever is wrong with a value in a place of the patient's, the finding does not repeat it."""
    root = read_letter(file.read_bytes()).root
    paths = [root.getroottree().getpath(each) for each in root.iter(etree.Element)]
    private = [path for path in paths if _is_private(root, path)]
    for path in private:
        for make in (_as_text, _as_tail, _as_attribute):
            read = read_letter(file.read_bytes())
            found = read.root.getroottree().xpath(path)
            assert isinstance(found, list)
            element = found[0]
            assert isinstance(element, etree._Element)
            make(element)
            assert all(PATIENTS not in str(finding) for finding in validate(read)), path


def _is_private(root: etree._Element, path: str) -> bool:
    found = root.getroottree().xpath(path)
    assert isinstance(found, list)
    element = found[0]
    assert isinstance(element, etree._Element)
    names = {etree.QName(each).localname for each in (element, *element.iterancestors())}
    codes = {"ObjectIdentifier", "ObjectCode", "ObjectExtensionCode", "OriginalObjectSize", "SUP"}
    return bool(names & set(PRIVATE)) and not names & codes


def _as_text(element: etree._Element) -> None:
    element.text = PATIENTS * 200


def _as_tail(element: etree._Element) -> None:
    element.tail = PATIENTS


def _as_attribute(element: etree._Element) -> None:
    element.set(PATIENTS.lower(), PATIENTS)


def test_more_than_one_letter_is_refused_on_its_own_account() -> None:
    """The schema takes several letters; this network handles one, and says so itself."""
    read = letter("xdis91-minimal")
    read.root.append(deepcopy(read.body))
    read.root.append(deepcopy(read.body))
    found = validate(read)
    assert [(each.rule.id, each.location) for each in found] == [("VS-204", "/Emessage/ClinicalEmail[2]")]
    assert "3 letters" in found[0].text


@pytest.mark.parametrize("name", ["xctl01", "xctl02", "xctl03"])
def test_a_receipt_that_wants_a_receipt_is_refused(name: str) -> None:
    """Receipts are never receipted, so they may not ask for it."""
    read = letter(name)
    place(read, "Envelope/AcknowledgementCode").text = "pluspositivkvitt"
    assert findings(read) == [("VS-234", "/Emessage/Envelope/AcknowledgementCode")]


@pytest.mark.parametrize("gln", ["5790000121527", "579000012152", "57900001215266", "Lægehuset"])
@pytest.mark.parametrize("party", ["Sender", "Receiver"])
def test_a_location_number_without_its_check_digit_is_a_warning(gln: str, party: str) -> None:
    """MedCom's own samples break check digits, so OIOXML letters are told and taken."""
    read = letter("xdis91-minimal")
    place(read, f"ClinicalEmail/{party}/EANIdentifier").text = gln
    found = validate(read)
    assert [(each.rule.id, each.location) for each in found] == [
        ("VS-231", f"/Emessage/ClinicalEmail/{party}/EANIdentifier")
    ]
    assert found[0].rule.severity is Severity.WARNING
    assert gln in found[0].text


def test_a_location_number_is_checked_wherever_it_stands() -> None:
    """The original parties of a receipt are checked as its own; the name of an operator is none of ours."""
    read = letter("xctl01")
    for each in read.root.iter("{*}EANIdentifier"):
        each.text = "NET"
    assert [location for _, location in findings(read)] == [
        "/Emessage/NegativeVansReceipt/Receiver/EANIdentifier",
        "/Emessage/NegativeVansReceipt/OriginalEmessage/OriginalSender/EANIdentifier",
        "/Emessage/NegativeVansReceipt/OriginalEmessage/OriginalReceiver/EANIdentifier",
    ]


@pytest.mark.parametrize("day", ["12024-01-01", "-2024-01-01"])
def test_years_that_calendars_do_not_know_are_refused(day: str) -> None:
    """A date that the schema takes and no FHIR date can hold is an error of its own."""
    read = letter("xdis91-minimal")
    place(read, "ClinicalEmail/Letter/Authorisation/Date").text = day
    assert findings(read) == [("VS-232", "/Emessage/ClinicalEmail/Letter/Authorisation/Date")]


def test_a_cpr_number_without_a_date_is_a_warning() -> None:
    """Ten digits that begin with no date are told without being shown."""
    read = letter("xdis91-minimal")
    place(read, "ClinicalEmail/Patient/CivilRegistrationNumber").text = "1522824933"
    found = validate(read)
    assert [(each.rule.id, each.location) for each in found] == [
        ("VS-233", "/Emessage/ClinicalEmail/Patient/CivilRegistrationNumber")
    ]
    assert not found[0].is_error
    assert "1522824933" not in str(found[0])


OBJECT = "BinaryLetter/BinaryObject"


@pytest.mark.parametrize(
    ("path", "text", "rule", "words"),
    [
        ("OriginalObjectSize", "71", "VS-236", "decodes to 70 bytes, but OriginalObjectSize says 71"),
        ("OriginalObjectSize", "+7", "VS-236", "says 7"),
        ("OriginalObjectSize", "9" * 5000, "VS-236", "says 9999"),
        ("Object_Base64Encoded", "QUJDR", "VS-235", "is not base64"),
        ("Object_Base64Encoded", "QUJD!A==", "VS-235", "is not base64"),
        ("Object_Base64Encoded", "QUJDRA==QUJD", "VS-235", "is not base64"),
        ("Object_Base64Encoded", "QÅJD", "VS-235", "is not base64"),
    ],
)
def test_objects_must_be_base64_of_their_stated_size(path: str, text: str, rule: str, words: str) -> None:
    """The size counts decoded bytes; what is not base64 has none."""
    read = letter("xbin01-2012")
    place(read, f"{OBJECT}/{path}").text = text
    found = validate(read)
    assert [(each.rule.id, each.location) for each in found] == [
        (rule, f"/Emessage/BinaryLetter/BinaryObject[1]/{path}")
    ]
    assert words in found[0].text
    assert found[0].is_error


@pytest.mark.parametrize(("text", "size"), [("", 0), ("QUJD RA==", 4), ("QUJD\n", 3)])
def test_the_size_counts_decoded_bytes(text: str, size: int) -> None:
    """White space in the base64 does not count, and an empty object has no bytes."""
    read = letter("xbin01-2012")
    place(read, f"{OBJECT}/Object_Base64Encoded").text = text
    (found,) = validate(read)
    assert (found.rule.id, found.location) == ("VS-236", "/Emessage/BinaryLetter/BinaryObject[1]/OriginalObjectSize")
    assert f"decodes to {size} bytes" in found.text


@pytest.mark.parametrize("size", ["70", "+70", " 070 "])
def test_a_size_may_be_written_as_any_whole_number(size: str) -> None:
    """Signs, leading zeros and white space are the schema's to take."""
    read = letter("xbin01-2012")
    place(read, f"{OBJECT}/OriginalObjectSize").text = size
    assert findings(read) == []


def test_an_object_identifier_used_twice_is_a_warning() -> None:
    """References could not tell the two objects apart."""
    read = letter("xbin01-2012")
    read.root.findall(".//{*}ObjectIdentifier")[1].text = "0d0f7a52-c6de-4b1c-9a3f-5e2b7c8d9e01"
    found: tuple[Finding, ...] = validate(read)
    assert [each.rule.id for each in found] == ["VS-237", "VS-237"]
    assert not any(each.is_error for each in found)


def test_the_warnings_of_reading_come_first() -> None:
    """What reading warned of is part of what validation says."""
    data = (LETTERS / "xdis91-iso-8859-1.xml").read_bytes().decode("latin-1").encode()
    assert findings(read_letter(data)) == [("VS-205", "")]


def test_a_schema_location_in_the_letter_is_never_opened(tmp_path: Path) -> None:
    """Where a letter names a schema file for a foreign element, the file has no say."""
    foreign = tmp_path / "foreign.xsd"
    foreign.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x">'
        '<xs:element name="own" type="xs:int"/></xs:schema>'
    )
    read = letter("xdis91-minimal")
    read.root.set(f"{{{XSI}}}schemaLocation", f"urn:x {foreign.as_uri()}")
    local = etree.SubElement(read.root, f"{{{read.namespace}}}Local_Elements")
    etree.SubElement(local, "{urn:x}own").text = "not an int"
    assert findings(read) == []


def test_each_thread_has_a_schema_of_its_own() -> None:
    """A validator keeps the errors of its last document, so no two threads share one."""
    namespace = letter("xdis91-minimal").namespace
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(schema, namespace).result()
    assert other is not schema(namespace)
    assert schema(namespace) is schema(namespace)


@pytest.mark.reference
def test_official_samples_give_warnings_at_most(reference: Path) -> None:
    """MedCom's samples break check digits, a CPR number's date and a declaration: nothing that would refuse them."""
    samples = reference / "samples"
    files = [*samples.glob("oioxml/*.xml"), *samples.glob("edifact/*.xml"), *samples.glob("conversion-flows/*-X*.xml")]
    found = [finding for file in files for finding in validate(read_letter(file.read_bytes()))]
    assert len(files) >= 16
    assert not any(finding.is_error for finding in found)
    assert {finding.rule.id for finding in found} == {"VS-205", "VS-231", "VS-233"}
