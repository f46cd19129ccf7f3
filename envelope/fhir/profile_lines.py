"""The profiles of CareCommunication 5.0.2 and Acknowledgement 2.0.3, line by line, as far as no rule of its own has it.

With messaging 4.0.2 and core 3.0.1. What `message_rules`, `care_communication_rules`, `payload_rules` and
`acknowledgement_rules` hold already does not stand here again; the tests walk the snapshots and name for each of their
lines the rule, or why no rule can bind.
"""

from __future__ import annotations

from typing import Final

from envelope.fhir import code_lists as lists
from envelope.fhir import vocabulary as words
from envelope.fhir.demands import Cardinality, Codes, CodingOf, Invariant, Target

_CC: Final = "medcom-careCommunication-communication"
_HEADER: Final = "medcom-messaging-messageHeader"
_PROVENANCE: Final = "medcom-messaging-provenance"
_ORGANIZATION: Final = "medcom-core-organization"
_PATIENT: Final = "medcom-core-patient"
_ENCOUNTER: Final = "medcom-core-encounter"
_PAYLOAD: Final = "f:Communication/f:payload"
_IDENTIFIER: Final = "f:Organization/f:identifier"
_USE: Final = f"f:extension[@url='{words.DESTINATION_USE}']"


def _system(name: str) -> str:
    return f"f:identifier[f:system/@value='{name}']"


def _extension(url: str) -> str:
    return f"f:extension[@url='{url}']"


CARDINALITIES: Final = (
    Cardinality(
        "MessageHeader.destination:primary.extension:use", "f:MessageHeader/f:destination", _USE, 0, 1, _HEADER
    ),
    Cardinality("Organization.identifier:SOR-ID", "f:Organization", _system(words.SOR_SYSTEM), 0, 1, _ORGANIZATION),
    Cardinality("Organization.identifier:EAN-ID", "f:Organization", _system(words.GLN_SYSTEM), 0, 1, _ORGANIZATION),
    Cardinality(
        "Organization.identifier:KOMBIT-ORG-ID", "f:Organization", _system(words.KOMBIT_SYSTEM), 0, 1, _ORGANIZATION
    ),
    Cardinality("Organization.identifier:CVR-ID", "f:Organization", _system(words.CVR_SYSTEM), 0, 1, _ORGANIZATION),
    Cardinality(
        "Organization.identifier:Ydernummer", "f:Organization", _system(words.YDER_SYSTEM), 0, 1, _ORGANIZATION
    ),
    Cardinality(
        "Organization.identifier:Kommunekode", "f:Organization", _system(words.MUNICIPALITY_SYSTEM), 0, 1, _ORGANIZATION
    ),
    Cardinality(
        "Organization.identifier:Regionskode", "f:Organization", _system(words.REGION_SYSTEM), 0, 1, _ORGANIZATION
    ),
    Cardinality(
        "Organization.identifier:Ydernummer.value",
        f"{_IDENTIFIER}[f:system/@value='{words.YDER_SYSTEM}']",
        "f:value",
        1,
        1,
        _ORGANIZATION,
    ),
    Cardinality(
        "Organization.identifier:Kommunekode.value",
        f"{_IDENTIFIER}[f:system/@value='{words.MUNICIPALITY_SYSTEM}']",
        "f:value",
        1,
        1,
        _ORGANIZATION,
    ),
    Cardinality(
        "Organization.identifier:Regionskode.value",
        f"{_IDENTIFIER}[f:system/@value='{words.REGION_SYSTEM}']",
        "f:value",
        1,
        1,
        _ORGANIZATION,
    ),
    Cardinality("Provenance.agent.who", "f:Provenance/f:agent", "f:who", 1, 1, _PROVENANCE),
)
"""What both messages hold."""

