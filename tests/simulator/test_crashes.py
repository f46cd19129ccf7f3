"""A real network, killed at each step between taking a message and its ack, and started again: nothing is lost."""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter, defaultdict
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from broker.port import CONVERT, ROUTE, Broker, inbox
from broker.steps import VARIABLE, EmbeddedStep, RabbitmqStep
from envelope.reading import read
from routing.ledger.ledger import Ledger
from routing.ledger.schema import DEAD, MESSAGES, ORDERS, SENDS
from simulator.wiring import make_broker
from tests.conformance.moments import LETTER, SECOND
from tests.simulator.child import Child
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    NOBODY,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    WITH_FILE,
    kinds,
    message,
    network_file,
    wrapped,
    xdis91,
)

pytestmark = pytest.mark.long

PLACES = (ROUTE, CONVERT, "inbox", ROUTE, CONVERT)
"""Where the process dies, one life after the other: at the letters in the router, at an order in the worker, at a
letter in a mock's hands, at its answers in the router, and at an order to convert such an answer."""
STEPS = [
    *(pytest.param(step, id=step) for step in EmbeddedStep),
    *(pytest.param(step, id=step, marks=pytest.mark.rabbitmq) for step in RabbitmqStep),
]
EXTERNAL = {gln: {"external": True} for gln in (PRACTICE, CITY)}

REFERRING = re.sub(rb"<Reference>.*(?=<Reference>)", b"", LETTER, flags=re.DOTALL)
CARRYING = SECOND
"""An XDIS91 that refers to one object, and the XBIN01 that carries it."""

LETTERS = (
    # A message with a file becomes a letter and its attachment, and such a pair one message. They come first, so that
    # the worker is killed with their orders in hand.
    wrapped(message(8, source=WITH_FILE)),
    wrapped(REFERRING, HOSPITAL, CITY),
    wrapped(CARRYING, HOSPITAL, CITY),
    wrapped(xdis91(1)),
    wrapped(message(2)),
    wrapped(xdis91(3), PRACTICE, OWN_FHIR),
    wrapped(xdis91(4), PRACTICE, OWN_OIOXML),
    wrapped(xdis91(5), PRACTICE, NOBODY),
)
CUT_SHORT = wrapped(xdis91(6)).body[:-30]
LAST = wrapped(xdis91(7), PRACTICE, OWN_OIOXML)
ARRIVES = {
    # The receipts on 1, the refusals of 5 in both layers, and that of the envelope which was cut short.
    PRACTICE: ["MCM:XCTL01", "MCM:XCTL03", "NegativeVans", "NegativeVans", "PositiveMessage"],
    # On 2, and one on both letters of the pair that was made of the message with a file.
    CITY: ["MCM:FCTL", "MCM:FCTL", "MCM:FDIS91", "PositiveMessage", "PositiveMessage"],
    OWN_FHIR: ["MCM:FDIS91"],
    OWN_OIOXML: ["MCM:XDIS91", "MCM:XDIS91"],
}


