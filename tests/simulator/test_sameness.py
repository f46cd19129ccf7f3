"""What is made of a message is the same, byte for byte, however often it is made and whatever the clock says."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from routing.ledger import halves, messages, orders
from routing.ledger.schema import BODIES, MESSAGES, ORDERS
from simulator.services.carried_out import carry_out
from tests.simulator.conftest import Running
from tests.simulator.post import message, send, wrapped, xdis91


async def test_an_order_makes_the_same_envelopes_again(running: Running) -> None:
    """Carried out twice, and again by another process years later, each order makes what was sent the first time."""
    async with running() as network:
        await send(network, wrapped(xdis91()), wrapped(message()))
    async with running(frozenset(), lambda: datetime(2031, 1, 1, tzinfo=UTC)) as network:
        keys = [row.key for row in await network.ledger.read(select(ORDERS.c.key))]
        # Two letters, their two receipts, the receipts on their envelopes and on those of the receipts.
        assert len(keys) == 8
        for key in keys:
            order = await orders.find(network.ledger, key)
            assert order is not None
            rows = await network.ledger.read(
                select(BODIES.c.data)
                .join(MESSAGES, MESSAGES.c.body == BODIES.c.key)
                .where(MESSAGES.c.parent == order.sources[0], MESSAGES.c.relation == "converted")
                .order_by(MESSAGES.c.key)
            )
            bodies = await messages.bodies(network.ledger, order.body_keys)
            first, second = carry_out(order, [*bodies]), carry_out(order, [*bodies])
            assert [one.body for one in first.made] == [row.data for row in rows]
            assert first == second
            remembered = await halves.remembered(network.ledger, order.sources[0], first.until)
            assert first.remembered.to_json() == remembered
