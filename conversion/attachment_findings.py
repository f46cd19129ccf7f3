"""What there is to say of attachments: as warnings what is made in spite of it, as errors what is not.

Source: MedCom's use cases for its conversion service 3.1.0, S1.A1 to S1.A4, and what they leave open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lxml import etree

from conversion.attachment_errors import (
    ATTACHMENT_MISSING,
    ATTACHMENT_WITHOUT_CONTENT,
    NEW_OBJECT_IDENTIFIER,
    NOT_REFERRED_TO,
    OBJECT_CAME_TWICE,
    OBJECT_LEFT_OUT,
    OBJECTS_DIFFER,
    OTHER_IN_ATTACHMENT,
    REFERENCE_DIFFERS,
    REFERRED_TWICE,
    TYPE_NOT_ALLOWED,
)
from conversion.facts import Facts
from conversion.rows import carries
from envelope.fhir.vocabulary import MIME_TYPES
from envelope.findings import Finding
from envelope.object_types import TYPES
from envelope.oioxml.reading import Letter, shown, value
from envelope.oioxml.schema import location

if TYPE_CHECKING:
    from conversion.attached import Object, Referred

_SINCE_2012 = frozenset(row.extension for row in TYPES if row.since_2012)
_PARTIES = (
    ("sender", "Sender/EANIdentifier"),
    ("receiver", "Receiver/EANIdentifier"),
)


def of_references(referred: Sequence[Referred], again: Sequence[etree._Element], facts: Facts) -> Iterator[Finding]:
    """What there is to say of what the letter refers to: missing, unlike its object, of no UUID, of another type."""
    for each in referred:
        place = location(each.element) + "/BIN"
        written = shown(value(each.element, "BIN/ObjectIdentifier"), 40)
        if each.object is None:
            rule = ATTACHMENT_WITHOUT_CONTENT if facts.incomplete else ATTACHMENT_MISSING
            yield rule.at(place, object=written)
        else:
            yield from _differences(each, each.object, place)
        if not each.has_uuid:
            yield NEW_OBJECT_IDENTIFIER.at(place + "/ObjectIdentifier", object=written, new=each.identifier)
        if each.is_foreign:
            yield TYPE_NOT_ALLOWED.at(place, object=written, type=each.mime, allowed=", ".join(sorted(MIME_TYPES)))
    for element in again:
        yield REFERRED_TWICE.at(location(element), object=shown(value(element, "BIN/ObjectIdentifier"), 40))


def _differences(each: Referred, found: Object, place: str) -> Iterator[Finding]:
    """Where a Reference says something else of its object than the object itself."""
    said, is_ = (value(each.element, "BIN/ObjectExtensionCode"), value(found.element, "ObjectExtensionCode"))
    # The letter's own schema does not have the extensions of 2012: it must write another one.
    if said != is_ and is_ not in _SINCE_2012:
        yield REFERENCE_DIFFERS.at(f"{place}/ObjectExtensionCode", what="type", said=shown(said, 40), found=is_)
    size = value(each.element, "BIN/OriginalObjectSize").removeprefix("+").lstrip("0")
    if size != str(found.content.size):
        yield REFERENCE_DIFFERS.at(
            f"{place}/OriginalObjectSize", what="size", said=shown(size, 40), found=found.content.size
        )


def of_objects(
    objects: Sequence[Object], by_key: Mapping[str, Object], referred: Mapping[str, Referred]
) -> Iterator[Finding]:
    """What there is to say of the objects that came: again, unlike another of its name, not referred to.

    An object that the letter does not refer to has no title, no date and no place in what the sender signed, and a
    receiver of the letters themselves matches by reference alone: it is left out. Of an XBIN01 without any object of
    the letter's nobody knows whose it is: nothing is made.
    """
    for each in objects:
        first = by_key[each.key]
        place = location(each.element)
        written = shown(value(each.element, "ObjectIdentifier"), 40)
        if each is not first:
            same = each.content.size == first.content.size and each.content.digest == first.content.digest
            yield (OBJECT_CAME_TWICE if same else OBJECTS_DIFFER).at(place, object=written)
        elif each.key not in referred:
            yield OBJECT_LEFT_OUT.at(place, object=written)
    wanted = {id(each.letter) for each in objects if each.key in referred}
    for letter in {id(each.letter): each.letter for each in objects}.values():
        if id(letter) not in wanted:
            yield NOT_REFERRED_TO.at("/Emessage/BinaryLetter", letter=letter.text("BinaryLetter/Letter/Identifier"))


@carries("XC-bin-parties", otherwise=())
def of_letter(bin_letter: Letter, letter: Letter) -> tuple[Finding, ...]:
    """Where an XBIN01 names other parties than the letter, or another patient; who it is, is never told."""
    found = [
        OTHER_IN_ATTACHMENT.at(f"/Emessage/BinaryLetter/{path}", what=what)
        for what, path in _PARTIES
        if value(bin_letter.body, path) != value(letter.body, path)
    ]
    numbers = [
        tuple(value(each.body, f"Patient/{name}") for name in ("CivilRegistrationNumber", "AlternativeIdentifier"))
        for each in (bin_letter, letter)
    ]
    if any(numbers[0]) and numbers[0] != numbers[1]:
        found.append(OTHER_IN_ATTACHMENT.at("/Emessage/BinaryLetter/Patient", what="patient"))
    return tuple(found)
