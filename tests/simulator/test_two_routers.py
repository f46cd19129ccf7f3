"""Two routers that have the same in hand at the same moment: both have read before either writes, and one gives way."""

from __future__ import annotations

from uuid import uuid4

from envelope.reading import read
from simulator.services.answers import answers_of
from simulator.services.outgoing import anew
from simulator.wiring import Network
from tests.simulator.post import OWN_OIOXML, PRACTICE, TOWN, emptied, wrapped, xdis91
from tests.simulator.test_duplicates import again
from tests.simulator.two_routers import at_once, network, router, submitted, what_became

__all__ = ["network"]


async def test_an_unchanged_resend_that_both_pass_on_is_marked_by_one(network: Network) -> None:
    """Both are forwarded, and one of them is the duplicate."""
    letter = wrapped(xdis91(), PRACTICE, OWN_OIOXML)
    resent = again(letter, identifier=str(uuid4()))
    await at_once(network, letter, resent)
    assert await what_became(network, letter, resent) == [("delivered", False), ("delivered", True)]
    assert sorted(await emptied(network, OWN_OIOXML)) == sorted([letter.body, resent.body])


async def test_two_receipts_on_one_converted_envelope_go_back_once(network: Network) -> None:
    """One is converted, and the other finds the envelope answered."""
    letter = wrapped(xdis91())
    await router(network, network.broker).handle(await submitted(network, letter))
    await network.rest.wait()
    [arrived] = await emptied(network, TOWN)
    [receipt] = [one for one in answers_of(arrived, network.clock()) if one.head.receipt is not None]
    other = anew(receipt, str(uuid4()), network.clock())
    await at_once(network, receipt, other)
    assert [state for state, _ in await what_became(network, receipt, other)] == ["converted", "ignored"]
    [back] = await emptied(network, letter.head.sender.id)
    assert read(back).head.receipt is not None
