"""What is sent to queues, as the ledger keeps it: due, then sent, then taken by its receiver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, or_, select

from routing.ledger.reader import Reader
from routing.ledger.schema import BODIES, MESSAGES, SENDS


async def due(ledger: Reader, message: int) -> Sequence[Row[Any]]:
    """What is due of an unfinished message: its own way to an inbox, and all that was made of it."""
    own = select(MESSAGES.c.key).where(or_(MESSAGES.c.key == message, MESSAGES.c.parent == message))
    return await ledger.read(
        select(SENDS.c.key, SENDS.c.queue, SENDS.c.envelope_id, SENDS.c.body, SENDS.c.state, BODIES.c.data)
        .join(BODIES, BODIES.c.key == SENDS.c.body)
        .where(and_(SENDS.c.message.in_(own), SENDS.c.state == "due"))
        .order_by(SENDS.c.key)
    )


async def not_taken(ledger: Reader, queue: str, envelope_id: str) -> Sequence[Row[Any]]:
    """What was sent of an envelope to a queue and not said to be taken yet."""
    return await ledger.read(
        select(SENDS.c.key, SENDS.c.message).where(
            and_(SENDS.c.queue == queue, SENDS.c.envelope_id == envelope_id, SENDS.c.state != "taken")
        )
    )


async def of_envelope(ledger: Reader, queue: str, envelope_id: str) -> Sequence[Row[Any]]:
    """All that was sent of an envelope to a queue, oldest first, and what has become of it."""
    return await ledger.read(
        select(SENDS.c.key, SENDS.c.message, SENDS.c.state, SENDS.c.taken_at)
        .where(and_(SENDS.c.queue == queue, SENDS.c.envelope_id == envelope_id))
        .order_by(SENDS.c.key)
    )


async def is_taken(ledger: Reader, queue: str, envelope_id: str) -> bool:
    """Whether an envelope was taken from this queue before, and nothing of it is waiting there."""
    rows = await ledger.read(
        select(SENDS.c.state).where(and_(SENDS.c.queue == queue, SENDS.c.envelope_id == envelope_id))
    )
    return bool(rows) and all(row.state == "taken" for row in rows)


async def state(ledger: Reader, key: int) -> str | None:
    """How far a sending has come: due, sent or taken; None when there is no such row."""
    rows = await ledger.read(select(SENDS.c.state).where(SENDS.c.key == key))
    return rows[0].state if rows else None


async def waiting_inboxes(ledger: Reader) -> list[str]:
    """The participants that have something in their inbox."""
    rows = await ledger.read(select(SENDS.c.receiver).where(SENDS.c.state.in_(("due", "sent"))).distinct())
    return [row.receiver for row in rows if row.receiver]


async def inbox_bodies(ledger: Reader, queue: str, most: int) -> Sequence[Row[Any]]:
    """What waits in an inbox, oldest first: looked at in the ledger, so that nothing is used up."""
    return await ledger.read(
        select(SENDS.c.envelope_id, BODIES.c.data)
        .join(BODIES, BODIES.c.key == SENDS.c.body)
        .where(and_(SENDS.c.queue == queue, SENDS.c.state != "taken"))
        .order_by(SENDS.c.key)
        .limit(most)
    )
