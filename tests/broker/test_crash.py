"""A real process, killed at each named step between taking a message and its ack, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from broker.port import ROUTE, Broker, Settlement
from broker.steps import VARIABLE, EmbeddedStep, RabbitmqStep
from routing.ledger.ledger import Ledger
from routing.ledger.unit import Unit
from tests.broker.relay import QUEUE, finished, open_broker

ROOT = Path(__file__).resolve().parents[2]
NUMBER = 10
STEPS = [
    *(pytest.param(step, id=step) for step in EmbeddedStep),
    *(pytest.param(step, id=step, marks=pytest.mark.rabbitmq) for step in RabbitmqStep),
]


def run(arguments: list[str], kill_at: str) -> int:
    """Run the service to its end, and give its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.broker.relay", *arguments],
        cwd=ROOT,
        env=os.environ | {VARIABLE: kill_at},
        check=False,
        timeout=50,
    )
    return done.returncode


async def empty(broker: Broker, queue: str) -> dict[str, list[bytes]]:
    """All that is in a queue, by identifier."""
    found: dict[str, list[bytes]] = defaultdict(list)
    while (delivery := await broker.receive(queue, 0)) is not None:
        found[delivery.message_id or ""].append(delivery.body)
        assert await broker.settle([Settlement(delivery, Unit())]) == [None]
    return found


@pytest.mark.timeout(120)
@pytest.mark.parametrize("step", STEPS)
async def test_a_process_killed_at_a_step_loses_nothing(
    step: EmbeddedStep | RabbitmqStep, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Killed in its second batch and started again, the service delivers every message, repeats byte for byte alike."""
    embedded = isinstance(step, EmbeddedStep)
    address = "embedded" if embedded else str(request.getfixturevalue("amqp_url"))
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    arguments = [url, address, str(NUMBER)]
    ledger = await Ledger.open(url)
    broker = open_broker(address, ledger)
    await broker.open()
    for number in range(NUMBER):
        await broker.submit(f"letter {number}".encode(), f"E{number}")
    await broker.close()

    assert run(arguments, f"{step}:2") == -signal.SIGKILL
    assert await finished(ledger) < NUMBER
    assert run(arguments, "") == 0
    assert await finished(ledger) == NUMBER

    broker = open_broker(address, ledger)
    await broker.open()
    delivered = await empty(broker, QUEUE)
    left = await empty(broker, ROUTE)
    await broker.close()
    await ledger.close()
    assert delivered.keys() == {f"E{number}" for number in range(NUMBER)}
    for identifier, bodies in delivered.items():
        assert len(set(bodies)) == 1
        assert bodies[0].startswith(f"letter {identifier[1:]} ".encode())
        if embedded:
            assert len(bodies) == 1
    if embedded:
        assert not left
