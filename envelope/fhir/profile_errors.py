"""VS-358 to VS-399: what CareCommunication 5.0 and Acknowledgement 2.0 demand, under MedCom's ids where they exist."""

from __future__ import annotations

from typing import Final

from envelope.findings import Fault, Rule, Severity

HEADER_PROFILE = Rule(
    "VS-360",
    Fault.SENDER,
    "The MessageHeader does not declare the profile {profile} ({invariant}).",
    "Put the profile's address into MessageHeader.meta.profile.",
    "CareCommunication 5.0, medcom-careCommunication-1; Acknowledgement 2.0, medcom-acknowledgement-2",
)
PATIENT_COUNT = Rule(
    "VS-361",
    Fault.SENDER,
    "The bundle holds {count} Patients, not exactly one (medcom-careCommunication-2).",
    "Put exactly one Patient into the bundle.",
    "CareCommunication 5.0, medcom-careCommunication-2",
)
PROVENANCE_PROFILE = Rule(
    "VS-362",
    Fault.SENDER,
    "A Provenance does not declare the profile medcom-careCommunication-provenance (medcom-careCommunication-3).",
    "Put the profile's address into Provenance.meta.profile.",
    "CareCommunication 5.0, medcom-careCommunication-3",
)
PRACTITIONER_NAME = Rule(
    "VS-363",
    Fault.SENDER,
    "No Practitioner of the bundle has a name (medcom-careCommunication-4).",
    "Name the Practitioner who wrote the text.",
    "CareCommunication 5.0, medcom-careCommunication-4",
)
PRIORITY = Rule(
    "VS-364",
    Fault.SENDER,
    "Communication.priority is there though the category is {category} (medcom-careCommunication-5).",
    "Leave priority out, or use the category regarding-referral.",
    "CareCommunication 5.0, medcom-careCommunication-5",
)
PRIORITY_CODE = Rule(
    "VS-358",
    Fault.SENDER,
    "Communication.priority is {priority}.",
    "Use routine or asap.",
    "CareCommunication 5.0, value set medcom-careCommunication-requestPriority",
)
TOPIC = Rule(
    "VS-365",
    Fault.SENDER,
    "Communication.topic is missing though the category is other (medcom-careCommunication-6).",
    "Write a topic, or use a category that says what the message is about.",
    "CareCommunication 5.0, medcom-careCommunication-6",
)
AUTHOR_ROLE = Rule(
    "VS-366",
    Fault.SENDER,
    "The author's PractitionerRole has {found}, not either a code or a text (medcom-careCommunication-7).",
    "Write the author's role as a code or as a text, not both.",
    "CareCommunication 5.0, medcom-careCommunication-7",
)
AUTHOR_NAME = Rule(
    "VS-367",
    Fault.SENDER,
    "The author of a payload has no name (medcom-careCommunication-8).",
    "Refer from the PractitionerRole to a Practitioner with a name.",
    "CareCommunication 5.0, medcom-careCommunication-8",
)
EPISODE_OF_CARE = Rule(
    "VS-368",
    Fault.SENDER,
    "The Encounter has no episodeOfCare identifier (medcom-careCommunication-9).",
    "Write Encounter.episodeOfCare.identifier, or leave the Encounter out.",
    "CareCommunication 5.0, medcom-careCommunication-9",
)
SPECIFIC_SENDER = Rule(
    "VS-369",
    Fault.SENDER,
    "The specific sender does not belong to the organisation in MessageHeader.sender (medcom-careCommunication-11).",
    "Let the specific sender's organization be MessageHeader.sender.",
    "CareCommunication 5.0, medcom-careCommunication-11",
)
SPECIFIC_RECIPIENT = Rule(
    "VS-370",
    Fault.SENDER,
    "The specific recipient does not belong to the receiving organisation (medcom-careCommunication-12).",
    "Let the specific recipient's organization be MessageHeader.destination.receiver.",
    "CareCommunication 5.0, medcom-careCommunication-12",
)
ROLE_WITHOUT_PRACTITIONER = Rule(
    "VS-371",
    Fault.SENDER,
    "No PractitionerRole refers to a Practitioner (medcom-careCommunication-13).",
    "Refer from the author's PractitionerRole to its Practitioner.",
    "CareCommunication 5.0, medcom-careCommunication-13",
)
ENCOUNTER = Rule(
    "VS-372",
    Fault.SENDER,
    "Communication.encounter and the bundle's Encounter do not go together (medcom-careCommunication-15).",
    "Refer to the Encounter that is in the bundle, or leave both out.",
    "CareCommunication 5.0.4, medcom-careCommunication-15 (in 5.0.2 it has no effect)",
)
THREAD_ID = Rule(
    "VS-373",
    Fault.SENDER,
    "Communication.identifier is missing or is not urn:uuid: and a UUID in lower case (medcom-uuidv4).",
    "Write the thread's identifier as urn:uuid: and a UUID in lower case.",
    "CareCommunication 5.0, Communication.identifier, medcom-uuidv4",
)
DEFINITION = Rule(
    "VS-374",
    Fault.SENDER,
    "MessageHeader.definition is not CareCommunication's, version 5.x (medcom-carecommunication-definition-url).",
    "Write the address of MedComCareCommunicationMessageDefinition, a bar, and the version (5.0).",
    "CareCommunication 5.0.3, medcom-carecommunication-definition-url",
)
CATEGORY = Rule(
    "VS-375",
    Fault.SENDER,
    "Communication.category is not exactly one coding with system and code: {found}.",
    "Write one category with one coding, its system and a code of the national list.",
    "CareCommunication 5.0, Communication.category.coding 1..1, system and code 1..1",
)
CATEGORY_CODE = Rule(
    "VS-376",
    Fault.SENDER,
    "The category {code} of the system {system} is not in the national list.",
    "Use a code of medcom-careCommunication-categoryCodes.",
    "CareCommunication 5.0, value set medcom-careCommunication-categories 1.9.0",
)
STATUS = Rule(
    "VS-377",
    Fault.SENDER,
    "Communication.status is {status}, not unknown.",
    "Set Communication.status to unknown.",
    "CareCommunication 5.0, Communication.status",
)
COMMUNICATION_COUNT = Rule(
    "VS-378",
    Fault.SENDER,
    "The bundle holds {count} Communications, not exactly one.",
    "Put exactly one Communication into the bundle, and let MessageHeader.focus refer to it.",
    "CareCommunication 5.0, MessageHeader.focus 1..1",
)
NO_TEXT = Rule(
    "VS-379",
    Fault.SENDER,
    "The Communication has no payload with a text.",
    "Write at least one payload with contentString.",
    "CareCommunication 5.0, Communication.payload:string 1..*",
)
PAYLOAD_CONTENT = Rule(
    "VS-380",
    Fault.SENDER,
    "A payload has not exactly one content, contentString or contentAttachment.",
    "Give the payload a text or an attachment.",
    "CareCommunication 5.0, Communication.payload.content[x]",
)
PAYLOAD_EXTENSION = Rule(
    "VS-381",
    Fault.SENDER,
    "A payload with {content} lacks the extension {missing}.",
    "Give every text date, identifier, author and authorContact, every attachment date and identifier.",
    "CareCommunication 5.0, Communication.payload.extension",
)
PAYLOAD_DATE = Rule(
    "VS-382",
    Fault.SENDER,
    "The date of a payload is not a date and time with a zone.",
    "Write it as 2026-01-31T12:00:00+01:00: the moment the user sent the text.",
    "CareCommunication 5.0, medcom-core-datetime-extension; governance 052.2",
)
PAYLOAD_IDENTIFIER = Rule(
    "VS-383",
    Fault.SENDER,
    "The identifier of a payload is not urn:uuid: and a UUID in lower case (medcom-uuidv4).",
    "Write it as urn:uuid: and a UUID in lower case.",
    "core 3.0.1, medcom-assigned-identifier, medcom-uuidv4",
)
PAYLOAD_ASSIGNER = Rule(
    "VS-384",
    Fault.SENDER,
    "The identifier of a payload does not say which organisation gave it.",
    "Refer from the identifier's assigner to the Organization that added the payload.",
    "core 3.0.1, medcom-assigned-identifier, assigner 1..1",
)
PAYLOAD_CONTACT = Rule(
    "VS-385",
    Fault.SENDER,
    "The authorContact of a payload is not a telephone number (medcom-core-contact).",
    "Write valueContactPoint with the system phone and a number.",
    "core 3.0.1, medcom-core-contact-extension",
)
ATTACHMENT_TITLE = Rule(
    "VS-386",
    Fault.SENDER,
    "An attachment has no title.",
    "Give the attachment a title.",
    "CareCommunication 5.0, Communication.payload:attachment.content[x].title",
)
ATTACHMENT_TYPE = Rule(
    "VS-387",
    Fault.SENDER,
    "The contentType {type} of an attachment is not one that CareCommunication carries.",
    "Use one of: {allowed}.",
    "CareCommunication 5.0, value set medcom-core-attachmentMimeTypes",
)
SOURCE_MISMATCH = Rule(
    "VS-388",
    Fault.SENDER,
    "{what}: the profile says that entity:payload names the payloads that the message adds, some of MedCom's own "
    "examples have other identifiers there.",
    "Let every payload's identifier stand as source in one Provenance, and no other.",
    "CareCommunication 5.0, Provenance.entity:payload, against IG examples d11968f5, k7bfbc0c and S-Tek-C",
    Severity.WARNING,
)
PROVENANCE_ENTITY = Rule(
    "VS-389",
    Fault.SENDER,
    "The entities of a Provenance are not as the profile says: {found}.",
    "Write at most one entity with the role revision, and at least one with source and what.identifier.",
    "CareCommunication 5.0, Provenance.entity, closed",
)
PATIENT_IDENTIFIER = Rule(
    "VS-390",
    Fault.SENDER,
    "The Patient has no CPR number or replacement CPR number in a system that is known.",
    "Add an identifier with the system urn:oid:1.2.208.176.1.2 or one of the replacement numbers.",
    "core 3.0.1, medcom-core-patient",
)
PATIENT_NUMBER = Rule(
    "VS-391",
    Fault.SENDER,
    "An identifier of the Patient does not have the form of its system, {system}.",
    "Correct the number or its system.",
    "dk-core 3.4.0, cpr, x-ecpr, d-ecpr",
)
PATIENT_SYSTEM = Rule(
    "VS-392",
    Fault.SENDER,
    "An identifier of the Patient has the system {system}, which core 3.0.1 does not name; its slicing is open.",
    "Use CPR, x-eCPR or d-eCPR.",
    "core 3.0.1, Patient.identifier slicing",
    Severity.WARNING,
)
PATIENT_NAME = Rule(
    "VS-393",
    Fault.SENDER,
    "The Patient has no official name with a family name.",
    "Write Patient.name with use official and family.",
    "core 3.0.1, medcom-core-patient, Patient.name:official",
)
RESPONSE = Rule(
    "VS-394",
    Fault.SENDER,
    "MessageHeader.response.identifier is missing.",
    "Write the MessageHeader.id of the message that is acknowledged.",
    "Acknowledgement 2.0, MessageHeader.response",
)
RESPONSE_CODE = Rule(
    "VS-395",
    Fault.SENDER,
    "MessageHeader.response.code is {code}.",
    "Use ok, transient-error or fatal-error.",
    "Acknowledgement 2.0, MessageHeader.response.code",
)
OUTCOME_MISSING = Rule(
    "VS-396",
    Fault.SENDER,
    "The response code is {code}, but no OperationOutcome says why (medcom-acknowledgement-1).",
    "Add an OperationOutcome and refer to it in MessageHeader.response.details.",
    "Acknowledgement 2.0, medcom-acknowledgement-1",
)
ACK_PROVENANCES = Rule(
    "VS-397",
    Fault.SENDER,
    "The acknowledgement has {count} Provenances, not exactly two.",
    "Add the latest Provenance of the message that is acknowledged, and the acknowledgement's own.",
    "Acknowledgement 2.0, content of the message",
)
ACK_REVISION = Rule(
    "VS-398",
    Fault.SENDER,
    "The acknowledgement's own Provenance does not say which message it answers: {found}.",
    "Write an entity with the role revision and what.reference MessageHeader/ and the id in response.identifier.",
    "Acknowledgement 2.0, Provenance.entity",
)

ACK_OTHER_REVISION = Rule(
    "VS-399",
    Fault.SENDER,
    "MessageHeader.response.identifier and the revision in the acknowledgement's own Provenance name different "
    "messages: the guide says that both name the acknowledged one, its examples bc9535ef and c9c2b2f6 differ.",
    "Write the MessageHeader.id of the acknowledged message in both places.",
    "Acknowledgement 2.0, Provenance, against its own examples",
    Severity.WARNING,
)
ATTACHMENT_DATA = Rule(
    "VS-359",
    Fault.SENDER,
    "The data of an attachment is not base64.",
    "Write the attachment's bytes as base64.",
    "FHIR R4, datatypes: base64Binary",
)

PROFILE_RULES: Final = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
