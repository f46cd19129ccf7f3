"""Acknowledgement 2.0 to XCTL, row by row.

Source: MedCom's mapping table XCTL-Acknowledgement (December 2023), sheet Acknowledgement to XCTL, in its order; a row
that the sheet repeats for each of the three receipts stands once, unless the receipts differ. Paths of the target are
under `Emessage`, `Receipt` is NegativeReceipt or PositiveReceipt; XCTL01 is never made of an Acknowledgement.
"""

from __future__ import annotations

from conversion.rows.row import Row

_TABLE = "MedCom mapping Acknowledgement to XCTL"
_USE_CASES = "MedCom conversion service use cases 3.1.0, S3 and S4"
_TEXT = "OriginalEmessage/RefuseText"
_VANS_TEXT = "MedCom conversion service use cases 3.1.0, 4.4"


def _dropped(id_: str, source: str, why: str = "dropped") -> Row:
    return Row(id_, source, "-", why, _TABLE, carried=False)


TO_XCTL: tuple[Row, ...] = (
    # Bundle
    Row("AR-sent-date", "Bundle.timestamp", "Envelope/Sent/Date", "Danish date of the moment", _TABLE),
    Row("AR-sent-time", "Bundle.timestamp", "Envelope/Sent/Time", "Danish time of the moment", _TABLE),
    Row("AR-envelope-identifier", "Bundle.id", "Envelope/Identifier", "new, 14 characters", _TABLE),
    _dropped("AR-bundle-type", "Bundle.type"),
    Row("AR-acknowledgement-code", "-", "Envelope/AcknowledgementCode", "minuspositivkvitt", _TABLE),
    # Header
    Row("AR-receipt-kind", "MessageHeader.response.code", "Receipt", "by conversion.kinds", _USE_CASES),
    Row("AR-letter-identifier", "MessageHeader.id", "Receipt/Letter/Identifier", "new, 14 characters", _TABLE),
    Row("AR-version-code", "MessageHeader.response.code", "Receipt/Letter/VersionCode", "XC0230Q, XC0330Q", _TABLE),
    Row("AR-statistical-code", "MessageHeader.event", "Receipt/Letter/StatisticalCode", "XCTL02 or XCTL03", _TABLE),
    Row(
        "AR-original-letter-identifier",
        "MessageHeader.response.identifier",
        "Receipt/OriginalEmessage/OriginalLetter/OriginalLetterIdentifier",
        "the remembered letter's; one receipt for each letter that entered the message",
        _TABLE,
    ),
    Row(
        "AR-answers-other",
        "MessageHeader.response.identifier",
        "(refusal)",
        "must be the one that was made",
        "MedCom conversion service use cases 3.1.0, 4.1",
    ),
    # Parties
    Row("AR-sender-gln", "Organization[sender].identifier[GLN]", "Receipt/Sender/EANIdentifier", "copied", _TABLE),
    _dropped("AR-sender-sor", "Organization[sender].identifier[SOR]"),
    _dropped("AR-sender-name", "Organization[sender].name"),
    _dropped("AR-source-endpoint", "MessageHeader.source.endpoint"),
    Row(
        "AR-receiver-gln", "Organization[receiver].identifier[GLN]", "Receipt/Receiver/EANIdentifier", "copied", _TABLE
    ),
    _dropped("AR-receiver-sor", "Organization[receiver].identifier[SOR]"),
    _dropped("AR-receiver-name", "Organization[receiver].name"),
    _dropped("AR-destination-use", "MessageHeader.destination.extension[use]"),
    _dropped("AR-destination-endpoint", "MessageHeader.destination.endpoint"),
    # The letter that is answered
    Row(
        "AR-original-sender",
        "(remembered)",
        "Receipt/OriginalEmessage/OriginalSender/EANIdentifier",
        "as in the letter that is answered",
        _TABLE,
    ),
    _dropped("AR-original-sender-sor", "Organization[receiver].identifier[SOR]"),
    _dropped("AR-original-sender-name", "Organization[receiver].name"),
    Row(
        "AR-original-receiver",
        "(remembered)",
        "Receipt/OriginalEmessage/OriginalReceiver/EANIdentifier",
        "as in the letter that is answered",
        _TABLE,
    ),
    _dropped("AR-original-receiver-sor", "Organization[sender].identifier[SOR]"),
    _dropped("AR-original-receiver-name", "Organization[sender].name"),
    Row(
        "AR-original-envelope-identifier",
        "(remembered)",
        "Receipt/OriginalEmessage/OriginalEnvelopeIdentifier",
        "the remembered letter's",
        _TABLE,
    ),
    Row(
        "AR-original-version-code-positive",
        "(remembered)",
        "PositiveReceipt/OriginalEmessage/OriginalLetter/OriginalVersionCode",
        "the remembered letter's",
        _TABLE,
    ),
    Row(
        "AR-original-version-code-negative",
        "(remembered)",
        "NegativeReceipt/OriginalEmessage/OriginalLetter/OriginalVersionCode",
        "the remembered letter's",
        _TABLE,
    ),
    # Why not
    Row(
        "AR-refuse-code",
        "OperationOutcome.issue.code, .details.coding",
        "NegativeReceipt/OriginalEmessage/RefuseCode",
        "of the first error that conversion.refusals knows; it stands for the sending, not for the letter",
        "mapping.md 9.8",
    ),
    _dropped("AR-severity", "OperationOutcome.issue.severity", "dropped, but errors are told before warnings"),
    Row(
        "AR-refuse-text",
        "OperationOutcome.issue.details.text",
        "NegativeReceipt/OriginalEmessage/RefuseText",
        "all issues' texts, a line each, most severe first; an issue without one gives its code",
        _TABLE,
    ),
    Row("AR-line-break", "newline", "NegativeReceipt/OriginalEmessage/RefuseText/Break", "replaced", "mapping.md 5.5"),
    Row("AR-refuse-text-cut", "OperationOutcome", _TEXT, "cut at 350 characters, or as set", "oioxml.md 4"),
    Row("AR-conversion-fault", "(remembered)", _TEXT, "the network's sentence where it is to blame", _VANS_TEXT),
    _dropped("AR-details-code", "OperationOutcome.issue.details.coding", "chooses the RefuseCode, AR-refuse-code"),
    _dropped("AR-positive-outcome", "OperationOutcome", "a PositiveReceipt has no place for what comes with an ok"),
    _dropped("AR-vans-refuse", "OperationOutcome.issue", "no XCTL01 is made of an Acknowledgement"),
    _dropped("AR-refuse-letter-code", "-", "not used: the sending's RefuseCode says it"),
    _dropped("AR-refuse-letter-text", "-", "not used: the sending's RefuseText says it"),
    Row("AR-follow-wish", "(remembered)", "-", "by setting, no XCTL03 for a letter that asked for none", _USE_CASES),
    # Provenance
    _dropped("AR-provenance-times", "Provenance.occurredDateTime, recorded"),
    _dropped("AR-provenance-activity", "Provenance.activity"),
    _dropped("AR-provenance-role", "Provenance.entity.role"),
)
