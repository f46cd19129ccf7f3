"""The conversion records of a story: computed again when somebody asks, of the bodies and facts that are kept.

What is made of an accepted message is the same every time, so the record is that of the conversion that was carried
out; a normal run does not pay for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from conversion import Facts, convert
from conversion.facts import stylesheet_digest
from conversion.replaced import SHEETS
from envelope.findings import Refused
from envelope.reading import payload, read
from routing.ledger import messages, orders, stylesheets
from routing.ledger.ledger import Ledger
from routing.ledger.orders import Ordered
from routing.ledger.schema import IDENTIFIERS
from routing.ledger.timeline import Node


async def records(ledger: Ledger, roots: Iterable[Node]) -> list[dict[str, Any]]:
    """Every conversion of a story that was carried out, with its record.

    Args:
        ledger: where the story is kept.
        roots: of the story.

    Returns:
        For each: `sources` (EnvelopeIdentifiers), `target` (a type), `record`; envelope receipts are rewritten, not
        converted, and have none.
    """
    keys = [node.key for root in roots for node in root.walk()]
    rows = await ledger.read(
        select(IDENTIFIERS.c.value).where(IDENTIFIERS.c.kind == "order", IDENTIFIERS.c.message.in_(keys))
    )
    told = []
    for key in sorted({int(row.value) for row in rows}):
        order = await orders.find(ledger, key)
        if order is None or order.state != "made" or order.target not in SHEETS:
            continue
        digest = stylesheet_digest(order.facts)
        sheet = await stylesheets.find(ledger, digest) if digest is not None else None
        with suppress(Refused):  # it was refused then, too: there is nothing to tell of
            bodies = await messages.bodies(ledger, order.body_keys)
            told.append(await asyncio.to_thread(_told, order, bodies, sheet))
    return told


def _told(order: Ordered, bodies: Sequence[bytes], sheet: bytes | None) -> dict[str, Any]:
    facts = Facts.from_json(order.facts, sheet)
    converted = convert([payload(body) for body in bodies], facts, order.target, record=True)
    return {
        "sources": [read(body).head.identifier for body in bodies],
        "target": order.target,
        "record": [one.as_dict() for one in converted.record],
    }
