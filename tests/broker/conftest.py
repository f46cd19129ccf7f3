"""One suite for both brokers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.embedded import EmbeddedBroker
from broker.port import Broker
from broker.rabbitmq import RabbitBroker
from routing.ledger.ledger import Ledger
from tests.servers.rabbitmq import PrivateRabbitMQ, RabbitMQ
from tests.servers.wire import Wire


class House:
    """A ledger and a broker, which can be left as a dead process leaves them and found again by another.

    Attributes:
        url: the RabbitMQ's, or None for the embedded broker.
    """

    def __init__(self, folder: Path, url: str | None) -> None:
        self._ledger_url = f"sqlite:///{folder}/ledger.sqlite"
        self.url = url

    async def open(self) -> None:
        """Start."""
        self.ledger = await Ledger.open(self._ledger_url)
        self.broker = self._broker()
        await self.broker.open()

    def _broker(self) -> Broker:
        if self.url is None:
            return EmbeddedBroker(self.ledger)
        name = os.environ.get("PYTEST_CURRENT_TEST", "test").split(" ")[0]
        return RabbitBroker(self.url, self.ledger, name)

    async def close(self) -> None:
        """End in good order."""
        await self.broker.close()
        await self.ledger.close()

    async def restart(self) -> None:
        """End in good order and start."""
        await self.close()
        await self.open()

    async def crash(self) -> None:
        """Leave the broker as it is and start another, as after a crash."""
        if isinstance(self.broker, RabbitBroker):
            await self.broker.close()  # what a lost connection does, too
        await self.ledger.close()
        await self.open()


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A ledger and a broker, open."""
    made = House(tmp_path, None if request.param == "embedded" else request.getfixturevalue("amqp_url"))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def broker(house: House) -> Broker:
    """The house's broker, for tests that leave it standing."""
    return house.broker


@pytest.fixture
def ledger_url(tmp_path: Path) -> str:
    """Where a ledger of the test's own may be."""
    return f"sqlite:///{tmp_path}/ledger.sqlite"


@pytest.fixture
async def ledger(ledger_url: str) -> AsyncIterator[Ledger]:
    """An open ledger."""
    opened = await Ledger.open(ledger_url)
    yield opened
    await opened.close()


@pytest.fixture
async def wire(rabbitmq: RabbitMQ) -> AsyncIterator[Wire]:
    """A wire to the RabbitMQ."""
    async with Wire(rabbitmq.host, rabbitmq.port) as opened:
        yield opened


@pytest.fixture
def private(rabbitmq: RabbitMQ) -> PrivateRabbitMQ:
    """The RabbitMQ, where it is ours to stop."""
    if not isinstance(rabbitmq, PrivateRabbitMQ):
        pytest.skip("the RabbitMQ of VANSIM_TEST_AMQP_URL is not ours to stop")
    return rabbitmq
