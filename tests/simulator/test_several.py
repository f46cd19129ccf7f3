"""Several routers and workers on one RabbitMQ and one PostgreSQL, each a process of its own, as compose runs them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import Row, select

from broker.port import Broker
from broker.rabbitmq import RabbitBroker
from envelope.payload_facts import letter_facts
from envelope.reading import payload, read
from routing.ledger.ledger import Ledger
from routing.ledger.schema import DEAD, MESSAGES, SENDS
from simulator.services.outgoing import Outgoing, known_type
from tests.servers.postgres import Postgres
from tests.servers.rabbitmq import RabbitMQ
from tests.simulator.child import Child
from tests.simulator.post import HOSPITAL, OWN_FHIR, OWN_OIOXML, PRACTICE, TOWN, message, wrapped, xdis91
from tests.simulator.test_crashes import over_http
from tests.simulator.test_duplicates import again

pytestmark = [
    pytest.mark.long,
    pytest.mark.rabbitmq,
    pytest.mark.postgres,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

LETTERS = 70
"""How many letters of each kind."""

ALIKE = 10
"""How many letters of each kind are submitted in copies."""

COPIES = 4
"""How often each is submitted, all at the same moment."""

SECONDS = 200
NUMBERS = iter(range(1, 10_000))

SERVICES = ("router", "router", "worker", "worker", "participants")


@dataclass(frozen=True)
class Several:
    """A network of several processes, seen from outside: its API, its RabbitMQ and its PostgreSQL."""

    http: httpx.AsyncClient
    broker: Broker
    ledger: Ledger

    async def publish(self, letters: Sequence[Outgoing]) -> None:
        """Publish all at once: whoever consumes gets them in turn."""
        await asyncio.gather(*(self.broker.submit(one.body, one.head.identifier) for one in letters))

    async def taken_in(self, letters: Sequence[Outgoing]) -> Sequence[Row[Any]]:
        """Wait until the routers have taken in each of these and all is done that follows; gives their rows."""
        names = {one.head.identifier for one in letters}
        question = select(MESSAGES).where(MESSAGES.c.way == "in", MESSAGES.c.envelope_id.in_(names))
        async with asyncio.timeout(SECONDS):
            while True:
                changes = self.ledger.changes
                if len(await self.ledger.read(question)) == len(letters):
                    break
                await self.ledger.wait_for_change(changes)
            assert (await self.http.get("/api/idle")).status_code == 200
        return await self.ledger.read(question)

    async def made_of(self, rows: Sequence[Row[Any]]) -> Counter[int]:
        """How many letters were made of each of these messages, where any were."""
        made = select(MESSAGES.c.parent).where(
            MESSAGES.c.way == "made",
            MESSAGES.c.relation == "converted",
            MESSAGES.c.parent.in_([row.key for row in rows]),
        )
        return Counter(row.parent for row in await self.ledger.read(made))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def several(
    rabbitmq: RabbitMQ, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Several]:
    """Two routers, two workers, the participants and the API, started at the same time on an empty database."""
    host, database = rabbitmq.make_host(), postgres.make_database()
    amqp, url = rabbitmq.url(host), database.render_as_string(hide_password=False)
    where = {"VANSIM_BROKER": amqp, "VANSIM_DATABASE": url, "VANSIM_DATA": str(tmp_path_factory.mktemp("several"))}
    async with AsyncExitStack() as stack:
        stack.callback(postgres.remove_database, database)
        stack.callback(rabbitmq.remove_host, host)
        commands = [(name,) for name in SERVICES] + [("api", "--port", "0")]
        entering = (stack.enter_async_context(Child(*command, environment=where)) for command in commands)
        children = [await child for child in entering]
        http = await stack.enter_async_context(children[-1].calling())
        for child in children[:-1]:
            await child.ready()
        ledger = await Ledger.open(url)
        stack.push_async_callback(ledger.close)
        broker = RabbitBroker(amqp, ledger)
        await broker.open()
        stack.push_async_callback(broker.close)
        yield Several(http, broker, ledger)
        assert [await child.stop() for child in children] == [0] * len(children)
        told = [json.loads(line) for child in children for line in child.errors]
        assert [one for one in told if one["level"] == "error" or one["event"] == "try failed"] == []


def letter_id(one: Outgoing, name: str) -> str:
    """A letter's own identifier."""
    return letter_facts(payload(one.body), known_type(name)).letter_id


