"""What CareCommunication 5.0 demands of a message, a row a rule.

CareCommunication 5.0.2 to 5.0.4 with core 3.0.1: core 4.0.0 demands more (PractitionerRole.organization), and most of
MedCom's own examples break it. The numbers are those of MedCom's invariants, medcom-careCommunication-1 and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from envelope import identities
from envelope.fhir import message_errors
from envelope.fhir import profile_errors as errors
from envelope.fhir import vocabulary as words
from envelope.fhir.bundle import CARE_COMMUNICATION
from envelope.fhir.message import Broken, Message, Row, broken, has_name, has_profile
from envelope.fhir.reference_rules import references
from envelope.fhir.values import NS, value


def _x_ecpr(number: str) -> bool:
    return identities.replacement_is_plausible(number) and number[6] in "17"


def _d_ecpr(number: str) -> bool:
    return identities.replacement_is_plausible(number) and number[6] in "056"


PATIENT_SYSTEMS: Final = (
    (words.CPR_SYSTEM, identities.cpr_is_plausible),
    (words.X_ECPR_SYSTEM, _x_ecpr),
    (words.D_ECPR_SYSTEM, _d_ecpr),
)
"""Each system of a Patient's identifiers and the form of its numbers."""


def header_profile(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-1; that the header is the first entry is a rule of its own."""
    if message.header is not None and not has_profile(message.header, words.CC_HEADER):
        yield broken(message.header, ".meta.profile", profile=words.CC_HEADER, invariant="medcom-careCommunication-1")


def patient_count(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-2."""
    if (count := len(message.index.of_type("Patient"))) != 1:
        yield broken(message.root, count=count)


def provenance_profile(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-3."""
    for provenance in message.provenances:
        if not has_profile(provenance, words.CC_PROVENANCE):
            yield broken(provenance, ".meta.profile")


def practitioner_name(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-4, as published: one Practitioner with a name is enough."""
    if not any(has_name(item) for item in message.index.of_type("Practitioner")):
        yield broken(message.root)


def priority(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-5."""
    for communication in message.communications:
        category = value(communication, "category/coding/code")
        if category not in {None, "regarding-referral"} and communication.find(f"{NS}priority") is not None:
            yield broken(communication, ".priority", category=category)


def priority_code(message: Message) -> Iterator[Broken]:
    """Communication.priority is of the value set."""
    for communication in message.communications:
        found = value(communication, "priority")
        if found is not None and found not in words.PRIORITIES:
            yield broken(communication, ".priority", priority=found[:40])


def topic(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-6, and topic.text 1..1."""
    for communication in message.communications:
        found = communication.find(f"{NS}topic")
        if found is None and value(communication, "category/coding/code") == "other":
            yield broken(communication, ".topic")
        if found is not None and not value(found, "text"):
            yield broken(communication, ".topic.text")


def episode_of_care(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-9."""
    for communication in message.communications:
        encounter = message.index.referred(communication, "encounter")
        if encounter is not None and encounter.find(f"{NS}episodeOfCare/{NS}identifier/{NS}value") is None:
            yield broken(encounter, ".episodeOfCare.identifier")


def specific_sender(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-11."""
    organization = message.index.referred(message.header, "sender")
    for communication in message.communications if organization is not None else ():
        for extension in communication.iterfind(f"{NS}extension"):
            if extension.get("url") == words.SENDER:
                role = message.index.referred(extension, "valueReference")
                if not _belongs(message, role, organization):
                    yield broken(extension)


def specific_recipient(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-12."""
    organization = message.index.referred(message.destination, "receiver")
    for communication in message.communications if organization is not None else ():
        recipients = communication.findall(f"{NS}recipient")
        roles = [message.index.resource(value(item, "reference")) for item in recipients]
        if recipients and not any(_belongs(message, role, organization) for role in roles):
            yield broken(recipients[0])


def role_without_practitioner(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-13, as published: one PractitionerRole with a Practitioner is enough."""
    roles = message.index.of_type("PractitionerRole")
    if all(value(role, "practitioner/reference") is None for role in roles):
        yield broken(message.root)


def encounter(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-15, as 5.0.4 has it."""
    encounters = message.index.of_type("Encounter")
    for communication in message.communications:
        referred = message.index.referred(communication, "encounter")
        there = communication.find(f"{NS}encounter") is not None
        if bool(encounters) != there or (encounters and referred not in encounters):
            yield broken(communication, ".encounter")


def thread_id(message: Message) -> Iterator[Broken]:
    """medcom-uuidv4 on Communication.identifier, exactly one."""
    for communication in message.communications:
        found = [value(item, "value") or "" for item in communication.iterfind(f"{NS}identifier")]
        if len(found) != 1 or not words.UUID_URN.search(found[0]):
            yield broken(communication, ".identifier")


def definition(message: Message) -> Iterator[Broken]:
    """medcom-carecommunication-definition-url."""
    if message.header is not None and not words.CC_DEFINITION.fullmatch(value(message.header, "definition") or ""):
        yield broken(message.header, ".definition")


def category(message: Message) -> Iterator[Broken]:
    """One category, one coding, with system and code."""
    for communication in message.communications:
        categories = communication.findall(f"{NS}category")
        codings = communication.findall(f"{NS}category/{NS}coding")
        if len(categories) != 1 or len(codings) != 1:
            yield broken(communication, ".category", found=f"{len(categories)} categories, {len(codings)} codings")
            continue
        missing = [name for name in ("system", "code") if not value(codings[0], name)]
        if missing:
            yield broken(codings[0], f".{missing[0]}", found=f"no {' and no '.join(missing)}")


def category_code(message: Message) -> Iterator[Broken]:
    """The category is of the national list."""
    for communication in message.communications:
        for coding in communication.iterfind(f"{NS}category/{NS}coding"):
            code, system = value(coding, "code"), value(coding, "system")
            if code and system and (code not in words.CATEGORIES or system != words.CATEGORY_CODES):
                yield broken(coding, ".code", code=code[:40], system=system[:100])


def status(message: Message) -> Iterator[Broken]:
    """Communication.status is unknown."""
    for communication in message.communications:
        if (found := value(communication, "status")) != "unknown":
            yield broken(communication, ".status", status=(found or "missing")[:40])


def communication_count(message: Message) -> Iterator[Broken]:
    """One Communication."""
    if (count := len(message.communications)) != 1:
        yield broken(message.root, count=count)


def provenance_activity(message: Message) -> Iterator[Broken]:
    """The activity of every Provenance is one that CareCommunication 5.0 knows."""
    for provenance in message.provenances:
        codings = provenance.findall(f"{NS}activity/{NS}coding")
        code = value(codings[0], "code") if len(codings) == 1 else None
        system = value(codings[0], "system") if len(codings) == 1 else None
        if code not in words.CC_ACTIVITIES or system != words.ACTIVITY_CODES:
            allowed = ", ".join(sorted(words.CC_ACTIVITIES))
            shown = (code or "missing")[:40]
            yield broken(provenance, ".activity", activity=shown, type=CARE_COMMUNICATION, allowed=allowed)


def patient_identifier(message: Message) -> Iterator[Broken]:
    """A Patient has a number in a known system."""
    for patient in message.index.of_type("Patient"):
        if not any(_number_form(value(item, "system") or "") for item in patient.iterfind(f"{NS}identifier")):
            yield broken(patient, ".identifier")


def patient_number(message: Message) -> Iterator[Broken]:
    """cpr, x-ecpr, d-ecpr."""
    for patient in message.index.of_type("Patient"):
        for item in patient.iterfind(f"{NS}identifier"):
            system = value(item, "system") or ""
            form = _number_form(system)
            if form and not form(value(item, "value") or ""):
                yield broken(item, ".value", system=system)


def patient_system(message: Message) -> Iterator[Broken]:
    """Systems beyond those that core names are told."""
    for patient in message.index.of_type("Patient"):
        for item in patient.iterfind(f"{NS}identifier"):
            system = value(item, "system") or ""
            if not _number_form(system):
                yield broken(item, ".system", system=system[:80] or "none")


def patient_name(message: Message) -> Iterator[Broken]:
    """Patient.name:official."""
    for patient in message.index.of_type("Patient"):
        names = patient.findall(f"{NS}name")
        # An unknown name is written as a family name with data-absent-reason, as in MedCom's own R-Tek-B.
        if not any(value(item, "use") == "official" and item.find(f"{NS}family") is not None for item in names):
            yield broken(patient, ".name")


def _belongs(message: Message, role: etree._Element | None, organization: etree._Element | None) -> bool:
    """Whether a PractitionerRole's organization, or one of a CareTeam's, is the organisation."""
    if role is None:
        return False
    found = [
        message.index.resource(item.get("value"))
        for name in ("organization", "managingOrganization")
        for item in role.iterfind(f"{NS}{name}/{NS}reference")
    ]
    return organization in found


def _number_form(system: str) -> Callable[[str], bool] | None:
    return next((form for known, form in PATIENT_SYSTEMS if system == known or system.startswith(f"{known}.")), None)


PLACES: Final = (
    ("MessageHeader", "sender", ("Organization",), True),
    ("MessageHeader", "destination/receiver", ("Organization",), True),
    ("MessageHeader", "focus", ("Communication",), True),
    ("Communication", "subject", ("Patient",), True),
    ("Communication", "encounter", ("Encounter",), False),
    ("Communication", "recipient", ("PractitionerRole", "CareTeam"), False),
    ("Provenance", "agent/who", ("Organization",), True),
    ("PractitionerRole", "practitioner", ("Practitioner",), False),
    ("PractitionerRole", "organization", ("Organization",), False),
    ("CareTeam", "managingOrganization", ("Organization",), False),
)
"""Resource, path of a reference, what it may refer to, whether it must be there."""

ROWS: Final = (
    *references(*PLACES),
    Row(errors.HEADER_PROFILE, header_profile),
    Row(errors.PATIENT_COUNT, patient_count),
    Row(errors.PROVENANCE_PROFILE, provenance_profile),
    Row(errors.PRACTITIONER_NAME, practitioner_name),
    Row(errors.PRIORITY, priority),
    Row(errors.PRIORITY_CODE, priority_code),
    Row(errors.TOPIC, topic),
    Row(errors.EPISODE_OF_CARE, episode_of_care),
    Row(errors.SPECIFIC_SENDER, specific_sender),
    Row(errors.SPECIFIC_RECIPIENT, specific_recipient),
    Row(errors.ROLE_WITHOUT_PRACTITIONER, role_without_practitioner),
    Row(errors.ENCOUNTER, encounter),
    Row(errors.THREAD_ID, thread_id),
    Row(errors.DEFINITION, definition),
    Row(errors.CATEGORY, category),
    Row(errors.CATEGORY_CODE, category_code),
    Row(errors.STATUS, status),
    Row(errors.COMMUNICATION_COUNT, communication_count),
    Row(message_errors.PROVENANCE_ACTIVITY, provenance_activity),
    Row(errors.PATIENT_IDENTIFIER, patient_identifier),
    Row(errors.PATIENT_NUMBER, patient_number),
    Row(errors.PATIENT_SYSTEM, patient_system),
    Row(errors.PATIENT_NAME, patient_name),
)
