"""What a broker delivers again is finished, never taken for a sender's duplicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.errors import Closed
from broker.port import CONVERT, ROUTE, Broker, Delivery, Settlement
from routing.ledger.orders import Ordered
from routing.ledger.unit import Unit
from simulator.services.ordering import order_to_convert
from simulator.services.outgoing import Outgoing
from simulator.services.router import Router
from simulator.services.tries import MOST
from simulator.services.worker import Worker
from simulator.wiring import ALL_SERVICES, Network
from tests.simulator.conftest import Running
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    PRACTICE,
    TOWN,
    count,
    emptied,
    idle,
    kinds,
    network_file,
    story,
    wrapped,
    xdis91,
)
from tests.simulator.test_refusals import UNKNOWN

EXTERNAL: dict[str, dict[str, Any]] = {gln: {"external": True} for gln in (PRACTICE, TOWN, CITY, HOSPITAL)}
WORKER = frozenset({"worker"})

DELIVERED, CONVERTED, REFUSED = (
    wrapped(xdis91(), PRACTICE, HOSPITAL),
    wrapped(xdis91(), PRACTICE, TOWN),
    wrapped(xdis91(), PRACTICE, UNKNOWN),
)
ARRIVES = {
    "delivered": (DELIVERED, {HOSPITAL: ["MCM:XDIS91"], PRACTICE: []}),
    "converted": (CONVERTED, {TOWN: ["MCM:FDIS91#other"], PRACTICE: []}),
    "refused": (REFUSED, {PRACTICE: ["NegativeVans", "MCM:XCTL01"]}),
}


class Dying:
    """A broker whose process dies when the rows are committed: nothing is published, nothing acked."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def settle(self, settlements: Sequence[Settlement]) -> list[Exception | None]:
        """Commit, and then no more."""
        for settlement in settlements:
            await self._network.ledger.commit(settlement.unit)
        return [Closed()] * len(settlements)


def router(network: Network, broker: Any = None) -> Router:
    """A router that is handed its deliveries."""
    chosen: Broker = broker if broker is not None else network.broker
    return Router(chosen, network.ledger, lambda: network.directory, network.clock, traffic=network.traffic)


async def taken(network: Network, *sent: Outgoing) -> list[Delivery]:
    """The deliveries of what is submitted, not settled yet."""
    deliveries = []
    for one in sent:
        await network.submit(one.body, one.head.identifier)
        delivery = await network.broker.receive(ROUTE, 10)
        assert delivery is not None
        deliveries.append(delivery)
    return deliveries


@pytest.mark.parametrize("case", ARRIVES)
async def test_what_was_settled_is_only_acked(running: Running, tmp_path: Path, case: str) -> None:
    """The ack was lost: the very same delivery makes no row, no conversion, no receipt and no duplicate."""
    sent, expected = ARRIVES[case]
    async with running(WORKER, network_file=network_file(tmp_path, EXTERNAL)) as network:
        first, second = await taken(network, sent, sent)
        await router(network).handle([first])
        await router(network).handle([replace(second, again=True)])
        await idle(network)
        assert {gln: kinds(await emptied(network, gln)) for gln in expected} == expected
        assert await count(network, way="in") == 1


@pytest.mark.parametrize("case", ARRIVES)
async def test_what_was_decided_and_not_published_is_published(running: Running, tmp_path: Path, case: str) -> None:
    """The process died between commit and publish: what it had decided comes to pass once, byte for byte."""
    sent, expected = ARRIVES[case]
    async with running(WORKER, network_file=network_file(tmp_path, EXTERNAL)) as network:
        [delivery] = await taken(network, sent)
        await router(network, Dying(network)).handle([delivery])
        await router(network).handle([replace(delivery, again=True)])
        await idle(network)
        assert {gln: kinds(await emptied(network, gln)) for gln in expected} == expected
        assert await count(network, way="in") == 1
        [root] = await story(network, sent.head.identifier)
        assert (root.duplicate, root.state) == (False, case)


async def test_another_message_under_the_identifier_is_no_redelivery(running: Running, tmp_path: Path) -> None:
    """Delivered again before it was ever settled, it is judged like any other: refused, and its sender told."""
    other = wrapped(xdis91(2), PRACTICE, HOSPITAL, names=(DELIVERED.head.identifier, CONVERTED.head.identifier))
    async with running(WORKER, network_file=network_file(tmp_path, EXTERNAL)) as network:
        first, second = await taken(network, DELIVERED, other)
        await router(network).handle([first])
        await router(network).handle([replace(second, again=True)])
        await idle(network)
        assert kinds(await emptied(network, HOSPITAL)) == ["MCM:XDIS91"]
        assert kinds(await emptied(network, PRACTICE)) == ["NegativeVans", "MCM:XCTL01"]


async def test_an_order_that_was_buried_is_not_tried_again(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash of the router may put an order on its queue twice: three tries are three for both together."""
    starts = []

    def fails(order: Ordered, bodies: list[bytes], stylesheet: bytes | None = None) -> None:
        starts.append(order.key)
        raise ValueError(len(bodies), stylesheet)

    monkeypatch.setattr("simulator.services.worker.carry_out", fails)
    async with running(ALL_SERVICES - WORKER, network_file=network_file(tmp_path, EXTERNAL)) as network:
        worker = Worker(network.broker, network.ledger, lambda: network.directory, network.clock)
        await network.submit(CONVERTED.body, CONVERTED.head.identifier)
        first = await network.broker.receive(CONVERT, 10)
        assert first is not None
        await worker._handle([first])
        assert len(starts) == MOST
        twin = order_to_convert(starts[0], CONVERTED.head.identifier)
        assert await network.broker.settle([Settlement(None, Unit(), [twin])]) == [None]
        second = await network.broker.receive(CONVERT, 10)
        assert second is not None
        await worker._handle([second])
        assert len(starts) == MOST
        assert await count(network, state="dead") == 1
        assert await emptied(network, TOWN) == []
