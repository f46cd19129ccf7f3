"""Every step of every message as it is written down, for whoever follows along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from routing.ledger.keys import COUNTER_BITS, PROCESS_BITS, milliseconds
from routing.ledger.keys import EPOCH as _EPOCH
from routing.ledger.reader import Reader
from routing.ledger.schema import EVENTS, MESSAGES

LATE = 10_000
"""Milliseconds by which a step may be committed later than one that another process made after it."""


def now() -> int:
    """The key that a step made at this moment would have, at the least."""
    return before(milliseconds() - _EPOCH << (PROCESS_BITS + COUNTER_BITS), 0)


def before(key: int, early: int = LATE) -> int:
    """The least key that may have been made so many milliseconds before this one."""
    return max(key - (early << (PROCESS_BITS + COUNTER_BITS)), 0)


async def since(ledger: Reader, key: int, most: int) -> Sequence[Row[Any]]:
    """The steps whose keys are greater, oldest first, each with its message."""
    return await ledger.read(
        select(
            EVENTS.c.key,
            EVENTS.c.at,
            EVENTS.c.place,
            EVENTS.c.what,
            EVENTS.c.rule,
            EVENTS.c.text,
            MESSAGES.c.envelope_id,
            MESSAGES.c.sender,
            MESSAGES.c.receiver,
            MESSAGES.c.type,
            MESSAGES.c.name,
            MESSAGES.c.thread,
        )
        .join(MESSAGES, MESSAGES.c.key == EVENTS.c.message)
        .where(EVENTS.c.key > key)
        .order_by(EVENTS.c.key)
        .limit(most)
    )
