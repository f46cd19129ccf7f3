"""What both brokers promise."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from broker.errors import Closed
from broker.port import CONVERT, DEAD, ROUTE, Broker, Consumer, Delivery, Send, Settlement, inbox
from routing.ledger.errors import LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.schema import EVENTS, TRIES
from routing.ledger.unit import Unit
from tests.broker.conftest import House

GLN = "5790000120314"


def event(text: str, key: int | None = None) -> Unit:
    """A unit of one row."""
    unit = Unit()
    unit.insert(EVENTS, key=key or new_key(), message=1, at=1, place="test", what="tested", rule=None, text=text)
    return unit


async def take_all(consumer: Consumer, number: int) -> list[Delivery]:
    """Take until that many are in hand."""
    taken: list[Delivery] = []
    while len(taken) < number:
        taken += await consumer.take(number - len(taken))
    return taken


async def settle(broker: Broker, *settlements: Settlement) -> None:
    """Settle, all of them."""
    assert await broker.settle(settlements) == [None] * len(settlements)


async def forward(broker: Broker, delivery: Delivery, queue: str) -> None:
    """Send on what was taken, and be done with it."""
    send = Send(queue, delivery.body, delivery.body_key, delivery.message_id or "")
    await settle(broker, Settlement(delivery, Unit(), [send]))


async def test_what_is_submitted_arrives_in_route(broker: Broker) -> None:
    """A submitted message is taken from `vans.route`, with its bytes and identifier, and is not suspect."""
    await broker.submit(b"<VANSEnvelope/>", "E1")
    consumer = await broker.consumer(ROUTE, 10)
    (delivery,) = await consumer.take(10)
    assert (delivery.queue, delivery.body, delivery.message_id) == (ROUTE, b"<VANSEnvelope/>", "E1")
    assert not delivery.suspect
    assert not delivery.again
    assert delivery.headers == {}


async def test_a_settlement_commits_sends_and_acks(house: House) -> None:
    """After settling, rows are there, what was sent is in its queue, and the delivery is gone for good."""
    broker = house.broker
    await broker.submit(b"letter", "E1")
    route = await broker.consumer(ROUTE, 10)
    (delivery,) = await route.take(10)
    key = new_key()
    unit = Unit()
    unit.insert(TRIES, key=key, digest="d", queue="q", count=1, last_at=0, reason="due")
    finish = Unit()
    finish.update(TRIES, key, reason="sent")
    finish.extend(event("finished"))
    send = Send(inbox(GLN), delivery.body, delivery.body_key, "E1")
    await settle(broker, Settlement(delivery, unit, [send], finish))
    assert [row.reason for row in await house.ledger.read(select(TRIES.c.reason))] == ["sent"]
    assert [row.text for row in await house.ledger.read(select(EVENTS.c.text))] == ["finished"]
    arrived = await broker.receive(inbox(GLN), 10)
    assert arrived is not None
    assert (arrived.body, arrived.message_id) == (b"letter", "E1")
    await settle(broker, Settlement(arrived, Unit()))
    await house.restart()
    assert await house.broker.receive(ROUTE, 0) is None
    assert await house.broker.receive(inbox(GLN), 0) is None


async def test_one_settlement_may_send_to_many(broker: Broker) -> None:
    """All messages of one settlement arrive, each in its queue."""
    await broker.submit(b"letter")
    delivery = await broker.receive(ROUTE, 10)
    assert delivery is not None
    queues = [inbox(GLN), inbox("5790000121526"), CONVERT]
    sends = [Send(queue, f"{queue} {n}".encode(), None, f"{queue}-{n}") for queue in queues for n in range(3)]
    await settle(broker, Settlement(delivery, Unit(), sends))
    for queue in queues:
        consumer = await broker.consumer(queue, 10)
        bodies = [taken.body for taken in await take_all(consumer, 3)]
        assert bodies == [f"{queue} {n}".encode() for n in range(3)]


async def test_messages_keep_their_order(broker: Broker) -> None:
    """What one sender submits one after another arrives in that order."""
    for number in range(30):
        await broker.submit(str(number).encode())
    consumer = await broker.consumer(ROUTE, 100)
    assert [int(delivery.body) for delivery in await take_all(consumer, 30)] == list(range(30))


async def test_messages_with_one_identifier_all_arrive(broker: Broker) -> None:
    """An identifier used many times at once takes no message's place: duplicates are for others to judge."""
    await asyncio.gather(*(broker.submit(str(number).encode(), "E1") for number in range(25)))
    consumer = await broker.consumer(ROUTE, 100)
    taken = await take_all(consumer, 25)
    assert sorted(int(delivery.body) for delivery in taken) == list(range(25))
    sends = [Send(inbox(GLN), b"same", None, "E1") for _ in range(5)]
    await settle(broker, *(Settlement(delivery, Unit(), sends) for delivery in taken[:2]))
    inbox_consumer = await broker.consumer(inbox(GLN), 100)
    assert len(await take_all(inbox_consumer, 10)) == 10


