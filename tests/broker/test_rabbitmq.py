"""What only RabbitMQ can do to us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aio_pika
import pytest

from broker.errors import BODY_TOO_LARGE, BROKER_REFUSES, QUEUE_DIFFERS
from broker.port import DEAD, ROUTE, SUBMIT, Delivery, Send, Settlement, inbox
from broker.rabbitmq import RabbitBroker
from broker.topology import queue_arguments
from envelope.findings import Refused
from routing.ledger.ledger import Ledger
from routing.ledger.unit import Unit
from tests.broker.test_contract import GLN, event, settle, take_all
from tests.servers.rabbitmq import PrivateRabbitMQ, RabbitMQ
from tests.servers.wire import Wire

pytestmark = pytest.mark.rabbitmq


@pytest.fixture
async def broker(ledger: Ledger, amqp_url: str) -> AsyncIterator[RabbitBroker]:
    """An open broker."""
    opened = RabbitBroker(amqp_url, ledger)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def far(ledger: Ledger, rabbitmq: RabbitMQ, amqp_host: str, wire: Wire) -> AsyncIterator[RabbitBroker]:
    """An open broker at the other end of the wire."""
    opened = RabbitBroker(rabbitmq.url(amqp_host, port=wire.port), ledger)
    await opened.open()
    yield opened
    await opened.close()


async def take_route(broker: RabbitBroker) -> Delivery:
    """One message of `vans.route`."""
    delivery = await broker.receive(ROUTE, 20)
    assert delivery is not None
    return delivery


async def test_submitting_waits_for_a_broker_that_is_away(far: RabbitBroker, wire: Wire) -> None:
    """While the wire is cut submitting waits and `health` says so in words; when it is mended the message arrives."""
    wire.cut()
    submit = asyncio.create_task(far.submit(b"letter"))
    await far.wait_for_health(ok=False)
    await wire.wait_until_refused()
    health = far.health()
    assert not health.ok
    assert "RabbitMQ" in health.text
    assert not submit.done()
    wire.mend()
    await submit
    assert far.health().ok
    assert (await take_route(far)).body == b"letter"


async def test_what_was_in_hand_comes_again(far: RabbitBroker, wire: Wire) -> None:
    """After a cut, what was taken is delivered again and marked, and the lost delivery can no longer be settled."""
    for number in range(3):
        await far.submit(str(number).encode())
    consumer = await far.consumer(ROUTE, 2)
    first = await take_all(consumer, 2)
    wire.cut()
    await far.wait_for_health(ok=False)
    wire.mend()
    again = await take_all(consumer, 2)
    assert all(delivery.again and delivery.suspect for delivery in again)
    (late,) = await far.settle([Settlement(first[0], event("late"))])
    assert late is not None
    await far.give_back(first[1])
    await settle(far, *(Settlement(delivery, Unit()) for delivery in again))
    rest = await take_all(consumer, 1)
    assert {delivery.body for delivery in (*again, *rest)} == {b"0", b"1", b"2"}


async def test_a_cut_before_the_confirm_repeats_the_same_bytes(far: RabbitBroker, wire: Wire, ledger: Ledger) -> None:
    """A settlement whose confirm was lost publishes again; the delivery, unacked, comes again; nothing is lost."""
    await far.submit(b"letter", "E1")
    consumer = await far.consumer(ROUTE, 10)
    (delivery,) = await consumer.take(10)
    await far.settle([Settlement(delivery, Unit(), [Send(inbox(GLN), b"first", None, "M1")])])
    await far.submit(b"letter", "E2")
    (delivery,) = await consumer.take(10)
    wire.cut_at_answer(b"\x00\x3c\x00\x50")  # basic.ack, the confirm
    settling = asyncio.create_task(
        far.settle([Settlement(delivery, event("unit"), [Send(inbox(GLN), b"second", None, "M2")], event("finish"))])
    )
    await wire.wait_until_cut()
    wire.mend()
    (result,) = await settling
    assert result is not None  # the ack had no channel to go by
    (again,) = await consumer.take(10)
    assert (again.body, again.again) == (b"letter", True)
    inboxes = await far.consumer(inbox(GLN), 10)
    bodies = [one.body for one in await take_all(inboxes, 3)]
    assert bodies == [b"first", b"second", b"second"]
    assert ledger.changes == 2


async def test_receiving_outlives_a_cut(far: RabbitBroker, wire: Wire) -> None:
    """Who waits for a message while the wire is cut gets it when it comes."""
    receiving = asyncio.create_task(far.receive(ROUTE, 30))
    await asyncio.wait([receiving], timeout=0.05)
    wire.cut()
    await far.wait_for_health(ok=False)
    wire.mend()
    await far.submit(b"letter")
    delivery = await receiving
    assert delivery is not None
    assert delivery.body == b"letter"


async def test_receiving_ends_in_time_while_the_broker_is_away(far: RabbitBroker, wire: Wire) -> None:
    """Who receives with a limit is answered although the broker is away."""
    wire.cut()
    await far.wait_for_health(ok=False)
    assert await far.receive(ROUTE, 0.01) is None


async def test_opening_waits_for_the_broker(ledger: Ledger, rabbitmq: RabbitMQ, amqp_host: str, wire: Wire) -> None:
    """A network that starts before its broker waits for it, and says so meanwhile."""
    wire.cut()
    broker = RabbitBroker(rabbitmq.url(amqp_host, port=wire.port), ledger)
    assert not broker.health().ok
    opening = asyncio.create_task(broker.open())
    await wire.wait_until_refused()
    wire.mend()
    await opening
    assert broker.health().ok
    await broker.close()


@pytest.mark.timeout(120)
async def test_a_broker_killed_and_started_again(private: PrivateRabbitMQ, broker: RabbitBroker) -> None:
    """All that was confirmed is there when the broker comes back, and consumers go on."""
    for number in range(3):
        await broker.submit(str(number).encode())
    consumer = await broker.consumer(ROUTE, 10)
    before = await take_all(consumer, 3)
    await asyncio.to_thread(private.kill)
    await broker.wait_for_health(ok=False)
    submit = asyncio.create_task(broker.submit(b"3"))
    await asyncio.to_thread(private.start)
    await submit
    again = await take_all(consumer, 4)
    assert {delivery.body for delivery in again} == {b"0", b"1", b"2", b"3"}
    assert {delivery.body for delivery in again if delivery.again} == {delivery.body for delivery in before}


async def test_an_inbox_that_was_deleted_is_made_again(broker: RabbitBroker, amqp_url: str) -> None:
    """A message whose queue is gone is returned by the broker, and published again to a new one."""
    for number in range(2):
        await broker.submit(str(number).encode())
        delivery = await take_route(broker)
        await settle(broker, Settlement(delivery, Unit(), [Send(inbox(GLN), delivery.body, None, f"E{number}")]))
        if number == 0:
            async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
                await channel.queue_delete(inbox(GLN))
    arrived = await broker.receive(inbox(GLN), 10)
    assert arrived is not None
    assert arrived.body == b"1"


async def test_a_consumer_outlives_its_queue(broker: RabbitBroker, amqp_url: str) -> None:
    """When somebody deletes the queue under a consumer, it is made again and the consumer goes on."""
    consumer = await broker.consumer(inbox(GLN), 10)
    taking = asyncio.create_task(consumer.take(1))
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        await channel.queue_delete(inbox(GLN))
    await broker.submit(b"letter")
    delivery = await take_route(broker)
    await settle(broker, Settlement(delivery, Unit(), [Send(inbox(GLN), delivery.body, None, "E1")]))
    (arrived,) = await taking
    assert arrived.body == b"letter"


async def test_receiving_from_a_deleted_queue_makes_it_again(broker: RabbitBroker, amqp_url: str) -> None:
    """An inbox deleted by hand is an empty inbox for who receives from it."""
    assert await broker.receive(inbox(GLN), 0) is None
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        await channel.queue_delete(inbox(GLN))
    assert await broker.receive(inbox(GLN), 1) is None


async def test_messages_look_as_vendors_were_told(broker: RabbitBroker, amqp_url: str) -> None:
    """What lies in an inbox is persistent, of type application/xml, and named by its EnvelopeIdentifier."""
    await broker.submit(b"<VANSEnvelope/>", "E1")
    delivery = await take_route(broker)
    await settle(broker, Settlement(delivery, Unit(), [Send(inbox(GLN), delivery.body, None, "E1")]))
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        queue = await channel.declare_queue(inbox(GLN), passive=True)
        message = await queue.get()
        assert message is not None
        assert (message.body, message.message_id) == (b"<VANSEnvelope/>", "E1")
        assert message.content_type == "application/xml"
        assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
        assert message.user_id is None


async def test_anything_published_to_the_exchange_arrives(broker: RabbitBroker, amqp_url: str) -> None:
    """`vans.submit` takes any routing key, and tells who published where the sender has said so."""
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        exchange = await channel.get_exchange(SUBMIT)
        message = aio_pika.Message(b"letter", user_id="guest")
        await exchange.publish(message, routing_key="whatever")
        await exchange.publish(aio_pika.Message(b"anonymous"), routing_key="")
    consumer = await broker.consumer(ROUTE, 10)
    named, anonymous = await take_all(consumer, 2)
    assert (named.body, named.user_id) == (b"letter", "guest")
    assert anonymous.user_id is None


async def test_the_topology_is_as_vendors_were_told(broker: RabbitBroker, rabbitmq: RabbitMQ, amqp_host: str) -> None:
    """A durable fanout exchange, durable quorum queues, and a connection that says whose it is."""
    await broker.receive(inbox(GLN), 0)
    exchange = rabbitmq.call("GET", f"exchanges/{amqp_host}/{SUBMIT}").json()
    assert (exchange["type"], exchange["durable"]) == ("fanout", True)
    queues = rabbitmq.call("GET", f"queues/{amqp_host}").json()
    assert {queue["name"] for queue in queues} == {ROUTE, "vans.convert", DEAD, inbox(GLN)}
    for queue in queues:
        assert queue["durable"]
        assert queue["arguments"]["x-queue-type"] == "quorum"


@pytest.mark.parametrize(("version", "limit"), [("3.10.8", None), ("3.13.7", None), ("4.0.5", -1), ("4.3.1", -1)])
def test_no_version_drops_after_many_deliveries(version: str, limit: int | None) -> None:
    """RabbitMQ 4 is told to have no delivery limit; 3.x has none, and does not take the word."""
    assert queue_arguments(version).get("x-delivery-limit") == limit


async def test_an_inbox_declared_by_its_owner_is_used_as_it_is(broker: RabbitBroker, amqp_url: str) -> None:
    """A participant's program that was there first has declared its inbox in its own way, and gets its messages."""
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        await channel.declare_queue(inbox(GLN), durable=True)
    await broker.submit(b"letter")
    delivery = await take_route(broker)
    await settle(broker, Settlement(delivery, Unit(), [Send(inbox(GLN), delivery.body, None, "E1")]))
    arrived = await broker.receive(inbox(GLN), 10)
    assert arrived is not None


