from __future__ import annotations

import pytest

from conversion.rows import taken_out
from envelope.findings import Refused
from tests.conversion.rows.case import Case
from tests.conversion.rows.cases import CASES


def _ids() -> list[str]:
    return sorted({case.row for case in CASES})


@pytest.mark.parametrize("row", _ids())
def test_taking_a_row_out_breaks_its_case(row: str) -> None:
    """Without its template or function no case of a row holds any longer, and nothing else is in the way."""
    cases = [case for case in CASES if case.row == row]
    with taken_out(row):
        assert [case for case in cases if _holds(case)] == []
    assert all(_holds(case) for case in cases)


def _holds(case: Case) -> bool:
    try:
        return case.found() == list(case.expected)
    except Refused:
        return False
