"""Writing letters: declarations, references, stable bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from envelope.oioxml.formatted_text import fill_text
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.writing import serialise

LETTERS = sorted((Path(__file__).parents[2] / "letters").glob("x*.xml"))
ENCODINGS = ("ISO-8859-1", "windows-1252", "UTF-8")
XML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\n\t\r\x81")
)


def letter(name: str) -> Letter:
    """One of our own letters."""
    return read_letter(next(file for file in LETTERS if file.stem == name).read_bytes())


def canonical(root: etree._Element) -> bytes:
    """What two equal trees have in common."""
    return etree.tostring(root, method="c14n")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("file", LETTERS, ids=lambda file: file.stem)
def test_every_letter_reads_back_from_every_encoding(file: Path, encoding: str) -> None:
    """What was written is what is read, without a finding, and written again it is the same bytes."""
    root = read_letter(file.read_bytes()).root
    data = serialise(root, encoding)
    again = read_letter(data)
    assert canonical(again.root) == canonical(root)
    assert again.encoding == encoding
    assert again.findings == ()
    assert serialise(again.root, encoding) == data


@settings(deadline=None)
@given(st.sampled_from(LETTERS), st.lists(XML_TEXT, min_size=1), st.sampled_from(ENCODINGS))
def test_any_text_reads_back(file: Path, texts: list[str], encoding: str) -> None:
    """Whatever characters stand in a letter, it reads back as it was."""
    root = read_letter(file.read_bytes()).root
    leaves = [leaf for leaf in root.iter(etree.Element) if len(leaf) == 0 and "VersionCode" not in leaf.tag]
    for leaf, text in zip(leaves[::3], texts, strict=False):
        leaf.text = text
    for formatted in root.iter("{*}Text01"):
        fill_text(formatted, texts[0])
    again = read_letter(serialise(root, encoding))
    assert canonical(again.root) == canonical(root)
    assert again.findings == ()


def test_the_declaration_names_the_encoding() -> None:
    """The first line is a declaration, ISO-8859-1 unless said otherwise."""
    root = letter("xdis91-minimal").root
    assert serialise(root).startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<Emessage ')
    assert serialise(root, "UTF-8").startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Emessage ')


def test_characters_outside_the_encoding_become_references() -> None:
    """Nothing is lost where the encoding is too small."""
    data = serialise(letter("xdis91-utf-8").root, "ISO-8859-1")
    assert "Δ-værdi".encode("latin-1", "xmlcharrefreplace") in data
    assert b"&#129298;" in data


def test_text_that_could_be_taken_for_utf8_is_written_in_references() -> None:
    """Latin-1 text whose bytes happen to be valid UTF-8 is not misread."""
    root = letter("xdis91-minimal").root
    name = root.find(".//{*}PersonSurnameName")
    assert name is not None
    name.text = "Ã¥"
    data = serialise(root)
    assert data.isascii()
    assert read_letter(data).text("ClinicalEmail/Patient/PersonSurnameName") == "Ã¥"


def test_nothing_is_indented() -> None:
    """A tree without white space is written without white space."""
    root = etree.fromstring("<Emessage><a><b>1</b></a></Emessage>")
    assert serialise(root).endswith(b"\n<Emessage><a><b>1</b></a></Emessage>")


def test_an_unknown_encoding_is_an_error_of_the_caller() -> None:
    """Only encodings that exist can be asked for."""
    with pytest.raises(LookupError):
        serialise(letter("xdis91-minimal").root, "EBCDIC-DK")
