"""Stories removed whole, because somebody asks for it: messages, their bytes, steps, receipts and claims.

Only what is done with: what is held, under way, due by the clock or waiting in an inbox is left, and said to be.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Table, select

from routing.ledger import claims
from routing.ledger.ledger import Ledger
from routing.ledger.schema import (
    BODIES,
    CONVERSIONS,
    DEAD,
    DUE,
    EVENTS,
    HALVES,
    IDENTIFIERS,
    MESSAGES,
    ORDERS,
    SENDS,
    UNFINISHED,
)
from routing.ledger.unit import Unit

_OPEN = (*UNFINISHED, "held")
_HANGING = (IDENTIFIERS, EVENTS, SENDS, HALVES, DUE, DEAD)
"""Tables whose rows belong to a message by their column of that name."""


async def remove(ledger: Ledger, messages: Collection[int]) -> list[int]:
    """Remove the stories of these messages.

    Returns:
        The messages whose stories are not over, and so were left.
    """
    rows = await ledger.read(select(MESSAGES.c.key, MESSAGES.c.thread).where(MESSAGES.c.key.in_(messages)))
    left = []
    for thread in sorted({row.thread for row in rows}):
        if not await _remove(ledger, thread):
            left += [row.key for row in rows if row.thread == thread]
    return left


async def _remove(ledger: Ledger, thread: int) -> bool:
    """Remove one story, unless it is not over."""
    messages = await ledger.read(
        select(MESSAGES.c.key, MESSAGES.c.state, MESSAGES.c.body).where(MESSAGES.c.thread == thread)
    )
    keys = [row.key for row in messages]
    sends = await ledger.read(select(SENDS.c.state, SENDS.c.body).where(SENDS.c.message.in_(keys)))
    due = await ledger.read(select(DUE.c.key).where(DUE.c.message.in_(keys)))
    if due or any(row.state in _OPEN for row in messages) or any(row.state != "taken" for row in sends):
        return False
    unit = Unit()
    for table, key in await claims.given_up(ledger, keys):
        unit.delete(table, key)
    orders = await ledger.read(
        select(IDENTIFIERS.c.value).where(IDENTIFIERS.c.message.in_(keys), IDENTIFIERS.c.kind == "order")
    )
    for order in sorted({int(row.value) for row in orders}):
        unit.delete(ORDERS, order)
    buried = await ledger.read(select(DEAD.c.body).where(DEAD.c.message.in_(keys)))
    for table in _HANGING:
        await _delete_hanging(ledger, unit, table, keys)
    for key in keys:
        unit.delete(CONVERSIONS, key)
        unit.delete(MESSAGES, key)
    for body in sorted({row.body for row in (*messages, *sends, *buried) if row.body is not None}):
        unit.delete(BODIES, body)
    await ledger.commit(unit)
    return True


async def _delete_hanging(ledger: Ledger, unit: Unit, table: Table, messages: Sequence[int]) -> None:
    for row in await ledger.read(select(table.c.key).where(table.c.message.in_(messages))):
        unit.delete(table, row.key)
