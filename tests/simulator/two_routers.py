"""Two routers that have something in hand at the same moment: both have read before either writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from broker.port import ROUTE, Broker, Delivery, Settlement
from routing.ledger.schema import MESSAGES
from simulator.services.outgoing import Outgoing
from simulator.services.router import Router
from simulator.settings import Settings
from simulator.wiring import Network
from tests.simulator.post import CITY, HOSPITAL, PRACTICE, TOWN, network_file

HERE = frozenset({"worker"})
EXTERNAL = {gln: {"external": True} for gln in (PRACTICE, TOWN, CITY, HOSPITAL)}


class Stepped:
    """The broker of one of two routers, which settles for the first time when the other is about to do so too."""

    def __init__(self, broker: Broker, both: asyncio.Barrier) -> None:
        self._broker = broker
        self._both: asyncio.Barrier | None = both

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    async def settle(self, settlements: Sequence[Settlement]) -> list[Exception | None]:
        """Wait for the other once, then settle."""
        both, self._both = self._both, None
        if both is not None:
            await both.wait()
        return await self._broker.settle(settlements)


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.rabbitmq, pytest.mark.postgres])],
)
async def network(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Network]:
    """A network without a router, on SQLite with the embedded broker, or on PostgreSQL with RabbitMQ."""
    where: dict[str, Any] = {"data": tmp_path / "data", "network": network_file(tmp_path, EXTERNAL)}
    if request.param == "postgresql":
        where |= {"broker": request.getfixturevalue("amqp_url"), "database": request.getfixturevalue("postgres_url")}
    made = Network(Settings(**where), HERE)
    async with made.running():
        yield made


async def at_once(network: Network, one: Outgoing, other: Outgoing) -> None:
    """Have two routers handle one envelope each, so that neither finds the other's rows when it decides."""
    both = asyncio.Barrier(2)
    routers = [router(network, cast("Broker", Stepped(network.broker, both))) for _ in range(2)]
    deliveries = await submitted(network, one, other)
    await asyncio.gather(
        *(router.handle([delivery]) for router, delivery in zip(routers, deliveries, strict=True)),
    )


def router(network: Network, broker: Broker) -> Router:
    """A router that knows of no other."""
    return Router(broker, network.ledger, lambda: network.directory, network.clock, traffic=network.traffic)


async def submitted(network: Network, *outgoing: Outgoing) -> list[Delivery]:
    """Submit envelopes, and take them as a router does."""
    deliveries = []
    for one in outgoing:
        await network.submit(one.body, one.head.identifier)
        delivery = await network.broker.receive(ROUTE, 20)
        assert delivery is not None
        deliveries.append(delivery)
    return deliveries


async def what_became(network: Network, *outgoing: Outgoing) -> list[tuple[str, bool]]:
    """State and mark of each envelope's row."""
    await network.rest.wait()
    names = [one.head.identifier for one in outgoing]
    question = select(MESSAGES.c.state, MESSAGES.c.duplicate).where(MESSAGES.c.envelope_id.in_(names))
    return sorted((row.state, row.duplicate) for row in await network.ledger.read(question))
