"""Three tries, then the dead letters: counted in the ledger when work starts, never by a broker's delivery count.

With a hundred messages taken at a time, a crash redelivers all of them: only the one that was being worked on may be
blamed. So what a dead process had in hand is worked on alone, its start committed first, while nothing else in the
process is worked on: whatever dies then, dies of this message. The start that nobody counted (the first, among its
neighbours) is the first try of a message that crashes, and costs an innocent one nothing.

A delivery that the broker has taken back meanwhile, and one that is in hand when the process ends in good order, has
not failed: its count is as it was before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import structlog
from sqlalchemy import select

from broker.errors import Closed
from broker.port import CONVERT, Broker, Delivery, Settlement, inbox
from envelope.findings import Finding
from routing.ledger import dead_letters, dispatches, messages, orders
from routing.ledger.errors import LedgerClosed, LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.orders import Ordered
from routing.ledger.records import Page, micros
from routing.ledger.schema import TRIES
from routing.ledger.unit import Unit
from simulator.errors import CRASHED
from simulator.services.outcomes import bury, dead_letter

log = structlog.get_logger("vansim.tries")

MOST = 3
_BURIED = 1000
"""The count of what lies in the dead letters' table, and may not have reached their queue."""

LOST = (Closed, LedgerClosed)
"""What is no fault of a message: the broker has taken it back and delivers it again, or the process is ending."""


