"""The network clock: how it stands, who moves it, and that everything falls due at its own moment."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envelope.findings import Refused
from routing.ledger.timeline import Node
from simulator.services.clock import Mode, Standing
from simulator.services.clockkeeper import Clockkeeper
from simulator.services.moments import duration, moment
from simulator.settings import Settings
from simulator.wiring import Network
from tests.conformance.moments import LETTER, RECEIVER, SENDER, find, send
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import PRACTICE, TOWN, idle, story, wrapped, xdis91

OBJECT = re.compile(rb"(<ObjectIdentifier>)(.*?)(</ObjectIdentifier>)")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds)


@given(MOMENTS, MOMENTS, st.timedeltas(timedelta(), timedelta(days=90)))
def test_a_moved_clock_goes_and_a_frozen_one_stands(at: datetime, real: datetime, later: timedelta) -> None:
    """Put to a time it goes on from there at the pace of real time, and frozen it stays."""
    moved = Standing().put(at, real)
    assert (moved.mode, moved.now(real), moved.now(real + later)) == (Mode.MOVED, at, at + later)
    frozen = moved.put(at, real, frozen=True)
    assert (frozen.mode, frozen.now(real + later)) == (Mode.FROZEN, at)
    assert frozen.put(at + later, real).mode is Mode.FROZEN
    assert Standing().now(real) == real


@given(st.builds(Standing, st.sampled_from(Mode), st.none() | MOMENTS, st.none() | MOMENTS))
def test_what_is_kept_of_it_is_read_back(standing: Standing) -> None:
    """The ledger's form of how a clock stands says all of it."""
    assert Standing.of(standing.as_dict()) == standing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("61m", {"minutes": 61}),
        ("2h30m", {"hours": 2, "minutes": 30}),
        ("90d", {"days": 90}),
        (" 1d1s ", {"days": 1, "seconds": 1}),
    ],
)
def test_a_duration_is_read(text: str, expected: dict[str, int]) -> None:
    """Days, hours, minutes and seconds, in this order."""
    assert duration(text) == timedelta(**expected)


