from __future__ import annotations

import pytest

from conversion.kinds import KINDS, kind_of_response
from conversion.refusals import HL7_ERRORS, MEDCOM_ERRORS, NETWORK_REFUSALS, REFUSALS, network_refuse_code, refuse_code

DETAIL_CODES = {
    MEDCOM_ERRORS: (
        "MSG_Receiver_Identifier_UNKNOWN",
        "MSG_Receiver_Identifier_MISSING",
        "MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE",
        "MSG_VALUESET_VALUE_UNKNOWN",
        "MSG_CodeSystem_VALUE_UNKNOWN",
        "MSG_Element_To_Long",
        "MSG_Datatype_Wrong",
        "MSG_Mailbox_Out_Of_Operation",
        "MSG_Damaged_durin_transport",
    ),
    HL7_ERRORS: ("MSG_BAD_SYNTAX", "MSG_BAD_FORMAT", "MSG_DUPLICATE_ID"),
}
"""Of the guide's value set, as published: all of MedCom's own, and some of HL7's."""

SCHEMA_CODES = (
    "ikke_specificeret",
    "ukendt_lokationsnummer",
    "problem_med_modtagerID",
    "problem_med_version",
    "syntaksfejl",
)


def test_the_table_has_every_refuse_code_once() -> None:
    """Each value of the schema's list stands in one row, and detail codes are those of the guide."""
    assert sorted(row.refuse_code for row in REFUSALS) == sorted(SCHEMA_CODES)
    assert all(row.code in DETAIL_CODES[row.system] for row in REFUSALS if row.code)
    assert {code for _, code in NETWORK_REFUSALS} <= set(SCHEMA_CODES)


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.refuse_code)
def test_a_row_is_read_both_ways(row: object) -> None:
    """The issue that a RefuseCode becomes gives the same RefuseCode."""
    [known] = [each for each in REFUSALS if each is row]
    assert refuse_code(known.type, [known.code] if known.code else []) == known.refuse_code


@pytest.mark.parametrize(
    ("type_", "codes", "expected"),
    [
        ("value", ["MSG_Receiver_Identifier_UNKNOWN"], "ukendt_lokationsnummer"),
        ("value", ["MSG_Mailbox_Out_Of_Operation"], "ikke_specificeret"),
        ("structure", ["OWN_CODE", "MSG_BAD_SYNTAX"], "syntaksfejl"),
        ("structure", ["", "MSG_BAD_SYNTAX"], "syntaksfejl"),
        ("structure", [], "ikke_specificeret"),
        ("processing", [""], "ikke_specificeret"),
    ],
)
def test_a_foreign_issue_gives_the_nearest_code(type_: str, codes: list[str], expected: str) -> None:
    """The first detail code that the table knows decides, whatever issue type a system chose; else unspecified."""
    assert refuse_code(type_, codes) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("VS-101", "syntaksfejl"),
        ("VS-299", "syntaksfejl"),
        ("VS-310", "syntaksfejl"),
        ("VS-410", "ukendt_lokationsnummer"),
        ("VS-411", "ukendt_lokationsnummer"),
        ("VS-412", "problem_med_version"),
        ("VS-413", "problem_med_version"),
        ("VS-414", "problem_med_version"),
        ("VS-415", "ikke_specificeret"),
        ("VS-416", "problem_med_version"),
        ("VS-505", "ikke_specificeret"),
    ],
)
def test_a_finding_of_the_network_has_its_refuse_code(rule: str, expected: str) -> None:
    """Rules of form are errors of syntax, those of routing name receiver or version, all others are unspecified."""
    assert network_refuse_code(rule) == expected


def test_each_response_code_has_its_receipt() -> None:
    """Ok is XCTL03, both errors are XCTL02, and nothing becomes XCTL01."""
    assert {code: kind.type for kind in KINDS for code in kind.responses} == {
        "ok": "XCTL03",
        "fatal-error": "XCTL02",
        "transient-error": "XCTL02",
    }
    assert kind_of_response("maybe") is None
