from __future__ import annotations

import pytest

from envelope.object_types import MIME_SPELLINGS, SUFFIXES, TYPES, Named, ObjectType, extension_of, mime_of

LOSSY = {"scp", "exe", "com", "inh", "plo", "fnx"}


@pytest.mark.parametrize("row", TYPES, ids=lambda row: row.extension)
def test_every_extension_comes_back_when_the_title_has_it(row: ObjectType) -> None:
    """A title with the suffix brings extension and code back, whatever other extensions share the MIME type."""
    named = extension_of(mime_of(row.extension), f"Svar.{row.extension.upper()}")
    assert named == Named(row.extension, row.code, lossy=False)


@pytest.mark.parametrize("row", TYPES, ids=lambda row: row.extension)
def test_lossy_rows_are_those_whose_type_leads_elsewhere(row: ObjectType) -> None:
    """Without a title six extensions become another one, and the table says which."""
    named = extension_of(row.mime, None)
    assert (named.extension != row.extension) is (row.extension in LOSSY) is (not row.own)
    assert mime_of(named.extension) == row.mime


def test_each_schema_has_its_extensions() -> None:
    """The schema of 2005 has 24 extensions; that of 2012 adds plo and fnx."""
    assert len({row.extension for row in TYPES}) == len(TYPES) == 26
    assert {row.extension for row in TYPES if row.since_2012} == {"plo", "fnx"}


@pytest.mark.parametrize(
    ("mime", "title", "extension", "code", "lossy"),
    [
        ("application/pdf", "Røntgen", "pdf", "vektor_grafik", False),
        ("application/pdf", "Røntgen.png", "pdf", "vektor_grafik", False),
        (" Image/JPG ", None, "jpeg", "billede", True),
        ("application/pdf; version=1.7", "a.pdf", "pdf", "vektor_grafik", True),
        ("application/dicom", "ekg.scp", "scp", "biosignaler", False),
        ("application/dicom", "ekg.pdf", "dcm", "billede", False),
        ("application/zip", "journal.fnx", "fnx", "proprietaert_indhold", False),
        ("application/octet-stream", "program.exe", "exe", "program", False),
        ("application/octet-stream", "billede.jpg", "jpeg", "billede", True),
        ("application/octet-stream", "uden suffix", "bin", "multimedie", False),
        ("application/octet-stream", ".exe", "bin", "multimedie", False),
        (None, "scan.tif", "tiff", "billede", True),
        (None, None, "bin", "multimedie", True),
        ("", "brev.docx", "bin", "multimedie", True),
        ("image/heic", "foto.heic", "bin", "proprietaert_indhold", True),
        ("image/heic", "foto.jpg", "jpeg", "billede", True),
    ],
)
def test_the_type_decides_and_the_title_where_it_cannot(
    mime: str | None, title: str | None, extension: str, code: str, lossy: bool
) -> None:
    """A MIME type with one extension decides; a shared, empty or unknown one leaves it to the suffix."""
    named = extension_of(mime, title)
    assert (named.extension, named.code, named.lossy) == (extension, code, lossy)


def test_the_older_schema_is_offered_nothing_that_it_lacks() -> None:
    """XB0130X gets neither plo nor fnx."""
    assert extension_of("application/zip", "a.fnx", "XB0130X").extension == "zip"
    assert extension_of("application/octet-stream", "a.plo", "XB0130X").extension == "bin"


def test_other_spellings_lead_into_the_table() -> None:
    """Every spelling names a row, and no extension of XBIN01 is unknown in another case."""
    assert set(MIME_SPELLINGS.values()) <= {row.mime for row in TYPES}
    assert set(SUFFIXES.values()) <= {row.extension for row in TYPES}
    assert mime_of(" PDF ") == "application/pdf"
    assert mime_of("docx") == "application/octet-stream"
