"""What a payload is, told by its first 4 KB: root, namespace, profile, event and version, in XML, JSON and EDIFACT.

Nothing is parsed: the payload may be cut anywhere, and is none of ours. Sources: MedCom's OIOXML schema releases (root
child elements, version codes), the FHIR profiles' canonical addresses, EDIFACT's UNA, UNB and UNH segments (ISO 9735).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, replace
from typing import Final

from envelope.base64_text import LEAD_BYTES, decode

FHIR_NAMESPACE: Final = b"http://hl7.org/fhir"
FHIR_XML: Final = "application/fhir+xml"
FHIR_JSON: Final = "application/fhir+json"

LETTERS: Final[dict[bytes, str]] = {
    b"ClinicalEmail": "XDIS91",
    b"BinaryLetter": "XBIN01",
    b"NegativeVansReceipt": "XCTL01",
    b"NegativeReceipt": "XCTL02",
    b"PositiveReceipt": "XCTL03",
}
"""Child of Emessage that holds the letter, and the type it makes."""

LETTER_VERSIONS: Final[dict[str, str]] = {
    "XD91": "XDIS91",
    "XB01": "XBIN01",
    "XC01": "XCTL01",
    "XC02": "XCTL02",
    "XC03": "XCTL03",
}
"""How the version codes of a type begin; a BinaryLetter with another one is XBIN02, which is not ours."""

RELEASES: Final[dict[tuple[str, bytes], str]] = {
    ("XDIS91", b"2004/06/01"): "XD9133L",
    ("XDIS91", b"2005/08/07"): "XD9133L",
    ("XDIS91", b"2006/07/01"): "XD9134L",
    ("XDIS91", b"2015/08/01"): "XD9135L",
    ("XDIS91", b"2019/02/19"): "XD9135L",
    ("XBIN01", b"2005/08/07"): "XB0130X",
    ("XBIN01", b"2012/03/28"): "XB0131X",
}
"""The version that a schema release implies where the version code itself does not show."""

PROFILES: Final[dict[bytes, str]] = {
    b"medcom-careCommunication-message": "CareCommunication",
    b"medcom-careCommunication-messageHeader": "CareCommunication",
    b"medcom-messaging-acknowledgement": "Acknowledgement",
    b"medcom-messaging-acknowledgementHeader": "Acknowledgement",
    b"medcom-hospitalNotification-message": "HospitalNotification",
    b"medcom-hospitalNotification-messageHeader": "HospitalNotification",
}
"""Last part of the first profile in the message, and the type it makes.

