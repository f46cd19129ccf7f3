"""Leases: over HTTP an envelope is leased, then acked or returned; each is given to its receiver once.

On RabbitMQ a crash between publish and ack can put the same envelope on an inbox twice. Over HTTP the ledger tells:
what was taken before is acked and not given again. The embedded broker delivers once and says which sending it was, so
that nothing need be asked.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from broker.errors import Closed
from broker.port import Delivery, Dispatch, Settlement, inbox
from envelope.findings import Refused
from routing.ledger import dispatches
from routing.ledger.errors import LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.records import Page
from routing.ledger.unit import Unit
from simulator.errors import NO_LEASE
from simulator.wiring import Network

LEASE_SECONDS = 60.0


@dataclass(slots=True)
class Lease:
    """One envelope in a participant's hands, until it is acked, returned, or its time is up."""

    gln: str
    delivery: Delivery
    timer: asyncio.TimerHandle


class Leases:
    """The leases of one network.

    Args:
        network: running by the time that anything is taken.
        seconds: how long an envelope is the participant's to ack; then it is in the inbox again.
    """

    def __init__(self, network: Network, seconds: float = LEASE_SECONDS) -> None:
        self._network = network
        self._seconds = seconds
        self._leases: dict[str, Lease] = {}
        self._returns: set[asyncio.Task[None]] = set()

    async def take(self, gln: str, wait: float) -> tuple[str, Delivery] | None:
        """Lease the next envelope, waiting so many seconds for one; gives the lease's name and the delivery."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        while True:
            delivery = await self._network.broker.receive(inbox(gln), max(0.0, until - loop.time()))
            if delivery is None:
                return None
            if await self._was_taken(delivery):
                await self._network.broker.settle([Settlement(delivery, Unit())])
                continue
            name = secrets.token_urlsafe(12)
            timer = loop.call_later(self._seconds, self._run_out, name)
            self._leases[name] = Lease(gln, delivery, timer)
            return name, delivery

    async def ack(self, gln: str, name: str) -> None:
        """The participant has the envelope for good.

        Raises:
            Refused: the lease is not held.
        """
        delivery = self._end(gln, name)
        page = Page(new_key, self._network.clock(), "api")
        dispatch = delivery.dispatch or await self._first_sent(delivery)
        if dispatch is not None:
            page.taken(dispatch.key)
            page.event(dispatch.message, "taken", f"taken by {gln} over HTTP")
        (result,) = await self._network.broker.settle([Settlement(delivery, page.unit)])
        if isinstance(result, Closed):
            await self._keep(page.unit)
        elif result is not None:
            raise result

    async def give_back(self, gln: str, name: str) -> None:
        """The participant does not want it now; it is there again for the next taking.

        Raises:
            Refused: the lease is not held.
        """
        await self._network.broker.give_back(self._end(gln, name))

    async def _first_sent(self, delivery: Delivery) -> Dispatch | None:
        """The same envelope may have been sent twice by its sender: what is taken now is the first of them."""
        rows = await dispatches.not_taken(self._network.ledger, delivery.queue, delivery.message_id or "")
        return min((Dispatch(row.key, row.message) for row in rows), key=lambda one: one.key, default=None)

    async def _was_taken(self, delivery: Delivery) -> bool:
        if delivery.dispatch is not None:
            return False
        name = delivery.message_id
        return name is not None and await dispatches.is_taken(self._network.ledger, delivery.queue, name)

    async def _keep(self, unit: Unit) -> None:
        """Keep that an envelope was taken, though the broker lost the delivery and will bring it again."""
        try:
            await self._network.ledger.commit(unit)
        except LedgerConflict:
            return  # it had been kept before the connection was lost

    def _end(self, gln: str, name: str) -> Delivery:
        lease = self._leases.get(name)
        if lease is None or lease.gln != gln:
            raise Refused(NO_LEASE.at("", lease=name))
        lease.timer.cancel()
        del self._leases[name]
        return lease.delivery

    def _run_out(self, name: str) -> None:
        lease = self._leases.pop(name, None)
        if lease is not None:
            task = asyncio.get_running_loop().create_task(self._network.broker.give_back(lease.delivery))
            self._returns.add(task)
            task.add_done_callback(self._returns.discard)
