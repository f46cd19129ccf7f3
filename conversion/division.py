"""What is attached to a CareCommunication, divided among the letters that carry it.

With data an attachment becomes an object of an XBIN01 and a Reference to it in the XDIS91 beside it; with an address, a
Reference alone; with neither it is an earlier message's, and the text notes it. Both letters hold ten, so that more
make several pairs. Source: MedCom conversion service use cases 3.1.0, S2.A1 and S2.A2; OIOXML 2006/07/01, Reference,
and 2012/03/28, BinaryObject. The base64 itself is never looked at here: a token stands for it (`envelope.attachments`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from lxml import etree

from conversion.attachment_errors import ATTACHMENT_EMPTY
from conversion.identifiers import Identifiers
from conversion.rows import carries
from conversion.thread import PAYLOAD, moment
from envelope.attachments import CONTENT, Attachments
from envelope.fhir.profile_errors import ATTACHMENT_DATA
from envelope.fhir.values import extended, value
from envelope.fhir.vocabulary import IDENTIFIER
from envelope.findings import Finding, Refused
from envelope.object_types import Named, extension_of

MOST: Final = 10
"""How many Reference an XDIS91 holds, and how many BinaryObject an XBIN01."""

LONGEST_LINK: Final = 350

_UUID: Final = re.compile(
    r"(?:urn:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE
)


class Attached(NamedTuple):
    """A payload that holds an attachment: its position among all payloads, from 1, and what it has of data and url."""

    position: int
    payload: etree._Element
    data: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class AttachedObject:
    """An attachment that travels.

    Attributes:
        position: of its payload among all payloads, from 1.
        identifier: a UUID with hyphens.
        size: of the decoded bytes.
        named: what it is called in the XDIS91, whose schema lacks two extensions of the XBIN01's.
        named_beside: what it is called in the XBIN01.
        token: what stands for its base64.
    """

    position: int
    identifier: str
    size: int
    named: Named
    named_beside: Named
    token: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one pair of letters carries: objects, and the positions of links; ten together."""

    objects: tuple[AttachedObject, ...]
    links: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Division:
    """All that is attached, by where it goes.

    Attributes:
        parts: one for each XDIS91, at least one; a part without objects has no XBIN01.
        lines: positions of the links that no Reference holds: too long, or beyond the tenth.
        notes: attachments that came without content, as position and time.
    """

    parts: tuple[Part, ...]
    lines: tuple[int, ...]
    notes: tuple[str, ...]


def divide(communication: etree._Element, attachments: Attachments, identifiers: Identifiers) -> Division:
    """Divide what is attached to a message among its letters.

    Objects come first, ten to a letter in the message's order; links take the places that are left. A payload with both
    data and an address is an object and a link.

    Args:
        communication: of a bundle from which attachments were taken out.
        attachments: what its tokens stand for.
        identifiers: for attachments whose own identifier is no UUID.

    Raises:
        Refused: an attachment's data is not base64 (VS-359) or empty (VS-524), or its time is none (VS-505).
    """
    attached = [*_attached(communication)]
    if not attached:
        return Division((Part((), ()),), (), ())
    _refuse_contents(attached, attachments)
    objects = tuple(_objects(attached, attachments, identifiers))
    links = [(each.position, len(each.url)) for each in attached if each.url is not None]
    places = _divisions(len(objects))
    free = max(0, MOST * len(places) - len(objects))
    held = [position for position, length in links if length <= LONGEST_LINK][:free]
    # Every part but the last is full of objects.
    parts = tuple(Part(objects[place], tuple(held) if place == places[-1] else ()) for place in places)
    return Division(parts, tuple(position for position, _ in links if position not in held), tuple(_notes(attached)))


def _attached(communication: etree._Element) -> Iterator[Attached]:
    for position, payload in enumerate(communication.iterchildren(PAYLOAD), 1):
        content = next(payload.iterchildren(CONTENT), None)
        if content is not None:
            yield Attached(position, payload, value(content, "data"), value(content, "url"))


@carries("CX-attachment-pairs", otherwise=(slice(None),))
def _divisions(count: int) -> tuple[slice, ...]:
    """Which objects go into which pair of letters."""
    return tuple(slice(start, start + MOST) for start in range(0, max(count, 1), MOST))


def _refuse_contents(attached: Sequence[Attached], attachments: Attachments) -> None:
    if findings := [*_bad_contents(attached, attachments)]:
        raise Refused(findings)


def _bad_contents(attached: Sequence[Attached], attachments: Attachments) -> Iterator[Finding]:
    for each in attached:
        if each.data is None:
            continue
        place = f"Communication.payload[{each.position - 1}].contentAttachment.data"
        content = attachments.read(each.data)
        if content.problem is not None:
            yield ATTACHMENT_DATA.at(place)
        elif content.size == 0:
            yield ATTACHMENT_EMPTY.at(place)


def _objects(
    attached: Sequence[Attached], attachments: Attachments, identifiers: Identifiers
) -> Iterator[AttachedObject]:
    seen: set[str] = set()
    for position, payload, token, _ in attached:
        if token is None:
            continue
        own = _UUID.fullmatch((extended(payload, IDENTIFIER, "valueIdentifier/value") or "").strip())
        identifier = own[1] if own else ""
        if identifier.lower() in {"", *seen}:
            identifier = _new_identifier(identifiers, position)
        seen.add(identifier.lower())
        mime, title = value(payload, "contentAttachment/contentType"), _suffixed(payload)
        yield AttachedObject(
            position,
            identifier,
            attachments.read(token).size,
            extension_of(mime, title, "XB0130X"),
            extension_of(mime, title, "XB0131X"),
            token,
        )


@carries("CX-attachment-identifier-new", otherwise="")
def _new_identifier(identifiers: Identifiers, position: int) -> str:
    """Where the payload's own is no UUID, or another attachment has it already: no letter takes either."""
    return identifiers.uuid(f"object/{position}")


@carries("CX-attachment-suffix", otherwise=None)
def _suffixed(payload: etree._Element) -> str | None:
    """The title, whose suffix decides where the MIME type cannot."""
    return value(payload, "contentAttachment/title")


def _notes(attached: Sequence[Attached]) -> Iterator[str]:
    """Attachments that came without content, because an earlier message had them: position and time."""
    for each in attached:
        if each.data is None and each.url is None:
            yield f"{each.position}@{moment(each.payload)}"