async def test_consumers_compete(broker: Broker) -> None:
    """Two consumers of one queue take all there is, and nothing twice."""
    first, second = await broker.consumer(ROUTE, 5), await broker.consumer(ROUTE, 5)
    for number in range(20):
        await broker.submit(str(number).encode())
    seen: list[int] = []

    async def work(consumer: Consumer) -> None:
        while True:
            for delivery in await consumer.take(5):
                await settle(broker, Settlement(delivery, Unit()))
                seen.append(int(delivery.body))
                if len(seen) == 20:
                    done.set()

    done = asyncio.Event()
    tasks = [asyncio.create_task(work(consumer)) for consumer in (first, second)]
    await done.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(seen) == list(range(20))


async def test_prefetch_is_kept(broker: Broker) -> None:
    """A consumer has no more in hand than its prefetch; the rest is for others, and room is there after settling."""
    for number in range(5):
        await broker.submit(str(number).encode())
    greedy = await broker.consumer(ROUTE, 3)
    taken = await take_all(greedy, 3)
    more = asyncio.create_task(greedy.take(10))
    other = await broker.consumer(ROUTE, 10)
    rest = await take_all(other, 2)
    assert {int(delivery.body) for delivery in (*taken, *rest)} == set(range(5))
    assert not more.done()
    await settle(broker, Settlement(taken[0], Unit()))
    await broker.submit(b"5")
    await other.close()
    assert len(await more) == 1


async def test_what_is_given_back_comes_again(broker: Broker) -> None:
    """A delivery given back is there again, once; where in the queue, RabbitMQ does not promise."""
    for number in range(3):
        await broker.submit(str(number).encode())
    delivery = await broker.receive(ROUTE, 10)
    assert delivery is not None
    assert delivery.body == b"0"
    await broker.give_back(delivery)
    await broker.give_back(delivery)
    consumer = await broker.consumer(ROUTE, 10)
    assert {taken.body for taken in await take_all(consumer, 3)} == {b"0", b"1", b"2"}


async def test_a_queue_may_be_made_before_it_is_used(broker: Broker) -> None:
    """It may be made twice, and what comes to it later is there."""
    await broker.declare(inbox(GLN))
    await broker.declare(inbox(GLN))
    await settle(broker, Settlement(None, Unit(), [Send(inbox(GLN), b"letter", None, "1")]))
    delivery = await broker.receive(inbox(GLN), 10)
    assert delivery is not None
    assert (delivery.body, delivery.again) == (b"letter", False)


async def test_receive_waits(broker: Broker) -> None:
    """Receiving waits for a message to come, and returns nothing when none comes in time."""
    assert await broker.receive(inbox(GLN), 0) is None
    assert await broker.receive(inbox(GLN), 0.01) is None
    waiting = asyncio.create_task(broker.receive(inbox(GLN), 30))
    await asyncio.wait([waiting], timeout=0.05)
    await broker.submit(b"letter", "E1")
    delivery = await broker.receive(ROUTE, 10)
    assert delivery is not None
    await forward(broker, delivery, inbox(GLN))
    arrived = await waiting
    assert arrived is not None
    assert arrived.body == b"letter"
    await settle(broker, Settlement(arrived, Unit()))
    assert await broker.receive(inbox(GLN), 0) is None


async def test_who_gives_up_receiving_loses_nothing(broker: Broker) -> None:
    """A message that comes for somebody who no longer waits is there for the next."""
    waiting = asyncio.create_task(broker.receive(ROUTE, 30))
    await asyncio.wait([waiting], timeout=0.05)
    waiting.cancel()
    await asyncio.wait([waiting])
    await broker.submit(b"letter")
    delivery = await broker.receive(ROUTE, 10)
    assert delivery is not None
    assert delivery.body == b"letter"


