"""What only the embedded broker has to do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broker import backlog
from broker.embedded import EmbeddedBroker
from broker.errors import BODY_TOO_LARGE, EMBEDDED_NEEDS_SQLITE
from broker.port import DEAD, ROUTE, Send, Settlement, inbox
from envelope.findings import Refused
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES
from routing.ledger.unit import Unit
from tests.broker.conftest import House
from tests.broker.test_contract import GLN, settle, take_all


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A ledger and the embedded broker, open."""
    made = House(tmp_path, None)
    await made.open()
    yield made
    await made.close()


@pytest.mark.postgres
async def test_another_database_is_refused(postgres_url: str) -> None:
    """Queues cannot lie in a PostgreSQL ledger, and the refusal says what to do."""
    ledger = await Ledger.open(postgres_url)
    with pytest.raises(Refused) as refused:
        await EmbeddedBroker(ledger).open()
    assert refused.value.findings[0].rule is EMBEDDED_NEEDS_SQLITE
    await ledger.close()


async def test_bodies_beyond_the_limit_are_read_when_their_turn_comes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backlog larger than memory should hold is taken in full, in order."""
    monkeypatch.setattr(backlog, "_BODIES_HELD", 25)
    for number in range(6):
        await house.broker.submit(f"{number}".encode() * 10)
    consumer = await house.broker.consumer(ROUTE, 10)
    taken = await take_all(consumer, 6)
    assert [delivery.body for delivery in taken] == [f"{number}".encode() * 10 for number in range(6)]


async def test_few_are_suspect_after_a_crash(house: House) -> None:
    """Of a long queue only the first are suspect, as many as could have been in hand."""
    for number in range(60):
        await house.broker.submit(f"{number}".encode())
    consumer = await house.broker.consumer(ROUTE, 10)
    await take_all(consumer, 10)
    await house.crash()
    taken = await take_all(await house.broker.consumer(ROUTE, 100), 60)
    assert [int(delivery.body) for delivery in taken] == list(range(60))
    assert all(delivery.suspect for delivery in taken[:10])
    assert not any(delivery.suspect for delivery in taken[40:])
    assert not any(delivery.again for delivery in taken)


async def test_none_is_suspect_after_an_end_in_good_order(house: House) -> None:
    """A process that closed its broker leaves nothing suspect, although it had much in hand before."""
    for number in range(5):
        await house.broker.submit(f"{number}".encode())
    consumer = await house.broker.consumer(ROUTE, 10)
    await take_all(consumer, 5)
    await house.restart()
    taken = await take_all(await house.broker.consumer(ROUTE, 10), 5)
    assert [(int(delivery.body), delivery.suspect) for delivery in taken] == [(number, False) for number in range(5)]


async def test_a_body_that_only_a_queue_needs_goes_with_its_message(house: House) -> None:
    """What was sent without a row of its own leaves no body behind; what the ledger holds stays."""
    await house.broker.submit(b"kept")
    delivery = await house.broker.receive(ROUTE, 10)
    assert delivery is not None
    assert delivery.body_key is not None
    sends = [Send(inbox(GLN), b"passing", None, "E1"), Send(DEAD, delivery.body, delivery.body_key, "E1")]
    await settle(house.broker, Settlement(delivery, Unit(), sends))
    for queue, body in ((inbox(GLN), b"passing"), (DEAD, b"kept")):
        arrived = await house.broker.receive(queue, 10)
        assert arrived is not None
        assert arrived.body == body
        await settle(house.broker, Settlement(arrived, Unit()))
    ((number,),) = await house.ledger.read(select(func.count()).select_from(BODIES))
    assert number == 1


async def test_what_is_too_large_is_refused_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body beyond the limit is refused when submitted and when sent, and its neighbours are not."""
    monkeypatch.setattr("broker.rows.LARGEST_BODY", 10)
    for number in range(2):
        await house.broker.submit(f"{number}".encode())
    with pytest.raises(Refused) as refused:
        await house.broker.submit(b"x" * 11)
    assert refused.value.findings[0].rule is BODY_TOO_LARGE
    taken = await take_all(await house.broker.consumer(ROUTE, 10), 2)
    results = await house.broker.settle(
        [
            Settlement(one, Unit(), [Send(DEAD, b"x" * size, None, "E")])
            for one, size in zip(taken, (11, 9), strict=True)
        ]
    )
    assert [type(result) for result in results] == [Refused, type(None)]
    await settle(house.broker, Settlement(taken[0], Unit()))


async def test_a_settlement_under_way_is_not_given_back(house: House) -> None:
    """A consumer that is closed while the ledger works on its settlement gives back only what then fails."""
    for number in range(2):
        await house.broker.submit(f"{number}".encode())
    consumer = await house.broker.consumer(ROUTE, 10)
    good, bad = await take_all(consumer, 2)
    broken = Unit()
    broken.insert(BODIES, key=good.body_key, size=1, data=b"x")
    settling = asyncio.create_task(house.broker.settle([Settlement(good, Unit()), Settlement(bad, broken)]))
    await asyncio.wait([settling], timeout=0)
    await consumer.close()
    first, second = await settling
    assert first is None
    assert second is not None
    (again,) = await take_all(await house.broker.consumer(ROUTE, 10), 1)
    assert again.body == b"1"
    assert await house.broker.receive(ROUTE, 0) is None
