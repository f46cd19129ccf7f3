"""One sending of letters: an XDIS91 and the XBIN01s that hold its attachments, read, sorted out and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from conversion.errors import LETTER_NOT_CONVERTED, NO_XDIS91, SOURCES, TOO_MANY_PARTS
from conversion.limits import MOST_PARTS
from envelope.cutting import Slim
from envelope.findings import Finding, Refused
from envelope.oioxml.errors import ELEMENT_UNEXPECTED
from envelope.oioxml.letters import KINDS
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.rules import validate
from envelope.oioxml.schema import location, schema_findings

MOST = 10
"""So many References an XDIS91 holds by its schema, and so many BinaryObjects an XBIN01."""

PARTS = {"XDIS91": "Reference", "XBIN01": "BinaryObject"}
"""What a letter may hold more of than its schema says, and is converted all the same (conversion.md S1.A1)."""

_CONVERTED = tuple(kind for kind in KINDS if kind.type in PARTS)


@dataclass(frozen=True, slots=True)
class Sending:
    """The letters of one sending.

    Attributes:
        letter: the XDIS91.
        attachments: the XBIN01s by their identifiers, in whatever order they came.
        sources: what all of them were read from, the same number in any order.
    """

    letter: Letter
    attachments: tuple[Letter, ...]
    sources: tuple[Slim, ...]


def read_sending(sources: Sequence[Slim]) -> Sending:
    """Read letters that came in any order.

    Raises:
        Refused: a letter cannot be read (VS-1xx, VS-2xx) or is of a version that is never converted (VS-512); there is
            no XDIS91 (VS-514) or more than one (VS-509).
    """
    letters = [read_letter(source) for source in sources]
    for letter in letters:
        if letter.kind not in _CONVERTED:
            raise Refused(
                LETTER_NOT_CONVERTED.at(
                    "/Emessage", type=letter.type, version=letter.version, namespace=letter.namespace
                )
            )
    found = [letter for letter in letters if letter.type == "XDIS91"]
    if not found:
        raise Refused(NO_XDIS91.at("/Emessage"))
    if len(found) > 1:
        raise Refused(SOURCES.at("", count=len(found)))
    attachments = sorted((letter for letter in letters if letter.type == "XBIN01"), key=_name)
    return Sending(found[0], tuple(attachments), tuple(sources))


def _name(letter: Letter) -> tuple[str, str]:
    return letter.text("Envelope/Identifier"), letter.text("BinaryLetter/Letter/Identifier")


def check(letter: Letter) -> tuple[Finding, ...]:
    """What there is to say of a letter that is converted: its schema, and the rules beyond it.

    More than ten References or BinaryObjects are a warning, up to a thousand; the schema, which stops at the eleventh,
    is asked about all of them, ten at a time.
    """
    found = list(letter.body.iterchildren(f"{{{letter.namespace}}}{PARTS[letter.type]}"))
    if not MOST < len(found) <= MOST_PARTS:
        return validate(letter)
    eleventh = location(found[MOST])
    findings = [
        TOO_MANY_PARTS.at(eleventh, element=PARTS[letter.type], count=len(found), most=MOST)
        if finding.rule is ELEMENT_UNEXPECTED and finding.location == eleventh
        else finding
        for finding in validate(letter)
    ]
    told = {(finding.rule, finding.location) for finding in findings}
    return (*findings, *(each for each in _by_tens(letter, found) if (each.rule, each.location) not in told))


def _by_tens(letter: Letter, parts: Sequence[etree._Element]) -> Iterator[Finding]:
    """What the schema says of the parts behind the first ten, as if each ten stood alone in the letter.

    The letter is put together again afterwards.
    """
    body, place = letter.body, letter.body.index(parts[0])
    name = PARTS[letter.type]
    counted = re.compile(rf"(?<=/{name}\[)\d+(?=\])")
    for part in parts:
        body.remove(part)
    for last in [*range(2 * MOST, len(parts), MOST), len(parts)]:
        start = last - MOST
        body[place:place] = parts[start:last]
        for finding in schema_findings(letter.root, letter.namespace):
            if counted.search(finding.location):
                yield replace(finding, location=_further(finding.location, counted, start))
        for part in parts[start:last]:
            body.remove(part)
    body[place:place] = parts


def _further(place: str, counted: re.Pattern[str], by: int) -> str:
    """The place of a part among all of them, from its place among ten."""
    return counted.sub(lambda found: str(int(found[0]) + by), place)
