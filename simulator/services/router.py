"""The router: takes what was submitted, reads the head, decides, and settles, many messages at a time.

Take from the queue, decide, write the ledger in one transaction, publish with confirms, ack. Everything a message needs
of the database is read for the whole batch; a message that cannot be handled takes none of its neighbours along.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from broker.port import ROUTE, Broker, Delivery, Settlement
from envelope.reading import Unreadable
from routing.directory import Directory
from routing.ledger import history
from routing.ledger.errors import LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.stylesheets import Shelf
from simulator.services.cases import Case, Office
from simulator.services.clock import NetworkClock
from simulator.services.in_hand import Hand, InHand
from simulator.services.judgement import judge, names_of
from simulator.services.lanes import run_lanes
from simulator.services.opening import opened
from simulator.services.recovery import resettle_unreadable
from simulator.services.traffic import Traffic
from simulator.services.tries import LOST, Tries
from simulator.services.unreadable import settle_unreadable

log = structlog.get_logger("vansim.router")

PREFETCH = 200
BATCH = 64
LANES = 3
TRIES_ALONE = 10


@dataclass(frozen=True, slots=True)
class _Apart:
    """What could not be settled among its neighbours.

    Attributes:
        later: what another has in hand, or the ledger refused: it has to be looked at again, alone.
        failed: what could not be handled, and of what it failed.
    """

    later: list[Delivery] = field(default_factory=list)
    failed: list[tuple[Delivery, Exception]] = field(default_factory=list)


class Router:
    """Routes what is submitted until it is stopped.

    Args:
        broker: where messages come from and go to.
        ledger: what is remembered.
        directory: gives the directory in force now.
        clock: gives network time.
        sent: is told the queue of everything published.
        traffic: is told what was settled.
        tries: the process's own.
    """

    def __init__(
        self,
        broker: Broker,
        ledger: Ledger,
        directory: Callable[[], Directory],
        clock: NetworkClock,
        sent: Callable[[str], None] = lambda _: None,
        traffic: Traffic | None = None,
        *,
        tries: Tries | None = None,
    ) -> None:
        self._broker = broker
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._sent = sent
        self._traffic = traffic if traffic is not None else Traffic()
        self._tries = tries if tries is not None else Tries(ledger, clock)
        self._in_hand = InHand()
        self._shelf = Shelf(ledger)

    async def run(self) -> None:
        """Route until cancelled."""
        await run_lanes(self._broker, ROUTE, self.handle, lanes=LANES, prefetch=PREFETCH, batch=BATCH)

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Route a batch: what may have crashed a process before goes alone and counted, the rest together."""
        for delivery in deliveries:
            if delivery.suspect:
                await self._guarded(delivery)
        fresh = [delivery for delivery in deliveries if not delivery.suspect]
        if fresh:
            await self._together(fresh)

    async def _together(self, deliveries: Sequence[Delivery]) -> None:
        try:
            async with self._tries.room.together():
                apart = await self._route(deliveries)
        except Exception:  # noqa: BLE001 (nobody knows which of them it was: each is looked at for itself)
            apart = _Apart(later=list(deliveries))
        # They only have to wait for another that has the same names: that is no try.
        for delivery in apart.later:
            await self._guarded(delivery)
        for delivery, error in apart.failed:
            if not await self._tries.guard_failed(self._broker, delivery, self._alone, error):
                await self._traffic.settled([delivery])

    async def _guarded(self, delivery: Delivery) -> None:
        if not await self._tries.guard_fresh(self._broker, delivery, self._alone):
            await self._traffic.settled([delivery])

    async def _alone(self, delivery: Delivery) -> None:
        for _ in range(TRIES_ALONE):
            apart = await self._route([delivery])
            for _delivery, error in apart.failed:
                raise error
            if not apart.later:
                return
        raise RuntimeError("the ledger refused the message's rows again and again")

    async def _route(self, deliveries: Sequence[Delivery]) -> _Apart:
        """Decide and settle all that can be settled; gives the rest."""
        await self._clock.follow()
        office = Office(new_key, self._clock(), self._directory())
        await self._shelf.keep(office.directory.stylesheets)
        apart = _Apart()
        async with self._in_hand.hand(alone=len(deliveries) == 1) as hand:
            settlements = await self._settlements(office, deliveries, hand, apart)
            results = await self._broker.settle(settlements)
        done: list[Delivery] = []
        for settlement, result in zip(settlements, results, strict=True):
            delivery = settlement.delivery
            if delivery is None:  # pragma: no cover (the router settles deliveries alone)
                continue
            if isinstance(result, LedgerConflict):
                apart.later.append(delivery)
            elif isinstance(result, LOST):
                log.info("delivered again", envelope=delivery.message_id)
            elif result is not None:
                apart.failed.append((delivery, result))
            else:
                for send in settlement.sends:
                    self._sent(send.queue)
                done.append(delivery)
        await self._traffic.settled(done)
        return apart

    async def _settlements(
        self, office: Office, deliveries: Sequence[Delivery], hand: Hand, apart: _Apart
    ) -> list[Settlement]:
        settlements: list[Settlement] = []
        cases: list[Case] = []
        for delivery in deliveries:
            try:
                case = opened(delivery, office)
            except Unreadable as unreadable:
                settlements.append(await self._unreadable(office, delivery, unreadable))
                continue
            except Exception as error:  # noqa: BLE001 (whatever one message does to us, its neighbours go on)
                apart.failed.append((delivery, error))
                continue
            if await hand.claim(names_of(case)):
                cases.append(case)
            else:
                apart.later.append(delivery)
        found = await history.of_heads(self._ledger, [case.head for case in cases])
        for case, one in zip(cases, found, strict=True):
            case.found = one
            try:
                settlement = await judge(self._ledger, office, case, hand)
            except Exception as error:  # noqa: BLE001 (likewise)
                apart.failed.append((case.delivery, error))
                continue
            if settlement is None:
                apart.later.append(case.delivery)
            else:
                settlements.append(settlement)
        return settlements

    async def _unreadable(self, office: Office, delivery: Delivery, unreadable: Unreadable) -> Settlement:
        if delivery.again:
            before = await resettle_unreadable(self._ledger, office, delivery, unreadable)
            if before is not None:
                return before
        return settle_unreadable(office, delivery, unreadable)
