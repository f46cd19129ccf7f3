"""Reading letters: encodings, kinds, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from envelope.findings import Fault, Refused
from envelope.oioxml.letters import KINDS, PASSED_ON, R2005, R2006, R2012, LetterKind
from envelope.oioxml.reading import is_utf8_under_other_name, read_letter
from envelope.oioxml.rules import validate

LETTERS = Path(__file__).parents[2] / "letters"


def payload(name: str) -> bytes:
    """The bytes of one of our own letters."""
    return (LETTERS / f"{name}.xml").read_bytes()


@pytest.mark.parametrize(
    ("name", "type_", "version", "namespace", "encoding"),
    [
        ("xdis91-iso-8859-1", "XDIS91", "XD9134L", R2006, "ISO-8859-1"),
        ("xdis91-windows-1252", "XDIS91", "XD9134L", R2006, "windows-1252"),
        ("xdis91-utf-8", "XDIS91", "XD9134L", R2006, "UTF-8"),
        ("xdis91-minimal", "XDIS91", "XD9134L", R2006, "UTF-8"),
        ("xdis91-2005", "XDIS91", "XD9133L", R2005, "ISO-8859-1"),
        ("xbin01-2012", "XBIN01", "XB0131X", R2012, "ISO-8859-1"),
        ("xbin01-2005", "XBIN01", "XB0130X", R2005, "windows-1252"),
        ("xctl01", "XCTL01", "XC0130Q", R2005, "ISO-8859-1"),
        ("xctl02", "XCTL02", "XC0230Q", R2005, "windows-1252"),
        ("xctl03", "XCTL03", "XC0330Q", R2005, "UTF-8"),
    ],
)
def test_each_letter_is_recognised(name: str, type_: str, version: str, namespace: str, encoding: str) -> None:
    """Type and version follow from namespace, element and VersionCode; the encoding is the declared one."""
    letter = read_letter(payload(name))
    assert (letter.type, letter.version, letter.namespace, letter.encoding) == (type_, version, namespace, encoding)
    assert letter.findings == ()


def test_every_known_letter_has_one_of_ours() -> None:
    """The letters under tests/letters cover every kind that the network knows."""
    assert {read_letter(file.read_bytes()).kind for file in LETTERS.glob("x*.xml")} == set(KINDS)


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("xdis91-iso-8859-1", "ClinicalEmail/AdditionalInformation/Priority", "høj_prioritet"),
        ("xdis91-windows-1252", "ClinicalEmail/AdditionalInformation/Subject", "Billeder – pris 25 €"),
        ("xdis91-utf-8", "ClinicalEmail/AdditionalInformation/Subject", "Δ-værdi og 体温"),
    ],
)
def test_the_declared_encoding_is_honoured(name: str, path: str, text: str) -> None:
    """The same letter reads right in each encoding that is seen in the field."""
    assert read_letter(payload(name)).text(path) == text


@pytest.mark.parametrize("declared", ["ISO-8859-1", "windows-1252", "us-ascii"])
def test_utf8_under_another_name_is_read_with_a_warning(declared: str) -> None:
    """Bytes that are plainly UTF-8 are decoded as such, whatever single-byte encoding is declared."""
    text = payload("xdis91-iso-8859-1").decode("iso-8859-1").replace("ISO-8859-1", declared)
    letter = read_letter(text.encode("utf-8"))
    assert letter.text("ClinicalEmail/AdditionalInformation/Priority") == "høj_prioritet"
    assert letter.encoding == "UTF-8"
    assert [finding.rule.id for finding in letter.findings] == ["VS-205"]
    assert declared in letter.findings[0].text
    assert not letter.findings[0].is_error


def test_a_byte_order_mark_goes_before_the_declaration() -> None:
    """UTF-8 with its mark is read as such, with a warning where the declaration says otherwise."""
    text = payload("xdis91-iso-8859-1").decode("iso-8859-1")
    wrong, right = (read_letter(each.encode("utf-8-sig")) for each in (text, text.replace("ISO-8859-1", "UTF-8")))
    assert wrong.text("ClinicalEmail/AdditionalInformation/Priority") == "høj_prioritet"
    assert [finding.rule.id for finding in wrong.findings] == ["VS-205"]
    assert right.findings == ()


@pytest.mark.parametrize("declared", [True, False])
def test_utf16_is_read(declared: bool) -> None:
    """Two bytes a character are no letter that anybody has seen, and no reason to refuse one."""
    text = payload("xdis91-iso-8859-1").decode("iso-8859-1")
    text = text.replace("ISO-8859-1", "UTF-16") if declared else text.partition("\n")[2]
    letter = read_letter(text.encode("utf-16"))
    assert letter.text("ClinicalEmail/AdditionalInformation/Priority") == "høj_prioritet"
    assert letter.findings == ()


@pytest.mark.reference
def test_medcoms_own_example_with_the_wrong_declaration_is_read(reference: Path) -> None:
    """The worked example of flow 3 declares Latin-1 and is written in UTF-8."""
    file = reference / "samples" / "conversion-flows" / "Flow3-XDIS91_Ex_from_FHIR.xml"
    letter = read_letter(file.read_bytes())
    assert letter.text("ClinicalEmail/AdditionalInformation/Subject").startswith("Vedr. henvisning, Undersøgelser")
    assert [finding.rule.id for finding in letter.findings] == ["VS-205"]


@pytest.mark.parametrize(
    ("data", "declared", "answer"),
    [
        ("på".encode(), "iso-8859-1", True),
        ("på".encode(), "latin1", True),
        ("på".encode("latin-1"), "iso-8859-1", False),
        (b"pa", "iso-8859-1", False),
        ("på".encode(), "UTF-8", False),
        ("på".encode(), "EBCDIC-of-some-kind", False),
    ],
)
def test_only_multibyte_utf8_under_a_single_byte_name_is_suspected(data: bytes, declared: str, answer: bool) -> None:
    """Plain ASCII, true Latin-1, declared UTF-8 and unknown names are left to the declaration."""
    assert is_utf8_under_other_name(data, declared) is answer


MINIMAL = payload("xdis91-minimal")
LATIN = payload("xdis91-iso-8859-1")


@pytest.mark.parametrize(
    ("data", "rule", "place"),
    [
        (b"", "VS-108", "line 1, column 1"),
        (b"UNA:+.? '", "VS-101", "line 1"),
        (MINIMAL[:400], "VS-109", "line 1"),
        (MINIMAL.replace(b"</Patient>", b"</Patent>"), "VS-101", "line 37"),
        (LATIN.replace(b"ISO-8859-1", b"UTF-8"), "VS-103", "line 2"),
        (payload("xdis91-windows-1252").replace("€".encode("cp1252"), b"\x81"), "VS-103", "line 4"),
        (LATIN.replace(b"ISO-8859-1", b"EBCDIC-DK"), "VS-104", "line 1"),
        (b'<!DOCTYPE Emessage SYSTEM "file:///nowhere">' + MINIMAL, "VS-102", "line 1"),
    ],
)
def test_bytes_that_cannot_be_read_are_refused_with_their_place(data: bytes, rule: str, place: str) -> None:
    """Not XML, truncated, undecodable, of an unknown encoding or with a document type: refused by line and column."""
    with pytest.raises(Refused) as refused:
        read_letter(data)
    finding = refused.value.findings[0]
    assert finding.rule.id == rule
    assert finding.location.startswith(place)
    assert "column" in finding.location
    assert refused.value.fault is Fault.SENDER


@pytest.mark.parametrize(
    ("old", "new", "rule", "named"),
    [
        (R2006, "http://rep.oio.dk/medcom.dk/xml/schemas/2017/01/01/", "VS-201", ("Emessage", "2017/01/01")),
        (f' xmlns="{R2006}"', "", "VS-201", ("Emessage", "(none)")),
        ("Emessage", "emessage", "VS-201", ("emessage", "2006/07/01")),
        ("XD9134L", "XD9135L", "VS-203", ("XD9135L", "2006/07/01", "ClinicalEmail")),
        ("XD9134L", "XD9133L", "VS-203", ("XD9133L", "2006/07/01", "ClinicalEmail")),
        ("<VersionCode>XD9134L</VersionCode>", "", "VS-203", ("(none)", "2006/07/01", "ClinicalEmail")),
        (R2006, R2005, "VS-203", ("XD9134L", "2005/08/07", "ClinicalEmail")),
        ("ClinicalEmail", "BookingConfirmation", "VS-203", ("XD9134L", "BookingConfirmation")),
        ("XD9134L", "X" * 500, "VS-203", ("X" * 80 + "...",)),
    ],
)
def test_letters_that_the_network_does_not_know_are_refused_with_both_names(
    old: str, new: str, rule: str, named: tuple[str, ...]
) -> None:
    """Namespace, element and VersionCode must belong together; the refusal names what was found."""
    with pytest.raises(Refused) as refused:
        read_letter(MINIMAL.replace(old.encode(), new.encode()))
    finding = refused.value.findings[0]
    assert finding.rule.id == rule
    assert all(name in finding.text for name in named)


@pytest.mark.parametrize("kind", PASSED_ON, ids=lambda kind: kind.namespace)
def test_letters_that_are_passed_on_are_known_and_not_checked(kind: LetterKind) -> None:
    """Releases older and newer than what is converted are recognised; validation says that it has no schema."""
    data = MINIMAL.replace(R2006.encode(), kind.namespace.encode()).replace(b"XD9134L", kind.version.encode())
    letter = read_letter(data)
    assert letter.kind == kind
    assert [(finding.rule.id, finding.is_error) for finding in validate(letter)] == [("VS-206", False)]


def test_an_emessage_without_a_letter_is_refused() -> None:
    """Envelope and local elements alone are no letter."""
    root = etree.fromstring(MINIMAL)
    root.remove(root[1])
    etree.SubElement(root, f"{{{R2006}}}Local_Elements")
    with pytest.raises(Refused) as refused:
        read_letter(etree.tostring(root))
    assert refused.value.findings[0].rule.id == "VS-202"


def test_names_with_a_prefix_are_read_alike() -> None:
    """A prefix for the namespace changes nothing."""
    data = MINIMAL.replace(b"xmlns=", b"xmlns:p=").replace(b"<", b"<p:").replace(b"<p:/", b"</p:")
    letter = read_letter(data)
    assert letter.text("Envelope/Identifier") == "K4"
    assert etree.QName(letter.body).localname == "ClinicalEmail"


def test_values_read_together_are_those_read_one_by_one() -> None:
    """Several values at once are what each is alone, also where one is missing, wrapped, or has lines of its own."""
    letter = read_letter(
        payload("xdis91-utf-8")
        .replace(b"<StatusCode>nytbrev<", b"<StatusCode>\n  nytbrev\n <")
        .replace(b"<Time>", b"<Time> ")
    )
    for paths in (
        ("Envelope/Sent/Date", "Envelope/Sent/Time", "ClinicalEmail/Missing", "Envelope/Identifier"),
        ("Envelope/Sent/Date", "ClinicalEmail/Letter/StatusCode", "ClinicalEmail/Missing"),
    ):
        assert letter.texts(paths) == [letter.text(path) for path in paths]
    assert letter.text("ClinicalEmail/Letter/StatusCode") == "nytbrev"
