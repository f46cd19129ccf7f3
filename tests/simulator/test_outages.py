"""What a network does while its broker, its database or its disk is away: it waits, says so, and loses nothing."""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from broker.port import Broker, inbox
from broker.rabbitmq import RabbitBroker
from envelope.payload_facts import letter_facts
from envelope.reading import payload, read
from routing.ledger.ledger import Ledger
from simulator.services.outgoing import Outgoing, known_type
from tests.servers.postgres import Postgres, PrivatePostgres
from tests.servers.processes import free_port
from tests.servers.rabbitmq import PrivateRabbitMQ, RabbitMQ
from tests.servers.wire import Wire
from tests.simulator.child import Child
from tests.simulator.post import HOSPITAL, OWN_FHIR, OWN_OIOXML, PRACTICE, TOWN, message, wrapped, xdis91
from tests.simulator.test_crashes import over_http

pytestmark = pytest.mark.long

ROUND = 6
"""How many letters of each kind are sent before an outage, while it lasts, and after it."""


class Post:
    """Letters of two systems of one's own, and what has come back to them.

    Attributes:
        sent: the envelopes that the network has accepted.
    """

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []
        self._numbers = iter(range(1, 10_000))

    def letters(self) -> list[Outgoing]:
        """New letters: converted in either direction, and passed through."""
        numbers = [next(self._numbers) for _ in range(ROUND)]
        return [
            one
            for number in numbers
            for one in (
                wrapped(xdis91(number), OWN_OIOXML, TOWN),
                wrapped(message(number), OWN_FHIR, HOSPITAL),
                wrapped(xdis91(5000 + number), OWN_OIOXML, PRACTICE),
            )
        ]

    async def over_http(self, http: httpx.AsyncClient, letters: Sequence[Outgoing]) -> None:
        """Hand letters in, a few at a time; each has to be accepted."""
        places = asyncio.Semaphore(8)

        async def hand_in(one: Outgoing) -> None:
            async with places:
                answer = await http.post("/api/messages", content=one.body)
            assert answer.status_code == 202, answer.text
            self.sent.append(one)

        await asyncio.gather(*map(hand_in, letters))

    async def over_amqp(self, broker: Broker, letters: Sequence[Outgoing]) -> None:
        """Publish letters until each is confirmed."""
        for one in letters:
            await broker.submit(one.body, one.head.identifier)
            self.sent.append(one)

    async def is_receipted(self, http: httpx.AsyncClient) -> None:
        """Wait for the receipts on all that was sent: one a layer on every letter, in its own format, and no more."""
        for gln, name in ((OWN_OIOXML, "XCTL03"), (OWN_FHIR, "Acknowledgement")):
            mine = [one for one in self.sent if one.head.sender.id == gln]
            inbox = await over_http(http, gln, 2 * len(mine), 60)
            envelopes, letters = Counter[str](), Counter[str]()
            for body in inbox:
                head = read(body).head
                if head.receipt is not None:
                    assert head.receipt.kind.value == "PositiveMessage"
                    envelopes[head.receipt.original_envelope] += 1
                else:
                    answers = letter_facts(payload(body), known_type(name)).answers
                    assert answers is not None
                    assert answers.code == "positive"
                    letters.update(answers.letter_ids)
            assert envelopes == Counter(one.head.identifier for one in mine)
            assert letters == Counter(
                letter_facts(
                    payload(one.body), known_type("XDIS91" if gln == OWN_OIOXML else "CareCommunication")
                ).letter_id
                for one in mine
            )
        self.sent.clear()


@pytest.fixture
def private(rabbitmq: RabbitMQ) -> PrivateRabbitMQ:
    """The RabbitMQ, where it is ours to stop."""
    if not isinstance(rabbitmq, PrivateRabbitMQ):
        pytest.skip("the RabbitMQ of VANSIM_TEST_AMQP_URL is not ours to stop")
    return rabbitmq


@pytest.fixture
def own_postgres(postgres: Postgres) -> PrivatePostgres:
    """The PostgreSQL, where it is ours to stop."""
    if not isinstance(postgres, PrivatePostgres):
        pytest.skip("the PostgreSQL of VANSIM_TEST_POSTGRES_URL is not ours to stop")
    return postgres


