"""FHIR messages as people read them: CareCommunication and Acknowledgement."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from conversion.displays import ROLES
from envelope.fhir.bundle import Bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.index import Index
from envelope.fhir.values import NS, extended, identifier, payload_id, primary_destination, value
from envelope.fhir.vocabulary import (
    AUTHOR,
    AUTHOR_CONTACT,
    CPR_SYSTEM,
    D_ECPR_SYSTEM,
    DATE,
    GLN_SYSTEMS,
    LPR3_SYSTEM,
    SOR_SYSTEM,
    X_ECPR_SYSTEM,
)
from simulator.web.pages.letter import Answer, Attached, Letter, Party, Patient, Segment


def letter(bundle: Bundle) -> Letter:
    """A message."""
    header, index = bundle.header, bundle.index
    communication = next(iter(index.of_type("Communication")), None)
    encounter = next(iter(index.of_type("Encounter")), None)
    answers = bundle_facts(bundle).answers
    return Letter(
        type=bundle.type,
        version=bundle.version,
        sender=_party(index.referred(header, "sender")),
        receiver=_party(index.referred(primary_destination(header), "receiver")),
        sent=value(bundle.root, "timestamp") or "",
        patient=_patient(next(iter(index.of_type("Patient")), None)),
        subject=_said(communication, "topic/text"),
        category=_said(communication, "category/coding/code"),
        priority=_said(communication, "priority"),
        episode=identifier(encounter, LPR3_SYSTEM) or _said(encounter, "episodeOfCare/identifier/value"),
        segments=tuple(_segments(bundle, communication)),
        attachments=tuple(_attachments(bundle, communication)),
        answer=None
        if answers is None
        else Answer(
            answers.code == "positive",
            (_said(header, "response/code") + " " + answers.refuse_code).strip(),
            answers.text,
            answers.letter_ids,
        ),
    )


def _said(element: etree._Element | None, path: str) -> str:
    return "" if element is None else value(element, path) or ""


def _party(organization: etree._Element | None) -> Party:
    numbers = (("GLN", identifier(organization, *GLN_SYSTEMS)), ("SOR", identifier(organization, SOR_SYSTEM)))
    return Party(
        _said(organization, "name"),
        telephone=_said(organization, "telecom/value"),
        identifiers=tuple((kind, number) for kind, number in numbers if number),
    )


def _patient(patient: etree._Element | None) -> Patient | None:
    if patient is None:
        return None
    cpr = identifier(patient, CPR_SYSTEM, X_ECPR_SYSTEM, D_ECPR_SYSTEM) or _said(patient, "identifier/value")
    lines = [line.get("value", "") for line in patient.iterfind(f"{NS}address/{NS}line")]
    town = " ".join(filter(None, (_said(patient, "address/postalCode"), _said(patient, "address/city"))))
    return Patient(cpr, _name(patient), tuple(filter(None, (*lines, town))))


def _name(person: etree._Element | None) -> str:
    name = None if person is None else person.find(f"{NS}name")
    if name is None:
        return ""
    given = [part.get("value", "") for part in name.iterfind(f"{NS}given")]
    return " ".join(filter(None, (*given, _said(name, "family")))) or _said(name, "text")


def _segments(bundle: Bundle, communication: etree._Element | None) -> Iterator[Segment]:
    """The text payloads, newest first; new is what the Provenance of this very message speaks of."""
    payloads = [] if communication is None else communication.findall(f"{NS}payload")
    texts = [payload for payload in payloads if value(payload, "contentString") is not None]
    new = _new(bundle)
    dated = [(extended(payload, DATE, "valueDateTime") or "", payload) for payload in texts]
    for at, payload in sorted(dated, key=lambda item: item[0], reverse=True):
        role = bundle.index.resource(extended(payload, AUTHOR, "valueReference/reference"))
        yield Segment(
            text=value(payload, "contentString") or "",
            at=at,
            author=_author(role, bundle.index),
            telephone=extended(payload, AUTHOR_CONTACT, "valueContactPoint/value") or "",
            is_new=not new or len(texts) == 1 or payload_id(payload) in new,
        )


def _new(bundle: Bundle) -> set[str]:
    header = bundle.header
    name = None if header is None else value(header, "id")
    found = set()
    for provenance in bundle.index.of_type("Provenance"):
        targets = provenance.iterfind(f"{NS}target/{NS}reference")
        if name and any(target.get("value", "").endswith(f"MessageHeader/{name}") for target in targets):
            for what in provenance.iterfind(f"{NS}entity/{NS}what"):
                written = value(what, "identifier/value") or ""
                found.add(written.lower().removeprefix("urn:uuid:").replace("-", ""))
    return found - {""}


def _author(role: etree._Element | None, index: Index) -> str:
    code = _said(role, "code/coding/code")
    title = ROLES.get(code, code) or _said(role, "code/text")
    return ", ".join(filter(None, (_name(index.referred(role, "practitioner")), title)))


def _attachments(bundle: Bundle, communication: etree._Element | None) -> Iterator[Attached]:
    payloads = [] if communication is None else communication.findall(f"{NS}payload")
    for payload in payloads:
        content = payload.find(f"{NS}contentAttachment")
        if content is None:
            continue
        coded = value(content, "data")
        held = None if coded is None else bundle.attachments.read(coded)
        yield Attached(
            title=_said(content, "title"),
            kind=_said(content, "contentType"),
            size=held.size if held is not None and held.problem is None else None,
            identifier=payload_id(payload),
            url=_said(content, "url"),
            content=held,
        )
