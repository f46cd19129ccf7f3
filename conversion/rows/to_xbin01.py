"""CareCommunication 5.0 to XBIN01 (XB0131X), row by row: what stands in the letter that carries attachments.

Source: MedCom's mapping table v5.0.0 (January 2026), sheet CareCommunication to XDIS91 and XBIN01, column XBIN01, under
the names of its rows. Paths of the target are under `Emessage`, those from Letter on under its `BinaryLetter`.
"""

from __future__ import annotations

from conversion.rows.row import Row

TABLE = "MedCom mapping CareCommunication 5.0 to XDIS91 and XBIN01"


def _row(id_: str, source: str, target: str, rule: str, name: str) -> Row:
    """A row of MedCom's table under the name it has there."""
    return Row(f"CX-xbin-{id_}", source, target, rule, f"{TABLE}, {name}")


TO_XBIN01: tuple[Row, ...] = (
    # Envelope
    _row("sent-date", "Bundle.timestamp", "Envelope/Sent/Date", "as in the XDIS91", "Date for Message sent"),
    _row("sent-time", "Bundle.timestamp", "Envelope/Sent/Time", "as in the XDIS91", "Time for Message sent"),
    _row(
        "envelope-identifier",
        "Bundle.id",
        "Envelope/Identifier",
        "14 characters of our own, another than the XDIS91's",
        "Message envelope id",
    ),
    _row("acknowledgement-code", "-", "Envelope/AcknowledgementCode", "pluspositivkvitt", "AcknowledgementCode"),
    # Letter
    _row(
        "letter-identifier",
        "MessageHeader.id",
        "Letter/Identifier",
        "14 characters of our own, another than the XDIS91's",
        "Message letter id",
    ),
    _row(
        "version-code",
        "-",
        "Letter/VersionCode",
        "XB0131X: the table's XD9134L is no version of XBIN01 (mapping.md 9.2)",
        "Version code",
    ),
    _row("statistical-code", "-", "Letter/StatisticalCode", "XBIN01 (mapping.md 9.2)", "Statistical code"),
    _row("type-code", "MessageHeader.eventCoding.code", "Letter/TypeCode", "XBIN01 (mapping.md 9.2)", "Message type"),
    _row("status-code", "Provenance.activity", "Letter/StatusCode", "nytbrev always", "Message status/activity"),
    _row(
        "authorisation-date",
        "Communication.payload[string].extension[date]",
        "Letter/Authorisation/Date",
        "as in the XDIS91",
        "Authorisation date",
    ),
    _row(
        "authorisation-time",
        "Communication.payload[string].extension[date]",
        "Letter/Authorisation/Time",
        "as in the XDIS91",
        "Authorisation time",
    ),
    # Sender and receiver
    _row("sender-gln", "Organization.identifier[GLN]", "Sender/EANIdentifier", "as in the XDIS91", "Sender EAN"),
    _row("sender-sor", "Organization.identifier[SOR]", "Sender/Identifier", "as in the XDIS91", "Sender id"),
    _row("sender-identifier-code", "-", "Sender/IdentifierCode", "sorkode", "Sender identifier type"),
    _row("sender-name", "Organization.name", "Sender/OrganisationName", "as in the XDIS91", "Sender organization name"),
    _row(
        "author-contact",
        "Communication.payload[string].extension[authorContact].value",
        "Sender/TelephoneSubscriberIdentifier",
        "as in the XDIS91",
        "Author contact",
    ),
    _row("receiver-gln", "Organization.identifier[GLN]", "Receiver/EANIdentifier", "as in the XDIS91", "Receiver EAN"),
    _row("receiver-identifier", "(directory)", "Receiver/Identifier", "looked up", "Receiver id"),
    _row(
        "receiver-identifier-code",
        "(directory)",
        "Receiver/IdentifierCode",
        "by the kind of identifier",
        "Receiver identifier type",
    ),
    _row(
        "receiver-name",
        "Organization.name",
        "Receiver/OrganisationName",
        "as in the XDIS91",
        "Receiver organization name",
    ),
    # Patient
    _row(
        "patient-cpr",
        "Patient.identifier[CPR]",
        "Patient/CivilRegistrationNumber",
        "the same choice as in the XDIS91",
        "Patient id",
    ),
    _row(
        "patient-alternative",
        "Patient.identifier[X-eCPR or D-eCPR]",
        "Patient/AlternativeIdentifier",
        "the same choice as in the XDIS91",
        "Patient alternative id",
    ),
    _row(
        "patient-surname", "Patient.name.family", "Patient/PersonSurnameName", "as in the XDIS91", "Patient family name"
    ),
    _row("patient-given", "Patient.name.given", "Patient/PersonGivenName", "as in the XDIS91", "Patient name"),
    # Objects: their base64 is CX-attachment-data
    _row(
        "object-identifier",
        "Communication.payload[attachment].extension[identifier]",
        "BinaryObject/ObjectIdentifier",
        "without urn:uuid:, with hyphens",
        "attachment id",
    ),
    _row(
        "object-code",
        "Communication.payload[attachment].contentAttachment.contentType",
        "BinaryObject/ObjectCode",
        "by the table of object types; the list of codes has no room for the title (mapping.md 9.3)",
        "attachment code",
    ),
    _row(
        "object-extension",
        "Communication.payload[attachment].contentAttachment.contentType",
        "BinaryObject/ObjectExtensionCode",
        "by the table of object types",
        "attachment extension code",
    ),
    _row(
        "object-size",
        "Communication.payload[attachment].contentAttachment.data",
        "BinaryObject/OriginalObjectSize",
        "bytes, decoded",
        "attachment size",
    ),
)