CC_CARDINALITIES: Final = (
    Cardinality("MessageHeader.focus", "f:MessageHeader", "f:focus", 1, 1, "medcom-careCommunication-messageHeader"),
    Cardinality("Communication.extension:sender", "f:Communication", _extension(words.SENDER), 0, 1, _CC),
    Cardinality(
        "Communication.extension:sender.value[x]",
        f"f:Communication/{_extension(words.SENDER)}",
        "f:valueReference",
        1,
        1,
        "medcom-core-sender-extension",
    ),
    Cardinality("Communication.recipient", "f:Communication", "f:recipient", 0, 1, _CC),
    Cardinality("Communication.payload.extension:date", _PAYLOAD, _extension(words.DATE), 0, 1, _CC),
    Cardinality("Communication.payload.extension:identifier", _PAYLOAD, _extension(words.IDENTIFIER), 0, 1, _CC),
    Cardinality("Communication.payload.extension:author", _PAYLOAD, _extension(words.AUTHOR), 0, 1, _CC),
    Cardinality("Communication.payload.extension:authorContact", _PAYLOAD, _extension(words.AUTHOR_CONTACT), 0, 1, _CC),
    Cardinality(
        "Communication.payload.extension:author.value[x]",
        f"{_PAYLOAD}/{_extension(words.AUTHOR)}",
        "f:valueReference/f:reference",
        1,
        1,
        "medcom-core-practitioner-extension",
    ),
    Cardinality("CareTeam.name", "f:CareTeam", "f:name", 1, 1, "medcom-core-careteam"),
    Cardinality("CareTeam.managingOrganization", "f:CareTeam", "f:managingOrganization", 0, 1, "medcom-core-careteam"),
    Cardinality("Encounter.status", "f:Encounter", "f:status", 1, 1, _ENCOUNTER),
    Cardinality("Encounter.class", "f:Encounter", "f:class", 1, 1, _ENCOUNTER),
    Cardinality("Encounter.subject", "f:Encounter", "f:subject", 1, 1, _ENCOUNTER),
    Cardinality("Encounter.account", "f:Encounter", "f:account", 0, 0, _ENCOUNTER),
    Cardinality(
        "Encounter.episodeOfCare:lpr3identifier",
        "f:Encounter",
        f"f:episodeOfCare[f:identifier/f:system/@value='{words.LPR3_SYSTEM}']",
        0,
        1,
        _ENCOUNTER,
    ),
    Cardinality("Patient.identifier:cpr", "f:Patient", _system(words.CPR_SYSTEM), 0, 1, _PATIENT),
    Cardinality("Patient.identifier:x-ecpr", "f:Patient", _system(words.X_ECPR_SYSTEM), 0, 1, _PATIENT),
    Cardinality("Patient.identifier:d-ecpr", "f:Patient", _system(words.D_ECPR_SYSTEM), 0, 1, _PATIENT),
    Cardinality("Patient.name:official", "f:Patient", "f:name[f:use/@value='official']", 0, 1, _PATIENT),
    Cardinality(
        "Patient.address.extension:municipalityCode",
        "f:Patient/f:address",
        _extension(f"{words.DK_CORE}StructureDefinition/dk-core-municipalityCodes"),
        0,
        1,
        _PATIENT,
    ),
    Cardinality(
        "Patient.address.extension:regionalSubDivisionCodes",
        "f:Patient/f:address",
        _extension(f"{words.DK_CORE}StructureDefinition/dk-core-RegionalSubDivisionCodes"),
        0,
        1,
        _PATIENT,
    ),
)

ACK_CARDINALITIES: Final = (
    Cardinality("Provenance.activity", "f:Provenance", "f:activity", 1, 1, _PROVENANCE),
    Cardinality("Provenance.activity.coding", "f:Provenance/f:activity", "f:coding", 1, 1, _PROVENANCE),
    Cardinality("Provenance.activity.coding.system", "f:Provenance/f:activity/f:coding", "f:system", 1, 1, _PROVENANCE),
    Cardinality("Provenance.activity.coding.code", "f:Provenance/f:activity/f:coding", "f:code", 1, 1, _PROVENANCE),
    Cardinality("MessageHeader.response.code", "f:MessageHeader/f:response", "f:code", 0, 1, "FHIR R4"),
    Cardinality("OperationOutcome.issue", "f:OperationOutcome", "f:issue", 1, None, "FHIR R4"),
    Cardinality("OperationOutcome.issue.severity", "f:OperationOutcome/f:issue", "f:severity", 1, 1, "FHIR R4"),
    Cardinality("OperationOutcome.issue.code", "f:OperationOutcome/f:issue", "f:code", 1, 1, "FHIR R4"),
)