def up(
    folder: Path,
    *,
    broker: str = "embedded",
    database: str | None = None,
    port: int = 0,
    environment: dict[str, str] | None = None,
) -> Child:
    """The whole network in a process of its own."""
    where = ("--database", database) if database else ()
    command = ("up", "--port", str(port), "--data", str(folder), "--broker", broker, *where)
    return Child(*command, environment=environment)


async def unwell(child: Child, http: httpx.AsyncClient, part: str, *words: str) -> None:
    """Wait until the network says that a part is away; `/health` names it and why, and nothing else but it."""
    await child.told(event="waiting", what=part)
    answer = await http.get("/health")
    assert answer.status_code == 503
    state = answer.json()
    assert state["ok"] is False
    assert state[part]["ok"] is False
    assert any(word in state[part]["text"] for word in words), state[part]["text"]


async def well(child: Child, http: httpx.AsyncClient, part: str) -> None:
    """Wait until the network says that it is back."""
    await child.told(event="back", what=part)
    assert (await http.get("/health")).json()[part]["ok"] is True


def quiet(child: Child) -> None:
    """Nothing has failed in the process: no stack trace, no warning of a library, no error, no try counted."""
    told = [json.loads(line) for line in child.errors]
    assert [one for one in told if one["level"] in {"error", "critical"} or one["event"] == "try failed"] == []


@asynccontextmanager
async def publisher(url: str, folder: Path) -> AsyncIterator[RabbitBroker]:
    """A system that publishes over AMQP until it is confirmed."""
    broker = RabbitBroker(url, Ledger(f"sqlite:///{folder}/unused.db"))
    await broker.open()
    yield broker
    await broker.close()


@dataclass(frozen=True)
class Outage:
    """How something is taken away and brought back, and what the network says of it."""

    begin: Callable[[], object]
    end: Callable[[], object]
    part: str
    words: tuple[str, ...]


async def outlived(child: Child, http: httpx.AsyncClient, outages: Sequence[Outage], broker: Broker | None) -> None:
    """Letters flow before, during and after each outage; all of them arrive and are receipted."""
    post = Post()
    await post.over_http(http, post.letters())
    # All inboxes are there now: RabbitMQ 3.10 loses a queue for good whose declaration a power cut meets.
    await post.is_receipted(http)
    for outage in outages:
        async with asyncio.TaskGroup() as sending:
            sending.create_task(post.over_http(http, post.letters()))
            await asyncio.to_thread(outage.begin)
            try:
                await unwell(child, http, outage.part, *outage.words)
                sending.create_task(post.over_http(http, post.letters()))
                if broker is not None:
                    sending.create_task(post.over_amqp(broker, post.letters()))
            finally:
                await asyncio.to_thread(outage.end)
            await well(child, http, outage.part)
    await post.over_http(http, post.letters())
    await post.is_receipted(http)
    assert (await http.get("/health")).status_code == 200
    assert await child.stop() == 0
    quiet(child)


@pytest.mark.rabbitmq
@pytest.mark.timeout(120)
async def test_a_rabbitmq_that_goes_away_is_waited_for(
    private: PrivateRabbitMQ, amqp_host: str, tmp_path: Path
) -> None:
    """Its wire cut, the node killed, and the node told to stop: what was accepted or confirmed arrives, receipted."""
    url = private.url(amqp_host)
    async with Wire(private.host, private.port) as wire, publisher(url, tmp_path) as broker:
        loop = asyncio.get_running_loop()
        words = ("RabbitMQ cannot be reached", "The connection to RabbitMQ was lost")
        outages = [
            Outage(
                lambda: loop.call_soon_threadsafe(wire.cut),
                lambda: loop.call_soon_threadsafe(wire.mend),
                "broker",
                words,
            ),
            Outage(private.kill, private.start, "broker", words),
            Outage(lambda: private.control("stop_app"), lambda: private.control("start_app"), "broker", words),
        ]
        async with up(tmp_path, broker=private.url(amqp_host, port=wire.port)) as child, child.calling() as http:
            await outlived(child, http, outages, broker)


