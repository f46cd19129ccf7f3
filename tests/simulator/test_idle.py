"""An idle network has nothing left to do: every receipt of every letter is back."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from routing.ledger.timeline import Node
from simulator.services.outgoing import Outgoing
from tests.simulator.conftest import Running
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    PRACTICE,
    TOWN,
    idle,
    message,
    story,
    wrapped,
    xdis91,
)


def letter(random: Random, number: int) -> Outgoing:
    """A letter of either format to a receiver of either format."""
    if random.random() < 0.5:
        return wrapped(xdis91(number), PRACTICE, random.choice((HOSPITAL, TOWN)))
    return wrapped(message(number), CITY, random.choice((HOSPITAL, TOWN)))


def back(root: Node, sender: str) -> list[str]:
    """What of a story its sender has taken."""
    return sorted(
        node.type or node.name or "?"
        for node in root.walk()
        if node.receiver == sender and any(step.what == "taken" for step in node.steps)
    )


@pytest.mark.parametrize("seed", range(3))
async def test_when_the_network_is_idle_every_receipt_is_back(running: Running, seed: int) -> None:
    """However many letters go whichever way at once, and with whatever is handed in while others wait for idleness."""
    random = Random(seed)
    sent = [letter(random, number) for number in range(1, 25)]
    async with running() as network:
        while sent:
            now = [sent.pop() for _ in range(min(len(sent), random.randint(1, 9)))]
            waiting = asyncio.create_task(idle(network))
            await asyncio.gather(*(network.submit(one.body, one.head.identifier) for one in now))
            await idle(network)
            await waiting
            for one in now:
                [root] = await story(network, one.head.identifier)
                expected = "XCTL03" if one.head.sender.id == PRACTICE else "Acknowledgement"
                assert back(root, one.head.sender.id) == sorted([expected, "PositiveMessage"])


async def test_bytes_without_an_identifier_are_waited_for_too(running: Running) -> None:
    """What is handed in without a name, and what is not even an envelope, is settled when the network is idle."""
    sent = wrapped(xdis91(), PRACTICE, TOWN)
    async with running() as network:
        for body in (b"not an envelope", sent.body, sent.body, b""):
            await network.submit(body)
        await idle(network)
        [root] = await story(network, sent.head.identifier)
        assert {"XCTL03", "PositiveMessage"} <= set(back(root, PRACTICE))
        assert [child.relation for child in root.children].count("repeat") == 1
