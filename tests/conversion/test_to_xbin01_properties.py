"""Whatever is attached to a CareCommunication, its letters are valid and carry it, and it comes back."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from conversion import Facts, convert
from envelope.cutting import TOKEN
from envelope.fhir.bundle import read_bundle
from envelope.fhir.json_xml import json_from_xml
from envelope.fhir.values import NS, extended, value
from envelope.fhir.vocabulary import IDENTIFIER
from envelope.oioxml.facts import object_key
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.rules import validate
from tests.conversion.messages import File, Message, Text
from tests.conversion.official import official
from tests.conversion.rows.case import FACTS
from tests.conversion.to_xdis91 import at, text

RELEASES = {"XDIS91": "2006/07/01", "XBIN01": "2012/03/28"}
TYPES = {
    "application/pdf": "pdf",
    **{f"image/{name}": name for name in ("gif", "jpeg", "png", "tiff", "bmp")},
}
BACK: Facts = replace(FACTS, seed="f" * 32, output_format="json")

XML = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
WORDS = st.text(XML, min_size=1, max_size=90).filter(lambda word: word.strip() != "")
DATA = st.binary(min_size=1, max_size=60) | st.integers(766, 3_000).map(lambda size: (bytes(range(251)) * 20)[:size])
CARRIED = st.builds(
    File, WORDS, data=DATA.map(lambda content: b64encode(content).decode()), mime=st.sampled_from([*TYPES])
)
LINKS = st.builds(File, WORDS, url=st.integers(1, 400).map(lambda length: "https://test.example/" + "u" * length))
NOTED = st.builds(File, WORDS)
slow = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@st.composite
def attached(draw: st.DrawFn) -> list[Text | File]:
    """A text, up to 25 attachments that travel, some that do not and some links, in any order behind it."""
    count = draw(st.integers(0, 25))
    carried = draw(st.lists(CARRIED, min_size=count, max_size=count))
    beside = draw(st.lists(LINKS | NOTED, max_size=12))
    return [Text("Se bilag", "2026-05-12T10:00:00+02:00"), *draw(st.permutations([*carried, *beside]))]


def _letters(payloads: Sequence[Text | File], facts: Facts = FACTS) -> tuple[bytes, list[bytes], list[Letter]]:
    source = Message(payloads=payloads, activity="forward-message").xml()
    made = [output.payload for output in convert([source], facts, "XDIS91").outputs]
    return source, made, [read_letter(one) for one in made]


@pytest.mark.reference
@slow
@given(payloads=attached())
def test_every_letter_is_valid_by_medcoms_schemas(reference: Path, payloads: list[Text | File]) -> None:
    """Any number, any title, any of the types: the official schemas and our own rules take all letters."""
    _, made, letters = _letters(payloads)
    carried = sum(1 for one in payloads if isinstance(one, File) and one.data)
    assert [one.type for one in letters] == (["XDIS91", "XBIN01"] * ((carried + 9) // 10) or ["XDIS91"])
    for one in letters:
        official(reference, RELEASES[one.type]).assertValid(one.root)
        assert validate(one) == ()
    assert [TOKEN.search(one) for one in made] == [None] * len(made)


@slow
@given(payloads=attached())
def test_every_attachment_is_in_one_place(payloads: list[Text | File]) -> None:
    """What has content is an object with its Reference, a link a Reference or a line, the rest a note."""
    source, made, letters = _letters(payloads)
    files = [one for one in payloads if isinstance(one, File)]
    carried = [one for one in files if one.data]
    emails, binaries = letters[::2], letters[1::2]
    objects = [
        tuple(at(one.root, f"BinaryLetter/BinaryObject/{name}"))
        for one in binaries
        for name in ("Object_Base64Encoded", "ObjectExtensionCode")
    ]
    assert [data for group in objects[::2] for data in group] == [one.data for one in carried]
    assert [extension for group in objects[1::2] for extension in group] == [TYPES[one.mime] for one in carried]
    for email, binary in zip(emails, binaries, strict=bool(carried)):
        identifiers = at(binary.root, "BinaryLetter/BinaryObject/ObjectIdentifier")
        assert at(email.root, "ClinicalEmail/Reference/BIN/ObjectIdentifier") == [
            object_key(one) for one in identifiers
        ]
        for name in ("ObjectExtensionCode", "ObjectCode", "OriginalObjectSize"):
            of_object = at(binary.root, f"BinaryLetter/BinaryObject/{name}")
            assert at(email.root, f"ClinicalEmail/Reference/BIN/{name}") == of_object
    links = [url for email in emails for url in at(email.root, "ClinicalEmail/Reference/URL")]
    lines = [line for line in text(emails[0].root).split("\n") if line.startswith("Link: ")]
    assert len(links) + len(lines) == sum(1 for one in files if one.url)
    assert set(links) <= {one.url for one in files}
    notes = text(emails[0].root).count("Bilag fra en tidligere meddelelse, ikke medsendt her: ")
    assert notes == sum(1 for one in files if not one.data and not one.url)
    assert made == [output.payload for output in convert([_in_json(source)], FACTS, "XDIS91").outputs]


def _in_json(source: bytes) -> bytes:
    return json_from_xml(etree.fromstring(source))


@slow
@given(payloads=attached())
def test_what_left_in_letters_comes_back_in_bundles(payloads: list[Text | File]) -> None:
    """A bundle for each pair: identifier, content, type and a title's first 70 are kept."""
    source, made, _ = _letters(payloads)
    back: list[tuple[str, str, str, str, str]] = []
    for first in range(0, len(made), 2):
        pair = made[first : first + 2]
        there, other = (
            [one.payload for one in convert(some, BACK, "CareCommunication").outputs] for some in (pair, pair[::-1])
        )
        assert there == other
        back += [each for one in there for each in _attachments(read_bundle(one).root)]
    links = [one for one in back if one[3]]
    kept = [
        (identifier, data, mime, url, " ".join(title[:70].split()))
        for identifier, data, mime, url, title in _attachments(read_bundle(source).root)
        if data
    ]
    assert [(*one[:4], " ".join(one[4].split())) for one in back if one[1]] == kept
    assert {one[3] for one in links} <= {one.url for one in payloads if isinstance(one, File)}
    assert len(back) == len(links) + len(kept)


def _attachments(root: etree._Element) -> list[tuple[str, str, str, str, str]]:
    """Identifier, data, contentType, url and title of each attachment."""
    return [
        (
            extended(payload, IDENTIFIER, "valueIdentifier/value") or "",
            value(payload, "contentAttachment/data") or "",
            value(payload, "contentAttachment/contentType") or "",
            value(payload, "contentAttachment/url") or "",
            value(payload, "contentAttachment/title") or "",
        )
        for payload in root.iter(f"{NS}payload")
        if payload.find(f"{NS}contentAttachment") is not None
    ]
