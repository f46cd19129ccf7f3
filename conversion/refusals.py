"""Why a letter was refused, in the words of both formats: RefuseCode and OperationOutcome.

No official table joins the two (mapping.md, 9.8): this one is ours, read both ways. The codes of OIOXML are those of
the receipt schemas of 2005/08/07; the FHIR side has the issue type of the core standard and the detail codes of the
acknowledgement guide's value set (fhir.md, 3), spelled as published.
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


# Two RefuseCodes share one detail code; the issue type tells them apart on the way back. A code that stands here only
# is what a foreign system's issue without a known detail code becomes.
REFUSALS: tuple[Refusal, ...] = (
    Refusal(LOCATION, "not-found", MEDCOM_ERRORS, "MSG_Receiver_Identifier_UNKNOWN"),
    Refusal(RECEIVER, "business-rule", MEDCOM_ERRORS, "MSG_Receiver_Identifier_UNKNOWN"),
    Refusal(VERSION, "not-supported", MEDCOM_ERRORS, "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE"),
    Refusal(SYNTAX, "structure", HL7_ERRORS, "MSG_BAD_SYNTAX"),
    Refusal(UNSPECIFIED, "processing"),
)

# What the network itself refuses a letter for, by the id of the finding's rule or the hundred it stands in; the first
# row that fits is taken. Envelope, letter and bundle rules are all about how something is written.
NETWORK_REFUSALS: tuple[tuple[str, str], ...] = (
    ("VS-410", LOCATION),  # unknown sender
    ("VS-411", LOCATION),  # unknown receiver
    ("VS-412", VERSION),  # takes neither format
    ("VS-413", VERSION),  # takes the type in another version
    ("VS-414", VERSION),  # the version cannot be converted
    ("VS-416", VERSION),  # a type nobody knows
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
        codes: its details.coding codes, in order; the first that the table knows decides.
    """
    for code in codes:
        rows = [row for row in REFUSALS if row.code == code and code]
        if rows:
            return next((row for row in rows if row.type == type_), rows[0]).refuse_code
    return UNSPECIFIED


def network_refuse_code(rule_id: str) -> str:
    """The RefuseCode of an XCTL01 for a finding of the network's own, by the id of its rule."""
    return next((code for start, code in NETWORK_REFUSALS if rule_id.startswith(start)), UNSPECIFIED)
