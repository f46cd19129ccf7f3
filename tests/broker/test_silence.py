"""A RabbitMQ that is well and does not answer: told by name, tried again, and never lost."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator

import pytest

from broker.errors import NOT_ANSWERED
from broker.port import ROUTE, Delivery, Send, Settlement, inbox
from broker.rabbitmq import RabbitBroker
from envelope.findings import Fault
from routing.ledger.ledger import Ledger
from routing.ledger.unit import Unit
from tests.broker.test_contract import GLN, settle
from tests.servers.processes import free_port
from tests.servers.rabbitmq import PrivateRabbitMQ, RabbitMQ
from tests.servers.wire import Wire

pytestmark = pytest.mark.rabbitmq

SECONDS = 0.3
"""How long an answer may take here."""

CONFIRM = b"\x00\x3c\x00\x50"  # basic.ack
DECLARED = b"\x00\x32\x00\x0b"  # queue.declare-ok


@pytest.fixture
async def far(ledger: Ledger, rabbitmq: RabbitMQ, amqp_host: str, wire: Wire) -> AsyncIterator[RabbitBroker]:
    """A broker at the other end of the wire that is told early, not yet open."""
    made = RabbitBroker(rabbitmq.url(amqp_host, port=wire.port), ledger, answer_seconds=SECONDS)
    yield made
    await made.close()


async def told(broker: RabbitBroker, queue: str) -> str:
    """Wait until `health` tells that this queue alone does not answer; gives its words."""
    await broker.wait_for_health(ok=False)
    health = broker.health()
    assert not health.ok
    [finding] = health.findings
    assert (finding.rule, finding.rule.fault, finding.location) == (NOT_ANSWERED, Fault.NETWORK, queue)
    assert queue in finding.text
    return health.text


async def well(broker: RabbitBroker) -> None:
    """Wait until `health` tells that all is well."""
    await broker.wait_for_health(ok=True)
    health = broker.health()
    assert (health.ok, health.findings) == (True, ())


async def emptied(broker: RabbitBroker, queue: str) -> list[Delivery]:
    """All that lies in a queue, taken."""
    taken = []
    while (delivery := await broker.receive(queue, 0.5)) is not None:
        taken.append(delivery)
        await settle(broker, Settlement(delivery, Unit()))
    return taken


async def test_a_submission_that_is_not_confirmed_is_told_and_repeated(far: RabbitBroker, wire: Wire) -> None:
    """While confirms stay away `health` names the queue; what is published again is the same, and marked as such."""
    await far.open()
    wire.lose_answers(CONFIRM)
    submitting = asyncio.create_task(far.submit(b"letter", "E1"))
    assert "VS-605" in await told(far, ROUTE)
    assert not submitting.done()
    wire.mend()
    await submitting
    await well(far)
    first, *more = await emptied(far, ROUTE)
    assert (first.body, first.again) == (b"letter", False)
    assert more
    assert {(one.body, one.message_id, one.again) for one in more} == {(b"letter", "E1", True)}


async def test_a_declaration_that_hangs_is_told_and_tried_again(far: RabbitBroker, wire: Wire) -> None:
    """An inbox whose declaration is not answered is named; others that are there go on, and so does it in the end."""
    await far.open()
    await far.submit(b"letter", "E1")
    delivery = await far.receive(ROUTE, 20)
    assert delivery is not None
    wire.lose_answers(DECLARED)
    settlement = Settlement(delivery, Unit(), [Send(inbox(GLN), b"letter", None, "E1")])
    settling = asyncio.create_task(far.settle([settlement]))
    assert "declaration" in await told(far, inbox(GLN))
    await far.submit(b"another", "E2")
    wire.mend()
    assert await settling == [None]
    await well(far)
    assert [one.body for one in await emptied(far, inbox(GLN))] == [b"letter"]


async def test_fixed_queues_that_are_not_declared_are_told(far: RabbitBroker, wire: Wire) -> None:
    """A broker that connects and then does not answer is not called away: the queue is named, and it is tried again."""
    wire.lose_answers(DECLARED)
    opening = asyncio.create_task(far.open())
    while NOT_ANSWERED.id not in far.health().text:
        await far._link.changed.wait()
    await told(far, ROUTE)
    assert not opening.done()
    wire.mend()
    await opening
    await well(far)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("mended", ["led again", "deleted"])
async def test_a_queue_without_a_leader_is_named_and_nothing_is_lost(
    private: PrivateRabbitMQ, ledger: Ledger, amqp_url: str, amqp_host: str, mended: str
) -> None:
    """Others go on meanwhile; when it has a leader again, or was deleted and made anew, what waited is in it."""
    broker = RabbitBroker(amqp_url, ledger, answer_seconds=SECONDS)
    await broker.open()
    assert await emptied(broker, inbox(GLN)) == []
    server = f"{{'{amqp_host}_{inbox(GLN)}', node()}}"
    await broker.submit(b"letter", "E1")
    delivery = await broker.receive(ROUTE, 20)
    assert delivery is not None
    await asyncio.to_thread(private.control, "eval", f"ra:stop_server(quorum_queues, {server}).")
    settlement = Settlement(delivery, Unit(), [Send(inbox(GLN), b"letter", None, "E1")])
    settling = asyncio.create_task(broker.settle([settlement]))
    await told(broker, inbox(GLN))
    await broker.submit(b"another", "E2")
    if mended == "deleted":
        await asyncio.to_thread(private.control, "delete_queue", "-p", amqp_host, inbox(GLN))
    else:
        await asyncio.to_thread(private.control, "eval", f"ra:restart_server(quorum_queues, {server}).")
    assert await settling == [None]
    await well(broker)
    assert {(one.body, one.message_id) for one in await emptied(broker, inbox(GLN))} == {(b"letter", "E1")}
    await broker.close()


def test_a_connection_that_could_not_be_opened_is_let_go_of(ledger_url: str) -> None:
    """Whichever thread collects what is left of it, the library has nothing to close in vain, and does not complain."""

    async def never_there() -> None:
        ledger = await Ledger.open(ledger_url)
        broker = RabbitBroker(f"amqp://127.0.0.1:{free_port()}/", ledger)
        opening = asyncio.create_task(broker.open())
        while "cannot be reached" not in broker.health().text:
            await broker._link.changed.wait()
        opening.cancel()
        await broker.close()
        await ledger.close()
        await asyncio.to_thread(gc.collect)

    gc.collect()
    gc.disable()
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            asyncio.run(never_there())
    finally:
        gc.enable()
    assert [str(one.message) for one in heard] == []
