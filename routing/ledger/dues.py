"""What has to be done of itself when its time has come, by network time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, select

from routing.ledger.reader import Reader
from routing.ledger.records import instant, micros
from routing.ledger.schema import DUE, MESSAGES

HALF = "half"
"""A half of a letter whose other half did not come."""

RECEIPT = "receipt"
"""A receipt that waits for the rest of its conversion's, when the conversion is forgotten."""


async def at(ledger: Reader, now: datetime, most: int) -> Sequence[Row[Any]]:
    """What is due at this network time, the earliest first, with the state of its message."""
    return await ledger.read(
        select(DUE.c.key, DUE.c.kind, DUE.c.message, DUE.c.at, DUE.c.content, MESSAGES.c.state, MESSAGES.c.envelope_id)
        .join(MESSAGES, MESSAGES.c.key == DUE.c.message)
        .where(DUE.c.at <= micros(now))
        .order_by(DUE.c.at, DUE.c.key)
        .limit(most)
    )


async def first(ledger: Reader) -> datetime | None:
    """When something is due next."""
    rows = await ledger.read(select(DUE.c.at).order_by(DUE.c.at).limit(1))
    return instant(rows[0].at) if rows else None


async def of(ledger: Reader, messages: Sequence[int], kind: str) -> list[tuple[Table, int]]:
    """The rows of what is due of these messages, to be forgotten when it needs no doing any more."""
    rows = await ledger.read(select(DUE.c.key).where(DUE.c.message.in_(messages), DUE.c.kind == kind))
    return [(DUE, row.key) for row in rows]
