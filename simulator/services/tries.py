"""Three tries, then the dead letters: counted in the ledger when work starts, never by a broker's delivery count.

With a hundred messages taken at a time, a crash redelivers all of them: only the one that was being worked on may be
blamed. So what a dead process had in hand is worked on alone, its start committed first. The start that nobody counted
(the first, among its neighbours) is the first try of a message that crashes, and costs an innocent one nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import Row, select

from broker.port import CONVERT, Broker, Delivery, Settlement
from routing.ledger import history
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.records import Page, micros
from routing.ledger.schema import TRIES
from routing.ledger.unit import Unit
from simulator.errors import CRASHED
from simulator.services.outcomes import bury

log = structlog.get_logger("vansim.tries")

MOST = 3


class Tries:
    """Counts the tries of what is worked on alone, and buries what fails for the third time."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def guard(self, broker: Broker, delivery: Delivery, work: Callable[[Delivery], Awaitable[None]]) -> bool:
        """Work on one delivery until it is settled or its tries are spent; then it is a dead letter.

        Args:
            broker: settles the dead letter.
            delivery: in hand; `suspect` when a dead process had it before.
            work: settles the delivery or raises.

        Returns:
            Whether the work was done; otherwise the delivery was buried.
        """
        digest = sha256(delivery.body).hexdigest()
        # The same bytes may be in hand twice, each for its own sake: one after the other, as the count is one.
        async with self._lock(digest):
            reason = "the process that worked on it died"
            count = await self._begin(digest, delivery, reason)
            while count <= MOST:
                try:
                    await work(delivery)
                except Exception as error:  # noqa: BLE001 (anything a message does to its worker counts as its try)
                    # Only the kind of error: its text may quote the message, and with it a patient.
                    reason = f"{type(error).__name__} while it was worked on"
                    log.warning("try failed", envelope=delivery.message_id, count=count, error=type(error).__name__)
                    count = await self._begin(digest, delivery, reason)
                else:
                    await self._forget(digest, delivery)
                    return True
            await self._bury(broker, delivery, reason)
            await self._forget(digest, delivery)
        return False

    async def guard_fresh(
        self, broker: Broker, delivery: Delivery, work: Callable[[Delivery], Awaitable[None]]
    ) -> bool:
        """The same, without counting the start of what no dead process had in hand."""
        if not delivery.suspect:
            try:
                await work(delivery)
            except Exception as error:  # noqa: BLE001 (its first try: the guard counts on)
                log.warning("try failed", envelope=delivery.message_id, count=1, error=type(error).__name__)
                delivery = replace(delivery, suspect=True)
            else:
                return True
        return await self.guard(broker, delivery, work)

    def _lock(self, digest: str) -> asyncio.Lock:
        return self._locks.setdefault(digest, asyncio.Lock())

    async def _row(self, digest: str, delivery: Delivery) -> Row[Any] | None:
        rows = await self._ledger.read(
            select(TRIES.c.key, TRIES.c.count.label("tries")).where(
                TRIES.c.digest == digest, TRIES.c.queue == delivery.queue
            )
        )
        return rows[0] if rows else None

    async def _begin(self, digest: str, delivery: Delivery, reason: str) -> int:
        """Count a start; a suspect's first counted start is its second, since one was never counted."""
        row = await self._row(digest, delivery)
        unit = Unit()
        at = micros(self._clock())
        if row is not None:
            count = row.tries + 1
            unit.update(TRIES, row.key, count=count, last_at=at, reason=reason)
        else:
            count = 2 if delivery.suspect else 1
            unit.insert(
                TRIES, key=new_key(), digest=digest, queue=delivery.queue, count=count, last_at=at, reason=reason
            )
        await self._ledger.commit(unit)
        return int(count)

    async def _forget(self, digest: str, delivery: Delivery) -> None:
        """What is done leaves no count behind: the same bytes may come again, and be as innocent."""
        row = await self._row(digest, delivery)
        if row is not None:
            unit = Unit()
            unit.delete(TRIES, row.key)
            await self._ledger.commit(unit)

    async def _source(self, delivery: Delivery) -> int | None:
        """The message that an order is about; what arrives in the router has no row yet."""
        if delivery.queue != CONVERT:
            return None
        order = await history.ordered(self._ledger, int(delivery.body))
        return order.sources[0] if order is not None else None

    async def _bury(self, broker: Broker, delivery: Delivery, reason: str) -> None:
        page = Page(new_key, self._clock(), "router")
        body = delivery.body_key if delivery.body_key is not None else page.body(delivery.body)
        finding = CRASHED.at("", count=MOST, reason=reason)
        message = await self._source(delivery)
        if message is not None:
            page.event(message, "dead", finding.text, finding.rule.id)
            page.finished(message, "dead")
        dead = bury(page, message, delivery, body, finding.text, finding.rule.id)
        log.error("dead letter", envelope=delivery.message_id, rule=finding.rule.id, reason=reason)
        (result,) = await broker.settle([Settlement(delivery, page.unit, (dead,))])
        if result is not None:
            raise result
