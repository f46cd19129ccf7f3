"""A dead letter put back: to be tried once more, from the place where it was given up.

What crashed goes back to the queue that it was taken from, byte for byte: to the router, the conversion, an inbox. What
was refused has had its answer under its EnvelopeIdentifier, and would have the same again: it goes in a new envelope,
as its sender would send it once the cause is mended. What is no envelope goes as it is.

The dead letter's row is the last thing to go: whatever dies meanwhile, it is there to be put back again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import Row

from broker.port import CONVERT, Send, Settlement, inbox
from envelope.findings import Refused
from envelope.reading import Unreadable, payload, read
from envelope.writing import write
from routing.ledger import dead_letters, dispatches, orders
from routing.ledger.keys import new_key
from routing.ledger.records import Page
from routing.ledger.schema import DEAD, MESSAGES, ORDERS
from routing.ledger.unit import Unit
from simulator.errors import CRASHED, NO_DEAD_LETTER
from simulator.services.ordering import order_to_convert
from simulator.services.outgoing import sent_time
from simulator.wiring import Network

_PLACE = "api"
_TOLD = ("put back", "taken from the dead letters, to be tried again")


async def put_back(network: Network, key: int) -> str | None:
    """Put a dead letter back.

    Args:
        network: takes it.
        key: the dead letter's.

    Returns:
        the EnvelopeIdentifier that it goes under; None where it has none.

    Raises:
        Refused: VS-490, there is no such dead letter.
    """
    row = await dead_letters.one(network.ledger, key)
    if row is None:
        raise Refused(NO_DEAD_LETTER.at("", key=key))
    if row.rule == CRASHED.id and row.message is not None and row.queue == CONVERT:
        await _order_again(network, row)
    elif row.rule == CRASHED.id and row.queue.startswith(inbox("")):
        return await _to_inbox(network, row)
    else:
        body, name = _as_sent(network, row)
        await network.submit(body, name)
        await network.ledger.commit(_done(network, row).unit)
        return name
    return _name(row)


def _as_sent(network: Network, row: Row[Any]) -> tuple[bytes, str | None]:
    """The bytes for the router, and what they are called."""
    body = bytes(row.data)
    try:
        head = read(body).head
    except Unreadable as unreadable:
        return body, unreadable.partial.identifier
    if row.rule == CRASHED.id:
        return body, head.identifier
    head = replace(head, identifier=str(uuid4()), sent=sent_time(network.clock()))
    return write(head, payload(body)), head.identifier


def _name(row: Row[Any]) -> str | None:
    return str(row.envelope_id) if row.envelope_id is not None else None


def _done(network: Network, row: Row[Any]) -> Page:
    """The rows that say so: the dead letter is none any more."""
    page = Page(new_key, network.clock(), _PLACE, Unit())
    page.unit.delete(DEAD, row.key)
    if row.message is not None:
        page.event(row.message, *_TOLD)
    return page


async def _order_again(network: Network, row: Row[Any]) -> None:
    """The same order, with all that it was given: nothing of it was made."""
    page = Page(new_key, network.clock(), _PLACE)
    order = await orders.open_of(network.ledger, row.message)
    found = None if order is None else await orders.find(network.ledger, order)
    if found is None:
        raise Refused(NO_DEAD_LETTER.at("", key=row.key))
    page.unit.update(ORDERS, found.key, state="ordered", made_at=None)
    for source in found.sources:
        page.unit.update(MESSAGES, source, state="ordered", rule=found.rule)  # a state alone only goes forward
    await _settle(
        network, Settlement(None, page.unit, [order_to_convert(found.key, _name(row) or "")], _done(network, row).unit)
    )


async def _to_inbox(network: Network, row: Row[Any]) -> str:
    """To whom it was sent, as if it were sent for the first time."""
    page, finish = Page(new_key, network.clock(), _PLACE), _done(network, row)
    name = read(bytes(row.data)).head.identifier
    before = await dispatches.of_envelope(network.ledger, row.queue, name)
    for message in {one.message for one in before}:
        finish.event(message, *_TOLD)
        finish.sent(page.send(message, row.queue, row.body, name, row.queue.removeprefix(inbox(""))))
    await _settle(network, Settlement(None, page.unit, [Send(row.queue, bytes(row.data), row.body, name)], finish.unit))
    network.arrived(row.queue)
    return name


async def _settle(network: Network, settlement: Settlement) -> None:
    (failure,) = await network.broker.settle([settlement])
    if failure is not None:
        raise failure
