"""A message that crashes its process, or fails in it, gets three tries; its neighbours lose nothing."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from broker.port import DEAD
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES, MESSAGES, TRIES
from routing.ledger.schema import DEAD as DEAD_ROWS
from simulator.errors import CRASHED
from simulator.services.tries import MOST
from simulator.wiring import make_broker
from tests.simulator.child import Child
from tests.simulator.post import OWN_FHIR, PRACTICE, wrapped, xdis91
from tests.simulator.test_crashes import number, over_http

pytestmark = pytest.mark.long

NEIGHBOURS = 30
BAD_NAME = "BREV0000000007"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("by", ["kill", "raise"])
@pytest.mark.parametrize("place", ["worker", "router"])
async def test_a_message_that_ends_its_process_gets_three_tries(
    by: str, place: str, broker_address: str, tmp_path: Path
) -> None:
    """Three starts, then the dead letters with bytes and reason; all that was taken beside it is delivered."""
    starts = tmp_path / "starts"
    environment = {"CRASH_TEXT": BAD_NAME, "CRASH_STARTS": str(starts), "CRASH_IN": place, "CRASH_BY": by}
    up = ("up", "--port", "0", "--data", str(tmp_path), "--broker", broker_address)
    sent = [wrapped(xdis91(one), PRACTICE, OWN_FHIR) for one in range(NEIGHBOURS)]
    ledger = await Ledger.open(f"sqlite:///{tmp_path}/vansim.db")
    broker = make_broker(broker_address, ledger)
    await broker.open()
    for one in sent:
        await broker.submit(one.body, one.head.identifier)
    await broker.close()
    for _ in range(MOST if by == "kill" else 0):
        async with Child(*up, environment=environment, module="tests.simulator.crashing") as child:
            assert await child.ended() == -signal.SIGKILL
    async with Child(*up, environment=environment, module="tests.simulator.crashing") as child, child.calling() as http:
        arrived = await over_http(http, OWN_FHIR, NEIGHBOURS - 1)
        await http.get("/api/idle")
        assert await child.stop() == 0
        assert "Traceback" not in "".join(child.errors)
    assert len(arrived) == NEIGHBOURS - 1
    assert starts.read_text().count("start") == MOST
    question = select(DEAD_ROWS.c.rule, DEAD_ROWS.c.text, DEAD_ROWS.c.queue, BODIES.c.data)
    [dead] = await ledger.read(question.join(BODIES, BODIES.c.key == DEAD_ROWS.c.body))
    assert dead.rule == CRASHED.id
    assert ("ValueError" if by == "raise" else "died") in dead.text
    assert dead.data == sent[7].body
    if place == "worker":
        assert await number(ledger, MESSAGES, MESSAGES.c.state == "dead") == 1
    assert await number(ledger, TRIES, TRIES.c.count > 0) == 0
    broker = make_broker(broker_address, ledger)
    await broker.open()
    letter = await broker.receive(DEAD, 5)
    await broker.close()
    await ledger.close()
    assert letter is not None
    assert letter.body == dead.data
    assert letter.headers["vans-reason"].startswith(CRASHED.id)