async def test_a_work_queue_declared_otherwise_is_refused(ledger: Ledger, amqp_url: str) -> None:
    """A `vans.route` that is not ours is named, rather than used."""
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        await channel.declare_queue(ROUTE, durable=True)
    broker = RabbitBroker(amqp_url, ledger)
    with pytest.raises(Refused) as refused:
        await broker.open()
    assert refused.value.findings[0].rule is QUEUE_DIFFERS
    assert ROUTE in str(refused.value)
    await broker.close()


async def test_a_broker_that_lets_nobody_in_is_refused(ledger: Ledger, rabbitmq: RabbitMQ, amqp_url: str) -> None:
    """A wrong password and a virtual host that is not there are said, not waited for."""
    wrong = amqp_url.replace(f"{rabbitmq.user}:{rabbitmq.password}@", f"{rabbitmq.user}:wrong@")
    for url in (wrong, rabbitmq.url("no-such-host")):
        broker = RabbitBroker(url, ledger)
        with pytest.raises(Refused) as refused:
            await broker.open()
        assert refused.value.findings[0].rule is BROKER_REFUSES
        await broker.close()


@pytest.mark.timeout(120)
async def test_a_body_beyond_the_brokers_limit_is_refused(
    private: PrivateRabbitMQ, ledger: Ledger, amqp_url: str
) -> None:
    """What the broker does not take is refused with its size and the limit, and others on their way get through."""
    await asyncio.to_thread(private.control, "eval", "application:set_env(rabbit, max_message_size, 1000).")
    try:
        broker = RabbitBroker(amqp_url, ledger)
        await broker.open()
        small = [asyncio.create_task(broker.submit(b"small")) for _ in range(3)]
        for _ in range(2):
            with pytest.raises(Refused) as refused:
                await broker.submit(b"x" * 2000)
            assert refused.value.findings[0].rule is BODY_TOO_LARGE
            assert "2000" in str(refused.value)
            assert "1000" in str(refused.value)
        await asyncio.gather(*small)
        consumer = await broker.consumer(ROUTE, 10)
        one, two, _ = await take_all(consumer, 3)
        results = await broker.settle(
            [
                Settlement(one, Unit(), [Send(inbox(GLN), b"x" * 2000, None, "E1")]),
                Settlement(two, Unit(), [Send(inbox(GLN), b"x", None, "E2")]),
            ]
        )
        assert [type(result) for result in results] == [Refused, type(None)]
        await settle(broker, Settlement(one, Unit(), [Send(DEAD, b"too large", None, "E1")]))
        await broker.close()
    finally:
        await asyncio.to_thread(private.control, "eval", "application:set_env(rabbit, max_message_size, 536870912).")


@pytest.mark.timeout(120)
async def test_a_broker_short_of_memory_is_waited_for(private: PrivateRabbitMQ, broker: RabbitBroker) -> None:
    """While RabbitMQ blocks publishers `health` says so, and what waits goes through when there is room again."""
    await broker.submit(b"0")
    await asyncio.to_thread(private.control, "set_vm_memory_high_watermark", "0.0000001")
    try:
        submit = asyncio.create_task(broker.submit(b"1"))
        await asyncio.wait([submit], timeout=1)  # the library tells nobody that it was blocked
        assert not broker.health().ok
        assert "memory" in broker.health().text
        assert not submit.done()
    finally:
        await asyncio.to_thread(private.control, "set_vm_memory_high_watermark", "0.4")
    await submit
    assert broker.health().ok
