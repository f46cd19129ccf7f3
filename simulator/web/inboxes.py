"""Inboxes over HTTP: an envelope is leased, then acked or returned; each is given to its receiver once.

On RabbitMQ a crash between publish and ack can put the same envelope on an inbox twice. Over HTTP the ledger tells:
what was taken before is acked and not given again.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

from broker.port import Delivery, Settlement, inbox
from envelope.findings import Refused
from routing.ledger import history
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


class Inboxes:
    """The leases of one network."""

    def __init__(self, network: Network, seconds: float = LEASE_SECONDS) -> None:
        self._network = network
        self._seconds = seconds
        self._leases: dict[str, Lease] = {}
        self._returns: set[asyncio.Task[None]] = set()

    async def take(self, gln: str, wait: float) -> tuple[str, Delivery] | None:
        """Lease the next envelope, waiting so many seconds for one."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        while True:
            delivery = await self._network.broker.receive(inbox(gln), max(0.0, until - loop.time()))
            if delivery is None:
                return None
            if delivery.message_id is None or await history.is_taken(
                self._network.ledger, delivery.queue, delivery.message_id
            ):
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
        for row in await history.sent_to(self._network.ledger, delivery.queue, delivery.message_id or ""):
            page.taken(row.key)
            page.event(row.message, "taken", f"taken by {gln} over HTTP")
        (result,) = await self._network.broker.settle([Settlement(delivery, page.unit)])
        if result is not None:
            raise result

    async def give_back(self, gln: str, name: str) -> None:
        """The participant does not want it now; it is there again for the next taking.

        Raises:
            Refused: the lease is not held.
        """
        await self._network.broker.give_back(self._end(gln, name))

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
