from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from conversion.record import leaves
from envelope.fhir.bundle import read_bundle
from envelope.fhir.elements import location as fhir_location
from envelope.oioxml.reading import read_letter
from envelope.oioxml.schema import location as letter_location
from simulator.web.pages.layout import form_of, text_of
from simulator.web.pages.masks import MASK, is_open
from simulator.web.pages.pieces import Piece, json_pieces, xml_pieces
from simulator.web.pages.places import Key, fhir_name, key_of, nearest
from tests.simulator.post import LETTERS, message, wrapped, xdis91

DOCUMENTS = sorted(path for path in LETTERS.iterdir() if path.suffix in {".xml", ".json"})
PATIENT = (
    "2512489996",
    "Testesen",
    "Berggren",
    "Nancy",
    "Prøve Åge",
    "Testpark",
    "Hjemkomst",
    "Venlig hilsen",
    "12345678",
)
"""What stands of people in the letters of the tests."""


def _pieces(payload: bytes, *, pretty: bool, masked: bool) -> list[Piece]:
    form, text = text_of(payload, pretty=pretty)
    return list((json_pieces if form == "json" else xml_pieces)(text, masked=masked))


@pytest.mark.parametrize("pretty", [False, True], ids=["raw", "pretty"])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_pieces_are_the_whole_text(path: Path, pretty: bool) -> None:
    """Put together, the pieces of a document are its text: nothing is left out, and nothing is said twice."""
    _, text = text_of(path.read_bytes(), pretty=pretty)
    assert "".join(piece.text for piece in _pieces(path.read_bytes(), pretty=pretty, masked=False)) == text


@pytest.mark.parametrize("pretty", [False, True], ids=["raw", "pretty"])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_nothing_of_a_person_is_in_a_masked_text(path: Path, pretty: bool) -> None:
    """Names, numbers and texts are masked, in raw text too; whose systems speak is not."""
    shown = "".join(piece.text for piece in _pieces(path.read_bytes(), pretty=pretty, masked=True))
    assert [word for word in PATIENT if word in shown] == []
    assert "579000" in shown


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_laid_out_is_the_same_document(path: Path) -> None:
    """Laying a document out changes white space between elements alone."""
    payload = path.read_bytes()
    form, text = text_of(payload, pretty=True)
    if form == "json":
        assert json.loads(text) == json.loads(payload)
        return
    raw = etree.fromstring(payload)
    laid_out = etree.fromstring(text.encode())
    for one, other in zip(raw.iter("*"), laid_out.iter("*"), strict=True):
        assert (one.tag, one.items()) == (other.tag, other.items())
        assert "characters of base64" in (other.text or "") or (one.text or "").strip() == (other.text or "").strip()


@pytest.mark.parametrize("pretty", [False, True], ids=["raw", "pretty"])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_value_is_found_where_the_record_places_it(path: Path, pretty: bool) -> None:
    """A place that a record names, by XPath or FHIRPath, is the place of a value in the text of either form."""
    payload = path.read_bytes()
    fhir = b"http://hl7.org/fhir" in payload or form_of(payload) == "json" or b"medcomfhir" in payload
    root = read_bundle(payload).root if fhir else read_letter(payload).root
    where = fhir_location if fhir else letter_location
    there = {piece.key for piece in _pieces(payload, pretty=pretty, masked=True) if piece.key}
    among = {key[:length] for key in there for length in range(1, len(key) + 1)}
    missing = [where(leaf) for leaf in leaves(root) if key_of(where(leaf))[1] not in among]
    assert missing == []


def test_a_broken_text_is_masked_as_far_as_it_goes() -> None:
    """Of a letter that was cut short, what is left is masked like the whole, and what cannot be placed too."""
    whole = xdis91().decode("latin-1")
    for length in range(0, len(whole), 97):
        shown = "".join(piece.text for piece in xml_pieces(whole[:length], masked=True))
        assert not [word for word in ("2512489996", "Prøvebakken 1") if word in shown]
    bundle = (LETTERS / "bundle-new.json").read_text("utf-8")
    for length in range(0, len(bundle), 211):
        shown = "".join(piece.text for piece in json_pieces(bundle[:length], masked=True))
        assert not [word for word in PATIENT if word in shown]


@given(st.text(alphabet="<>/=\"'!?-[]ab& \n", max_size=60))
def test_any_text_is_taken_apart(text: str) -> None:
    """Whatever a text is, its pieces are the whole of it, and masking it shows no more than its marks and names."""
    assert "".join(piece.text for piece in xml_pieces(text, masked=False)) == text
    assert "".join(piece.text for piece in json_pieces(text, masked=False)) == text
    assert all(piece.text == MASK for piece in xml_pieces(text, masked=True) if piece.kind in {"value", "note"})


