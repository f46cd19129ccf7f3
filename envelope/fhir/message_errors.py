"""VS-330 to VS-357: what every MedCom message must be, as bundle, header, Provenance, organisation and patient."""

from __future__ import annotations

from typing import Final

from envelope.findings import Fault, Rule, Severity

BUNDLE_TYPE = Rule(
    "VS-330",
    Fault.SENDER,
    "Bundle.type is {type}, not message.",
    "Set Bundle.type to message.",
    "FHIR R4, messaging; MedCom messaging 4.0, Bundle.type",
)
BUNDLE_ID = Rule(
    "VS-331",
    Fault.SENDER,
    "{resource}.id is missing or has a form that FHIR does not know.",
    "Give it an id of 1 to 64 letters, digits, hyphens and dots, new for every message.",
    "MedCom messaging 4.0; governance 052.2",
)
TIMESTAMP = Rule(
    "VS-332",
    Fault.SENDER,
    "{element} is missing or is not a date and time with a zone.",
    "Write it as 2026-01-31T12:00:00+01:00.",
    "MedCom messaging 4.0; governance 052.2",
)
HEADER_FIRST = Rule(
    "VS-333",
    Fault.SENDER,
    "The first entry is not a MessageHeader (bdl-12).",
    "Put exactly one MessageHeader, first in the bundle.",
    "FHIR R4, Bundle: bdl-12; medcom-careCommunication-1",
)
HEADER_COUNT = Rule(
    "VS-334",
    Fault.SENDER,
    "The bundle has {count} MessageHeaders.",
    "Put exactly one MessageHeader, first in the bundle.",
    "MedCom messaging 4.0",
)
EVENT = Rule(
    "VS-335",
    Fault.SENDER,
    "MessageHeader.eventCoding is no message type of MedCom's.",
    "Use a code of medcom-messaging-eventCodes, with its system.",
    "MedCom messaging 4.0, value set medcom-messaging-messageTypes",
)
DESTINATION = Rule(
    "VS-336",
    Fault.SENDER,
    "MessageHeader has {count} destinations marked primary, not exactly one.",
    "Mark one destination with the code primary in the extension medcom-messaging-destinationUseExtension.",
    "MedCom messaging 4.0, MessageHeader.destination:primary",
)
DESTINATION_OTHER = Rule(
    "VS-337",
    Fault.SENDER,
    "A destination is not marked primary; carbon copies are not allowed in this message.",
    "Keep only the primary destination, marked with the system medcom-messaging-destinationUse.",
    "MedCom messaging 4.0, MessageHeader.destination is closed, cc 0..0",
)
ENDPOINT = Rule(
    "VS-338",
    Fault.SENDER,
    "MessageHeader.{element}.endpoint is missing.",
    "Write the endpoint, by custom https://sor2.sum.dsdn.dk/#id= and the SOR code.",
    "FHIR R4, MessageHeader",
)
TWICE = Rule(
    "VS-339",
    Fault.SENDER,
    "Two entries hold the same {type}.",
    "Put each resource into the bundle once.",
    "FHIR R4, Bundle: bdl-7",
)
DANGLING = Rule(
    "VS-340",
    Fault.SENDER,
    "The reference to a {type} points at nothing in the bundle.",
    "Put the resource into the bundle, or correct the reference (Type/id).",
    "FHIR R4, messaging; MedCom messaging 4.0: references stay inside the bundle",
)
REFERENCE_MISSING = Rule(
    "VS-341",
    Fault.SENDER,
    "{element} refers to nothing.",
    "Refer to a {wanted} of the bundle.",
    "MedCom messaging 4.0, CareCommunication 5.0 and core 3.0.1, cardinalities",
)
REFERENCE_TYPE = Rule(
    "VS-342",
    Fault.SENDER,
    "{element} refers to a {found}.",
    "Refer to a {wanted}.",
    "MedCom messaging 4.0, CareCommunication 5.0 and core 3.0.1, reference types",
)
NO_PROVENANCE = Rule(
    "VS-343",
    Fault.SENDER,
    "The bundle has no Provenance (medcom-messaging-2).",
    "Add a Provenance whose target is the MessageHeader.",
    "MedCom messaging 4.0, medcom-messaging-2",
)
NO_OWN_PROVENANCE = Rule(
    "VS-344",
    Fault.SENDER,
    "No Provenance has this message's MessageHeader as its target.",
    "Add a Provenance whose target is MessageHeader/ and the header's id.",
    "MedCom messaging 4.0, Provenance.target",
)
PROVENANCE_TIME = Rule(
    "VS-345",
    Fault.SENDER,
    "Provenance.{element} is missing or is not a date and time with a zone.",
    "Write both occurredDateTime and recorded as 2026-01-31T12:00:00+01:00.",
    "MedCom messaging 4.0, Provenance.occurred and recorded",
)
PROVENANCE_TARGET = Rule(
    "VS-346",
    Fault.SENDER,
    "Provenance has {count} targets that are MessageHeaders, not exactly one.",
    "Refer to the one MessageHeader that this Provenance speaks of.",
    "MedCom messaging 4.0, Provenance.target",
)
PROVENANCE_ACTIVITY = Rule(
    "VS-347",
    Fault.SENDER,
    "The activity {activity} of a Provenance is not one that {type} knows.",
    "Write exactly one coding with the system medcom-messaging-activityCodes and one of: {allowed}.",
    "CareCommunication 5.0, value set medcom-careCommunication-messagingActivities; Acknowledgement 2.0",
)
GLN_MISSING = Rule(
    "VS-350",
    Fault.SENDER,
    "The {role} organisation has no GLN.",
    "Add an identifier with the system https://www.gs1.org/gln.",
    "MedCom messaging 4.0, medcom-messaging-organization",
)
SOR_MISSING = Rule(
    "VS-351",
    Fault.SENDER,
    "The {role} organisation has no SOR code.",
    "Add an identifier with the system urn:oid:1.2.208.176.1.1.",
    "MedCom messaging 4.0, medcom-messaging-organization",
)
GLN_FORM = Rule(
    "VS-352",
    Fault.SENDER,
    "The GLN {gln} is not 13 digits (gln-length).",
    "Correct the GLN.",
    "dk-core 3.4.0, gln-length",
)
GLN_CHECK_DIGIT = Rule(
    "VS-353",
    Fault.SENDER,
    "The GLN {gln} has a wrong check digit (gln-modulus-10).",
    "Correct the GLN.",
    "dk-core 3.4.0, gln-modulus-10; GS1 General Specifications, 7.9",
)
GLN_SYSTEM = Rule(
    "VS-354",
    Fault.SENDER,
    "The GLN is written with the system {system}: dk-core 3.4.0, of CareCommunication 5.0, writes "
    "https://www.gs1.org/gln; dk-core 3.5.0 writes http://www.gs1.org/gln.",
    "Write the system as https://www.gs1.org/gln.",
    "dk-core 3.4.0 against 3.5.0",
    Severity.WARNING,
)
SOR_FORM = Rule(
    "VS-355",
    Fault.SENDER,
    "The SOR code {sor} is not at least 11 digits (min-digits-sor).",
    "Correct the SOR code.",
    "dk-core 3.4.0, min-digits-sor",
)
ORGANIZATION_UNNAMED = Rule(
    "VS-356",
    Fault.SENDER,
    "An Organization has neither SOR code, KOMBIT nor CVR number (dk-core-organization-mandatory-identifier).",
    "Add one of the three identifiers.",
    "dk-core 3.4.0, dk-core-organization-mandatory-identifier",
)

MESSAGE_RULES: Final = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