@pytest.mark.parametrize("text", ["", "m", "61", "1m1h", "-1m", "1.5h", "99999999d", "١m", "1h 1m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(Refused, match="VS-701"):
        duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-12-01T00:00", datetime(2025, 11, 30, 23, tzinfo=UTC)),
        ("2025-07-01", datetime(2025, 6, 30, 22, tzinfo=UTC)),
        ("2025-12-01T08:00:00Z", datetime(2025, 12, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_time_is_danish_unless_it_has_a_zone(text: str, expected: datetime) -> None:
    """A time without a zone is what clocks in Denmark show."""
    assert moment(text) == expected


@pytest.mark.parametrize("text", ["", "now", "2025-13-01", "0001-01-01T00:00", "9999-12-31", "2025-12-01T25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Nothing is guessed, and no time is taken that later arithmetic could leave."""
    with pytest.raises(Refused, match="VS-701"):
        moment(text)


def another(letter: bytes) -> bytes:
    """The letter with attachments once more: of its own identifiers, and referring to objects of its own."""
    for name in (b"BREV", b"KUV"):
        letter = letter.replace(name + b"2024", name + b"2025")
    return OBJECT.sub(lambda found: found[1] + found[2][::-1] + found[3], letter)


def times(root: Node) -> set[datetime]:
    """When the envelopes of a story came or were made."""
    return {datetime.fromisoformat(node.accepted_at) for node in root.walk()}


async def released(network: Network, identifier: str) -> list[datetime]:
    """When a letter that waited was let go on."""
    steps = (await find(network, identifier)).steps
    return [datetime.fromisoformat(step.at) for step in steps if step.what == "released"]


async def test_what_falls_due_is_done_at_its_own_moment(running: Running) -> None:
    """Two letters wait for attachments that never come: each goes on 60 minutes after it came, not when it is moved."""
    async with running() as network:
        start = datetime(2026, 11, 23, 9, tzinfo=UTC)
        await network.clockkeeper.put(start, frozen=True)
        (first,) = await send(network, wrapped(LETTER, SENDER, RECEIVER))
        await network.clockkeeper.advance(timedelta(minutes=10))
        (second,) = await send(network, wrapped(another(LETTER), SENDER, RECEIVER))
        await network.clockkeeper.advance(timedelta(hours=24))
        hour = timedelta(minutes=60)
        assert await released(network, first) == [start + hour]
        assert await released(network, second) == [start + hour + timedelta(minutes=10)]
        assert network.clock() == start + timedelta(hours=24, minutes=10)
        [root] = await story(network, first)
        receipts = [node.accepted_at for node in root.walk() if node.receiver == SENDER]
        assert receipts
        assert {datetime.fromisoformat(at) for at in receipts} == {start + hour}


@ON_ONE_BROKER
async def test_what_was_not_yet_due_waits_on(running: Running) -> None:
    """A minute before its time nothing is done; back in time nothing is done either."""
    async with running() as network:
        await network.clockkeeper.freeze()
        start = network.clock()
        (name,) = await send(network, wrapped(LETTER, SENDER, RECEIVER))
        await network.clockkeeper.advance(timedelta(minutes=59))
        await network.clockkeeper.put(start - timedelta(days=1))
        assert await released(network, name) == []
        assert await network.clockkeeper.next_due() == start + timedelta(minutes=60)
        assert network.clock() == start - timedelta(days=1)


@ON_ONE_BROKER
async def test_the_clock_stands_so_after_a_restart(running: Running) -> None:
    """How the clock was put is kept with the letters; resumed, it is real time again."""
    at = datetime(2025, 12, 1, 8, tzinfo=UTC)
    async with running() as network:
        await network.clockkeeper.put(at, frozen=True)
    async with running() as network:
        assert (network.clock(), network.clock.standing.mode) == (at, Mode.FROZEN)
        await network.clockkeeper.resume()
        assert network.clock.standing == Standing()
    async with running() as network:
        assert network.clock.standing.mode is Mode.REAL


@ON_ONE_BROKER
async def test_a_move_that_finds_no_rest_says_so(running: Running) -> None:
    """When the network does not come to rest the mover is told, and the clock stands where it did not."""
    async with running(services=frozenset({"router"})) as network:
        await network.submit(wrapped(xdis91(), PRACTICE, TOWN).body)
        keeper = Clockkeeper(network.clock, network.ledger, network.timekeeper, network.rest.wait, patience=0.1)
        with pytest.raises(Refused, match="VS-700"):
            await keeper.advance(timedelta(minutes=1))


@ON_ONE_BROKER
async def test_a_message_is_made_at_network_time(running: Running) -> None:
    """What the network writes into receipts and converted letters is network time."""
    at = datetime(2031, 5, 4, 8, tzinfo=UTC)
    async with running() as network:
        await network.clockkeeper.put(at, frozen=True)
        sent = wrapped(xdis91(), PRACTICE, TOWN)
        await network.submit(sent.body, sent.head.identifier)
        await idle(network)
        [root] = await story(network, sent.head.identifier)
        assert times(root) == {at}


@ON_ONE_BROKER
async def test_the_clock_is_seen_and_moved_over_http(running: Running) -> None:
    """Each call answers with how the clock stands after it."""
    async with running() as network, calling(network) as http:
        assert (await http.get("/api/clock")).json()["mode"] == "real"
        told = (await http.post("/api/clock/set", json={"at": "2025-12-01T00:00", "frozen": True})).json()
        assert told == {"now": "2025-12-01T00:00:00+01:00", "mode": "frozen", "next_due": None}
        told = (await http.post("/api/clock/advance", json={"by": "2h"})).json()
        assert told["now"] == "2025-12-01T02:00:00+01:00"
        (await http.post("/api/clock/set", json={"at": "2025-12-01T00:00", "frozen": False})).raise_for_status()
        assert (await http.post("/api/clock/freeze")).json()["mode"] == "frozen"
        assert (await http.post("/api/clock/resume")).json()["mode"] == "real"


@ON_ONE_BROKER
@pytest.mark.parametrize(
    ("way", "how", "rule"),
    [
        ("advance", {"by": "soon"}, "VS-701"),
        ("advance", {"by": "999999d"}, "VS-701"),
        ("advance", {}, "VS-488"),
        ("set", {"at": "yesterday"}, "VS-701"),
    ],
)
async def test_what_is_no_time_is_refused_over_http(way: str, how: dict[str, str], rule: str, running: Running) -> None:
    """A time that cannot be read moves nothing."""
    async with running() as network, calling(network) as http:
        answer = await http.post(f"/api/clock/{way}", json=how)
        assert (answer.status_code, rules(answer)) == (422, [rule])
        assert network.clock.standing == Standing()


@pytest.mark.rabbitmq
@pytest.mark.postgres
@pytest.mark.timeout(240)  # the mocks declare every inbox of the directory
async def test_separate_services_follow_the_clock(amqp_url: str, postgres_url: str, tmp_path: Path) -> None:
    """Router, worker, mocks and API as services of their own: one moves the clock, all write at the new time."""
    at = datetime(2031, 5, 4, 8, tzinfo=UTC)
    settings = Settings(broker=amqp_url, database=postgres_url, data=tmp_path)
    async with AsyncExitStack() as stack:
        for one in ("router", "worker", "participants"):
            await stack.enter_async_context(Network(settings, frozenset({one})).running())
        api = await stack.enter_async_context(Network(settings, frozenset()).running())
        await api.clockkeeper.put(at, frozen=True)
        sent = wrapped(xdis91(), PRACTICE, TOWN)
        await api.submit(sent.body, sent.head.identifier)
        await idle(api)
        [root] = await story(api, sent.head.identifier)
        assert {"XCTL03", "PositiveMessage"} <= {node.type or node.name for node in root.walk()}
        assert times(root) == {at}
        waiting = wrapped(LETTER, SENDER, RECEIVER)
        await api.submit(waiting.body, waiting.head.identifier)
        await api.clockkeeper.advance(timedelta(hours=3))
        assert await released(api, waiting.head.identifier) == [at + timedelta(minutes=60)]
