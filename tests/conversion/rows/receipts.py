"""One case for each row of the table that joins the receipts on several letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversion.joining import join
from conversion.kinds import NEGATIVE, POSITIVE, Kind
from tests.conversion.rows.case import Case

_KINDS: dict[str, Kind | None] = {"03": POSITIVE, "02": NEGATIVE, "-": None}


@dataclass(frozen=True)
class Joining(Case):
    """The answers on XDIS91 and XBIN01 stand where a letter's name does in other cases."""

    def found(self) -> list[str]:
        """The row that decided, and what it says."""
        on_letter, _, on_objects = self.letter.partition("+")
        joined = join([_KINDS[on_letter]], [_KINDS[on_objects]] if on_objects else [])
        return [joined.row, "wait" if joined.answer is None else joined.answer.type]


def _case(number: int, answers: str, outcome: str) -> Case:
    expected: Sequence[str] = [f"receipts-{number}", outcome]
    return Joining(f"receipts-{number}", answers, "Acknowledgement", "", expected)


CASES: tuple[Case, ...] = (
    _case(1, "03+03", "XCTL03"),
    _case(2, "03+02", "XCTL02"),
    _case(3, "02+03", "XCTL02"),
    _case(4, "02+02", "XCTL02"),
    _case(5, "-+03", "wait"),
    _case(5, "-+02", "wait"),
    _case(5, "-+-", "wait"),
    _case(5, "-", "wait"),
    _case(6, "03+-", "wait"),
    _case(6, "02+-", "wait"),
    _case(7, "03", "XCTL03"),
    _case(8, "02", "XCTL02"),
)