async def test_many_may_receive_at_once(broker: Broker) -> None:
    """Several who wait at one queue get one message each, and settle them in any order."""
    waiting = [asyncio.create_task(broker.receive(ROUTE, 30)) for _ in range(4)]
    for number in range(4):
        await broker.submit(str(number).encode())
    deliveries = [delivery for delivery in await asyncio.gather(*waiting) if delivery is not None]
    assert sorted(delivery.body for delivery in deliveries) == [b"0", b"1", b"2", b"3"]
    for delivery in reversed(deliveries[1:]):
        await settle(broker, Settlement(delivery, Unit()))
    await broker.give_back(deliveries[0])
    last = await broker.receive(ROUTE, 10)
    assert last is not None
    assert last.body == deliveries[0].body


async def test_a_failing_settlement_leaves_its_neighbours_alone(house: House) -> None:
    """The settlement that the ledger refuses sends nothing and stays in hand; the others are carried out."""
    broker = house.broker
    await house.ledger.commit(event("first", key=1))
    for number in range(3):
        await broker.submit(str(number).encode())
    consumer = await broker.consumer(ROUTE, 10)
    taken = await take_all(consumer, 3)
    units = [event("good"), event("bad", key=1), event("good")]
    results = await broker.settle(
        [
            Settlement(delivery, unit, [Send(inbox(GLN), delivery.body, delivery.body_key, "E")])
            for delivery, unit in zip(taken, units, strict=True)
        ]
    )
    assert [type(result) for result in results] == [type(None), LedgerConflict, type(None)]
    inboxes = await broker.consumer(inbox(GLN), 10)
    assert [delivery.body for delivery in await take_all(inboxes, 2)] == [b"0", b"2"]
    await forward(broker, taken[1], DEAD)
    dead = await broker.receive(DEAD, 10)
    assert dead is not None
    assert dead.body == b"1"


async def test_a_delivery_is_settled_once(broker: Broker) -> None:
    """Settling again what was settled or given back fails, and takes no neighbour along."""
    for number in range(3):
        await broker.submit(str(number).encode())
    consumer = await broker.consumer(ROUTE, 10)
    first, second, third = await take_all(consumer, 3)
    await settle(broker, Settlement(first, Unit()))
    await broker.give_back(second)
    results = await broker.settle([Settlement(delivery, Unit()) for delivery in (first, second, third)])
    assert [type(result) for result in results] == [Closed, Closed, type(None)]
    (again,) = await consumer.take(10)
    assert again.body == b"1"


async def test_settling_nothing_is_no_trouble(broker: Broker) -> None:
    """No settlements, no results."""
    assert await broker.settle([]) == []


async def test_what_a_closed_consumer_had_is_there_for_others(broker: Broker) -> None:
    """Closing a consumer gives back what it had not settled, and its takers are told."""
    for number in range(4):
        await broker.submit(str(number).encode())
    first = await broker.consumer(ROUTE, 10)
    taken = await take_all(first, 3)
    await settle(broker, Settlement(taken[1], Unit()))
    idle = await broker.consumer(inbox(GLN), 10)
    waiting = asyncio.create_task(idle.take(1))
    await asyncio.wait([waiting], timeout=0)
    await first.close()
    await idle.close()
    with pytest.raises(Closed):
        await waiting
    second = await broker.consumer(ROUTE, 10)
    assert {delivery.body for delivery in await take_all(second, 3)} == {b"0", b"2", b"3"}
    (late,) = await broker.settle([Settlement(taken[0], event("late"))])
    assert isinstance(late, Closed)


