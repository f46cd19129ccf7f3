"""Orders to convert as the ledger keeps them; what is converted is read by `body_keys` (`messages.bodies`)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import and_, select

from routing.ledger.reader import Reader
from routing.ledger.schema import IDENTIFIERS, MESSAGES, ORDERS


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order to convert: its target, what the conversion knows, and which envelopes it converts.

    Attributes:
        type: what is converted: a type of the catalogue, or the kind of an envelope receipt.
        rule: the decision that ordered it.
        findings: what was found in each source so far, as JSON.
    """

    key: int
    target: str
    facts: str
    state: str
    sources: tuple[int, ...]
    thread: int
    body_keys: tuple[int, ...]
    type: str
    rule: str
    findings: tuple[str | None, ...]


async def find(ledger: Reader, order: int) -> Ordered | None:
    """An order to convert."""
    rows = await ledger.read(select(ORDERS).where(ORDERS.c.key == order))
    if not rows:
        return None
    keys = json.loads(rows[0].sources)
    sources = await ledger.read(
        select(
            MESSAGES.c.key,
            MESSAGES.c.thread,
            MESSAGES.c.layer,
            MESSAGES.c.type,
            MESSAGES.c.name,
            MESSAGES.c.rule,
            MESSAGES.c.findings,
            MESSAGES.c.body,
        ).where(MESSAGES.c.key.in_(keys))
    )
    listed = sorted(sources, key=lambda row: keys.index(row.key))
    return Ordered(
        order,
        rows[0].target,
        rows[0].facts,
        rows[0].state,
        tuple(row.key for row in listed),
        listed[0].thread,
        tuple(row.body for row in listed),
        listed[0].type if listed[0].layer == "message" else listed[0].name,
        listed[0].rule,
        tuple(row.findings for row in listed),
    )


async def open_of(ledger: Reader, message: int) -> int | None:
    """The order to convert this message that was written and may not have reached its queue."""
    rows = await ledger.read(
        select(IDENTIFIERS.c.value).where(and_(IDENTIFIERS.c.message == message, IDENTIFIERS.c.kind == "order"))
    )
    return int(rows[0].value) if rows else None
