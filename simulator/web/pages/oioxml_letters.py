"""OIOXML letters as people read them: XDIS91, XBIN01 and the receipts."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from envelope.oioxml import reading
from envelope.oioxml.facts import letter_facts, object_key
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import value
from simulator.web.pages.letter import Answer, Attached, Letter, Party, Patient, Segment

_PARTS = ("DepartmentName", "UnitName", "StreetName", "SuburbName")


def letter(read: reading.Letter) -> Letter:
    """The (first) letter of an Emessage."""
    body = read.body
    written = " ".join(
        filter(None, (value(body, "Letter/Authorisation/Date"), value(body, "Letter/Authorisation/Time")))
    )
    texts = [plain_text(found).strip("\n") for found in body.iter(_tag(read, "Text01"))]
    return Letter(
        type=read.type,
        version=read.version,
        sender=_party(body, "Sender"),
        receiver=_party(body, "Receiver"),
        sent=" ".join(filter(None, (read.text("Envelope/Sent/Date"), read.text("Envelope/Sent/Time")))),
        patient=_patient(read, body),
        subject=value(body, "AdditionalInformation/Subject"),
        priority=value(body, "AdditionalInformation/Priority"),
        episode=value(body, "Letter/EpisodeOfCareIdentifier"),
        segments=tuple(Segment(text, written) for text in texts if text),
        attachments=(*_references(read, body), *_objects(read, body)),
        answer=_answer(read) if read.kind.is_receipt else None,
    )


def _tag(read: reading.Letter, name: str) -> str:
    return f"{{{read.namespace}}}{name}"


def _party(body: etree._Element, role: str) -> Party:
    parts = [value(body, f"{role}/{name}") for name in _PARTS]
    town = " ".join(filter(None, (value(body, f"{role}/PostCodeIdentifier"), value(body, f"{role}/DistrictName"))))
    identifiers = [("GLN", value(body, f"{role}/EANIdentifier"))]
    identifiers.append((value(body, f"{role}/IdentifierCode") or "Identifier", value(body, f"{role}/Identifier")))
    return Party(
        value(body, f"{role}/OrganisationName"),
        tuple(filter(None, (*parts, town))),
        value(body, f"{role}/TelephoneSubscriberIdentifier"),
        tuple((code, number) for code, number in identifiers if number),
    )


def _patient(read: reading.Letter, body: etree._Element) -> Patient | None:
    if body.find(_tag(read, "Patient")) is None:
        return None
    street = (value(body, "Patient/StreetName"), value(body, "Patient/SuburbName"))
    town = " ".join(filter(None, (value(body, "Patient/PostCodeIdentifier"), value(body, "Patient/DistrictName"))))
    cpr = value(body, "Patient/CivilRegistrationNumber") or value(body, "Patient/AlternativeIdentifier")
    name = " ".join(filter(None, (value(body, "Patient/PersonGivenName"), value(body, "Patient/PersonSurnameName"))))
    return Patient(cpr, name, tuple(filter(None, (*street, town))))


def _references(read: reading.Letter, body: etree._Element) -> Iterator[Attached]:
    for found in body.iter(_tag(read, "Reference")):
        yield Attached(
            title=value(found, "RefDescription"),
            kind=value(found, "BIN/ObjectExtensionCode"),
            size=_number(value(found, "BIN/OriginalObjectSize")),
            identifier=object_key(value(found, "BIN/ObjectIdentifier")),
            url=value(found, "URL"),
        )


def _objects(read: reading.Letter, body: etree._Element) -> Iterator[Attached]:
    for found in body.iter(_tag(read, "BinaryObject")):
        kind = value(found, "ObjectExtensionCode")
        key = object_key(value(found, "ObjectIdentifier"))
        content = read.attachments.read(value(found, "Object_Base64Encoded"))
        size = content.size if content.problem is None else _number(value(found, "OriginalObjectSize"))
        yield Attached(f"{key}.{kind}" if kind else key, kind, size, key, content=content)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _answer(read: reading.Letter) -> Answer | None:
    answers = letter_facts(read).answers
    if answers is None:  # pragma: no cover (a receipt answers)
        return None
    return Answer(answers.code == "positive", answers.refuse_code, answers.text, answers.letter_ids)
