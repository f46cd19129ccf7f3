from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from conversion.kinds import KINDS, kind_of_response
from conversion.refusals import (
    DETAILS,
    NETWORK_REFUSALS,
    REFUSALS,
    UNSPECIFIED,
    Detail,
    network_refuse_code,
    refuse_code,
)

SCHEMA_CODES = (
    "ikke_specificeret",
    "ukendt_lokationsnummer",
    "problem_med_modtagerID",
    "problem_med_version",
    "syntaksfejl",
)


def test_the_table_has_every_refuse_code_once() -> None:
    """Each value of the schema's list stands in one row, and detail codes are those of the table of them."""
    assert sorted(row.refuse_code for row in REFUSALS) == sorted(SCHEMA_CODES)
    assert {(row.system, row.code) for row in REFUSALS if row.code} <= {(row.system, row.code) for row in DETAILS}
    assert {code for _, code in NETWORK_REFUSALS} | {row.refuse_code for row in DETAILS} <= set(SCHEMA_CODES)


@pytest.mark.reference
def test_every_published_detail_code_has_its_row(reference: Path) -> None:
    """The value set of MedCom's guide and the table name the same codes of the same systems, each once."""
    with tarfile.open(reference / "reference" / "packages" / "terminology-2.0.2.tgz") as package:
        file = package.extractfile("package/ValueSet-medcom-acknowledgement-issue-details.json")
        assert file is not None
        included = json.load(file)["compose"]["include"]
    published = [(one["system"], concept["code"]) for one in included for concept in one["concept"]]
    assert [(row.system, row.code) for row in DETAILS] == published
    assert len({row.code for row in DETAILS}) == len(published)


@pytest.mark.parametrize("row", DETAILS, ids=lambda row: row.code)
def test_a_detail_code_comes_back_or_says_what_is_lost(row: Detail) -> None:
    """The RefuseCode that it becomes gives the same code again, or the row says what no RefuseCode does."""
    assert refuse_code("", [row.code]) == row.refuse_code
    back = {each.code for each in REFUSALS if each.refuse_code == row.refuse_code}
    assert (row.code in back) == (row.lost == "")


def test_a_code_that_no_refuse_code_says_leaves_it_to_the_next() -> None:
    """Of an issue with two codes, the one that says something decides."""
    unsaid = next(row.code for row in DETAILS if row.refuse_code == UNSPECIFIED)
    assert refuse_code("structure", [unsaid, "MSG_Element_To_Long"]) == "syntaksfejl"


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
    """The first detail code that says something decides, whatever issue type a system chose; else unspecified."""
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
        ("VS-417", "problem_med_version"),
        ("VS-422", "problem_med_version"),
        ("VS-424", "problem_med_version"),
        ("VS-501", "problem_med_version"),
        ("VS-505", "ikke_specificeret"),
        ("VS-512", "problem_med_version"),
        ("VS-520", "problem_med_version"),
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
