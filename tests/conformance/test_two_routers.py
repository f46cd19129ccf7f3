"""The halves of a pair in the hands of two routers at the same moment: neither finds the other's rows."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from routing.ledger.schema import DUE
from simulator.wiring import Network
from tests.conformance.cases import case
from tests.conformance.moments import FIRST, LETTER, RECEIVER, SECOND, SENDER
from tests.conformance.test_pairs import bundles, contents
from tests.simulator.post import wrapped
from tests.simulator.two_routers import at_once, network, router, submitted, what_became

__all__ = ["network"]

ORDERS = {
    "the letter and its last attachment": (FIRST, LETTER, SECOND),
    "the last attachment and the letter": (FIRST, SECOND, LETTER),
    "both attachments of a letter that waits": (LETTER, FIRST, SECOND),
    "the attachments the other way round": (LETTER, SECOND, FIRST),
}


@case("S1.A1-two-routers")
@pytest.mark.parametrize("order", ORDERS)
async def test_halves_at_two_routers_become_one_message(order: str, network: Network) -> None:
    """One of the two looks again, and the message leaves once, whole; nothing waits for a time to be over."""
    before, one, other = (wrapped(letter, SENDER, RECEIVER) for letter in ORDERS[order])
    await router(network, network.broker).handle(await submitted(network, before))
    await at_once(network, one, other)
    assert await what_became(network, before, one, other) == [("converted", False)] * 3
    (bundle,) = await bundles(network)
    assert contents(bundle) == [True] * 3
    assert await network.ledger.read(select(DUE.c.key)) == []


@case("S1.A1-two-routers")
@pytest.mark.parametrize("order", ["letter first", "attachment first"])
async def test_two_halves_alone_at_two_routers_find_one_another(order: str, network: Network) -> None:
    """A letter with one attachment, and nothing known of either."""
    letter = re.sub(rb"<Reference>.*(?=<Reference>)", b"", LETTER, flags=re.DOTALL)
    halves = [wrapped(each, SENDER, RECEIVER) for each in (letter, SECOND)]
    await at_once(network, *(halves if order == "letter first" else halves[::-1]))
    assert await what_became(network, *halves) == [("converted", False)] * 2
    (bundle,) = await bundles(network)
    assert contents(bundle) == [True]
