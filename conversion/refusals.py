"""Why a letter was refused, in the words of both formats: RefuseCode and OperationOutcome.

No official table joins the two (mapping.md, 9.8): these are ours. `REFUSALS` has each RefuseCode with the issue that it
becomes, `DETAILS` each detail code with the RefuseCode that it becomes. The codes of OIOXML are those of the receipt
schemas of 2005/08/07; the FHIR side has the issue type of the core standard and the detail codes of the value set
medcom-acknowledgement-issue-details (fhir.md, 3), all of them, spelled as published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MEDCOM_ERRORS = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-acknowledgement-error-codes"
HL7_ERRORS = "http://terminology.hl7.org/CodeSystem/operation-outcome"

UNSPECIFIED = "ikke_specificeret"
SYNTAX = "syntaksfejl"
VERSION = "problem_med_version"
RECEIVER = "problem_med_modtagerID"
LOCATION = "ukendt_lokationsnummer"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One RefuseCode beside the issue that says the same.

    `type` is OperationOutcome.issue.code; `system` and `code` are details.coding, empty where no detail code says it.
    """

    refuse_code: str
    type: str
    system: str = ""
    code: str = ""


# Two RefuseCodes share one detail code; the issue type tells them apart on the way back. A row without a detail code is
# what a foreign system's issue without a known one becomes.
REFUSALS: tuple[Refusal, ...] = (
    Refusal(LOCATION, "not-found", MEDCOM_ERRORS, "MSG_Receiver_Identifier_UNKNOWN"),
    Refusal(RECEIVER, "business-rule", MEDCOM_ERRORS, "MSG_Receiver_Identifier_UNKNOWN"),
    Refusal(VERSION, "not-supported", MEDCOM_ERRORS, "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE"),
    Refusal(SYNTAX, "structure", HL7_ERRORS, "MSG_BAD_SYNTAX"),
    Refusal(UNSPECIFIED, "processing"),
)


@dataclass(frozen=True, slots=True)
class Detail:
    """One published detail code beside the RefuseCode that comes nearest to it.

    `lost` is what the RefuseCode does not say of it, so that the same code does not come back; "" where it does. The
    code itself stands in the RefuseText of an issue that has no words of its own.
    """

    system: str
    code: str
    refuse_code: str
    lost: str = ""


