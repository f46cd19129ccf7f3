from __future__ import annotations

from pathlib import Path

import pytest

import conversion
from conversion.rows import ROWS, carriers
from conversion.stylesheet import rows_in
from tests.conversion.rows.case import Case
from tests.conversion.rows.cases import CASES

STYLESHEETS = [path.stem for path in (Path(conversion.__file__).parent / "stylesheets").glob("*.xsl")]
CARRIED = {row.id for row in ROWS if row.carried}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)
def test_the_value_of_a_row_stands_where_its_table_says(case: Case) -> None:
    """Each row's value is found at its target."""
    assert case.found() == list(case.expected)


def test_row_ids_are_unique() -> None:
    """No id stands for two rows."""
    ids = [row.id for row in ROWS]
    assert sorted(set(ids)) == sorted(ids)


def test_every_carried_row_has_a_case() -> None:
    """A row that something carries has a case, and every case has its row."""
    assert {case.row for case in CASES} == CARRIED


def test_a_row_that_nothing_carries_has_no_target() -> None:
    """By a row that nothing carries, nothing is made: there is no value that its removal could take away."""
    assert {row.target for row in ROWS if not row.carried} == {"-"}


def test_every_carried_row_is_carried_by_a_template_or_a_function() -> None:
    """A carried row's id stands in a stylesheet or above a function, and no other id does."""
    in_stylesheets = {row for name in STYLESHEETS for row in rows_in(name)}
    assert in_stylesheets | set(carriers()) == CARRIED