@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.timeout(120)
async def test_a_postgresql_that_goes_away_is_waited_for(
    own_postgres: PrivatePostgres, postgres_url: str, rabbitmq: RabbitMQ, amqp_host: str, tmp_path: Path
) -> None:
    """Its wire cut, and the server stopped: what was accepted or confirmed meanwhile arrives, receipted."""
    address = make_url(postgres_url)
    url = rabbitmq.url(amqp_host)
    async with Wire(str(address.host), address.port or 5432) as wire, publisher(url, tmp_path) as broker:
        loop = asyncio.get_running_loop()
        words = ("The ledger's database does not answer",)
        outages = [
            Outage(
                lambda: loop.call_soon_threadsafe(wire.cut),
                lambda: loop.call_soon_threadsafe(wire.mend),
                "ledger",
                words,
            ),
            Outage(own_postgres.stop, own_postgres.start, "ledger", words),
        ]
        far = address.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)
        async with up(tmp_path, broker=url, database=far) as child, child.calling() as http:
            await outlived(child, http, outages, broker)


@pytest.mark.rabbitmq
@pytest.mark.timeout(120)
async def test_a_queue_that_does_not_confirm_is_told_and_may_be_deleted(
    private: PrivateRabbitMQ, amqp_host: str, tmp_path: Path
) -> None:
    """`/health` names an inbox without a leader and what to do; done so, the letter lies in the inbox made anew."""
    early = {"VANSIM_ANSWER_SECONDS": "0.5"}
    address = private.url(amqp_host)
    async with up(tmp_path, broker=address, environment=early) as child, child.calling() as http:
        post = Post()
        first, second = (wrapped(message(number), HOSPITAL, OWN_FHIR) for number in (1, 2))
        await post.over_http(http, [first])
        assert await over_http(http, OWN_FHIR, 1, 20) == [first.body]
        server = f"{{'{amqp_host}_{inbox(OWN_FHIR)}', node()}}"
        await asyncio.to_thread(private.control, "eval", f"ra:stop_server(quorum_queues, {server}).")
        await post.over_http(http, [second])
        await unwell(child, http, "broker", inbox(OWN_FHIR))
        [finding] = (await http.get("/health")).json()["broker"]["findings"]
        assert (finding["rule"], finding["fault"], finding["location"]) == ("VS-605", "network", inbox(OWN_FHIR))
        assert "rabbitmqctl delete_queue" in finding["action"]
        await asyncio.to_thread(private.control, "delete_queue", "-p", amqp_host, inbox(OWN_FHIR))
        await well(child, http, "broker")
        assert await over_http(http, OWN_FHIR, 1, 20) == [second.body]
        assert await child.stop() == 0
        quiet(child)


@pytest.mark.timeout(120)
async def test_an_sqlite_file_that_takes_no_writes_is_waited_for(tmp_path: Path) -> None:
    """Locked by another writer, or on a disk that is full: what was accepted before and after arrives, receipted."""
    other = sqlite3.connect(tmp_path / "vansim.db", isolation_level=None, check_same_thread=False, timeout=30)
    async with up(tmp_path) as child, child.calling() as http:

        def full() -> None:
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

        def room() -> None:
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

        outages = [
            Outage(full, room, "ledger", ("disk",)),
            Outage(lambda: other.execute("BEGIN IMMEDIATE"), lambda: other.execute("COMMIT"), "ledger", ("locked",)),
        ]
        await outlived(child, http, outages, None)
    other.close()


@pytest.mark.postgres
@pytest.mark.rabbitmq
async def test_a_network_started_while_broker_and_database_are_away_waits_for_them(
    postgres_url: str, rabbitmq: RabbitMQ, amqp_host: str, tmp_path: Path
) -> None:
    """The API answers at once: `/health` names what is away, calls are told so, and all goes on when both are there."""
    address = make_url(postgres_url)
    async with (
        Wire(rabbitmq.host, rabbitmq.port) as to_broker,
        Wire(str(address.host), address.port or 5432) as to_database,
    ):
        to_broker.cut()
        to_database.cut()
        far = address.set(host="127.0.0.1", port=to_database.port).render_as_string(hide_password=False)
        port = free_port()
        async with up(tmp_path, broker=rabbitmq.url(amqp_host, port=to_broker.port), database=far, port=port) as child:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=40) as http:
                post = Post()
                [letter, *_] = post.letters()
                for wire, part, words in (
                    (to_database, "ledger", "The ledger's database does not answer"),
                    (to_broker, "broker", "RabbitMQ cannot be reached"),
                ):
                    await unwell(child, http, part, words)
                    answer = await http.post("/api/messages", content=letter.body)
                    assert answer.status_code == 503
                    assert words in answer.text
                    wire.mend()
                    await well(child, http, part)
                await child.ready()
                await post.over_http(http, post.letters())
                await post.is_receipted(http)
            assert await child.stop() == 0
            quiet(child)
