"""The clock's keeper: the one who moves network time, and has everything done that falls due on the way.

To move is: put the clock to the next moment at which something is due, have it done, wait until the network is idle
(external systems excepted), and so on until the time wanted; only then is the mover answered. So nothing is done at a
later time than its own, in whichever process it is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from envelope.findings import Refused
from routing.ledger import dues
from routing.ledger.ledger import Ledger
from simulator.services.clock import Mode, NetworkClock, Standing
from simulator.services.errors import NO_SUCH_TIME, NOT_IDLE
from simulator.services.moments import possible
from simulator.services.timekeeper import Timekeeper

PATIENCE = 60.0
"""Real seconds that a move waits for the network to come to rest at one moment."""


class Clockkeeper:
    """Moves the clock of a network; one move at a time.

    Args:
        clock: what is moved.
        ledger: says what is due.
        timekeeper: does it.
        idle: waits until the network is idle.
        patience: real seconds to wait for that.
    """

    def __init__(
        self,
        clock: NetworkClock,
        ledger: Ledger,
        timekeeper: Timekeeper,
        idle: Callable[[], Awaitable[None]],
        patience: float = PATIENCE,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._timekeeper = timekeeper
        self._idle = idle
        self._patience = patience
        self._moving = asyncio.Lock()

    async def advance(self, by: timedelta) -> None:
        """Move on by so much network time.

        Raises:
            Refused: VS-700, the network does not come to rest; the clock stands at the moment when it did not.
                VS-701, there is no such time.
        """
        async with self._moving:
            await self._clock.follow()
            try:
                wanted = self._clock() + by
            except OverflowError:
                raise Refused(NO_SUCH_TIME.at("", time=by)) from None
            await self._move(possible(wanted))

    async def put(self, at: datetime, *, frozen: bool | None = None) -> None:
        """Move to a time; back as well, and then nothing is done on the way.

        Args:
            at: network time.
            frozen: whether it stands there; as before, when None.

        Raises:
            Refused: likewise.
        """
        async with self._moving:
            await self._clock.follow()
            await self._move(at, frozen=frozen)

    async def freeze(self) -> None:
        """Let it stand at what it is now."""
        async with self._moving:
            await self._clock.follow()
            await self._clock.put(self._clock.standing.put(self._clock(), self._clock.real(), frozen=True))

    async def resume(self) -> None:
        """Let it be real time again, when what is due by then is done."""
        async with self._moving:
            await self._clock.follow()
            await self._move(max(self._clock.real(), self._clock()))
            await self._clock.put(Standing())

    async def next_due(self) -> datetime | None:
        """When something is due next."""
        return await dues.first(self._ledger)

    async def _move(self, wanted: datetime, *, frozen: bool | None = None) -> None:
        stands = self._clock.standing.mode is Mode.FROZEN if frozen is None else frozen
        await self._rest()
        while True:
            due = await dues.first(self._ledger)
            moment = wanted if due is None else min(wanted, max(due, self._clock()))
            await self._stand(moment)
            changes = self._ledger.changes
            done = await self._timekeeper.look()
            await self._rest()
            due = await dues.first(self._ledger)
            if due is None or due > wanted:
                break
            if not done and due <= moment:
                # Another process does it at this moment.
                async with asyncio.timeout(self._patience):
                    await self._ledger.wait_for_change(changes)
        await self._clock.put(self._clock.standing.put(wanted, self._clock.real(), frozen=stands))

    async def _stand(self, at: datetime) -> None:
        await self._clock.put(self._clock.standing.put(at, self._clock.real(), frozen=True))

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._idle()
        except TimeoutError:
            raise Refused(NOT_IDLE.at("", time=self._clock().isoformat(), seconds=f"{self._patience:g}")) from None