async def test_everything_is_kept_over_a_restart(house: House) -> None:
    """After an end in good order all messages are there, in order, and none is suspect that nobody had in hand."""
    for number in range(4):
        await house.broker.submit(str(number).encode(), f"E{number}")
    delivery = await house.broker.receive(ROUTE, 10)
    assert delivery is not None
    await settle(
        house.broker,
        Settlement(delivery, Unit(), [Send(inbox(GLN), b"made", None, "M", {"reason": "testing"})]),
    )
    await house.restart()
    consumer = await house.broker.consumer(ROUTE, 10)
    taken = await take_all(consumer, 3)
    assert [(one.body, one.message_id, one.suspect) for one in taken] == [
        (str(number).encode(), f"E{number}", False) for number in range(1, 4)
    ]
    made = await house.broker.receive(inbox(GLN), 10)
    assert made is not None
    assert (made.body, made.message_id, made.headers) == (b"made", "M", {"reason": "testing"})


async def test_what_a_dead_process_had_in_hand_is_suspect(house: House) -> None:
    """After a crash, whatever was taken and not settled comes again and is marked."""
    for number in range(4):
        await house.broker.submit(str(number).encode())
    consumer = await house.broker.consumer(ROUTE, 2)
    await take_all(consumer, 2)
    await house.crash()
    again = await house.broker.consumer(ROUTE, 10)
    suspect = {delivery.body: delivery.suspect for delivery in await take_all(again, 4)}
    assert suspect.keys() == {b"0", b"1", b"2", b"3"}
    assert suspect[b"0"]
    assert suspect[b"1"]


async def test_dead_letters_carry_their_reason(broker: Broker) -> None:
    """What is sent to `vans.dead` is there with its bytes and the reason in its headers."""
    await broker.submit(b"no envelope")
    delivery = await broker.receive(ROUTE, 10)
    assert delivery is not None
    headers = {"rule": "VS-101", "reason": "This is not XML."}
    await settle(broker, Settlement(delivery, Unit(), [Send(DEAD, delivery.body, delivery.body_key, "E1", headers)]))
    dead = await broker.receive(DEAD, 10)
    assert dead is not None
    assert (dead.body, dead.headers) == (b"no envelope", headers)


async def test_large_bodies_pass(broker: Broker) -> None:
    """Five million bytes, and none at all, arrive as they were sent."""
    for body in (b"x" * 5_000_000, b""):
        await broker.submit(body)
        delivery = await broker.receive(ROUTE, 30)
        assert delivery is not None
        assert delivery.body == body
        await settle(broker, Settlement(delivery, Unit()))


async def test_a_closed_broker_lets_go_of_who_waits(house: House) -> None:
    """Closing the broker ends waiting for messages."""
    consumer = await house.broker.consumer(ROUTE, 10)
    waiting = asyncio.create_task(consumer.take(1))
    receiving = asyncio.create_task(house.broker.receive(ROUTE, 30))
    await asyncio.wait([waiting, receiving], timeout=0.05)
    await house.broker.close()
    with pytest.raises(Closed):
        await waiting
    with pytest.raises(Closed):
        await receiving


async def test_a_well_broker_says_so(broker: Broker) -> None:
    """An open broker is well."""
    assert broker.health().ok
    assert broker.health().text


async def test_who_is_cancelled_takes_nothing_back(broker: Broker) -> None:
    """A message submitted by somebody who did not wait for the answer is delivered all the same, if it was kept."""
    await broker.submit(b"0")
    submit = asyncio.create_task(broker.submit(b"1"))
    await asyncio.wait([submit], timeout=0)
    submit.cancel()
    await asyncio.wait([submit])
    await broker.submit(b"2")
    consumer = await broker.consumer(ROUTE, 10)
    taken = await take_all(consumer, 3 if submit.cancelled() else 2)
    assert [delivery.body for delivery in taken] == [b"0", b"1", b"2"]


async def test_a_settlement_whose_caller_is_gone_is_carried_out_or_not_at_all(house: House) -> None:
    """Cancelled while it settles, a caller leaves either a message that was sent on or one that comes again."""
    broker = house.broker
    await broker.submit(b"letter")
    delivery = await broker.receive(ROUTE, 10)
    assert delivery is not None
    settling = asyncio.create_task(broker.settle([Settlement(delivery, event("x"), [Send(DEAD, b"made", None, "M")])]))
    await asyncio.wait([settling], timeout=0)
    settling.cancel()
    await asyncio.wait([settling])
    await broker.give_back(delivery)
    await broker.submit(b"next")
    found = [await broker.receive(queue, 1) for queue in (DEAD, ROUTE)]
    assert {one.body for one in found if one is not None} >= ({b"made"} if found[0] else {b"letter"})
