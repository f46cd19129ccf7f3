"""CareCommunication 5.0 to XDIS91 (XD9134L), row by row, and what 3.0 has otherwise.

Source: MedCom's mapping table v5.0.0 (January 2026), sheet CareCommunication to XDIS91, in its order and under its
names; defaults, the status table and what goes into the text from the use cases of the conversion service 3.1.0.
Paths of the target are under `Emessage`, those from Letter to ClinicalInformation under its `ClinicalEmail`.
"""

from __future__ import annotations

from conversion.rows.attached import ATTACHED
from conversion.rows.row import Row

TABLE = "MedCom mapping CareCommunication 5.0 to XDIS91"
_USE_CASES = "MedCom conversion service use cases 3.1.0"
_TEXT = "ClinicalInformation/Text01"


def _row(id_: str, source: str, target: str, rule: str, name: str) -> Row:
    """A row of MedCom's table under the name it has there."""
    return Row(id_, source, target, rule, f"{TABLE}, {name}")


def _dropped(id_: str, source: str, name: str, why: str = "dropped") -> Row:
    return Row(id_, source, "-", why, f"{TABLE}, {name}", carried=False)


TO_XDIS91: tuple[Row, ...] = (
    # Envelope
    _row("CX-sent-date", "Bundle.timestamp", "Envelope/Sent/Date", "Danish date", "Date for Message sent"),
    _row("CX-sent-time", "Bundle.timestamp", "Envelope/Sent/Time", "Danish time, HH:MM", "Time for Message sent"),
    _dropped("CX-bundle-type", "Bundle.type", "Bundle type"),
    _row(
        "CX-envelope-identifier",
        "Bundle.id",
        "Envelope/Identifier",
        "14 characters of our own, the pair is remembered",
        "Message envelope id",
    ),
    _row("CX-version-code", "-", "Letter/VersionCode", "XD9134L", "Version code"),
    _row("CX-statistical-code", "-", "Letter/StatisticalCode", "XDIS91", "Statistical code"),
    _row("CX-acknowledgement-code", "-", "Envelope/AcknowledgementCode", "pluspositivkvitt", "AcknowledgementCode"),
    # Header
    _row(
        "CX-letter-identifier",
        "MessageHeader.id",
        "Letter/Identifier",
        "14 characters of our own, the pair is remembered",
        "Message letter id",
    ),
    _row("CX-type-code", "MessageHeader.eventCoding.code", "Letter/TypeCode", "XDIS91", "Message type"),
    _dropped("CX-destination-use", "MessageHeader.destination.extension[use]", "Destination use"),
    _dropped("CX-destination-endpoint", "MessageHeader.destination.endpoint", "Destination endpoint"),
    _dropped("CX-source-endpoint", "MessageHeader.source.endpoint", "Sender endpoint"),
    _dropped("CX-definition", "MessageHeader.definition", "Message definition"),
    # Sender and receiver
    _row("CX-sender-gln", "Organization.identifier[GLN]", "Sender/EANIdentifier", "copied", "Sender EAN"),
    _row(
        "CX-sender-sor",
        "Organization.identifier[SOR]",
        "Sender/Identifier",
        "copied; the directory's where the message has none",
        "Sender id; Sender SOR",
    ),
    _row(
        "CX-sender-name",
        "Organization.name",
        "Sender/OrganisationName",
        "cut to 35",
        "Sender organization name",
    ),
    Row(
        "CX-sender-name-fallback",
        "(directory)",
        "Sender/OrganisationName",
        "where the message names nobody; else the SOR code",
        "mapping.md 2, sender Organization.name",
    ),
    _row("CX-sender-identifier-code", "-", "Sender/IdentifierCode", "sorkode", "Sender identifier type"),
    _row("CX-receiver-gln", "Organization.identifier[GLN]", "Receiver/EANIdentifier", "copied", "Receiver EAN"),
    _dropped(
        "CX-receiver-sor",
        "Organization.identifier[SOR]",
        "Receiver SOR",
        "the directory says which identifier the receiver goes by",
    ),
    _row(
        "CX-receiver-name", "Organization.name", "Receiver/OrganisationName", "cut to 35", "Receiver organization name"
    ),
    _row("CX-receiver-identifier", "(directory)", "Receiver/Identifier", "looked up", "Receiver id"),
    _row(
        "CX-receiver-identifier-code",
        "(directory)",
        "Receiver/IdentifierCode",
        "by the kind of identifier: sorkode, kommunenummer, ydernummer",
        "Receiver identifier type",
    ),
    # Patient
    _row(
        "CX-patient-cpr",
        "Patient.identifier[CPR]",
        "Patient/CivilRegistrationNumber",
        "before any replacement number",
        "Patient id",
    ),
    _row(
        "CX-patient-alternative",
        "Patient.identifier[X-eCPR or D-eCPR]",
        "Patient/AlternativeIdentifier",
        "without a CPR number: the national one, else the local one",
        "Patient alternative id",
    ),
    Row(
        "CX-patient-extra-identifiers",
        "Patient.identifier",
        _TEXT,
        "those without a field, after MedCom's sentence",
        f"{_USE_CASES}, S2.A2",
    ),
    _row("CX-patient-surname", "Patient.name.family", "Patient/PersonSurnameName", "cut to 70", "Patient family name"),
    Row(
        "CX-patient-surname-unknown",
        "Patient.name.family without a value",
        "Patient/PersonSurnameName",
        "Ukendt: FHIR may say that a name is not known, XDIS91 must have one",
        "MedCom CareCommunication 5.0, test example R-Tek-B; OIOXML 2006/07/01, Patient",
    ),
    _row(
        "CX-patient-given",
        "Patient.name.given",
        "Patient/PersonGivenName",
        "joined by a blank, cut to 70",
        "Patient name",
    ),
    _row(
        "CX-patient-street",
        "Patient.address.line",
        "Patient/StreetName",
        "joined by a comma, cut to 35",
        "Patient street name",
    ),
    _row("CX-patient-city", "Patient.address.city", "Patient/DistrictName", "cut to 35", "Patient city name"),
    _row(
        "CX-patient-post-code",
        "Patient.address.postalCode",
        "Patient/PostCodeIdentifier",
        "cut to 9",
        "Patient post code",
    ),
    _row(
        "CX-status-doed",
        "Patient.deceased; Encounter.class, .status",
        "Patient/EpisodeOfCareStatusCode",
        "other, finished and deceased give doed",
        "Deceased",
    ),
    _dropped("CX-patient-telecom", "Patient.telecom.value, .use", "Patient contact"),
    # Episode of care
    _row(
        "CX-episode-identifier",
        "Encounter.episodeOfCare.identifier.value",
        "Letter/EpisodeOfCareIdentifier",
        "without hyphens, cut to 35",
        "Episode of care identifier",
    ),
    _row(
        "CX-episode-uuid",
        "Encounter.episodeOfCare.identifier.value",
        "Letter/EpisodeOfCareIdentifier",
        "without urn:uuid:",
        "Episode of care identifier",
    ),
    Row(
        "CX-episode-own-first",
        "Encounter.episodeOfCare.identifier",
        "Letter/EpisodeOfCareIdentifier",
        "of several the locally defined one, the first in the file",
        "MedCom test protocol 1.4; governance for episode of care identifiers",
    ),
    _row(
        "CX-episode-lpr3-first",
        "Encounter.episodeOfCare.identifier",
        "Letter/EpisodeOfCareIdentifier",
        "of several the LPR3 one, by setting",
        "Episode of care identifier",
    ),
    _row(
        "CX-status-indlagt",
        "Encounter.class, .status",
        "Patient/EpisodeOfCareStatusCode",
        "IMP and in-progress give indlagt",
        "Episode of care status",
    ),
    _row(
        "CX-status-ambulant",
        "Encounter.class, .status",
        "Patient/EpisodeOfCareStatusCode",
        "AMB and in-progress give ambulant",
        "Episode of care status",
    ),
    _row(
        "CX-status-inaktiv",
        "Encounter.class, .status",
        "Patient/EpisodeOfCareStatusCode",
        "every other combination, and no Encounter, gives inaktiv",
        "Episode of care status",
    ),
    # Communication
    _dropped("CX-communication-identifier", "Communication.identifier.value", "Communication identifier"),
    _dropped("CX-communication-status", "Communication.status", "Communication status", "dropped: always unknown"),
    _row(
        "CX-category",
        "Communication.category.coding.code",
        "AdditionalInformation/Subject",
        "its Danish display, before the topic",
        "Category",
    ),
    _row(
        "CX-priority-asap",
        "Communication.priority",
        "AdditionalInformation/Priority",
        "asap gives høj_prioritet, with regarding-referral only",
        "Priority",
    ),
    _row(
        "CX-priority-routine",
        "Communication.priority",
        "AdditionalInformation/Priority",
        "routine gives rutine, with regarding-referral only",
        "Priority",
    ),
    _row(
        "CX-topic",
        "Communication.topic.text",
        "AdditionalInformation/Subject",
        "after the category, a comma and a blank",
        "Subject",
    ),
    _row("CX-subject", "Communication.category, .topic", "AdditionalInformation/Subject", "cut to 70", "Category"),
    # The text and who wrote it
    _row("CX-text", "Communication.payload[string].contentString", _TEXT, "the newest segment first", "Text"),
    Row(
        "CX-text-xhtml",
        "Communication.payload[string].contentString",
        _TEXT,
        "of 3.0, where it is XHTML: its words, with a newline where it breaks a line",
        "MedCom CareCommunication 3.0 and release note of 4.0",
    ),
    Row(
        "CX-retraction",
        "Provenance.activity; Communication.status",
        "(refusal)",
        "of 3.0: retract-message, modified-message and entered-in-error are refused",
        "mapping.md 9.4",
    ),
    _row("CX-text-break", "Communication.payload[string].contentString", _TEXT, "a newline gives Break", "Text"),
    _row(
        "CX-authorisation-date",
        "Communication.payload[string].extension[date]",
        "Letter/Authorisation/Date",
        "of the newest segment, Danish date",
        "Authorisation date",
    ),
    _row(
        "CX-authorisation-time",
        "Communication.payload[string].extension[date]",
        "Letter/Authorisation/Time",
        "of the newest segment, Danish time",
        "Authorisation time",
    ),
    _row("CX-author-role", "PractitionerRole.code", _TEXT, "a line: Stilling, Danish display", "Author role"),
    _row("CX-author-name", "Practitioner.name", _TEXT, "a line: Forfatter", "Author name"),
    _row(
        "CX-author-contact",
        "Communication.payload[string].extension[authorContact].value",
        "Sender/TelephoneSubscriberIdentifier",
        "of the newest segment, cut to 25",
        "Author contact",
    ),
    Row(
        "CX-newest-segment",
        "Provenance.entity[source]",
        f"{_TEXT}; Letter/Authorisation",
        "what this message's Provenance adds is the newest; else the date decides",
        f"{_USE_CASES}, S2; defaults",
    ),
    Row(
        "CX-thread",
        "Communication.payload[string]",
        _TEXT,
        "earlier segments, newest first, each under who wrote it and when",
        "mapping.md 5.5",
    ),
    *ATTACHED,
    # Specific sender and recipient, and the chain
    _row(
        "CX-specific-sender",
        "Communication.extension[sender]",
        _TEXT,
        "a line: person and role, or care team and organisation",
        "Specific sender",
    ),
    _row(
        "CX-specific-recipient",
        "Communication.recipient",
        _TEXT,
        "a line: person and role, or care team and organisation",
        "Specific recipient",
    ),
    _dropped("CX-provenance-time", "Provenance.occurredDateTime, .recorded", "Message sent dateTime"),
    _row("CX-status-code", "Provenance.activity", "Letter/StatusCode", "nytbrev always", "Message status/activity"),
    _row(
        "CX-activity",
        "Provenance.activity",
        _TEXT,
        "of the Provenance whose target is this MessageHeader",
        "Message status/activity",
    ),
    _row("CX-remark-reply", "Provenance.activity", _TEXT, "a remark that it is a reply", "Message status/activity"),
    _row("CX-remark-forward", "Provenance.activity", _TEXT, "a remark that it is a forward", "Message status/activity"),
    _dropped("CX-previous-message", "Provenance.entity.role", "Previous message"),
    _dropped("CX-previous-identifier", "Provenance.entity.what", "Identifier of previous message"),
)
