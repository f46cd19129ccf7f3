"""Generated letters with 1 to 12 attachments, spread over one XBIN01 or several."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from uuid import UUID

from hypothesis import strategies as st
from lxml import etree

from envelope.object_types import TYPES, ObjectType
from envelope.oioxml.reading import read_letter
from envelope.oioxml.writing import serialise
from tests.conversion.letters import NAMESPACE, letters

XBIN01 = "http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/"
_XDIS91_TYPES = [row for row in TYPES if not row.since_2012]


@dataclass(frozen=True)
class Sent:
    """One attachment that was sent: what the letter calls it, what it is, and its bytes."""

    identifier: UUID
    title: str
    type: ObjectType
    content: bytes


@dataclass(frozen=True)
class Sending:
    """A letter, its XBIN01s in any order with it, and the attachments in the order of the letter."""

    sources: list[bytes]
    letter: bytes
    attachments: list[Sent]


_titles = st.text(st.sampled_from("abcæøåÆØÅé <&>\"'.,–"), min_size=1, max_size=70)
_sent = st.builds(
    Sent,
    st.uuids(),
    _titles,
    st.sampled_from(_XDIS91_TYPES),
    st.one_of(st.binary(min_size=1, max_size=40), st.binary(min_size=700, max_size=2000)),
)


def _add(parent: etree._Element, namespace: str, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, f"{{{namespace}}}{name}")
    element.text = text
    return element


@st.composite
def sendings(draw: st.DrawFn) -> Sending:
    """An XDIS91 as `letters` gives it, with a Reference for each attachment, and XBIN01s that hold them."""
    attachments = draw(st.lists(_sent, min_size=1, max_size=12, unique_by=lambda each: each.identifier))
    root = read_letter(draw(letters())).root
    body = root[1]
    for each in attachments:
        reference = _add(body, NAMESPACE, "Reference")
        _add(reference, NAMESPACE, "RefDescription", each.title)
        part = _add(reference, NAMESPACE, "BIN")
        identifier = each.identifier.hex
        _add(part, NAMESPACE, "ObjectIdentifier", identifier.upper() if draw(st.booleans()) else identifier)
        _type(part, NAMESPACE, each)
    letter = serialise(root, draw(st.sampled_from(["ISO-8859-1", "UTF-8"])))
    count = draw(st.integers(1, min(4, len(attachments))))
    parts: list[list[Sent]] = [[] for _ in range(count)]
    for index, each in enumerate(draw(st.permutations(attachments))):
        parts[index % count].append(each)
    xbin01s = [_xbin01(draw, root, objects, number) for number, objects in enumerate(parts, 1)]
    return Sending(draw(st.permutations([letter, *xbin01s])), letter, attachments)


def _type(parent: etree._Element, namespace: str, each: Sent) -> None:
    _add(parent, namespace, "ObjectCode", each.type.code)
    _add(parent, namespace, "ObjectExtensionCode", each.type.extension)
    _add(parent, namespace, "OriginalObjectSize", str(len(each.content)))


def _xbin01(draw: st.DrawFn, letter: etree._Element, objects: list[Sent], number: int) -> bytes:
    """An XBIN01 between the letter's parties about its patient."""
    root = etree.fromstring(f'<Emessage xmlns="{XBIN01}"/>')
    envelope = _add(root, XBIN01, "Envelope")
    _clock(envelope, "Sent")
    _add(envelope, XBIN01, "Identifier", f"KUV{number}")
    _add(envelope, XBIN01, "AcknowledgementCode", "pluspositivkvitt")
    body = _add(root, XBIN01, "BinaryLetter")
    head = _add(body, XBIN01, "Letter")
    _add(head, XBIN01, "Identifier", f"BIN{number}")
    _add(head, XBIN01, "VersionCode", "XB0131X")
    _add(head, XBIN01, "StatisticalCode", "XBIN01")
    _clock(head, "Authorisation")
    _add(head, XBIN01, "TypeCode", "XBIN01")
    _add(head, XBIN01, "StatusCode", "nytbrev")
    for name, gln in (("Sender", "5790001382445"), ("Receiver", "5790000121441")):
        party = _add(body, XBIN01, name)
        _add(party, XBIN01, "EANIdentifier", gln)
        _add(party, XBIN01, "Identifier", gln)
        _add(party, XBIN01, "IdentifierCode", "lokationsnummer")
        _add(party, XBIN01, "OrganisationName", "Prøvehuset")
    patient = _add(body, XBIN01, "Patient")
    for source in letter.iterfind(f".//{{{NAMESPACE}}}Patient/*"):
        name = etree.QName(source).localname
        if name in {"CivilRegistrationNumber", "AlternativeIdentifier", "PersonSurnameName"}:
            _add(patient, XBIN01, name, source.text)
    for each in objects:
        element = _add(body, XBIN01, "BinaryObject")
        identifier = str(each.identifier)
        _add(element, XBIN01, "ObjectIdentifier", identifier.upper() if draw(st.booleans()) else identifier)
        _type(element, XBIN01, each)
        _add(element, XBIN01, "Object_Base64Encoded", draw(_written(each.content)))
    return serialise(root, draw(st.sampled_from(["ISO-8859-1", "UTF-8", "windows-1252"])))


def _written(content: bytes) -> st.SearchStrategy[str]:
    """Base64 in one line, or in lines as they are seen."""
    whole = base64.b64encode(content).decode()
    lines = [whole[start : start + 76] for start in range(0, len(whole), 76)]
    return st.sampled_from(["", "\n", "\r\n", "\n\t"]).map(lambda between: between + between.join(lines) + between)


def _clock(parent: etree._Element, name: str) -> None:
    element = _add(parent, XBIN01, name)
    _add(element, XBIN01, "Date", "2026-01-31")
    _add(element, XBIN01, "Time", "08:15")
