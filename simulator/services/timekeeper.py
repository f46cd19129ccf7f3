"""The timekeeper: does what is due by the network clock, and sleeps until the next thing is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy import Row

from broker.port import Broker, Settlement
from routing.directory import Directory
from routing.ledger import dues
from routing.ledger.errors import LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.stylesheets import Shelf
from simulator.services.cases import Office
from simulator.services.clock import Mode, NetworkClock
from simulator.services.late_receipts import forgotten
from simulator.services.pairs import overdue

log = structlog.get_logger("vansim.timekeeper")

MOST = 100
LONGEST = 1.0
"""Seconds of sleep at the most: anybody may have put something there, in this process or another."""

Duty = Callable[[Ledger, Office, Row[Any]], Awaitable[Settlement]]
"""What is done with one thing that is due; the settlement removes its row."""

DUTIES: Mapping[str, Duty] = {dues.HALF: overdue, dues.RECEIPT: forgotten}
"""What is done, by kind."""


class Timekeeper:
    """Does what is due.

    Args:
        broker: where what becomes of it is published.
        ledger: says what is due, and when.
        directory: gives the directory in force now.
        clock: gives network time.
        sent: is told the queue of everything published.
    """

    def __init__(
        self,
        broker: Broker,
        ledger: Ledger,
        directory: Callable[[], Directory],
        clock: NetworkClock,
        sent: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._broker = broker
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._sent = sent
        self._looking = asyncio.Lock()
        self._shelf = Shelf(ledger)

    async def run(self) -> None:
        """Keep time until cancelled: look when something is due, and every second for what was put there meanwhile."""
        while True:
            await self.look()
            following = await dues.first(self._ledger)
            wait = LONGEST
            if following is not None and self._clock.standing.mode is not Mode.FROZEN:
                wait = min(wait, max(0.0, (following - self._clock()).total_seconds()))
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._clock.wait_for_move()

    async def look(self) -> int:
        """Do all that is due now; gives how much it was. One looks at a time."""
        async with self._looking:
            await self._clock.follow()
            return await self._look()

    async def _look(self) -> int:
        done = 0
        while rows := await dues.at(self._ledger, self._clock(), MOST):
            for row in rows:
                office = Office(new_key, self._clock(), self._directory())
                await self._shelf.keep(office.directory.stylesheets)
                settlement = await DUTIES[row.kind](self._ledger, office, row)
                (result,) = await self._broker.settle([settlement])
                if isinstance(result, LedgerConflict):
                    # Another process was first: the row is gone, or will be when that one has published.
                    log.info("done by another", envelope=row.envelope_id)
                    return done
                if result is not None:
                    raise result
                for send in settlement.sends:
                    self._sent(send.queue)
                done += 1
        return done
