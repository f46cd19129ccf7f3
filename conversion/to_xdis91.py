"""CareCommunication 5.0 to XDIS91 (XD9134L): what the stylesheet cannot say, and the stylesheet's run.

Source: MedCom's mapping XDIS91 and CareCommunication v5.0.0 (January 2026), FHIR to OIOXML, and use cases of the
conversion service 3.1.0, S2. The rows are in `conversion/rows/to_xdis91.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import NamedTuple

from lxml import etree

from conversion.checking import errors_of, refuse_made
from conversion.converted import Converted, Output
from conversion.displays import CATEGORIES, ROLES, as_parameter
from conversion.errors import ATTACHMENT, PART_MISSING, PATIENT_NUMBER, SOURCES, SURNAME_UNKNOWN, VERSION_NOT_CONVERTED
from conversion.facts import Facts, Identity, Remembered
from conversion.identifiers import Identifiers
from conversion.rows import carries
from conversion.stylesheet import stylesheet
from conversion.thread import Thread, activity, moment, read_thread
from conversion.times import local
from envelope.cutting import Slim
from envelope.fhir.bundle import CARE_COMMUNICATION, NS, Bundle, read_bundle, value
from envelope.fhir.rules import validate as validate_bundle
from envelope.fhir.vocabulary import CPR_SYSTEM, D_ECPR_SYSTEM, X_ECPR_SYSTEM
from envelope.findings import Finding, Refused
from envelope.oioxml.formatted_text import fill_text
from envelope.oioxml.reading import Letter, identify
from envelope.oioxml.reading import value as letter_value
from envelope.oioxml.rules import validate as validate_letter
from envelope.oioxml.writing import serialise
from envelope.pieces import Pieces

TYPE = "XDIS91"
VERSION = "XD9134L"
NAMESPACE = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
ENCODING = "ISO-8859-1"
UNKNOWN = "Ukendt"
STYLESHEET = "carecommunication_to_xdis91"
REPLACEMENT_LENGTH = 10
MOST_LINKS = 10
LONGEST_LINK = 350

_CATEGORIES = as_parameter(CATEGORIES)
_ROLES = as_parameter(ROLES)


def to_xdis91(sources: Sequence[Slim], facts: Facts, profile: bool = True) -> Converted:
    """Convert one CareCommunication 5.x to one XDIS91.

    Args:
        sources: the bundle, XML or JSON; exactly one.
        facts: of the conversion; `accepted` and `output_format` are not used.
        profile: whether MedCom's profiles are checked on the bundle, beside its structure, and the letter that is
            made against its schema.

    Raises:
        Refused: the bundle cannot be read or is invalid (VS-1xx, VS-3xx); another version than 5.x (VS-520); a part
            without which there is no letter (VS-521, VS-522); an attachment with its content (VS-502); a time that is
            none (VS-505); or what was made is invalid (VS-504).
    """
    if len(sources) != 1:
        raise Refused(SOURCES.at("", count=len(sources)))
    bundle = read_bundle(sources[0])
    if bundle.type != CARE_COMMUNICATION or not bundle.version.startswith("5."):
        raise Refused(VERSION_NOT_CONVERTED.at("MessageHeader.definition", version=bundle.version or "unknown"))
    findings = (*bundle.findings, *validate_bundle(bundle, profile=profile))
    if errors := errors_of(findings):
        raise Refused(errors)
    thread = read_thread(bundle)
    made = _letter(bundle, thread, facts)
    if profile:
        refuse_made(validate_letter(Letter(made, identify(made), ENCODING)), TYPE)
    identity = _made(made)
    output = Output(
        pieces=Pieces((serialise(made, ENCODING),)),
        type=identity.type,
        version=identity.version,
        envelope_id=identity.envelope_id,
        letter_id=identity.letter_id,
        postfix="",
    )
    return Converted((output,), (*findings, *_nameless(bundle)), _remembered(bundle, thread, identity, facts))


def _letter(bundle: Bundle, thread: Thread, facts: Facts) -> etree._Element:
    """The Emessage as a tree."""
    attachments = _attachments(thread.communication)
    _refuse_contents(attachments)
    _refuse_patient(bundle)
    links, lines = _links(attachments)
    identifiers = Identifiers(facts.seed)
    date, time = local(value(bundle.root, "timestamp") or "", "Bundle.timestamp")
    made = stylesheet(STYLESHEET).transform(
        bundle.root,
        {
            "envelope-identifier": identifiers.serial("envelope"),
            "letter-identifier": identifiers.serial("letter"),
            "sent-date": date,
            "sent-time": time,
            "segments": " ".join(f"{segment.position}@{segment.moment}" for segment in thread.segments),
            "notes": " ".join(_notes(attachments)),
            "links": " ".join(links),
            "link-lines": " ".join(lines),
            "activity": activity(thread.provenance),
            "sender-gln": facts.sender.gln,
            "sender-sor": facts.sender.sor,
            "sender-name": facts.sender.name,
            "receiver-gln": facts.receiver.gln,
            "receiver-identifier": facts.receiver.identifier,
            "receiver-identifier-code": facts.receiver.identifier_code,
            "categories": _CATEGORIES,
            "roles": _ROLES,
            "lpr3-first": "true" if facts.settings.lpr3_first else "",
        },
    )
    _break_lines(made)
    return made


@carries("CX-text-break", otherwise=None)
def _break_lines(made: etree._Element) -> None:
    """Turn the newlines of plain text into Break, and white space that tools may drop into Space."""
    for text in made.iter(f"{{{NAMESPACE}}}Text01"):
        if len(text) == 0:  # another's stylesheet may have formatted it already
            fill_text(text, text.text or "")


class _Attached(NamedTuple):
    """A payload that holds an attachment, and its position among all payloads, from 1."""

    position: int
    payload: etree._Element


def _attachments(communication: etree._Element) -> list[_Attached]:
    return [
        _Attached(position, payload)
        for position, payload in enumerate(communication.iterfind(f"{NS}payload"), 1)
        if payload.find(f"{NS}contentAttachment") is not None
    ]


def _refuse_contents(attachments: Sequence[_Attached]) -> None:
    findings = [
        ATTACHMENT.at(f"Communication.payload[{position - 1}].contentAttachment", kind="with its content")
        for position, payload in attachments
        if payload.find(f"{NS}contentAttachment/{NS}data") is not None
    ]
    if findings:
        raise Refused(findings)


def _nameless(bundle: Bundle) -> Iterator[Finding]:
    """FHIR may say that a family name is not known; XDIS91 must write one."""
    names = (name for patient in bundle.index.of_type("Patient")[:1] for name in patient.iterfind(f"{NS}name"))
    if not any((value(name, "family") or "").strip() for name in names):
        yield SURNAME_UNKNOWN.at("Bundle.entry.resource.ofType(Patient).name.family", name=UNKNOWN)


def _refuse_patient(bundle: Bundle) -> None:
    """Without a number that fits its field there is no letter about anybody."""
    patient = next(iter(bundle.index.of_type("Patient")), None)
    if patient is None:
        raise Refused(PART_MISSING.at("Bundle.entry", part="Patient"))
    numbers = [
        (value(item, "system") or "", number)
        for item in patient.iterfind(f"{NS}identifier")
        if (number := value(item, "value"))
    ]
    civil = [number for system, number in numbers if system == CPR_SYSTEM]
    national = [number for system, number in numbers if system == X_ECPR_SYSTEM]
    regional = [number for system, number in numbers if f"{system}.".startswith(f"{D_ECPR_SYSTEM}.")]
    alternative = (national or regional)[:1]
    fits = re.fullmatch("[0-9]{10}", civil[0]) if civil else any(len(one) == REPLACEMENT_LENGTH for one in alternative)
    if not fits:
        raise Refused(PATIENT_NUMBER.at("Patient.identifier"))


def _links(attachments: Sequence[_Attached]) -> tuple[list[str], list[str]]:
    """Positions of the links that Reference can hold, and of those that only the text can."""
    every = [
        (str(position), len(value(payload, "contentAttachment/url") or ""))
        for position, payload in attachments
        if payload.find(f"{NS}contentAttachment/{NS}url") is not None
    ]
    held = [position for position, length in every if length <= LONGEST_LINK][:MOST_LINKS]
    return held, [position for position, _ in every if position not in held]


def _notes(attachments: Sequence[_Attached]) -> Iterator[str]:
    """Attachments that came without content, because an earlier message had them: position and time."""
    for position, payload in attachments:
        attachment = payload.find(f"{NS}contentAttachment")
        if attachment is not None and attachment.find(f"{NS}url") is None:
            yield f"{position}@{moment(payload)}"


def _made(made: etree._Element) -> Identity:
    return Identity(
        TYPE, VERSION, letter_value(made, "Envelope/Identifier"), letter_value(made, "ClinicalEmail/Letter/Identifier")
    )


def _remembered(bundle: Bundle, thread: Thread, made: Identity, facts: Facts) -> Remembered:
    original = Identity(
        "CareCommunication", bundle.version, value(bundle.root, "id") or "", value(thread.header, "id") or ""
    )
    provenance = None
    if thread.provenance is not None:
        alone = deepcopy(thread.provenance)
        alone.tail = None
        provenance = etree.tostring(alone, encoding="unicode")
    return Remembered((original,), (made,), facts.sender, facts.receiver, provenance)
