"""Several XCTL on one CareCommunication: whether there is an Acknowledgement now, and which.

A CareCommunication goes out as an XDIS91, with attachments also as an XBIN01, and each is answered on its own. Source:
MedCom's conversion use cases 3.1.0, 4.3 (conversion.md S3 and S4): no answer is given before both have come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from conversion.kinds import NEGATIVE, POSITIVE, Kind
from conversion.rows import Row, carries
from conversion.rows.receipts import JOINED


@dataclass(frozen=True, slots=True)
class Joined:
    """The outcome: the row of the table that decided, and the answer; None means to wait for the rest."""

    row: str
    answer: Kind | None


NO_ROW: Final = Joined("", None)

_ANSWERS: Final = {"XCTL03": POSITIVE, "XCTL02": NEGATIVE, "": None}


def join(letters: Sequence[Kind | None], attachments: Sequence[Kind | None]) -> Joined:
    """What the answers on one conversion's letters come to.

    Args:
        letters: the answer on each XDIS91, None while it has not come.
        attachments: the answer on each XBIN01 that was made, empty where none was.
    """
    said = (_said(letters), _said(attachments) if attachments else "-")
    return next((joined for fits in _TABLE if (joined := fits(*said)) is not None), NO_ROW)


def _fitting(row: Row, on_letter: str, on_attachments: str, answer: str) -> Callable[[str, str], Joined | None]:
    """One row of the table as the function that carries it, so that each can be taken out alone."""

    @carries(row.id, otherwise=None)
    def fits(letter: str, attachments: str) -> Joined | None:
        if on_letter in {"any", letter} and on_attachments in {"any", attachments}:
            return Joined(row.id, _ANSWERS[answer])
        return None

    return fits


_TABLE: Final = tuple(_fitting(*each) for each in JOINED)


def _said(answers: Sequence[Kind | None]) -> str:
    """One word for all letters of a kind: none while one is missing, no if one is, else yes."""
    kinds = [answer.type for answer in answers if answer is not None]
    return "" if len(kinds) < len(answers) else min(kinds)