def test_comments_are_masked() -> None:
    """What a producer has left beside the letter may speak of anybody."""
    text = "<Emessage><!-- Testesen --><?note Testesen?><![CDATA[Testesen]]></Emessage>"
    assert "Testesen" not in "".join(piece.text for piece in xml_pieces(text, masked=True))


def test_an_envelopes_payload_is_masked() -> None:
    """Base64 hides nothing: Data of an envelope is masked, all else of it is not."""
    shown = "".join(piece.text for piece in _pieces(wrapped(xdis91()).body, pretty=True, masked=True))
    assert f"<Data>{MASK}</Data>" in shown
    assert "5790000121526" in shown


def test_long_base64_is_told_by_its_length() -> None:
    """An attachment of any size is a few words in what is shown."""
    payload = (LETTERS / "xbin01-attachments-1.xml").read_bytes()
    _, text = text_of(payload, pretty=True)
    assert "characters of base64]" in text
    assert "JVBERi0xLjQKMSAw" not in text


@pytest.mark.parametrize(
    ("key", "resource", "seen"),
    [
        ((("Emessage", 0), ("ClinicalEmail", 0), ("Patient", 0), ("Identifier", 0)), "", False),
        ((("Emessage", 0), ("ClinicalEmail", 0), ("Sender", 0), ("Identifier", 0)), "", True),
        ((("Emessage", 0), ("ClinicalEmail", 0), ("AdditionalInformation", 0), ("Subject", 0)), "", False),
        ((("Bundle", 0), ("entry", 3), ("resource", 0), ("identifier", 0), ("value", 0)), "Patient", False),
        ((("Bundle", 0), ("entry", 3), ("resource", 0), ("identifier", 0), ("value", 0)), "Organization", True),
        ((("Bundle", 0), ("entry", 3), ("resource", 0), ("name", 0), ("family", 0)), "Practitioner", False),
        (
            (("Bundle", 0), ("entry", 1), ("resource", 0), ("category", 0), ("coding", 0), ("code", 0)),
            "Communication",
            False,
        ),
        ((("Bundle", 0), ("entry", 1), ("resource", 0), ("text", 0), ("div", 0)), "MessageHeader", False),
        (
            (("Bundle", 0), ("entry", 1), ("resource", 0), ("payload", 0), ("content", 0), ("url", 0)),
            "Communication",
            False,
        ),
        ((("Whatever", 0), ("Identifier", 0)), "", False),
        ((), "", False),
    ],
)
def test_only_what_is_listed_is_seen(key: Key, resource: str, seen: bool) -> None:
    """Codes and identifiers of messages are open; whom they speak of, and what nobody has listed, is not."""
    assert is_open(key, resource) is seen


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("/Emessage/Envelope/Sent", (1, (("Emessage", 0), ("Envelope", 0), ("Sent", 0)))),
        ("2:/Emessage/Reference[3]/BIN", (2, (("Emessage", 0), ("Reference", 2), ("BIN", 0)))),
        ("Bundle.entry[3].resource.id", (1, (("Bundle", 0), ("entry", 3), ("resource", 0), ("id", 0)))),
    ],
)
def test_places_are_read_from_either_language(location: str, place: tuple[int, Key]) -> None:
    """XPath counts from one, FHIRPath from nought, and of several documents the number goes before."""
    assert key_of(location) == place


@pytest.mark.parametrize(
    ("written", "name"),
    [("valueString", "value"), ("contentAttachment", "content"), ("contentType", "contentType"), ("value", "value")],
)
def test_choices_have_one_name(written: str, name: str) -> None:
    """What XML and JSON name by its type, FHIRPath does not; a name that only looks so stays."""
    assert fhir_name(written) == name


def test_a_place_below_a_known_one_is_its() -> None:
    """A mark in a formatted text belongs to the text; what is known nowhere belongs to nobody."""
    text = (("Emessage", 0), ("Text01", 0))
    assert nearest((*text, ("Bold", 0)), {text: [1]}) == text
    assert nearest((("Other", 0),), {text: [1]}) is None


def test_what_is_neither_is_shown_as_it_is() -> None:
    """A payload of another family has no pieces to link, and its text stays as it came."""
    assert text_of(b"UNA:+.? 'UNB+UNOC:3", pretty=True) == ("other", "UNA:+.? 'UNB+UNOC:3")
    assert form_of(message()) == "xml"