CODES: Final = (
    Codes("Organization.identifier.use", f"{_IDENTIFIER}/f:use", lists.IDENTIFIER_USES, "identifier-use"),
    Codes(
        "Organization.telecom.system",
        "f:Organization/f:telecom/f:system",
        lists.CONTACT_SYSTEMS,
        "contact-point-system",
    ),
    Codes("Organization.telecom.use", "f:Organization/f:telecom/f:use", lists.CONTACT_USES, "contact-point-use"),
    Codes("Provenance.entity.role", "f:Provenance/f:entity/f:role", lists.ENTITY_ROLES, "provenance-entity-role"),
)

CC_CODES: Final = (
    Codes(
        "Communication.identifier.use", "f:Communication/f:identifier/f:use", lists.IDENTIFIER_USES, "identifier-use"
    ),
    Codes("CareTeam.status", "f:CareTeam/f:status", lists.CARE_TEAM_STATUSES, "care-team-status"),
    Codes("Encounter.status", "f:Encounter/f:status", lists.ENCOUNTER_STATUSES, "encounter-status"),
    Codes(
        "Encounter.statusHistory.status",
        "f:Encounter/f:statusHistory/f:status",
        lists.ENCOUNTER_STATUSES,
        "encounter-status",
    ),
    Codes(
        "Encounter.location.status",
        "f:Encounter/f:location/f:status",
        lists.LOCATION_STATUSES,
        "encounter-location-status",
    ),
    Codes("Patient.identifier.use", "f:Patient/f:identifier/f:use", lists.IDENTIFIER_USES, "identifier-use"),
    Codes("Patient.name.use", "f:Patient/f:name/f:use", lists.NAME_USES, "name-use"),
    Codes("Patient.telecom.system", "f:Patient/f:telecom/f:system", lists.CONTACT_SYSTEMS, "contact-point-system"),
    Codes("Patient.telecom.use", "f:Patient/f:telecom/f:use", lists.CONTACT_USES, "contact-point-use"),
    Codes("Patient.gender", "f:Patient/f:gender", lists.GENDERS, "administrative-gender"),
    Codes("Patient.address.use", "f:Patient/f:address/f:use", lists.ADDRESS_USES, "address-use"),
    Codes("Patient.address.type", "f:Patient/f:address/f:type", lists.ADDRESS_TYPES, "address-type"),
    Codes("Patient.contact.gender", "f:Patient/f:contact/f:gender", lists.GENDERS, "administrative-gender"),
    Codes("Patient.link.type", "f:Patient/f:link/f:type", lists.LINK_TYPES, "link-type"),
    Codes("Practitioner.gender", "f:Practitioner/f:gender", lists.GENDERS, "administrative-gender"),
)

ACK_CODES: Final = (
    Codes(
        "OperationOutcome.issue.severity",
        "f:OperationOutcome/f:issue/f:severity",
        lists.ISSUE_SEVERITIES,
        "issue-severity",
    ),
    Codes("OperationOutcome.issue.code", "f:OperationOutcome/f:issue/f:code", lists.ISSUE_TYPES, "issue-type"),
)

CC_CODINGS: Final = (
    CodingOf("Encounter.class", "f:Encounter/f:class", lists.ENCOUNTER_CLASSES, "medcom-core-encounter-class"),
    CodingOf(
        "PractitionerRole.code",
        "f:PractitionerRole/f:code/f:coding",
        lists.PRACTITIONER_ROLES,
        "medcom-core-PractitionerRoles",
        "medcom-core-PractitionerRoles does not name it, but core 3.0.1 binds the element to that list as an example",
    ),
)

