"""Network time as a test wants it, and the letters with attachments that the use cases are played with."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from routing.ledger.timeline import Node, timeline
from simulator.services.outgoing import Outgoing
from simulator.wiring import Network
from tests.simulator.post import wrapped

LETTERS = Path(__file__).resolve().parents[1] / "letters"
LETTER = (LETTERS / "xdis91-attachments.xml").read_bytes()
FIRST = (LETTERS / "xbin01-attachments-1.xml").read_bytes()
SECOND = (LETTERS / "xbin01-attachments-2.xml").read_bytes()
SENDER, RECEIVER = "5790001382445", "5790000121441"


class Clock:
    """Stands at a moment until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Network time."""
        return self.now

    def advance(self, **by: float) -> None:
        """Move on."""
        self.now += timedelta(**by)


async def send(network: Network, *letters: bytes | Outgoing) -> list[str]:
    """Submit letters together, and wait until the network has nothing left to do.

    Returns:
        Their EnvelopeIdentifiers.
    """
    envelopes = [one if isinstance(one, Outgoing) else wrapped(one, SENDER, RECEIVER) for one in letters]
    for one in envelopes:
        await network.submit(one.body, one.head.identifier)
    await idle(network)
    return [one.head.identifier for one in envelopes]


async def idle(network: Network) -> None:
    """Do what is due, and wait until the network has nothing left to do."""
    async with asyncio.timeout(60):
        more = True
        while more:
            await network.rest.wait()
            more = bool(await network.timekeeper.look())
        await network.rest.wait()


async def state(network: Network, identifier: str) -> tuple[str, str | None]:
    """What has become of an envelope: its state, and the rule of the pairing that last moved it."""
    node = await find(network, identifier)
    pairing = [step.rule for step in node.steps if step.what in {"released", "let go"}]
    return node.state, pairing[-1] if pairing else None


async def find(network: Network, identifier: str) -> Node:
    """The node of an envelope in its story."""
    for root in await timeline(network.ledger, identifier):
        for node in root.walk():
            if node.envelope_id == identifier:
                return node
    raise LookupError(identifier)
