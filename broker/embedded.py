"""The embedded broker: queues in the ledger's SQLite file, so that a decision and its ack are one transaction.

A settlement becomes one ledger unit: its rows, a queue row for each message it sends, and the removal of the row it was
taken from. There is no moment at which a crash could deliver twice, so `again` is never set.
What is ready stands in memory (`broker.backlog`), and taking costs no question to the database.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Table, Text, select

from broker.backlog import Backlog, Entry
from broker.errors import BODY_TOO_LARGE, EMBEDDED_NEEDS_SQLITE, LARGEST_BODY, Closed
from broker.marks import METADATA, Marks
from broker.port import ROUTE, Broker, Consumer, Delivery, Health, Send, Settlement
from broker.steps import EmbeddedStep, reach
from envelope.findings import Refused
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
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


class _Token:
    """Where a delivery was taken from and who has it in hand."""

    __slots__ = ("backlog", "entry", "holder", "open")

    def __init__(self, backlog: Backlog, entry: Entry, holder: EmbeddedConsumer | None) -> None:
        self.backlog = backlog
        self.entry = entry
        self.holder = holder
        self.open = True


class EmbeddedConsumer(Consumer):
    """Takes from one queue of the embedded broker."""

    def __init__(self, broker: EmbeddedBroker, backlog: Backlog, prefetch: int) -> None:
        self._broker = broker
        self._backlog = backlog
        self._prefetch = prefetch
        self.held: dict[int, Delivery] = {}
        self.closed = False

    async def take(self, most: int) -> list[Delivery]:
        """Wait for at least one delivery, then return all that are here, `most` at the most."""
        while True:
            if self.closed:
                raise Closed("The consumer is closed.")
            room = min(most, self._prefetch - len(self.held))
            if room > 0 and self._backlog:
                deliveries = await self._broker.hand_out(self._backlog, room, self)
                reach(EmbeddedStep.TAKEN)
                return deliveries
            await self._backlog.changed.wait()

    async def close(self) -> None:
        """Stop taking; what is unacked is there again for others."""
        self.closed = True
        for delivery in list(self.held.values()):
            await self._broker.give_back(delivery)
        self._backlog.changed.tell()


class EmbeddedBroker(Broker):
    """Queues in a ledger's SQLite file, for one process.

    Args:
        ledger: open, and on SQLite.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._backlogs: dict[str, Backlog] = {}
        self._marks = Marks(ledger)
        self._consumers: list[EmbeddedConsumer] = []
        self._closed = False

    async def open(self) -> None:
        """Make the tables that are missing and find what was left in the queues.

        Raises:
            Refused: VS-601, the ledger is not on SQLite.
        """
        if not self._ledger.is_sqlite:
            raise Refused(EMBEDDED_NEEDS_SQLITE.at(""))
        await self._ledger.create(METADATA)
        await self._marks.load()
        for row in await self._ledger.read(select(QUEUE).order_by(QUEUE.c.key)):
            backlog = self._backlog(row.queue)
            suspect = len(backlog) < self._marks.of(row.queue)
            headers = json.loads(row.headers) if row.headers else {}
            backlog.push(Entry(row.key, row.body, row.owned, row.message_id, headers, None, suspect))

    async def close(self) -> None:
        """Stop; what was in hand is there again at the next start."""
        self._closed = True
        for consumer in self._consumers:
            await consumer.close()
        if self._ledger.health()[0]:
            await self._marks.clear({name for name, backlog in self._backlogs.items() if not backlog.in_hand})
        for backlog in self._backlogs.values():
            backlog.changed.tell()

    async def submit(self, body: bytes, message_id: str | None = None) -> None:
        """Put a message on `vans.route`; returns when it is on the disk."""
        _check_size(body)
        unit = Unit()
        key, body_key = new_key(), new_key()
        unit.insert(BODIES, key=body_key, digest=None, size=len(body), data=body)
        unit.insert(QUEUE, key=key, queue=ROUTE, body=body_key, owned=False, message_id=message_id, headers=None)
        await self._ledger.commit(unit)
        self._add(ROUTE, Entry(key, body_key, False, message_id, {}, body))

    async def consumer(self, queue: str, prefetch: int) -> EmbeddedConsumer:
        """Start taking from a queue."""
        consumer = EmbeddedConsumer(self, self._backlog(queue), prefetch)
        self._consumers = [other for other in self._consumers if not other.closed]
        self._consumers.append(consumer)
        return consumer

    async def receive(self, queue: str, wait: float) -> Delivery | None:
        """Take one message, waiting `wait` seconds at the most."""
        backlog = self._backlog(queue)
        if not backlog:
            try:
                async with asyncio.timeout(wait):
                    while not backlog:
                        if self._closed:
                            raise Closed("The broker is closed.")
                        await backlog.changed.wait()
            except TimeoutError:
                return None
        (delivery,) = await self.hand_out(backlog, 1, None)
        return delivery

    async def settle(self, settlements: Sequence[Settlement]) -> list[Exception | None]:
        """Carry out each settlement as one unit; one that fails leaves its delivery in hand, its neighbours alone."""
        results: list[Exception | None] = [None] * len(settlements)
        places: list[int] = []
        units: list[Unit] = []
        sent: list[list[tuple[str, Entry]]] = []
        for place, settlement in enumerate(settlements):
            try:
                unit, entries = self._whole(settlement)
            except (Closed, Refused) as failure:
                results[place] = failure
            else:
                places.append(place)
                units.append(unit)
                sent.append(entries)
        reach(EmbeddedStep.GATHERED)
        answers = await self._ledger.commit_all(units)
        reach(EmbeddedStep.COMMITTED)
        for place, entries, answer in zip(places, sent, answers, strict=True):
            results[place] = answer
            if answer is None:
                self._let_go(settlements[place].delivery)
                for queue, entry in entries:
                    self._add(queue, entry)
        return results

    def _whole(self, settlement: Settlement) -> tuple[Unit, list[tuple[str, Entry]]]:
        entry = _token(settlement.delivery).entry
        unit = Unit()
        unit.extend(settlement.unit)
        entries = [self._enqueue(unit, send) for send in settlement.sends]
        _merge(unit, settlement.finish)
        unit.delete(QUEUE, entry.key)
        if entry.owned:
            unit.delete(BODIES, entry.body_key)
        return unit, entries

    async def give_back(self, delivery: Delivery) -> None:
        """Put a delivery back at the head of its queue; one that is settled or was given back is left alone."""
        token = delivery.token
        if not isinstance(token, _Token) or not token.open:
            return
        self._let_go(delivery)
        token.entry.body = delivery.body
        token.backlog.push_back(token.entry)
        token.backlog.changed.tell()

    def health(self) -> Health:
        """The queues are as well as the ledger is."""
        return Health(*self._ledger.health())

    async def hand_out(self, backlog: Backlog, most: int, holder: EmbeddedConsumer | None) -> list[Delivery]:
        """Deliveries of what is ready, `most` at the most; bodies that are not in memory are read."""
        entries = backlog.pop(most)
        try:
            await self._marks.cover(backlog)
            await self._load([entry for entry in entries if entry.body is None])
        except BaseException:
            for entry in entries:
                backlog.in_hand -= 1
                backlog.push_back(entry)
            backlog.changed.tell()
            raise
        deliveries = []
        for entry in entries:
            body, entry.body = entry.body, None
            delivery = Delivery(
                backlog.name,
                body or b"",
                entry.message_id,
                _Token(backlog, entry, holder),
                None if entry.owned else entry.body_key,
                entry.suspect,
                headers=entry.headers,
            )
            if holder is not None:
                holder.held[entry.key] = delivery
            deliveries.append(delivery)
        return deliveries

    async def _load(self, entries: list[Entry]) -> None:
        if entries:
            question = select(BODIES.c.key, BODIES.c.data).where(
                BODIES.c.key.in_([entry.body_key for entry in entries])
            )
            bodies = {row.key: row.data for row in await self._ledger.read(question)}
            for entry in entries:
                entry.body = bodies[entry.body_key]

    def _enqueue(self, unit: Unit, send: Send) -> tuple[str, Entry]:
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
        entry = Entry(key, body_key, send.body_key is None, send.message_id, send.headers, send.body)
        return send.queue, entry

    def _add(self, queue: str, entry: Entry) -> None:
        backlog = self._backlog(queue)
        backlog.push(entry)
        backlog.changed.tell()

    def _let_go(self, delivery: Delivery) -> None:
        token = _token(delivery)
        token.open = False
        token.backlog.in_hand -= 1
        if token.holder is not None:
            token.holder.held.pop(token.entry.key, None)
            token.backlog.changed.tell()

    def _backlog(self, name: str) -> Backlog:
        backlog = self._backlogs.get(name)
        if backlog is None:
            backlog = self._backlogs[name] = Backlog(name)
        return backlog


def _token(delivery: Delivery) -> _Token:
    token = delivery.token
    if not isinstance(token, _Token) or not token.open:
        raise Closed("The delivery was settled or given back already.")
    return token


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