async def test_several_routers_and_workers_do_everything_once(several: Several) -> None:
    """Hundreds of letters in both formats: each is converted and delivered once, and has its receipts, once each."""
    oioxml = [wrapped(xdis91(next(NUMBERS)), OWN_OIOXML, TOWN) for _ in range(LETTERS)]
    fhir = [wrapped(message(next(NUMBERS)), OWN_FHIR, HOSPITAL) for _ in range(LETTERS)]
    passed = [wrapped(xdis91(next(NUMBERS)), OWN_OIOXML, PRACTICE) for _ in range(LETTERS)]
    await several.publish([one for three in zip(oioxml, fhir, passed, strict=True) for one in three])

    for gln, sent, name, receipt in (
        (OWN_OIOXML, oioxml + passed, "XDIS91", "XCTL03"),
        (OWN_FHIR, fhir, "CareCommunication", "Acknowledgement"),
    ):
        envelopes, letters = Counter[str](), Counter[str]()
        for body in await over_http(several.http, gln, 2 * len(sent), SECONDS):
            head = read(body).head
            if head.receipt is not None:
                assert head.receipt.kind.value == "PositiveMessage"
                envelopes[head.receipt.original_envelope] += 1
            else:
                answers = letter_facts(payload(body), known_type(receipt)).answers
                assert answers is not None
                letters.update(answers.letter_ids)
        assert envelopes == Counter(one.head.identifier for one in sent)
        assert letters == Counter(letter_id(one, name) for one in sent)

    rows = await several.taken_in(oioxml + fhir)
    assert {row.state for row in rows} == {"converted"}
    assert await several.made_of(rows) == Counter(row.key for row in rows)
    rows = await several.taken_in(passed)
    assert {(row.state, row.duplicate) for row in rows} == {("delivered", False)}
    sends = await several.ledger.read(select(SENDS.c.receiver, SENDS.c.state))
    assert {row.state for row in sends} == {"taken"}
    taken = Counter(row.receiver for row in sends)
    assert [taken[gln] for gln in (TOWN, HOSPITAL, PRACTICE)] == [LETTERS] * 3


def the_same(letter: Outgoing) -> list[Outgoing]:
    """One envelope again and again."""
    return [letter] * COPIES


def resent(letter: Outgoing) -> list[Outgoing]:
    """An unchanged resend: the same message in new envelopes."""
    return [letter, *(again(letter, identifier=str(uuid4())) for _ in range(COPIES - 1))]


def anew(letter: Outgoing) -> list[Outgoing]:
    """The same letter as new messages in new envelopes."""
    meta = letter.head.message
    assert meta is not None
    metas = [replace(meta, identifier=str(uuid4())) for _ in range(COPIES - 1)]
    return [letter, *(again(letter, identifier=str(uuid4()), message=one) for one in metas)]


@pytest.mark.parametrize("copied", [the_same, resent, anew])
async def test_what_comes_to_both_routers_at_once_is_converted_once(
    several: Several, copied: Callable[[Outgoing], list[Outgoing]]
) -> None:
    """The same envelope, message or letter at the same moment: one conversion, one letter, and nobody is accused."""
    letters = [wrapped(xdis91(next(NUMBERS)), OWN_OIOXML, TOWN) for _ in range(ALIKE)]
    letters += [wrapped(message(next(NUMBERS)), OWN_FHIR, HOSPITAL) for _ in range(ALIKE)]
    copies = [one for letter in letters for one in copied(letter)]
    await several.publish(copies)
    rows = await several.taken_in(copies)

    converted = [row for row in rows if row.state == "converted"]
    assert Counter(row.letter_id for row in converted) == Counter({row.letter_id for row in rows if row.letter_id})
    assert len(converted) == len(letters)
    assert await several.made_of(rows) == Counter(row.key for row in converted)
    assert {row.state for row in rows} <= {"converted", "ignored", "repeated"}
    assert not [row.findings for row in rows if "VS-4" in (row.findings or "")]
    assert list(await several.ledger.read(select(DEAD.c.key))) == []


async def test_an_envelope_that_passes_both_routers_at_once_is_forwarded_and_marked(several: Several) -> None:
    """The receiver gets every copy, and all but one are marked as duplicates."""
    letters = [wrapped(xdis91(next(NUMBERS)), OWN_OIOXML, PRACTICE) for _ in range(ALIKE)]
    copies = [one for letter in letters for one in the_same(letter)]
    await several.publish(copies)
    rows = await several.taken_in(copies)
    assert Counter((row.state, row.duplicate) for row in rows) == {
        ("delivered", False): len(letters),
        ("delivered", True): len(copies) - len(letters),
    }