class Room:
    """Where messages are worked on: many side by side, or one alone."""

    def __init__(self) -> None:
        self._working = 0
        self._waiting = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Work beside others; waits while one is alone or waits to be."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting == 0)
            self._working += 1
        try:
            yield
        finally:
            self._working -= 1
            if self._waiting:
                async with self._changed:
                    self._changed.notify_all()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Work while nobody else does."""
        self._waiting += 1
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: self._working == 0)
                self._working += 1
            try:
                yield
            finally:
                self._working -= 1
        finally:
            self._waiting -= 1
            async with self._changed:
                self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class _Start:
    """A start that was counted: the row, and how many it makes."""

    key: int
    count: int


class Tries:
    """Counts the tries of what is worked on alone, and buries what fails for the third time.

    All services of a process share one, since they die together.

    Attributes:
        room: where what is not counted is worked on together.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self.room = Room()

    async def guard(self, broker: Broker, delivery: Delivery, work: Callable[[Delivery], Awaitable[None]]) -> bool:
        """Work on one delivery until it is settled or its tries are spent; then it is a dead letter.

        Args:
            broker: settles the dead letter.
            delivery: in hand; `suspect` when a dead process had it before.
            work: settles the delivery or raises.

        Returns:
            False when the delivery was buried; otherwise it is settled, or lost and will be delivered again.
        """
        digest = sha256(delivery.body).hexdigest()
        async with self.room.alone():
            reason = "the process that worked on it died"
            start = await self._begin(digest, delivery, reason)
            while start.count <= MOST:
                try:
                    await work(delivery)
                except LOST:
                    with suppress(LedgerClosed):
                        await self._ledger.commit(_taken_back(start))
                    return True
                except asyncio.CancelledError:
                    with suppress(LedgerClosed):
                        self._ledger.hand_over((_taken_back(start),))
                    raise
                except Exception as error:  # noqa: BLE001 (anything a message does to its worker counts as its try)
                    # Only the kind of error: its text may quote the message, and with it a patient.
                    reason = f"{type(error).__name__} while it was worked on"
                    log.warning(
                        "try failed", envelope=delivery.message_id, count=start.count, error=type(error).__name__
                    )
                    start = await self._begin(digest, delivery, reason)
                else:
                    await self._forget(start)
                    return True
            return not await self._bury(broker, delivery, start, reason)

    async def guard_fresh(
        self, broker: Broker, delivery: Delivery, work: Callable[[Delivery], Awaitable[None]]
    ) -> bool:
        """The same, without counting the start of what no dead process had in hand."""
        if not delivery.suspect:
            try:
                async with self.room.together():
                    await work(delivery)
            except LOST:
                return True
            except Exception as error:  # noqa: BLE001 (its first try: the guard counts on)
                return await self.guard_failed(broker, delivery, work, error)
            else:
                return True
        return await self.guard(broker, delivery, work)

    async def guard_failed(
        self, broker: Broker, delivery: Delivery, work: Callable[[Delivery], Awaitable[None]], error: Exception
    ) -> bool:
        """The same for what has failed once among its neighbours."""
        log.warning("try failed", envelope=delivery.message_id, count=1, error=type(error).__name__)
        return await self.guard(broker, replace(delivery, suspect=True), work)

    async def _begin(self, digest: str, delivery: Delivery, reason: str) -> _Start:
        """Count a start; a suspect's first counted start is its second, since one was never counted."""
        at = micros(self._clock())
        question = select(TRIES.c.key, TRIES.c.count.label("tries")).where(
            TRIES.c.digest == digest, TRIES.c.queue == delivery.queue
        )
        while True:
            rows = await self._ledger.read(question)
            unit = Unit()
            if rows:
                start = _Start(rows[0].key, rows[0].tries + 1)
                unit.update(TRIES, start.key, count=start.count, last_at=at, reason=reason)
            else:
                start = _Start(new_key(), 2 if delivery.suspect else 1)
                unit.insert(
                    TRIES,
                    key=start.key,
                    digest=digest,
                    queue=delivery.queue,
                    count=start.count,
                    last_at=at,
                    reason=reason,
                )
            try:
                await self._ledger.commit(unit)
            except LedgerConflict:
                continue  # another process has the same bytes in hand, and has counted first
            return start

    async def _forget(self, start: _Start) -> None:
        """What is done leaves no count behind: the same bytes may come again, and be as innocent."""
        unit = Unit()
        unit.delete(TRIES, start.key)
        await self._ledger.commit(unit)

    async def _letter(self, delivery: Delivery) -> tuple[Delivery, Ordered | None]:
        """What is buried: of an order the letter that it is about; what arrives in the router has no row yet."""
        if delivery.queue != CONVERT:
            return delivery, None
        order = await orders.find(self._ledger, int(delivery.body))
        if order is None:
            return delivery, None
        [body] = await messages.bodies(self._ledger, order.body_keys[:1])
        return replace(delivery, body=body, body_key=order.body_keys[0]), order

    async def _out_of_the_inbox(self, page: Page, delivery: Delivery, finding: Finding) -> None:
        """What is buried out of an inbox waits there no more, or nobody would ever find the network idle."""
        if not _is_inbox(delivery.queue):
            return
        rows = await dispatches.of_envelope(self._ledger, delivery.queue, delivery.message_id or "")
        for row in [row for row in rows if row.state != "taken"][:1]:
            page.event(row.message, "dead", finding.text, finding.rule.id)
            page.taken(row.key)

    async def _bury(self, broker: Broker, delivery: Delivery, start: _Start, reason: str) -> bool:
        """Put a delivery among the dead letters; gives whether it is there, or was lost meanwhile."""
        page = Page(new_key, self._clock(), "router")
        letter, order = await self._letter(delivery)
        message = order.sources[0] if order is not None else None
        rows = await dead_letters.alike(self._ledger, letter.queue, CRASHED.id, letter.body)
        if start.count > _BURIED and rows:
            dead = dead_letter(rows[0], delivery.message_id)
        else:
            body = letter.body_key if letter.body_key is not None else page.body(letter.body)
            finding = CRASHED.at("", count=MOST, reason=reason)
            if order is not None and message is not None:
                page.event(message, "dead", finding.text, finding.rule.id)
                page.finished(message, "dead")
                # A crash may have put the order on its queue twice: the other must find nothing left to try.
                page.made(order.key)
            dead = bury(page, message, letter, body, finding.text, finding.rule.id)
            await self._out_of_the_inbox(page, delivery, finding)
            # The process may die before the letter has reached the queue; it is buried once all the same.
            page.unit.update(TRIES, start.key, count=_BURIED)
            log.error("dead letter", envelope=delivery.message_id, rule=finding.rule.id, reason=reason)
        (result,) = await broker.settle([Settlement(delivery, page.unit, (dead,))])
        if isinstance(result, LOST):
            return False
        if result is not None:
            raise result
        await self._forget(start)
        return True


def _is_inbox(queue: str) -> bool:
    return queue.startswith(inbox(""))


def _taken_back(start: _Start) -> Unit:
    """A start that ended without a verdict is not counted."""
    unit = Unit()
    if start.count <= MOST - 1:  # the first that was counted
        unit.delete(TRIES, start.key)
    else:
        unit.update(TRIES, start.key, count=start.count - 1)
    return unit
