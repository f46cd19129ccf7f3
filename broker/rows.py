"""Queue rows in the ledger's file: what a submission and a settlement write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Table, Text

from broker.backlog import Entry
from broker.errors import BODY_TOO_LARGE, LARGEST_BODY
from broker.marks import METADATA
from broker.port import ROUTE, Send, Settlement
from envelope.findings import Refused
from routing.ledger.keys import new_key
from routing.ledger.schema import BODIES
from routing.ledger.unit import Unit

QUEUE = Table(
    "queue",
    METADATA,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("queue", Text, nullable=False),
    Column("body", BigInteger, nullable=False),  # bodies.key
    Column("owned", Boolean, nullable=False),  # the body is the queue's alone, and goes with the row
    Column("message_id", Text),
    Column("headers", Text),  # JSON
)


def submission(body: bytes, message_id: str | None, headers: Mapping[str, str] | None) -> tuple[Unit, Entry]:
    """What puts a message on `vans.route`; its body is the ledger's from now on.

    Raises:
        Refused: VS-602.
    """
    _check_size(body)
    unit = Unit()
    key, body_key = new_key(), new_key()
    unit.insert(BODIES, key=body_key, digest=None, size=len(body), data=body)
    unit.insert(
        QUEUE,
        key=key,
        queue=ROUTE,
        body=body_key,
        owned=False,
        message_id=message_id,
        headers=json.dumps(dict(headers)) if headers else None,
    )
    return unit, Entry(key, body_key, False, message_id, headers or {}, body)


def settlement_rows(settlement: Settlement, taken: Entry | None) -> tuple[Unit, list[tuple[str, Entry]]]:
    """One unit for all of a settlement, and what it puts on which queue.

    Raises:
        Refused: VS-602.
    """
    unit = Unit()
    unit.extend(settlement.unit)
    sent = [(send.queue, _enqueue(unit, send)) for send in settlement.sends]
    _merge(unit, settlement.finish)
    if taken is not None:
        unit.delete(QUEUE, taken.key)
        if taken.owned:
            unit.delete(BODIES, taken.body_key)
    return unit, sent


def _enqueue(unit: Unit, send: Send) -> Entry:
    _check_size(send.body)
    key = new_key()
    body_key = send.body_key
    if body_key is None:
        body_key = new_key()
        unit.insert(BODIES, key=body_key, digest=None, size=len(send.body), data=send.body)
    unit.insert(
        QUEUE,
        key=key,
        queue=send.queue,
        body=body_key,
        owned=send.body_key is None,
        message_id=send.message_id,
        headers=json.dumps(dict(send.headers)) if send.headers else None,
    )
    owned = send.body_key is None
    return Entry(key, body_key, owned, send.message_id, send.headers, send.body, dispatch=send.dispatch)


def _check_size(body: bytes) -> None:
    if len(body) > LARGEST_BODY:
        raise Refused(BODY_TOO_LARGE.at("", size=len(body), limit=LARGEST_BODY))


def _merge(unit: Unit, finish: Unit) -> None:
    """Take over what says that all is done; a change of a row that the unit itself inserts is made in the row."""
    unit.inserts += finish.inserts
    unit.deletes += finish.deletes
    if not finish.updates:
        return
    own = {(table, row["key"]): place for place, (table, row) in enumerate(unit.inserts)}
    for table, key, values in finish.updates:
        place = own.get((table, key))
        if place is None:
            unit.updates.append((table, key, values))
        else:
            changed: Mapping[str, Any] = {**unit.inserts[place][1], **values}
            unit.inserts[place] = (table, changed)
