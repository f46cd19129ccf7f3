"""Whether a network has come to rest: nothing queued, being converted, waiting for a mock, or due before a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from routing.directory import Directory
from routing.ledger import dues
from routing.ledger.ledger import Ledger
from routing.ledger.schema import EXPECTED, MESSAGES, SENDS, UNFINISHED
from simulator.services.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Left:
    """What keeps a network from being at rest.

    Attributes:
        unfinished: messages in work: taken and not settled, or ordered and not converted.
        waiting: envelopes on their way to an inbox, or in that of a mock that has not taken them.
        expected: envelopes that services of the network have put before its router.
        due: when something is due next, by network time, where it is before the time that was asked for.
    """

    unfinished: int
    waiting: int
    expected: int
    due: datetime | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing is left."""
        return not (self.unfinished or self.waiting or self.expected or self.due)


class Rest:
    """Tells what is left, and waits until nothing is.

    Args:
        ledger: what every service writes down.
        traffic: what is on its way to the router and in no ledger.
        directory: gives the directory in force, which says who is a mock.
    """

    def __init__(self, ledger: Ledger, traffic: Traffic, directory: Callable[[], Directory]) -> None:
        self._ledger = ledger
        self._traffic = traffic
        self._directory = directory

    async def left(self, before: datetime | None = None) -> Left:
        """What is left at this moment.

        Args:
            before: what is due by the network clock before this time counts too.
        """
        mocks = [one.gln for one in self._directory() if not one.external]
        waiting = or_(SENDS.c.state == "due", (SENDS.c.state == "sent") & SENDS.c.receiver.in_(mocks))
        counts = {
            "unfinished": select(func.count()).select_from(MESSAGES).where(MESSAGES.c.state.in_(UNFINISHED)),
            "waiting": select(func.count()).select_from(SENDS).where(waiting),
            "expected": select(func.count()).select_from(EXPECTED),
        }
        # One question, so that nothing is missed on its way from one table to the next.
        [row] = await self._ledger.read(
            select(*(count.scalar_subquery().label(what) for what, count in counts.items()))
        )
        due = await dues.first(self._ledger) if before is not None else None
        early = due if due is not None and before is not None and due < before else None
        return Left(row.unfinished, row.waiting, row.expected + self._traffic.count, early)

    async def wait(self, before: datetime | None = None) -> None:
        """Wait until nothing is left."""
        while True:
            await self._traffic.wait_until_none()
            changes = self._ledger.changes
            if (await self.left(before)).nothing:
                if changes == self._ledger.changes:
                    return
                continue
            await self._ledger.wait_for_change(changes)

    async def wait_for(self, seconds: float, before: datetime | None = None) -> Left | None:
        """The same for some real seconds at the most; gives what is left then, or None when nothing is."""
        try:
            async with asyncio.timeout(seconds):
                await self.wait(before)
        except TimeoutError:
            left = await self.left(before)
            return None if left.nothing else left
        return None