MADE = {"CareCommunication": 3, "XDIS91": 2, "XBIN01": 1}
"""What the conversions of letters make: of 1, 3 and the pair; of 2 and the message with a file."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("step", STEPS)
async def test_a_network_killed_at_a_step_loses_nothing(
    step: EmbeddedStep | RabbitmqStep, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Killed there in router, worker and participants in turn: each letter and receipt arrives, nobody is accused."""
    embedded = isinstance(step, EmbeddedStep)
    address = "embedded" if embedded else str(request.getfixturevalue("amqp_url"))
    network = network_file(tmp_path / "network", EXTERNAL)
    up = ("up", "--port", "0", "--data", str(tmp_path), "--broker", address, "--network", str(network))
    ledger = await Ledger.open(f"sqlite:///{tmp_path}/vansim.db")
    broker = make_broker(address, ledger)
    await broker.open()
    for one in LETTERS:
        await broker.submit(one.body, one.head.identifier)
    await broker.submit(CUT_SHORT, "cut-short")
    if embedded:
        await broker.close()

    for place in PLACES:
        async with Child(*up, environment={VARIABLE: f"{step}@{place}"}) as child:
            assert await child.ended() == -signal.SIGKILL
            assert child.errors == [] or "Traceback" not in "".join(child.errors)
    async with Child(*up) as child, child.calling() as http:
        # What was before the router when this process began is before this letter.
        sent = await http.post("/api/messages", content=LAST.body)
        assert sent.status_code == 202
        if embedded:
            taken = {gln: await over_http(http, gln, len(names)) for gln, names in ARRIVES.items()}
            await http.get("/api/idle")
        else:
            found = {gln: await over_amqp(broker, http, gln, len(names)) for gln, names in ARRIVES.items()}
            await broker.close()  # all of it goes back to the inboxes
            taken = {gln: await over_http(http, gln, len(names)) for gln, names in ARRIVES.items()}
            assert {gln: set(bodies) for gln, bodies in found.items()} == {g: set(b) for g, b in taken.items()}
        assert [await over_http(http, gln, 0) for gln in ARRIVES] == [[]] * len(ARRIVES)
        assert await child.stop() == 0

    assert {gln: sorted(kind.partition("#")[0] for kind in kinds(bodies)) for gln, bodies in taken.items()} == ARRIVES
    try:
        await look_into(ledger)
    finally:
        await ledger.close()


async def over_http(http: httpx.AsyncClient, gln: str, number: int, seconds: float = 30) -> list[bytes]:
    """So many envelopes of an inbox, waited for, and whatever else is there."""
    found: list[bytes] = []
    async with asyncio.timeout(seconds):
        while True:
            wait = 30 if len(found) < number else 0
            answer = await http.get(f"/api/participants/{gln}/inbox", params={"wait": wait})
            if answer.status_code == 204:
                return found
            assert answer.status_code == 200
            found.append(answer.content)
            lease = answer.headers["X-Vans-Lease"]
            assert (await http.post(f"/api/participants/{gln}/inbox/{lease}/ack")).status_code == 204


async def over_amqp(broker: Broker, http: httpx.AsyncClient, gln: str, number: int) -> list[bytes]:
    """Every delivery of an inbox, until so many envelopes are there and the network is idle; repeats are the same."""
    found: dict[str, list[bytes]] = defaultdict(list)
    async with asyncio.timeout(30):
        while True:
            delivery = await broker.receive(inbox(gln), 30 if len(found) < number else 0)
            if delivery is None:
                break
            found[read(delivery.body).head.identifier].append(delivery.body)
            if len(found) == number:
                await http.get("/api/idle")
    assert all(len(set(bodies)) == 1 for bodies in found.values())
    return [bodies[0] for bodies in found.values()]


async def look_into(ledger: Ledger) -> None:
    """Nothing is left to be done, nobody was accused, and nothing was made or kept twice."""
    rows = await ledger.read(select(MESSAGES))
    assert {row.state for row in rows} == {"made", "delivered", "converted", "refused"}
    made = Counter(
        row.type for row in rows if row.way == "made" and row.relation == "converted" and row.layer == "message"
    )
    assert {name: made[name] for name in MADE} == MADE  # of a pair both, and each once
    assert not [row.envelope_id for row in rows if row.duplicate or "VS-421" in (row.findings or "")]
    assert {row.rule for row in rows}.isdisjoint({"D-duplicate-forwarded", "D-duplicate-ignored"})
    assert not [row.rule for row in rows if row.relation == "repeat"]
    assert Counter(row.envelope_id for row in rows if row.way == "in").most_common(1)[0][1] == 1
    assert await number(ledger, SENDS, SENDS.c.state != "taken") == 0
    assert await number(ledger, ORDERS, ORDERS.c.state != "made") == 0
    assert await number(ledger, DEAD, DEAD.c.queue == ROUTE) == 2  # the one cut short, and 5


async def number(ledger: Ledger, table: object, *wanted: object) -> int:
    """How many rows of a table there are."""
    [[found]] = await ledger.read(select(func.count()).select_from(table).where(*wanted))  # type: ignore[arg-type]
    return int(found)