HospitalNotification's names follow the others [INFER]; its event tells it in any case.
"""

EVENTS: Final[dict[bytes, str]] = {
    b"care-communication-message": "CareCommunication",
    b"acknowledgement-message": "Acknowledgement",
    b"hospital-notification-message": "HospitalNotification",
}
"""MessageHeader.eventCoding.code, and the type it makes."""

NO_LETTER: Final = "an Emessage without a letter"

_SPACE: Final = b" \t\r\n"
_START_TAG: Final = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)([^<>]*)>")
_OIOXML: Final = re.compile(rb"http://rep\.oio\.dk/(?:sundcom\.dk/)?medcom\.dk/xml/schemas/(\d{4}/\d\d/\d\d)/")
_LETTER: Final = re.compile(rb"</(?:[\w.-]+:)?Envelope\s*>(?:\s|<!--[^<>]*-->)*<(?:[\w.-]+:)?([A-Za-z]\w*)")
_VERSION_CODE: Final = re.compile(rb"<(?:[\w.-]+:)?VersionCode\s*>\s*(\w{1,20})\s*<")
_XML_PROFILE: Final = re.compile(rb"""profile\s+value\s*=\s*["']([^"'<>]*)["']""")
_XML_EVENT: Final = re.compile(rb"""eventCoding[\s>].{0,800}?[<:]code\s+value\s*=\s*["']([\w-]+)["']""", re.DOTALL)
_XML_DEFINITION: Final = re.compile(rb"""definition value\s*=\s*["'][^"'<>|]{0,200}\|([0-9.]{1,20})["']""")
_JSON_RESOURCE: Final = re.compile(rb'"resourceType"\s*:\s*"(\w+)"')
_JSON_PROFILE: Final = re.compile(rb'"profile"\s*:\s*\[\s*"([^"]*)"')
_JSON_EVENT: Final = re.compile(rb'"eventCoding"\s*:\s*\{[^{}]{0,800}?"code"\s*:\s*"([\w-]+)"')
_JSON_DEFINITION: Final = re.compile(rb'"definition"\s*:\s*"[^"|]{0,200}\|([0-9.]{1,20})"')

_GLANCE: Final = 1020
_AROUND: Final = 400


def _encoded(words: bytes) -> tuple[bytes, ...]:
    """Words in base64, in each of the three ways in which they can lie across groups of three bytes."""
    ways = (words[skipped : skipped + (len(words) - skipped) // 3 * 3] for skipped in range(3))
    return tuple(binascii.b2a_base64(way, newline=False) for way in ways)


_ENCODED_DEFINITION: Final = {
    FHIR_XML: (_XML_DEFINITION, _encoded(b"definition va")),
    FHIR_JSON: (_JSON_DEFINITION, _encoded(b'"definition"')),
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the first bytes of a payload tell.

    Attributes:
        family: OIOXML, FHIR or EDIFACT.
        type: the type's name, as in the catalogue; the letter's own name where the catalogue has none; empty where a
            FHIR message does not show its kind early enough.
        version: the version code, or FHIR's version number; None where it does not show.
        mime: what a FHIR message is written in.
    """

    family: str
    type: str
    version: str | None = None
    mime: str | None = None

    def __str__(self) -> str:
        form = {FHIR_XML: " (FHIR XML)", FHIR_JSON: " (FHIR JSON)"}.get(self.mime or "", f" ({self.family})")
        return f"{self.type or 'a message'}{f' version {self.version}' if self.version else ''}{form}"


def recognise(first: bytes) -> Recognised | None:
    """What a payload is, or None when it is nothing that MedCom's formats look like.

    Args:
        first: the payload, or its first 4 KB.
    """
    return _look(first)[0]


def recognise_whole(payload: bytes) -> Recognised | None:
    """The same of a payload that is there as a whole: by its first 4 KB, and by all of it where these tell no type."""
    found, settled = _look(payload[:LEAD_BYTES])
    if settled or (found is not None and found.type not in {"", NO_LETTER}):
        return found
    return _look(payload)[0]


def recognise_encoded(lead: bytes) -> Recognised | None:
    """The same of base64, decoding no more of it than is needed to tell.

    Args:
        lead: base64 of the payload's first 4 KB, without white space and padding.
    """
    found, settled = _look(decode(lead, _GLANCE))
    if settled:
        return found
    if found is not None and found.mime is not None and found.type:
        version = _version_in(lead, found.mime)
        return replace(found, version=version) if version else found
    return _look(decode(lead, LEAD_BYTES))[0]


def _version_in(lead: bytes, mime: str) -> str | None:
    """The version that a FHIR message's definition names, found without decoding all that stands before it."""
    definition, marks = _ENCODED_DEFINITION[mime]
    places = []
    for mark in marks:
        place = lead.find(mark)
        while place >= 0:
            places.append(place)
            place = lead.find(mark, place + 1)
    for place in sorted(places):
        start = max(0, place // 4 * 4 - 4)
        version = definition.search(decode(lead[start : start + _AROUND], LEAD_BYTES))
        if version is not None:
            return version[1].decode("ascii")
    return None


def _look(first: bytes) -> tuple[Recognised | None, bool]:
    """What the bytes tell, and whether more of them could tell no better."""
    if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _look(first.decode("utf-16", "replace").encode())[0], False
    start = 3 if first[:3] == b"\xef\xbb\xbf" else 0
    sign = first[start : start + 1]
    if sign and sign in _SPACE:
        start = len(first) - len(first[start:].lstrip(_SPACE))
        sign = first[start : start + 1]
    if sign == b"<":
        return _xml(first, start)
    if sign == b"{":
        return _json(first)
    if first.startswith((b"UNA", b"UNB"), start):
        found = _edifact(first[start:])
        return found, found is not None
    return None, False


def _xml(first: bytes, start: int) -> tuple[Recognised | None, bool]:
    while first.startswith((b"<?", b"<!--"), start):
        mark = b"?>" if first.startswith(b"<?", start) else b"-->"
        end = first.find(mark, start)
        if end < 0:
            return None, False
        start = end + len(mark)
        while first[start : start + 1] in _SPACE and start < len(first):
            start += 1
    root = _START_TAG.match(first, start)
    if root is None:
        return None, False
    name, attributes = root.groups()
    if name == b"Emessage":
        return _letter(first, root.end(), attributes)
    if name == b"Bundle" and FHIR_NAMESPACE in attributes:
        return _bundle(first, FHIR_XML, _XML_PROFILE, _XML_EVENT, _XML_DEFINITION)
    return None, True


def _letter(first: bytes, start: int, attributes: bytes) -> tuple[Recognised | None, bool]:
    release = _OIOXML.search(attributes)
    if release is None:
        return None, True
    letter = _LETTER.search(first, start)
    code = _VERSION_CODE.search(first, letter.end() if letter else start)
    version = code[1].decode("ascii", "replace") if code else None
    element = letter[1] if letter else b""
    kind = LETTERS.get(element, element.decode("ascii", "replace"))
    if version is not None:
        told = LETTER_VERSIONS.get(version[:4])
        if not kind:
            kind = told or ""
        elif kind == "XBIN01" and told != kind:
            kind = "XBIN02"
    if not kind:
        return Recognised("OIOXML", NO_LETTER, version), False
    return Recognised("OIOXML", kind, version or RELEASES.get((kind, release[1]))), bool(letter and version)


def _json(first: bytes) -> tuple[Recognised | None, bool]:
    resource = _JSON_RESOURCE.search(first)
    if resource is not None and resource[1] != b"Bundle":
        return None, False
    found, settled = _bundle(first, FHIR_JSON, _JSON_PROFILE, _JSON_EVENT, _JSON_DEFINITION)
    return (found, settled) if found.type or resource is not None else (None, False)


def _bundle(
    first: bytes, mime: str, profile: re.Pattern[bytes], event: re.Pattern[bytes], definition: re.Pattern[bytes]
) -> tuple[Recognised, bool]:
    kind = None
    named = profile.search(first)
    if named is not None:
        kind = PROFILES.get(named[1].rpartition(b"/")[2].partition(b"|")[0])
    if kind is None:
        coded = event.search(first)
        kind = EVENTS.get(coded[1], coded[1].decode("ascii", "replace")) if coded else ""
    version = definition.search(first)
    found = Recognised("FHIR", kind, version[1].decode("ascii") if version else None, mime)
    return found, bool(kind and version)


def _edifact(first: bytes) -> Recognised | None:
    """UNA, if there, tells the signs: component, element, decimal, release, reserved, end of segment."""
    component, element, end = b":", b"+", b"'"
    if first.startswith(b"UNA"):
        if len(first) < 9:  # noqa: PLR2004 (UNA and its six signs)
            return None
        component, element, end = first[3:4], first[4:5], first[8:9]
    for segment in first.split(end):
        parts = segment.strip(_SPACE).split(element)
        if parts[0] == b"UNH" and len(parts) > 2:  # noqa: PLR2004 (reference and identifier are mandatory)
            identifier = parts[2].split(component)
            version = identifier[4].decode("latin-1") if len(identifier) > 4 else None  # noqa: PLR2004 (association code)
            kind = parts[3].decode("latin-1") if len(parts) > 3 else identifier[0].decode("latin-1")  # noqa: PLR2004
            return Recognised("EDIFACT", kind, version)
    return None
