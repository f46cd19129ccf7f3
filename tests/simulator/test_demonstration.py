from __future__ import annotations

import asyncio

import pytest

from routing.ledger.timeline import timeline
from simulator.demonstration import LEGS, Leg, is_back, written
from simulator.sending import enveloped
from tests.simulator.conftest import Running


@pytest.mark.parametrize("leg", LEGS, ids=lambda leg: leg.title)
async def test_a_letter_crosses_and_every_receipt_comes_back(leg: Leg, running: Running) -> None:
    """Each letter of the demonstration is receipted in its sender's format, in both layers, on either broker."""
    async with running() as network:
        head, body = enveloped(written(network, leg), leg.sender, leg.receiver, network.clock())
        await network.submit(body, head.identifier)
        async with asyncio.timeout(20):
            await network.rest.wait()
        story = await timeline(network.ledger, head.identifier)
    assert is_back(leg, story)
