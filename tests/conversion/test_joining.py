from __future__ import annotations

from collections.abc import Sequence

import pytest

from conversion.joining import join
from conversion.kinds import NEGATIVE, POSITIVE, Kind


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
