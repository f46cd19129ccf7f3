"""A network for each test, on either broker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from simulator.services.clock import real_time
from simulator.settings import Settings
from simulator.wiring import ALL_SERVICES, Network

Running = Callable[..., AbstractAsyncContextManager[Network]]


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def broker_address(request: pytest.FixtureRequest) -> str:
    """The embedded broker, then a virtual host of the session's RabbitMQ."""
    address: str = request.param if request.param == "embedded" else request.getfixturevalue("amqp_url")
    return address


@pytest.fixture
def running(broker_address: str, tmp_path: Path) -> Running:
    """Starts a network of its own for the test, to be used with `async with`."""

    @asynccontextmanager
    async def start(
        services: frozenset[str] = ALL_SERVICES,
        clock: Callable[[], datetime] = real_time,
        network_file: Path | None = None,
        data: str = "data",
    ) -> AsyncIterator[Network]:
        settings = Settings(broker=broker_address, data=tmp_path / data, network=network_file)
        network = Network(settings, services, clock)
        async with network.running():
            yield network

    return start