# What is wrong with how a message is written is an error of syntax; what no sender could write better is unspecified.
DETAILS: tuple[Detail, ...] = (
    Detail(HL7_ERRORS, "MSG_ID_INVALID", SYNTAX, "that an id has characters that no id has"),
    Detail(HL7_ERRORS, "MSG_ID_TOO_LONG", SYNTAX, "that an id is too long"),
    Detail(HL7_ERRORS, "MSG_BAD_FORMAT", SYNTAX, "that a value is not of its type's form"),
    Detail(HL7_ERRORS, "MSG_BAD_SYNTAX", SYNTAX),
    Detail(HL7_ERRORS, "MSG_DATE_FORMAT", SYNTAX, "that a date is no date"),
    Detail(
        HL7_ERRORS, "MSG_DUPLICATE_ID", UNSPECIFIED, "that the identifier was used before, which no RefuseCode says"
    ),
    Detail(HL7_ERRORS, "MSG_INVALID_ID", SYNTAX, "that an id is invalid"),
    Detail(HL7_ERRORS, "MSG_JSON_OBJECT", SYNTAX, "that the JSON is no object"),
    Detail(
        HL7_ERRORS,
        "MSG_LOCAL_FAIL",
        UNSPECIFIED,
        "that the receiver failed by itself: nothing is wrong with the letter",
    ),
    Detail(HL7_ERRORS, "MSG_NO_MATCH", UNSPECIFIED, "that nothing was found, in a search; no letter is one"),
    Detail(
        HL7_ERRORS, "MSG_NO_EXIST", UNSPECIFIED, "that a resource is not there, on a server; no letter asks for one"
    ),
    Detail(HL7_ERRORS, "MSG_NO_SUMMARY", UNSPECIFIED, "that there is no summary, which no letter asks for"),
    Detail(HL7_ERRORS, "MSG_PARAM_INVALID", UNSPECIFIED, "that a parameter is wrong, of a search; no letter has any"),
    Detail(
        HL7_ERRORS, "MSG_PARAM_NO_REPEAT", UNSPECIFIED, "that a parameter stands twice, of a search; no letter has any"
    ),
    Detail(
        HL7_ERRORS, "MSG_PARAM_UNKNOWN", UNSPECIFIED, "that a parameter is not known, of a search; no letter has any"
    ),
    Detail(HL7_ERRORS, "MSG_RESOURCE_ID_MISMATCH", SYNTAX, "that a resource has another id than it is named by"),
    Detail(
        HL7_ERRORS,
        "MSG_RESOURCE_ID_FAIL",
        UNSPECIFIED,
        "that the receiver could give no id: nothing is wrong with the letter",
    ),
    Detail(HL7_ERRORS, "MSG_RESOURCE_ID_MISSING", SYNTAX, "that a resource has no id"),
    Detail(HL7_ERRORS, "MSG_RESOURCE_NOT_ALLOWED", SYNTAX, "that a resource stands where none may"),
    Detail(HL7_ERRORS, "MSG_RESOURCE_REQUIRED", SYNTAX, "that a resource is missing"),
    Detail(HL7_ERRORS, "MSG_RESOURCE_TYPE_MISMATCH", SYNTAX, "that a resource is of another type than it should be"),
    Detail(HL7_ERRORS, "MSG_TRANSACTION_DUPLICATE_ID", SYNTAX, "that two entries have one id"),
    Detail(HL7_ERRORS, "MSG_TRANSACTION_MISSING_ID", SYNTAX, "that an entry has no id"),
    Detail(HL7_ERRORS, "MSG_UNKNOWN_TYPE", SYNTAX, "that a resource is of a type that FHIR does not have"),
    Detail(HL7_ERRORS, "MSG_VERSION_AWARE", UNSPECIFIED, "that an update must name its version; no letter is one"),
    Detail(
        HL7_ERRORS, "MSG_VERSION_AWARE_CONFLICT", UNSPECIFIED, "that an update is of an older version; no letter is one"
    ),
    Detail(
        HL7_ERRORS,
        "MSG_VERSION_AWARE_URL",
        UNSPECIFIED,
        "that an update's address must name its version; no letter is one",
    ),
    Detail(HL7_ERRORS, "MSG_WRONG_NS", SYNTAX, "that an element is of another namespace"),
    Detail(MEDCOM_ERRORS, "MSG_Receiver_Identifier_UNKNOWN", LOCATION),
    Detail(MEDCOM_ERRORS, "MSG_Receiver_Identifier_MISSING", RECEIVER, "that the receiver is not named at all"),
    Detail(MEDCOM_ERRORS, "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE", VERSION),
    Detail(MEDCOM_ERRORS, "MSG_VALUESET_VALUE_UNKNOWN", SYNTAX, "that a code is none of its value set"),
    Detail(MEDCOM_ERRORS, "MSG_CodeSystem_VALUE_UNKNOWN", SYNTAX, "that a code is none of its code system"),
    Detail(MEDCOM_ERRORS, "MSG_Element_To_Long", SYNTAX, "that a value is too long"),
    Detail(MEDCOM_ERRORS, "MSG_Datatype_Wrong", SYNTAX, "that a value is of another type"),
    Detail(
        MEDCOM_ERRORS,
        "MSG_Mailbox_Out_Of_Operation",
        UNSPECIFIED,
        "that the receiver's mailbox is out of operation: nothing is wrong with the letter",
    ),
    Detail(
        MEDCOM_ERRORS,
        "MSG_Damaged_durin_transport",
        UNSPECIFIED,
        "that the letter was damaged on its way, which is no error of its sender's",
    ),
)

_NEAREST = {row.code: row.refuse_code for row in DETAILS}

# What the network itself refuses a letter for, by the id of the finding's rule or the hundred it stands in; the first
# row that fits is taken. Envelope, letter and bundle rules are all about how something is written. A version that the
# receiver does not take, or that nobody makes of another, is one kind of fault, whoever finds it.
NETWORK_REFUSALS: tuple[tuple[str, str], ...] = (
    ("VS-410", LOCATION),  # unknown sender
    ("VS-411", LOCATION),  # unknown receiver
    ("VS-412", VERSION),  # takes neither format
    ("VS-413", VERSION),  # takes the type in another version
    ("VS-414", VERSION),  # the version cannot be converted
    ("VS-416", VERSION),  # a type nobody knows
    ("VS-417", VERSION),  # takes the other format, and the conversion service has ended
    ("VS-422", VERSION),  # takes a version that is never made
    ("VS-424", VERSION),  # takes it in EDIFACT alone, or out of it
    ("VS-501", VERSION),  # there is no such conversion
    ("VS-512", VERSION),  # a letter of a version that is not converted
    ("VS-520", VERSION),  # a message of a version that is not converted
    ("VS-1", SYNTAX),
    ("VS-2", SYNTAX),
    ("VS-3", SYNTAX),
)


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of an OperationOutcome, as far as a receipt of OIOXML can say it."""

    severity: str
    type: str
    codes: tuple[str, ...]
    text: str


def refuse_code(type_: str, codes: Iterable[str]) -> str:
    """The RefuseCode that says what an issue says.

    Args:
        type_: issue.code of the issue.
        codes: its details.coding codes, in order; the first that some RefuseCode says decides.
    """
    for code in codes:
        for row in REFUSALS:
            if code and (row.code, row.type) == (code, type_):
                return row.refuse_code
        said = _NEAREST.get(code, UNSPECIFIED)
        if said != UNSPECIFIED:
            return said
    return UNSPECIFIED


def network_refuse_code(rule_id: str) -> str:
    """The RefuseCode of an XCTL01 for a finding of the network's own, by the id of its rule."""
    return next((code for start, code in NETWORK_REFUSALS if rule_id.startswith(start)), UNSPECIFIED)
