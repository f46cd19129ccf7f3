"""The embedded broker: queues in the ledger's SQLite file, so that a decision and its ack are one transaction.

A settlement becomes one ledger unit: its rows, a queue row for each message it sends, and the removal of the row it was
taken from. There is no moment at which a crash could deliver twice, so `again` is its publisher's word alone.
What is ready stands in memory (`broker.backlog`), and taking costs no question to the database.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy import select

from broker.backlog import Backlog, Entry
from broker.errors import EMBEDDED_NEEDS_SQLITE, Closed
from broker.marks import METADATA, Marks
from broker.port import REPEATED, ROUTE, Broker, Consumer, Delivery, Health, Settlement
from broker.rows import QUEUE, settlement_rows, submission
from broker.steps import EmbeddedStep, reach
from envelope.findings import Refused
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES
from routing.ledger.unit import Unit


class _Token:
    """Where a delivery was taken from and who has it in hand.

    Attributes:
        open: neither settled nor given back.
        settling: handed over to the ledger, which has not answered.
    """

    __slots__ = ("backlog", "entry", "holder", "open", "settling")

    def __init__(self, backlog: Backlog, entry: Entry, holder: EmbeddedConsumer | None) -> None:
        self.backlog = backlog
        self.entry = entry
        self.holder = holder
        self.open = True
        self.settling = False


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
                reach(EmbeddedStep.TAKEN, self._backlog.name)
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

    async def submit(
        self, body: bytes, message_id: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Put a message on `vans.route`; returns when it is on the disk."""
        unit, entry = submission(body, message_id, headers)

        def committed(answers: asyncio.Future[list[Exception | None]]) -> None:
            if answers.exception() is None and answers.result() == [None]:
                self._add(ROUTE, entry)

        answers = self._ledger.hand_over((unit,))
        answers.add_done_callback(committed)
        (failure,) = await asyncio.shield(answers)
        if failure is not None:
            raise failure

    async def declare(self, queue: str) -> None:
        """Nothing: a queue is there as soon as it is named."""

    async def consumer(self, queue: str, prefetch: int) -> EmbeddedConsumer:
        """Start taking from a queue."""
        consumer = EmbeddedConsumer(self, self._backlog(queue), prefetch)
        self._consumers = [other for other in self._consumers if not other.closed]
        self._consumers.append(consumer)
        return consumer

    async def receive(self, queue: str, wait: float) -> Delivery | None:
        """Take one message, waiting `wait` seconds at the most."""
        backlog = self._backlog(queue)
        try:
            async with asyncio.timeout(wait):
                while True:
                    if self._closed:
                        raise Closed("The broker is closed.")
                    if backlog:
                        break
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
                token = _token(settlement.delivery) if settlement.delivery is not None else None
                unit, entries = settlement_rows(settlement, token.entry if token is not None else None)
            except (Closed, Refused) as failure:
                results[place] = failure
            else:
                if token is not None:
                    token.settling = True
                places.append(place)
                units.append(unit)
                sent.append(entries)
        queue = settlements[0].queue if settlements else ""
        reach(EmbeddedStep.GATHERED, queue)

        def committed(answers: asyncio.Future[list[Exception | None]]) -> None:
            if answers.exception() is not None:
                return
            for place, entries, answer in zip(places, sent, answers.result(), strict=True):
                results[place] = answer
                self._settled(settlements[place].delivery, entries, answer)

        # A caller that is cancelled meanwhile does not take back what the ledger commits: memory must follow.
        answers = self._ledger.hand_over(units)
        answers.add_done_callback(committed)
        await asyncio.shield(answers)
        reach(EmbeddedStep.COMMITTED, queue)
        return results

    def _settled(self, delivery: Delivery | None, entries: list[tuple[str, Entry]], failure: Exception | None) -> None:
        token = cast("_Token", delivery.token) if delivery is not None else None
        if token is not None:
            token.settling = False
        if failure is None:
            if token is not None:
                self._let_go(token)
            for queue, entry in entries:
                self._add(queue, entry)
        elif delivery is not None and token is not None and token.holder is not None and token.holder.closed:
            self._put_back(delivery, token)

    async def give_back(self, delivery: Delivery) -> None:
        """Put a delivery back at the head of its queue; one that is settled or was given back is left alone."""
        token = delivery.token
        if not isinstance(token, _Token) or not token.open or token.settling:
            return
        self._put_back(delivery, token)

    def _put_back(self, delivery: Delivery, token: _Token) -> None:
        self._let_go(token)
        token.entry.body = delivery.body
        token.entry.dispatch = None  # it may have been said to be taken all the same: the ledger knows
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
                REPEATED in entry.headers,
                headers=entry.headers,
                dispatch=entry.dispatch,
            )
            if holder is not None:
                holder.held[entry.key] = delivery
            deliveries.append(delivery)
        if holder is not None and holder.closed:  # meanwhile
            await holder.close()
            raise Closed("The consumer is closed.")
        return deliveries

    async def _load(self, entries: list[Entry]) -> None:
        if entries:
            question = select(BODIES.c.key, BODIES.c.data).where(
                BODIES.c.key.in_([entry.body_key for entry in entries])
            )
            bodies = {row.key: row.data for row in await self._ledger.read(question)}
            for entry in entries:
                entry.body = bodies[entry.body_key]

    def _add(self, queue: str, entry: Entry) -> None:
        backlog = self._backlog(queue)
        backlog.push(entry)
        backlog.changed.tell()

    def _let_go(self, token: _Token) -> None:
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
    if not isinstance(token, _Token) or not token.open or token.settling:
        raise Closed("The delivery was settled or given back already.")
    return token
