"""XCTL to Acknowledgement 2.0, row by row.

Source: MedCom's mapping table XCTL-Acknowledgement (December 2023), sheet XCTL to Acknowledgement, in its order; a row
that the sheet repeats for each of the three receipts stands once, unless the receipts differ. Paths of the source are
under `Emessage`, `Receipt` is NegativeReceipt or PositiveReceipt. Where the sheet is older than the guides (the GLN's
system, the event code), the guides win (fhir.md 6).
"""

from __future__ import annotations

from conversion.rows.row import Row

_TABLE = "MedCom mapping XCTL to Acknowledgement"
_USE_CASES = "MedCom conversion service use cases 3.1.0, S3 and S4"
_PROFILE = "MedCom Acknowledgement 2.0.3"
_GENERAL = "MedCom Messaging 4.0.2"


def _dropped(id_: str, source: str, why: str = "dropped") -> Row:
    return Row(id_, source, "-", why, _TABLE, carried=False)


TO_ACKNOWLEDGEMENT: tuple[Row, ...] = (
    # Envelope
    Row("RA-sent-date", "Envelope/Sent/Date", "Bundle.timestamp", "Danish time gets its zone", _TABLE),
    Row("RA-sent-time", "Envelope/Sent/Time", "Bundle.timestamp", "Danish time gets its zone", _TABLE),
    Row("RA-envelope-identifier", "Envelope/Identifier", "Bundle.id", "new UUID", _TABLE),
    Row("RA-bundle-type", "-", "Bundle.type", "message", _TABLE),
    _dropped("RA-acknowledgement-code", "Envelope/AcknowledgementCode"),
    # Letter
    Row("RA-response-code", "Receipt", "MessageHeader.response.code", "XCTL03 ok, XCTL02 by setting", _USE_CASES),
    Row("RA-xctl01", "NegativeVansReceipt", "(refusal)", "the network's own has no counterpart", _USE_CASES),
    Row("RA-letter-identifier", "Receipt/Letter/Identifier", "MessageHeader.id", "new UUID", _TABLE),
    _dropped("RA-version-code", "Receipt/Letter/VersionCode"),
    Row("RA-event-code", "Receipt/Letter/StatisticalCode", "MessageHeader.eventCoding.code", "fixed", _TABLE),
    # Parties
    Row("RA-sender-gln", "Receipt/Sender/EANIdentifier", "Organization.identifier[GLN]", "copied", _TABLE),
    Row("RA-receiver-gln", "Receipt/Receiver/EANIdentifier", "Organization.identifier[GLN]", "copied", _TABLE),
    Row("RA-sender-sor", "(directory)", "Organization.identifier[SOR]", "looked up by GLN", _TABLE),
    Row("RA-receiver-sor", "(directory)", "Organization.identifier[SOR]", "looked up by GLN", _TABLE),
    Row("RA-sender-name", "(directory)", "Organization.name", "looked up by GLN", _TABLE),
    Row("RA-receiver-name", "(directory)", "Organization.name", "looked up by GLN", _TABLE),
    Row("RA-destination-use", "-", "MessageHeader.destination.extension[use]", "primary", _TABLE),
    Row("RA-destination-endpoint", "(directory)", "MessageHeader.destination.endpoint", "from the SOR code", _TABLE),
    Row("RA-source-endpoint", "(directory)", "MessageHeader.source.endpoint", "from the SOR code", _TABLE),
    # The message that is answered
    Row(
        "RA-original-envelope-identifier",
        "Receipt/OriginalEmessage/OriginalEnvelopeIdentifier",
        "(remembered)",
        "must be the one that was made; the Bundle.id behind it stands nowhere in an Acknowledgement",
        _TABLE,
    ),
    Row(
        "RA-original-sender",
        "Receipt/OriginalEmessage/OriginalSender",
        "Provenance[copied].agent.who",
        "reference to the Organization of this receipt's receiver",
        _TABLE,
    ),
    Row(
        "RA-original-receiver",
        "Receipt/OriginalEmessage/OriginalReceiver",
        "Provenance[own].agent.who",
        "reference to the Organization of this receipt's sender",
        _TABLE,
    ),
    _dropped("RA-original-sender-sor", "(directory)", "stands in the receiver's Organization, RA-receiver-sor"),
    _dropped("RA-original-receiver-sor", "(directory)", "stands in the sender's Organization, RA-sender-sor"),
    _dropped("RA-original-sender-name", "(directory)", "stands in the receiver's Organization, RA-receiver-name"),
    _dropped("RA-original-receiver-name", "(directory)", "stands in the sender's Organization, RA-sender-name"),
    Row(
        "RA-original-letter-identifier-positive",
        "PositiveReceipt/OriginalEmessage/OriginalLetter/OriginalLetterIdentifier",
        "MessageHeader.response.identifier",
        "the remembered MessageHeader.id",
        _TABLE,
    ),
    Row(
        "RA-original-letter-identifier-negative",
        "NegativeReceipt/OriginalEmessage/OriginalLetter/OriginalLetterIdentifier",
        "MessageHeader.response.identifier",
        "the remembered MessageHeader.id",
        _TABLE,
    ),
    Row(
        "RA-original-letter-other",
        "Receipt/OriginalEmessage/OriginalLetter/OriginalLetterIdentifier",
        "(refusal)",
        "must be the one that was made; a negative receipt may name none",
        "MedCom conversion service use cases 3.1.0, 4.1",
    ),
    _dropped("RA-original-version-code", "Receipt/OriginalEmessage/OriginalLetter/OriginalVersionCode"),
    # Why not
    _dropped("RA-vans-refuse-code", "NegativeVansReceipt/OriginalEmessage/RefuseCode", "no counterpart, RA-xctl01"),
    _dropped("RA-vans-refuse-text", "NegativeVansReceipt/OriginalEmessage/RefuseText", "no counterpart, RA-xctl01"),
    _dropped(
        "RA-vans-refuse-letter",
        "NegativeVansReceipt/OriginalEmessage/OriginalLetter/RefuseCode, RefuseText",
        "no counterpart, RA-xctl01",
    ),
    Row(
        "RA-refuse-envelope",
        "NegativeReceipt/OriginalEmessage",
        "OperationOutcome.issue",
        "one issue for the sending, if it says code or text",
        _TABLE,
    ),
    Row(
        "RA-refuse-letter",
        "NegativeReceipt/OriginalEmessage/OriginalLetter",
        "OperationOutcome.issue",
        "one issue for each letter that says code or text; real systems write it here",
        "mapping.md 3",
    ),
    Row(
        "RA-refuse-code",
        "NegativeReceipt/.../RefuseCode",
        "OperationOutcome.issue.code",
        "by conversion.refusals",
        "mapping.md 9.8",
    ),
    Row("RA-severity", "-", "OperationOutcome.issue.severity", "error", _TABLE),
    Row("RA-refuse-text", "NegativeReceipt/.../RefuseText", "OperationOutcome.issue.details.text", "copied", _TABLE),
    Row("RA-line-break", "NegativeReceipt/.../RefuseText/Break", "newline", "replaced", "mapping.md 5.5"),
    Row(
        "RA-details-code",
        "NegativeReceipt/.../RefuseCode",
        "OperationOutcome.issue.details.coding",
        "by conversion.refusals",
        "mapping.md 9.8",
    ),
    Row("RA-response-details", "NegativeReceipt", "MessageHeader.response.details", "the OperationOutcome", _PROFILE),
    # Provenance
    Row("RA-copied-provenance", "(remembered)", "Provenance[copied]", "the answered message's latest", _PROFILE),
    Row("RA-provenance-occurred", "Envelope/Sent", "Provenance[own].occurredDateTime", "Danish time", _TABLE),
    Row("RA-provenance-recorded", "Envelope/Sent", "Provenance[own].recorded", "Danish time", _TABLE),
    Row("RA-provenance-activity", "-", "Provenance[own].activity", "acknowledgement", _TABLE),
    Row("RA-provenance-role", "-", "Provenance[own].entity.role", "revision", _TABLE),
    Row("RA-provenance-what", "(remembered)", "Provenance[own].entity.what", "the answered MessageHeader", _PROFILE),
    Row("RA-narrative", "-", "text of each resource", "made of the elements marked for it", _GENERAL),
)
