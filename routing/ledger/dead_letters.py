"""The dead letters as the ledger keeps them: what could not be handled, with its bytes and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select

from envelope.findings import Finding
from routing.ledger.keys import new_key
from routing.ledger.reader import Reader
from routing.ledger.records import Page, instant
from routing.ledger.schema import BODIES, DEAD, MESSAGES
from routing.ledger.unit import Unit

_LARGEST_KEY = 2**63 - 1
_DEAD = select(DEAD.c.queue, DEAD.c.text, DEAD.c.rule, DEAD.c.body, BODIES.c.data).join(
    BODIES, BODIES.c.key == DEAD.c.body
)


async def latest(ledger: Reader, most: int) -> list[dict[str, Any]]:
    """The latest dead letters, newest first.

    Returns:
        For each: `key` (as text: it is larger than a JavaScript number holds), `at` (ISO 8601, UTC), `rule`, `reason`,
        `queue` it was taken from, `id` (EnvelopeIdentifier, where it could be read), `size` in bytes.
    """
    rows = await ledger.read(
        select(DEAD.c.key, DEAD.c.at, DEAD.c.rule, DEAD.c.text, DEAD.c.queue, MESSAGES.c.envelope_id, BODIES.c.size)
        .join(MESSAGES, MESSAGES.c.key == DEAD.c.message, isouter=True)
        .join(BODIES, BODIES.c.key == DEAD.c.body, isouter=True)
        .order_by(DEAD.c.key.desc())
        .limit(most)
    )
    return [
        {
            "key": str(row.key),
            "at": instant(row.at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "rule": row.rule,
            "reason": row.text,
            "queue": row.queue,
            "id": row.envelope_id,
            "size": row.size,
        }
        for row in rows
    ]


async def body(ledger: Reader, key: int) -> bytes | None:
    """The bytes of one dead letter; None when there is none."""
    if key > _LARGEST_KEY:
        return None
    rows = await ledger.read(select(BODIES.c.data).join(DEAD, DEAD.c.body == BODIES.c.key).where(DEAD.c.key == key))
    return bytes(rows[0].data) if rows else None


async def one(ledger: Reader, key: int) -> Row[Any] | None:
    """One dead letter with its bytes and its envelope's identifier; None when there is none."""
    if key > _LARGEST_KEY:
        return None
    rows = await ledger.read(
        select(
            DEAD.c.key, DEAD.c.message, DEAD.c.queue, DEAD.c.rule, DEAD.c.body, BODIES.c.data, MESSAGES.c.envelope_id
        )
        .join(BODIES, BODIES.c.key == DEAD.c.body)
        .join(MESSAGES, MESSAGES.c.key == DEAD.c.message, isouter=True)
        .where(DEAD.c.key == key)
    )
    return rows[0] if rows else None


async def of_message(ledger: Reader, message: int) -> Sequence[Row[Any]]:
    """The dead letters of a message."""
    return await ledger.read(_DEAD.where(DEAD.c.message == message).order_by(DEAD.c.key))


async def alike(ledger: Reader, queue: str, rule: str, body: bytes) -> Sequence[Row[Any]]:
    """The latest dead letter from this queue, under this rule, with these very bytes."""
    same = and_(DEAD.c.queue == queue, DEAD.c.rule == rule, BODIES.c.size == len(body), BODIES.c.data == body)
    return await ledger.read(_DEAD.where(same).order_by(DEAD.c.key.desc()).limit(1))


def kept(data: bytes, findings: Sequence[Finding], at: datetime, place: str) -> Unit:
    """The rows that keep bytes which came from no queue and cannot be read.

    Args:
        data: the bytes.
        findings: why; the first names the rule.
        at: network time.
        place: where they came in.
    """
    page = Page(new_key, at, place)
    text = "; ".join(map(str, findings))
    page.dead(None, page.body(data), place, text, findings[0].rule.id)
    return page.unit
