"""A service small enough to be read at once, for the crash test: what it takes from `vans.route` goes to one inbox.

What it makes of a message holds chance, so a repeat is the same only if it was remembered and not made again.

Run as `python -m tests.broker.relay LEDGER BROKER NUMBER`; ends when that many messages are finished.
"""

from __future__ import annotations

import asyncio
import secrets
import sys

from sqlalchemy import func, select

from broker.embedded import EmbeddedBroker
from broker.port import ROUTE, Broker, Delivery, Send, Settlement, inbox
from broker.rabbitmq import RabbitBroker
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES, EVENTS, MESSAGES
from routing.ledger.unit import Unit

QUEUE = inbox("5790000120314")
PREFETCH = 4
FINISHED = "done"


def open_broker(address: str, ledger: Ledger) -> Broker:
    """The broker at an address, or the embedded one."""
    return EmbeddedBroker(ledger) if address == "embedded" else RabbitBroker(address, ledger)


async def settlement(ledger: Ledger, delivery: Delivery) -> Settlement:
    """What becomes of a message: made once, sent until that is known to be done."""
    question = (
        select(MESSAGES.c.key, MESSAGES.c.state, MESSAGES.c.body, BODIES.c.data)
        .join(BODIES, BODIES.c.key == MESSAGES.c.body)
        .where(MESSAGES.c.envelope_id == delivery.message_id)
    )
    identifier = delivery.message_id or ""
    unit, finish = Unit(), Unit()
    rows = await ledger.read(question)
    if not rows:
        key, body_key = new_key(), new_key()
        body = delivery.body + b" " + secrets.token_hex(8).encode()
        unit.insert(BODIES, key=body_key, size=len(body), data=body)
        unit.insert(
            MESSAGES,
            key=key,
            way="in",
            layer="message",
            envelope_id=identifier,
            sender="5790000120314",
            receiver="5790000120314",
            size=len(body),
            state="due",
            duplicate=False,
            body=body_key,
            thread=key,
            accepted_at=0,
            indexed=False,
        )
    else:
        (row,) = rows
        if row.state == FINISHED:
            return Settlement(delivery, unit)
        key, body_key, body = row.key, row.body, row.data
    finish.update(MESSAGES, key, state=FINISHED)
    finish.insert(EVENTS, key=new_key(), message=key, at=0, place="relay", what="sent", text="Sent.")
    return Settlement(delivery, unit, [Send(QUEUE, body, body_key, identifier)], finish)


async def finished(ledger: Ledger) -> int:
    """How many messages are finished."""
    ((number,),) = await ledger.read(select(func.count()).select_from(MESSAGES).where(MESSAGES.c.state == FINISHED))
    return int(number)


async def main(url: str, address: str, number: int) -> None:
    """Relay until that many messages are finished."""
    ledger = await Ledger.open(url)
    broker = open_broker(address, ledger)
    await broker.open()
    consumer = await broker.consumer(ROUTE, PREFETCH)
    while await finished(ledger) < number:
        deliveries = await consumer.take(PREFETCH)
        results = await broker.settle([await settlement(ledger, delivery) for delivery in deliveries])
        if any(results):
            raise RuntimeError(results)
    await broker.close()
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