ACK_CODINGS: Final = (
    CodingOf(
        "Provenance.activity.coding",
        "f:Provenance/f:activity/f:coding",
        {words.ACTIVITY_CODES: lists.ACTIVITIES},
        "medcom-messaging-activityCodes",
    ),
    CodingOf(
        "OperationOutcome.issue.details.coding",
        "f:OperationOutcome/f:issue/f:details/f:coding",
        lists.ISSUE_DETAILS,
        "medcom-acknowledgement-issue-details",
        "the profile binds the element to medcom-acknowledgement-issue-details, the guide's text permits own codes",
    ),
)

TARGETS: Final = (Target("Organization.partOf", "f:Organization/f:partOf", ("Organization",)),)

CC_TARGETS: Final = (
    Target(
        "Communication.extension:sender",
        f"f:Communication/{_extension(words.SENDER)}/f:valueReference",
        ("PractitionerRole", "CareTeam"),
    ),
    Target(
        "Communication.payload.extension:author",
        f"{_PAYLOAD}/{_extension(words.AUTHOR)}/f:valueReference",
        ("PractitionerRole",),
    ),
    Target("Encounter.subject", "f:Encounter/f:subject", ("Patient",)),
    Target("Encounter.serviceProvider", "f:Encounter/f:serviceProvider", ("Organization",)),
    Target("Patient.managingOrganization", "f:Patient/f:managingOrganization", ("Organization",)),
    Target(
        "Patient.generalPractitioner",
        "f:Patient/f:generalPractitioner",
        ("Organization", "Practitioner", "PractitionerRole"),
    ),
    Target("Patient.link.other", "f:Patient/f:link/f:other", ("Patient", "RelatedPerson")),
)

_ANY: Final = "f:entry/f:resource/*"

INVARIANTS: Final = (
    Invariant("bdl-1", "f:total", "A message has no total"),
    Invariant("bdl-2", "f:entry/f:search", "The entries of a message have no search"),
    Invariant("bdl-3", "f:entry/f:request", "The entries of a message have no request"),
    Invariant("bdl-4", "f:entry/f:response", "The entries of a message have no response"),
    Invariant("bdl-5", "f:entry[not(f:resource/*)]", "An entry holds no resource"),
    Invariant("bdl-8", "f:entry/f:fullUrl[contains(@value, '/_history/')]", "A fullUrl names a version"),
    Invariant("dom-2", f"{_ANY}/f:contained/*/f:contained", "A contained resource contains another"),
    Invariant(
        "dom-4", f"{_ANY}/f:contained/*/f:meta[f:versionId or f:lastUpdated]", "A contained resource has a version"
    ),
    Invariant("dom-5", f"{_ANY}/f:contained/*/f:meta/f:security", "A contained resource has a security label"),
    Invariant(
        "ext-1",
        "descendant::f:extension[boolean(f:extension) = boolean(*[not(self::f:extension)])]",
        "An extension has not either a value or extensions",
    ),
    Invariant(
        "ext-1",
        f"descendant::f:extension[starts-with(@url, '{words.MEDCOM}')]/f:extension",
        "MedCom's extensions hold a value and no extensions",
    ),
    Invariant(
        "cpt-2",
        f"{_ANY}/f:telecom[f:value and not(f:system)] | f:entry/f:resource/{_PAYLOAD}/f:extension/f:valueContactPoint"
        "[f:value and not(f:system)]",
        "A contact has a value and no system",
    ),
    Invariant(
        "org-2",
        "f:entry/f:resource/f:Organization/f:address[f:use/@value='home']",
        "An Organization has a home address",
    ),
    Invariant(
        "org-3",
        "f:entry/f:resource/f:Organization/f:telecom[f:use/@value='home']",
        "An Organization has a home telecom",
    ),
    Invariant(
        "pat-1",
        "f:entry/f:resource/f:Patient/f:contact[not(f:name or f:telecom or f:address or f:organization)]",
        "A contact of the Patient says nothing of who it is",
    ),
    Invariant(
        "ctm-1",
        "f:entry/f:resource/f:CareTeam/f:participant[f:onBehalfOf]"
        "[f:member/f:reference[not(contains(@value, 'Practitioner/'))]]",
        "A participant of a CareTeam acts on behalf of another and is no Practitioner",
    ),
)
