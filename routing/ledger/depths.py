"""How much waits in each inbox: counted in the ledger, never asked of the broker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select

from routing.ledger.reader import Reader
from routing.ledger.schema import MESSAGES, SENDS


async def depths(ledger: Reader) -> dict[str, int]:
    """The participants that have something in their inbox, and how many envelopes."""
    rows = await ledger.read(
        select(SENDS.c.queue, func.count().label("waiting"))
        .where(SENDS.c.state.in_(("due", "sent")))
        .group_by(SENDS.c.queue)
    )
    return {row.queue.removeprefix("inbox."): row.waiting for row in rows}


async def waiting(ledger: Reader, gln: str, most: int) -> Sequence[Row[Any]]:
    """What waits in an inbox, oldest first: its message's key, type, name, sender, and when it was put there."""
    return await ledger.read(
        select(
            SENDS.c.envelope_id,
            SENDS.c.sent_at,
            MESSAGES.c.type,
            MESSAGES.c.name,
            MESSAGES.c.sender,
            MESSAGES.c.layer,
            MESSAGES.c.accepted_at,
        )
        .join(MESSAGES, MESSAGES.c.key == SENDS.c.message)
        .where(SENDS.c.queue == f"inbox.{gln}", SENDS.c.state.in_(("due", "sent")))
        .order_by(SENDS.c.key)
        .limit(most)
    )
