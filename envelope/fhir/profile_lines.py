"""The cardinalities and reference types of CareCommunication 5.0.2 and Acknowledgement 2.0.3, line by line.

With messaging 4.0.2 and core 3.0.1; the lists of codes stand in `profile_codes`. What `message_rules`,
`care_communication_rules`, `payload_rules` and `acknowledgement_rules` hold already does not stand here again; the
tests walk the snapshots and name for each of their lines the rule, or why no rule can bind.
"""

from __future__ import annotations

from typing import Final

from envelope.fhir import vocabulary as words
from envelope.fhir.demands import Cardinality, Target

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
        "Patient.address.extension:address-official",
        "f:Patient/f:address",
        _extension("http://hl7.org/fhir/StructureDefinition/address-official"),
        0,
        1,
        _PATIENT,
    ),
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
