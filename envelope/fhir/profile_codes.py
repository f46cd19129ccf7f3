"""Which elements CareCommunication 5.0.2 and Acknowledgement 2.0.3 bind to which list of codes, line by line.

Required lists are errors, among them those of FHIR R4 that fhir.resources does not look at; the one list that is an
example, and the one on which profile and text disagree, are warnings.
"""

from __future__ import annotations

from typing import Final

from envelope.fhir import code_lists as lists
from envelope.fhir import vocabulary as words
from envelope.fhir.demands import Codes, CodingOf

_PAYLOAD: Final = "f:Communication/f:payload"
_IDENTIFIER: Final = "f:Organization/f:identifier"

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
    Codes("MessageHeader.response.code", "f:MessageHeader/f:response/f:code", words.RESPONSE_CODES, "response-code"),
    Codes(
        "Communication.payload.extension:identifier.value[x].use",
        f"{_PAYLOAD}/f:extension/f:valueIdentifier/f:use",
        lists.IDENTIFIER_USES,
        "identifier-use",
    ),
    Codes(
        "Communication.payload.extension:authorContact.value[x].use",
        f"{_PAYLOAD}/f:extension/f:valueContactPoint/f:use",
        lists.CONTACT_USES,
        "contact-point-use",
    ),
    Codes(
        "PractitionerRole.availableTime.daysOfWeek",
        "f:PractitionerRole/f:availableTime/f:daysOfWeek",
        lists.DAYS,
        "days-of-week",
    ),
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
