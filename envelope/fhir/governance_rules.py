"""What governance and the guides' text demand beyond the profiles: identifiers, times, organisations; a row a rule.

Governance 052.2 (times, identifiers) and 080 (episodeOfCare identifiers), core 3.0.1 and messaging 4.0.2 on the
organisations that a message refers to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from envelope.fhir import demand_errors as errors
from envelope.fhir import vocabulary as words
from envelope.fhir.demands import shown_place
from envelope.fhir.message import Broken, Message, Row, broken, has_name, type_of
from envelope.fhir.values import NS, gln, identifier, value

_UUID5: Final = re.compile(
    r"urn:uuid:[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-5[a-fA-F0-9]{3}-[89aAbB][a-fA-F0-9]{3}-[a-fA-F0-9]{12}"
)
_WITH_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT")
_TIMES: Final = tuple(
    NS + name
    for name in ("creation", "deceasedDateTime", "end", "lastUpdated", "received", "sent", "start", "valueDateTime")
)
"""Elements with a time that no other rule looks at."""


def identifier_form(message: Message) -> Iterator[Broken]:
    """medcom-uuidv4 as it is meant: the whole identifier, and nothing beside it."""
    for communication in message.communications:
        for item in communication.iterfind(f"{NS}identifier"):
            written = value(item, "value") or ""
            if words.UUID_URN.search(written) and not words.UUID_URN.fullmatch(written):
                yield _more_than_a_uuid(item)
    for payload in message.payloads:
        written = payload.identifier or ""
        if words.UUID_URN.search(written) and not words.UUID_URN.fullmatch(written):
            yield _more_than_a_uuid(payload.extensions[words.IDENTIFIER])


def identifier_twice(message: Message) -> Iterator[Broken]:
    """Each payload has an identifier of its own, and it is not the thread's."""
    seen = {value(item, "identifier/value") or "": "thread" for item in message.communications}
    for payload in message.payloads:
        written = payload.identifier
        if written in seen:
            whose = "also the thread's: it" if seen[written] == "thread" else "a payload"
            yield broken(payload.element, ".extension", what=f"The identifier of a payload, {whose},")
        elif written:
            seen[written] = "payload"


def time_zone(message: Message) -> Iterator[Broken]:
    """Times have zones everywhere; those of payloads, Provenances and the Bundle have rules of their own."""
    for element in message.root.iter(*_TIMES):
        written = element.get("value", "")
        if _WITH_TIME.match(written) and not words.ZONED_TIME.fullmatch(written):
            parent = element.getparent()
            if parent is None or parent.get("url") != words.DATE:
                yield broken(element, element=shown_place(element))


def lpr3(message: Message) -> Iterator[Broken]:
    """uuidv5."""
    for encounter in message.index.of_type("Encounter"):
        for item in encounter.iterfind(f"{NS}episodeOfCare/{NS}identifier"):
            if value(item, "system") == words.LPR3_SYSTEM and not _UUID5.search(value(item, "value") or ""):
                yield broken(item, ".value")


def organization_sor(message: Message) -> Iterator[Broken]:
    """Every Organization has a SOR code, as core 3.0.1 wants; sender and receiver have rules of their own."""
    parties = _parties(message)
    for organization in message.index.of_type("Organization"):
        if organization not in parties and identifier(organization, words.SOR_SYSTEM) is None:
            yield _too_few(organization, "SOR-ID", "medcom-core-organization")


def agent_gln(message: Message) -> Iterator[Broken]:
    """The Organization behind every Provenance has a GLN, as messaging 4.0 wants."""
    parties = _parties(message)
    agents = {
        found
        for provenance in message.provenances
        for item in provenance.iterfind(f"{NS}agent/{NS}who/{NS}reference")
        if (found := message.index.resource(item.get("value"))) is not None and type_of(found) == "Organization"
    }
    for organization in message.index.of_type("Organization"):
        if organization in agents and organization not in parties and gln(organization) is None:
            yield _too_few(organization, "EAN-ID", "medcom-messaging-organization")


def every_author(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-4 and -13 as their text has them; their expressions are held by rules of their own."""
    roles, people = message.index.of_type("PractitionerRole"), message.index.of_type("Practitioner")
    nobody = [role for role in roles if value(role, "practitioner/reference") is None]
    for role in nobody if len(nobody) < len(roles) else ():
        yield broken(
            role,
            ".practitioner",
            what="A PractitionerRole refers to no Practitioner",
            sources="the text of medcom-careCommunication-13 wants one of every role, its expression of one role only",
        )
    unnamed = [person for person in people if not has_name(person)]
    for person in unnamed if len(unnamed) < len(people) else ():
        yield broken(
            person,
            ".name",
            what="A Practitioner has no name",
            sources="the text of medcom-careCommunication-4 wants names, its expression wants one in the bundle",
        )


def marital_status(message: Message) -> Iterator[Broken]:
    """marital-status-unknown-usage."""
    system = "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"
    for patient in message.index.of_type("Patient"):
        codings = patient.findall(f"{NS}maritalStatus/{NS}coding")
        if {"A", "P"} <= {value(item, "code") for item in codings if value(item, "system") == system}:
            why = "dk-core wants one of them (marital-status-unknown-usage)"
            yield broken(patient, ".maritalStatus", element="Patient.maritalStatus", code="of two codes", why=why)


def _more_than_a_uuid(place: etree._Element) -> Broken:
    return broken(
        place,
        what="An identifier is more than urn:uuid: and a UUID",
        sources="medcom-uuidv4 means the whole, but its expression is not anchored and lets it pass",
    )


def _parties(message: Message) -> list[etree._Element | None]:
    return [message.index.referred(message.header, "sender"), message.index.referred(message.destination, "receiver")]


def _too_few(organization: etree._Element, slice_: str, profile: str) -> Broken:
    element = f"Organization.identifier:{slice_}"
    return broken(organization, ".identifier", element=element, count=0, allowed="1..1", profile=profile)


BOTH: Final = (
    Row(errors.TIME_ZONE, time_zone),
    Row(errors.CARDINALITY, organization_sor),
    Row(errors.CARDINALITY, agent_gln),
)
"""What holds for CareCommunication and Acknowledgement alike."""

ROWS: Final = (
    *BOTH,
    Row(errors.GUIDE_DOUBT, identifier_form),
    Row(errors.IDENTIFIER_TWICE, identifier_twice),
    Row(errors.LPR3_FORM, lpr3),
    Row(errors.CODE_DOUBT, marital_status),
    Row(errors.GUIDE_DOUBT, every_author),
)
