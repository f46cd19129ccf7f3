"""The running network under a clock that a test moves, and what was played over one, on either broker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conformance.exchange import Exchange
from tests.conformance.moments import Clock
from tests.conformance.play import play
from tests.servers.rabbitmq import RabbitMQ
from tests.simulator.conftest import broker_address, running

__all__ = ["broker_address", "running"]


@pytest.fixture
def clock() -> Clock:
    """A network clock that stands until it is moved."""
    return Clock()


@pytest.fixture(scope="session", params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def exchange(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """What was played over one network, on the embedded broker, then on the session's RabbitMQ."""
    folder = tmp_path_factory.mktemp("exchange")
    if request.param == "embedded":
        yield _played("embedded", folder)
        return
    rabbitmq: RabbitMQ = request.getfixturevalue("rabbitmq")
    host = rabbitmq.make_host()
    try:
        yield _played(rabbitmq.url(host), folder)
    finally:
        rabbitmq.remove_host(host)


def _played(address: str, folder: Path) -> Exchange:
    """Play in a thread, so that whatever loop a test has is left alone."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, play(address, folder)).result()
