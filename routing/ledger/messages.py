"""Messages as the ledger keeps them: found by their keys and names, with their bytes and what was made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, or_, select

from routing.ledger.reader import Reader
from routing.ledger.schema import BODIES, IDENTIFIERS, MESSAGES


async def bodies(ledger: Reader, keys: Sequence[int]) -> list[bytes]:
    """The bytes of these bodies, in the order of the keys; what was pruned is left out."""
    rows = await ledger.read(select(BODIES.c.key, BODIES.c.data).where(BODIES.c.key.in_(keys)))
    kept = {row.key: row.data for row in rows}
    return [kept[key] for key in keys if key in kept]


async def kept(ledger: Reader, keys: Sequence[int]) -> Sequence[Row[Any]]:
    """Messages with their bytes, in the order of their keys."""
    return await ledger.read(
        select(
            MESSAGES.c.key,
            MESSAGES.c.thread,
            MESSAGES.c.sender,
            MESSAGES.c.receiver,
            MESSAGES.c.envelope_id,
            MESSAGES.c.body,
            BODIES.c.data,
        )
        .join(BODIES, BODIES.c.key == MESSAGES.c.body)
        .where(MESSAGES.c.key.in_(keys))
        .order_by(MESSAGES.c.key)
    )


async def rule_of(ledger: Reader, message: int) -> str | None:
    """The decision rule that a message was handled by."""
    rows = await ledger.read(select(MESSAGES.c.rule).where(MESSAGES.c.key == message))
    return rows[0].rule if rows else None


async def named(ledger: Reader, kind: str, value: str) -> Sequence[int]:
    """The messages that have this name of this kind."""
    rows = await ledger.read(
        select(IDENTIFIERS.c.message).where(and_(IDENTIFIERS.c.value == value, IDENTIFIERS.c.kind == kind))
    )
    return [row.message for row in rows]


async def bodies_made_of(ledger: Reader, message: int) -> list[int]:
    """The bodies of what was made of a message, in the order it was made."""
    made = and_(MESSAGES.c.parent == message, MESSAGES.c.way == "made", MESSAGES.c.relation == "converted")
    rows = await ledger.read(select(MESSAGES.c.body).where(made).order_by(MESSAGES.c.key))
    return [row.body for row in rows]


def receipts_made(threads: Sequence[int]) -> Select[Any]:
    """Select the receipts that the network itself has made in these stories, in the order they were made."""
    receipt = or_(
        MESSAGES.c.layer == "receipt",
        MESSAGES.c.type.in_(("XCTL01", "XCTL02", "XCTL03", "Acknowledgement")),
    )
    return (
        select(MESSAGES.c.key, MESSAGES.c.thread, MESSAGES.c.receiver, MESSAGES.c.type, MESSAGES.c.body)
        .where(
            and_(
                MESSAGES.c.thread.in_(threads),
                MESSAGES.c.way == "made",
                MESSAGES.c.relation != "repeat",
                receipt,
            )
        )
        .order_by(MESSAGES.c.key)
    )
