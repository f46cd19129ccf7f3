"""XDIS91 to CareCommunication 5.0, row by row, and what 4.0 and 3.0 have otherwise.

Source: MedCom's mapping table v5.0.0 (January 2026), sheet XDIS91 to CareCommunication, in its order; defaults and the
status table from the use cases of the conversion service 3.1.0. Paths of the source are under `Emessage`.
"""

from __future__ import annotations

from conversion.rows.from_xbin01 import FROM_XBIN01
from conversion.rows.row import Row

_TABLE = "MedCom mapping XDIS91 to CareCommunication 5.0"
_USE_CASES = "MedCom conversion service use cases 3.1.0, S1"
_PROFILE = "MedCom CareCommunication 5.0"


def _dropped(id_: str, source: str, why: str = "dropped") -> Row:
    return Row(id_, source, "-", why, _TABLE, carried=False)


TO_CARECOMMUNICATION: tuple[Row, ...] = (
    # Envelope
    Row("XC-sent", "Envelope/Sent", "Bundle.timestamp", "Danish time gets its zone", _TABLE),
    Row("XC-envelope-id", "Envelope/Identifier", "Bundle.id", "new UUID, the pair is remembered", _TABLE),
    Row("XC-bundle-type", "-", "Bundle.type", "message", _TABLE),
    _dropped("XC-acknowledgement-code", "Envelope/AcknowledgementCode", "dropped: every FHIR message is acknowledged"),
    # Header
    Row("XC-destination-use", "-", "MessageHeader.destination.extension[use]", "primary", _TABLE),
    Row("XC-destination-endpoint", "(directory)", "MessageHeader.destination.endpoint", "from the SOR code", _TABLE),
    Row("XC-source-endpoint", "(directory)", "MessageHeader.source.endpoint", "from the SOR code", _TABLE),
    Row("XC-letter-id", "ClinicalEmail/Letter/Identifier", "MessageHeader.id", "new UUID, remembered", _TABLE),
    Row("XC-definition", "-", "MessageHeader.definition", "the message definition, version 5.0", _TABLE),
    Row(
        "XC-definition-4",
        "-",
        "MessageHeader.definition",
        "of 4.0: the message definition, version 4.0.0; 3.0 has none",
        "MedCom CareCommunication 4.0.0",
    ),
    Row("XC-version-code", "ClinicalEmail/Letter/VersionCode", "(remembered)", "kept for the receipt", _TABLE),
    _dropped("XC-statistical-code", "ClinicalEmail/Letter/StatisticalCode"),
    Row("XC-text-date", "ClinicalEmail/Letter/Authorisation", "payload[string].extension[date]", "with zone", _TABLE),
    Row("XC-event", "ClinicalEmail/Letter/TypeCode", "MessageHeader.eventCoding", "care-communication-message", _TABLE),
    Row("XC-activity", "ClinicalEmail/Letter/StatusCode", "Provenance.activity", "new-message", _TABLE),
    Row("XC-corrected", "ClinicalEmail/Letter/StatusCode", "(finding)", "rettetbrev is told of", "mapping.md 9.4"),
    Row(
        "XC-episode-of-care",
        "ClinicalEmail/Letter/EpisodeOfCareIdentifier",
        "Encounter.episodeOfCare.identifier.value",
        "hyphens of a UUID put in",
        _TABLE,
    ),
    # Sender
    Row("XC-sender-gln", "ClinicalEmail/Sender/EANIdentifier", "Organization.identifier[GLN]", "copied", _TABLE),
    Row(
        "XC-sender-identifier",
        "ClinicalEmail/Sender/Identifier",
        "Organization.identifier",
        "where FHIR knows a system for its code",
        _TABLE,
    ),
    Row(
        "XC-sender-identifier-code",
        "ClinicalEmail/Sender/IdentifierCode",
        "Organization.identifier.system",
        "chooses the system",
        _TABLE,
    ),
    Row("XC-sender-sor", "(directory)", "Organization.identifier[SOR]", "looked up by GLN", _TABLE),
    Row("XC-sender-organisation", "ClinicalEmail/Sender/OrganisationName", "Organization.name", "joined", _TABLE),
    Row("XC-directory-name", "(directory)", "Organization.name", "where the letter has a filler for it", "vansim"),
    Row("XC-sender-department", "ClinicalEmail/Sender/DepartmentName", "Organization.name", "joined", _TABLE),
    Row("XC-sender-unit", "ClinicalEmail/Sender/UnitName", "Organization.name", "joined", _TABLE),
    _dropped("XC-sender-street", "ClinicalEmail/Sender/StreetName"),
    _dropped("XC-sender-suburb", "ClinicalEmail/Sender/SuburbName"),
    _dropped("XC-sender-district", "ClinicalEmail/Sender/DistrictName"),
    _dropped("XC-sender-post-code", "ClinicalEmail/Sender/PostCodeIdentifier"),
    Row(
        "XC-sender-telephone",
        "ClinicalEmail/Sender/TelephoneSubscriberIdentifier",
        "payload[string].extension[authorContact]",
        "copied",
        _TABLE,
    ),
    Row(
        "XC-directory-telephone",
        "(directory)",
        "payload[string].extension[authorContact]",
        "where the letter has none",
        _TABLE,
    ),
    Row("XC-no-telephone", "-", "payload[string].extension[authorContact]", "0000 0000 where nobody has one", _TABLE),
    _dropped("XC-sender-speciality", "ClinicalEmail/Sender/MedicalSpecialityCode"),
    # Receiver
    Row("XC-receiver-gln", "ClinicalEmail/Receiver/EANIdentifier", "Organization.identifier[GLN]", "copied", _TABLE),
    Row(
        "XC-receiver-identifier",
        "ClinicalEmail/Receiver/Identifier",
        "Organization.identifier",
        "where FHIR knows a system for its code",
        _TABLE,
    ),
    Row(
        "XC-receiver-identifier-code",
        "ClinicalEmail/Receiver/IdentifierCode",
        "Organization.identifier.system",
        "chooses the system",
        _TABLE,
    ),
    Row("XC-receiver-sor", "(directory)", "Organization.identifier[SOR]", "looked up by GLN", _TABLE),
    Row("XC-receiver-organisation", "ClinicalEmail/Receiver/OrganisationName", "Organization.name", "copied", _TABLE),
    _dropped("XC-receiver-department", "ClinicalEmail/Receiver/DepartmentName"),
    _dropped("XC-receiver-unit", "ClinicalEmail/Receiver/UnitName"),
    _dropped("XC-receiver-street", "ClinicalEmail/Receiver/StreetName"),
    _dropped("XC-receiver-suburb", "ClinicalEmail/Receiver/SuburbName"),
    _dropped("XC-receiver-district", "ClinicalEmail/Receiver/DistrictName"),
    _dropped("XC-receiver-post-code", "ClinicalEmail/Receiver/PostCodeIdentifier"),
    # Patient
    Row("XC-patient-cpr", "ClinicalEmail/Patient/CivilRegistrationNumber", "Patient.identifier[cpr]", "copied", _TABLE),
    Row(
        "XC-patient-replacement",
        "ClinicalEmail/Patient/AlternativeIdentifier",
        "Patient.identifier[x-ecpr or d-ecpr]",
        "character 7 chooses the system: 1 or 7 the national one, anything else the local one",
        _TABLE,
    ),
    Row("XC-patient-family", "ClinicalEmail/Patient/PersonSurnameName", "Patient.name.family", "copied", _TABLE),
    Row("XC-no-family", "-", "Patient.name.family", "ukendt where the letter has blanks only", "vansim"),
    Row("XC-patient-given", "ClinicalEmail/Patient/PersonGivenName", "Patient.name.given", "copied", _TABLE),
    Row("XC-patient-street", "ClinicalEmail/Patient/StreetName", "Patient.address.line", "copied", _TABLE),
    _dropped("XC-patient-suburb", "ClinicalEmail/Patient/SuburbName"),
    Row("XC-patient-city", "ClinicalEmail/Patient/DistrictName", "Patient.address.city", "copied", _TABLE),
    Row(
        "XC-patient-post-code",
        "ClinicalEmail/Patient/PostCodeIdentifier",
        "Patient.address.postalCode",
        "copied",
        _TABLE,
    ),
    _dropped("XC-patient-occupancy", "ClinicalEmail/Patient/OccupancyText"),
    Row(
        "XC-episode-class",
        "ClinicalEmail/Patient/EpisodeOfCareStatusCode",
        "Encounter.class",
        "by the status table",
        _USE_CASES,
    ),
    Row(
        "XC-episode-status",
        "ClinicalEmail/Patient/EpisodeOfCareStatusCode",
        "Encounter.status",
        "by the status table",
        _USE_CASES,
    ),
    Row(
        "XC-deceased",
        "ClinicalEmail/Patient/EpisodeOfCareStatusCode",
        "Patient.deceasedBoolean",
        "doed gives true, with an Encounter or without",
        _USE_CASES,
    ),
    # Communication
    Row("XC-communication-id", "-", "Communication.identifier", "new UUID, urn:uuid", _TABLE),
    Row("XC-communication-status", "-", "Communication.status", "unknown", _TABLE),
    Row("XC-category", "-", "Communication.category", "other", _TABLE),
    Row(
        "XC-priority",
        "ClinicalEmail/AdditionalInformation/Priority",
        "payload[string].contentString",
        "høj_prioritet becomes a sentence before the text",
        _TABLE,
    ),
    Row("XC-subject", "ClinicalEmail/AdditionalInformation/Subject", "Communication.topic.text", "copied", _TABLE),
    Row("XC-no-subject", "-", "Communication.topic.text", "Ukendt emne where there is none", _TABLE),
    Row(
        "XC-text",
        "ClinicalEmail/ClinicalInformation/Text01",
        "payload[string].contentString",
        "plain text, Break a newline",
        _TABLE,
    ),
    Row("XC-no-text", "-", "payload[string].contentString", "a default and a finding where there is none", "vansim"),
    Row(
        "XC-text-xhtml",
        "ClinicalEmail/ClinicalInformation/Text01",
        "payload[string].contentString",
        "of 3.0: XHTML, with br for a newline",
        "MedCom CareCommunication 3.0 and release note of 4.0",
    ),
    Row("XC-text-id", "-", "payload[string].extension[identifier].value", "new UUID, urn:uuid", _TABLE),
    Row("XC-text-assigner", "-", "payload[string].extension[identifier].assigner", "the sender", _USE_CASES),
    Row("XC-text-author", "-", "payload[string].extension[author]", "the PractitionerRole", _PROFILE),
    Row("XC-provenance-payload", "-", "Provenance.entity[source]", "the text's identifier", _TABLE),
    Row("XC-author-role", "-", "PractitionerRole.code.text", "ukendt", _TABLE),
    Row("XC-author-name", "-", "Practitioner.name.text", "the organisation's name", _TABLE),
    # Attachments
    *FROM_XBIN01,
    Row(
        "XC-supplement",
        "ClinicalEmail/Reference/SUP",
        "payload[string].contentString",
        "a line at the end of the text, and a finding: no source maps it",
        "mapping.md 9.6; vansim",
    ),
    Row(
        "XC-author-role-code",
        "-",
        "PractitionerRole.code",
        "of 4.0 and 3.0: NAVU, not available; a role is a code there, and no document says which: our choice",
        "MedCom CareCommunication 4.0, medcom-careCommunication-7; medcom-core-PractitionerRoles [INFER]",
    ),
    # Links
    Row(
        "XC-url",
        "ClinicalEmail/Reference/URL",
        "payload[attachment].contentAttachment.url",
        "copied",
        _TABLE,
    ),
    Row(
        "XC-url-title",
        "ClinicalEmail/Reference/RefDescription",
        "payload[attachment].contentAttachment.title",
        "copied",
        _TABLE,
    ),
    Row("XC-no-url-title", "-", "payload[attachment].contentAttachment.title", "Link where it is blank", "vansim"),
    Row("XC-url-id", "-", "payload[attachment].extension[identifier].value", "new UUID, urn:uuid", _TABLE),
    Row("XC-url-assigner", "-", "payload[attachment].extension[identifier].assigner", "the sender", _USE_CASES),
    Row(
        "XC-url-date", "ClinicalEmail/Letter/Authorisation", "payload[attachment].extension[date]", "with zone", _TABLE
    ),
    Row("XC-provenance-url", "-", "Provenance.entity[source]", "the link's identifier", _TABLE),
    # Provenance
    Row("XC-occurred", "Envelope/Sent", "Provenance.occurredDateTime", "with zone", _TABLE),
    Row("XC-recorded", "Envelope/Sent", "Provenance.recorded", "with zone", _TABLE),
    Row(
        "XC-provenance-profile-3",
        "-",
        "Provenance.meta.profile",
        "of 3.0: messaging's; one of its own, with the payloads as entities, came with 4.0",
        "MedCom CareCommunication 4.0.0, release note [INFER]",
    ),
    Row("XC-provenance-target", "-", "Provenance.target", "this MessageHeader", _PROFILE),
    Row("XC-provenance-agent", "-", "Provenance.agent.who", "the sender", _PROFILE),
)
