"""Messages a second through router and relay, on one RabbitMQ, in one run; and through the embedded network.

Each measured run empties a backlog that was published before: from the first taking to the last ack. The backlog is
counted afterwards, and must be nothing on the source and everything on the target.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import aio_pika
import uvloop

from broker.port import ROUTE, Broker, inbox
from routing.directory import Directory
from routing.ledger.ledger import Ledger
from routing.ledger.unit import Unit
from simulator.services.clock import NetworkClock
from simulator.services.directory_file import DirectoryFile
from simulator.services.router import Router
from simulator.wiring import make_broker
from tests.bench.letters import OIOXML_RECEIVER, envelopes
from tests.bench.relay import Relay

TARGET = inbox(OIOXML_RECEIVER)


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[tuple[Ledger, Broker]]:
    """A ledger and a broker of its own."""
    with tempfile.TemporaryDirectory(prefix="vansim-bench-") as folder:
        ledger = await Ledger.open(f"sqlite+aiosqlite:///{Path(folder) / 'vansim.db'}")
        broker = make_broker(address, ledger)
        await broker.open()
        try:
            yield ledger, broker
        finally:
            await broker.close()
            await ledger.close()


async def fill(broker: Broker, bodies: list[bytes]) -> None:
    """Publish the backlog."""
    for start in range(0, len(bodies), 500):
        batch = enumerate(bodies[start : start + 500], start)
        await asyncio.gather(*(broker.submit(body, str(number)) for number, body in batch))


async def depth(url: str, queue: str) -> int:
    """How many messages a queue holds, taken one by one so that no lagging count is believed."""
    connection = await aio_pika.connect(url)
    count = 0
    async with connection:
        channel = await connection.channel()
        source = await channel.get_queue(queue)
        while await source.get(no_ack=True, fail=False) is not None:
            count += 1
    return count


async def routed(broker: Broker, ledger: Ledger, directory: Directory, count: int) -> float:
    """Seconds that the router needs for the backlog."""
    done = asyncio.Event()
    left = count

    def sent(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    router = Router(broker, ledger, lambda: directory, NetworkClock(), sent)
    started = time.perf_counter()
    task = asyncio.create_task(router.run())
    await done.wait()
    elapsed = time.perf_counter() - started
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return elapsed


async def relayed(url: str, count: int, ledger: Ledger | None, units: list[tuple[Unit, Unit]]) -> float:
    """Seconds that the relay needs for the backlog."""
    started = time.perf_counter()
    await Relay(url, ROUTE, TARGET, count).run(ledger, units)
    return time.perf_counter() - started


class Recording:
    """A ledger that remembers the units it is given: the rows that the relay is to commit too."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._firsts: list[Unit] = []
        self._lasts: list[Unit] = []

    async def commit_all(self, units: Sequence[Unit]) -> list[Exception | None]:
        """Commit, and remember."""
        for unit in units:
            (self._firsts if unit.inserts else self._lasts).append(unit)
        return await self._ledger.commit_all(units)

    @property
    def units(self) -> list[tuple[Unit, Unit]]:
        """What each message committed before it was published, and after."""
        return list(zip(self._firsts, self._lasts, strict=True))


async def router_round(url: str, count: int) -> tuple[float, list[tuple[Unit, Unit]]]:
    """Messages a second through the router on RabbitMQ, and the rows that it wrote."""
    async with opened(url) as (ledger, broker):
        await fill(broker, envelopes(count))
        directory = DirectoryFile().current
        recording = Recording(ledger)
        measured = make_broker(url, cast("Ledger", recording))
        await measured.open()
        try:
            elapsed = await routed(measured, ledger, directory, count)
        finally:
            await measured.close()
    await check(url, count)
    return count / elapsed, recording.units


async def relay_round(url: str, count: int, units: list[tuple[Unit, Unit]] | None = None) -> float:
    """Messages a second through the relay, with the router's rows when they are given."""
    async with opened(url) as (ledger, broker):
        await fill(broker, envelopes(count))
        await (await broker.consumer(TARGET, 1)).close()  # the relay does not declare
        elapsed = await relayed(url, count, ledger if units is not None else None, units or [])
    await check(url, count)
    return count / elapsed


async def embedded_round(count: int) -> float:
    """Messages a second through the embedded network: the same backlog, the same router."""
    async with opened("embedded") as (ledger, broker):
        await fill(broker, envelopes(count))
        elapsed = await routed(broker, ledger, DirectoryFile().current, count)
        left = await broker.receive(ROUTE, 0)
        arrived = await (await broker.consumer(TARGET, count + 1)).take(count + 1)
        judge(int(left is not None), len(arrived), count)
    return count / elapsed


async def check(url: str, count: int) -> None:
    """The backlog is nothing at the source, and everything at the target."""
    judge(await depth(url, ROUTE), await depth(url, TARGET), count)


def judge(left: int, arrived: int, count: int) -> None:
    """A run that left something behind, or lost or doubled something, is no figure."""
    if left or arrived != count:
        raise SystemExit(f"backlog {left}, arrived {arrived} of {count}: the run counts for nothing")


async def measure(url: str, count: int, rounds: int) -> dict[str, list[float]]:
    """All rates, round by round in turn, so that a machine's drift meets them alike."""
    rates: dict[str, list[float]] = {"relay": [], "relay with rows": [], "router": [], "embedded": []}
    _, units = await router_round(url, count)  # warms everything up, and says which rows there are
    for _ in range(rounds):
        rates["relay"].append(await relay_round(url, count))
        router, units = await router_round(url, count)
        rates["router"].append(router)
        rates["relay with rows"].append(await relay_round(url, count, units))
        rates["embedded"].append(await embedded_round(count))
    return rates


def run(url: str, count: int = 4000, rounds: int = 3) -> dict[str, list[float]]:
    """Measure on uvloop, which both sides get."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure(url, count, rounds))
