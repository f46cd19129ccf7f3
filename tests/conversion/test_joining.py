from __future__ import annotations

from collections.abc import Sequence

import pytest

from conversion.joining import join
from conversion.kinds import NEGATIVE, POSITIVE, Kind
from conversion.rows import taken_out
from conversion.rows.receipts import JOINED
from tests.conversion.rows.receipts import CASES


@pytest.mark.parametrize(
    ("letters", "attachments", "row", "answer"),
    [
        ([POSITIVE], [POSITIVE], 1, POSITIVE),
        ([POSITIVE], [NEGATIVE], 2, NEGATIVE),
        ([NEGATIVE], [POSITIVE], 3, NEGATIVE),
        ([NEGATIVE], [NEGATIVE], 4, NEGATIVE),
        ([None], [POSITIVE], 5, None),
        ([None], [None], 5, None),
        ([None], [], 5, None),
        ([POSITIVE], [None], 6, None),
        ([NEGATIVE], [None], 6, None),
        ([POSITIVE], [], 7, POSITIVE),
        ([NEGATIVE], [], 8, NEGATIVE),
        ([POSITIVE, NEGATIVE], [], 8, NEGATIVE),
        ([POSITIVE], [POSITIVE, None], 6, None),
        ([POSITIVE], [POSITIVE, NEGATIVE], 2, NEGATIVE),
    ],
)
def test_answers_come_to_one_by_the_first_row_that_fits(
    letters: Sequence[Kind | None], attachments: Sequence[Kind | None], row: int, answer: Kind | None
) -> None:
    """Every answer has to be there, one no is a no, and the row of the table that decided is named."""
    joined = join(letters, attachments)
    assert (joined.row, joined.answer) == (f"receipts-{row}", answer)


@pytest.mark.parametrize("row", [row.id for row, *_ in JOINED])
def test_a_row_that_is_taken_out_takes_no_other_with_it(row: str) -> None:
    """Each row of the table stands by itself: without one, every case of the others comes to the same."""
    others = [case for case in CASES if case.row != row]
    with taken_out(row):
        assert [case.found() for case in others] == [list(case.expected) for case in others]
