"""What a mock answers to one envelope, and who is answered when somebody sends as another."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import aio_pika
import pytest
import yaml
from aio_pika.abc import AbstractConnection
from aiormq.exceptions import ChannelNotFoundEntity

from broker.port import ROUTE, inbox
from envelope.catalogue import document, transport
from envelope.model import Document, Head, MetaInformation, Party, Receipt, ReceiptKind
from envelope.writing import write
from simulator.services.answers import answers_of
from simulator.services.clock import real_time
from simulator.services.outgoing import known_type, receipt_envelope
from simulator.services.router import Router
from simulator.settings import Settings
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.post import (
    HOSPITAL,
    LETTERS,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    count,
    emptied,
    heads,
    idle,
    kinds,
    network_file,
    story,
    wrapped,
    xdis91,
)

NAMES = ("0d4f7f0a-0000-4000-8000-000000000001", "0d4f7f0a-0000-4000-8000-000000000002")
NOW = real_time()


def answered(body: bytes) -> list[str]:
    """What a mock answers."""
    return sorted(kinds([answer.body for answer in answers_of(body, NOW)]))


def of_type(said: Document, letter: bytes, sender: Party | None = None) -> bytes:
    """An envelope around some bytes."""
    meta = MetaInformation(NAMES[1], said, transport=transport(known_type("XDIS91")))
    return write(Head(sender or Party(TOWN), Party(PRACTICE), NAMES[0], "2026-03-02T09:00:00", meta), letter)


@pytest.mark.parametrize("name", ["receipt-positive.xml", "receipt-negative.xml", "acknowledgement-ok.xml"])
def test_a_receipt_is_answered_at_the_envelope_alone(name: str) -> None:
    """Receipts are not answered in their own layer."""
    assert answered(wrapped((LETTERS / name).read_bytes()).body) == ["PositiveMessage"]


def test_an_envelope_receipt_is_not_answered() -> None:
    """It is the end of its exchange."""
    receipt = Receipt(ReceiptKind.POSITIVE_MESSAGE, NAMES[0], wrapped(xdis91()).head.message)
    assert answered(receipt_envelope(receipt, (Party(TOWN), Party(PRACTICE)), NAMES[1], NOW).body) == []


def test_what_the_network_says_itself_is_not_answered() -> None:
    """An XCTL01 from the operator is told, not asked."""
    letter = (LETTERS / "receipt-vans.xml").read_bytes()
    said = document(known_type("XCTL01"), len(letter))
    assert answered(of_type(said, letter, Party("VANSIM", "VANS"))) == []


@pytest.mark.reference
def test_edifact_is_taken_as_it_is(reference: Path) -> None:
    """Its letter layer is not simulated in this network: the envelope alone is answered."""
    letter = (reference / "samples" / "edifact" / "DIS91_1.edi").read_bytes()
    assert answered(of_type(document(known_type("DIS91"), len(letter)), letter)) == ["PositiveMessage"]


def test_what_nobody_knows_is_taken_as_it_is() -> None:
    """A type that the receiver lists by name alone is not judged."""
    assert answered(of_type(Document("XML", "MCM:XDIS22", 4), b"<x/>")) == ["PositiveMessage"]


def test_an_answer_given_twice_is_the_same_answer() -> None:
    """Identifiers derive from the envelope that is answered."""
    body = wrapped(xdis91(), PRACTICE, HOSPITAL).body
    assert answers_of(body, NOW) == answers_of(body, NOW)


async def test_who_sends_as_another_is_told_and_the_other_is_not(running: Running, tmp_path: Path) -> None:
    """The receipts go to the broker user that handed it in; the sender that it named may use its identifiers still."""
    sent = wrapped(xdis91(), PRACTICE, TOWN)
    file = network_file(tmp_path, {gln: {"external": True} for gln in (PRACTICE, TOWN)})
    async with running(frozenset({"worker"}), network_file=file) as network:
        broker, ledger, traffic = network.broker, network.ledger, network.traffic
        router = Router(broker, ledger, lambda: network.directory, network.clock, traffic=traffic)
        for caller in (OWN_OIOXML, OWN_OIOXML, PRACTICE):
            await network.submit(sent.body, sent.head.identifier)
            delivery = await network.broker.receive(ROUTE, 10)
            assert delivery is not None
            await router.handle([replace(delivery, user_id=caller)])
        await idle(network)
        told = await emptied(network, OWN_OIOXML)
        assert {head.receipt.code for head in heads(told) if head.receipt is not None} == {419}
        assert await emptied(network, PRACTICE) == []
        assert kinds(await emptied(network, TOWN)) == ["MCM:FDIS91#other"]
        assert await count(network, sender=PRACTICE, way="in") == 1
        assert {root.state for root in await story(network, sent.head.identifier)} == {"refused", "converted"}


@pytest.mark.rabbitmq
async def test_external_participants_find_their_inbox(amqp_url: str, tmp_path: Path) -> None:
    """On RabbitMQ it is there before any letter is, also for one that an edit adds while nothing else happens."""
    file = network_file(tmp_path)
    whole = file.read_text("utf-8")
    listed = yaml.safe_load(whole)
    listed["participants"] = [one for one in listed["participants"] if one["gln"] != OWN_OIOXML]
    file.write_text(yaml.safe_dump(listed), encoding="utf-8")
    network = Network(Settings(broker=amqp_url, data=tmp_path, network=file), frozenset({"participants"}))
    async with network.running(), await aio_pika.connect(amqp_url) as connection, asyncio.timeout(30):
        await _there(connection, OWN_FHIR)
        file.write_text(whole, encoding="utf-8")
        while OWN_OIOXML not in network._directory.current:
            network.health()  # as the service does twice a second
            await asyncio.sleep(0)
        await _there(connection, OWN_OIOXML)


async def _there(connection: AbstractConnection, gln: str) -> None:
    """Wait until a participant's inbox can be found by who may not make it."""
    while True:
        channel = await connection.channel()
        try:
            await channel.declare_queue(inbox(gln), passive=True)
        except ChannelNotFoundEntity:
            continue
        return
