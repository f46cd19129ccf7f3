from __future__ import annotations

import pytest
from sqlalchemy import select

from envelope.fhir.bundle import read_bundle
from envelope.reading import payload
from routing.ledger.schema import BODIES, CLAIMS, DUE, MESSAGES
from simulator.wiring import Network
from tests.conformance.cases import case
from tests.conformance.moments import FIRST, LETTER, RECEIVER, SECOND, SENDER, Clock, find, idle, send, state
from tests.simulator.conftest import Running
from tests.simulator.post import wrapped

NS = "{http://hl7.org/fhir}"


async def bundles(network: Network) -> list[bytes]:
    """Every CareCommunication that the network has made, oldest first."""
    rows = await network.ledger.read(
        select(BODIES.c.data)
        .join(MESSAGES, MESSAGES.c.body == BODIES.c.key)
        .where(MESSAGES.c.way == "made", MESSAGES.c.type == "CareCommunication")
        .order_by(MESSAGES.c.key)
    )
    return [payload(row.data) for row in rows]


def contents(bundle: bytes) -> list[bool]:
    """For each attachment payload of a bundle, whether its content is there."""
    root = read_bundle(bundle).root
    return [
        one.find(f"{NS}data") is not None for one in root.iter(f"{NS}contentAttachment") if one.find(f"{NS}url") is None
    ]


async def nothing_waits(network: Network) -> None:
    """Nothing is due any more, and no meeting is left that could stop a later letter."""
    assert await network.ledger.read(select(DUE.c.key)) == []
    claims = await network.ledger.read(select(CLAIMS.c.name))
    assert not [row.name for row in claims if row.name.startswith("meeting")]


@case("S1.A1-complete")
@pytest.mark.parametrize("order", ["letter first", "attachments first", "between", "at once"])
async def test_s1_a1_complete(order: str, running: Running, clock: Clock) -> None:
    """S1.A1: an XDIS91 and every XBIN01 it refers to become one CareCommunication, whichever comes first."""
    orders = {
        "letter first": [[LETTER], [FIRST], [SECOND]],
        "attachments first": [[FIRST], [SECOND], [LETTER]],
        "between": [[SECOND], [LETTER], [FIRST]],
        "at once": [[LETTER, FIRST, SECOND]],
    }
    async with running(clock=clock) as network:
        names = [name for group in orders[order] for name in await send(network, *group)]
        (bundle,) = await bundles(network)
        assert all(contents(bundle))
        assert [(await find(network, name)).state for name in names] == ["converted"] * 3
        receipts = await _receipts(network)
        assert sorted(receipts) == ["PositiveMessage"] * 3 + ["XCTL03"] * 3
        await nothing_waits(network)


async def _receipts(network: Network) -> list[str]:
    """What came back to the sender of the letters."""
    rows = await network.ledger.read(
        select(MESSAGES.c.name, MESSAGES.c.type, MESSAGES.c.layer).where(
            MESSAGES.c.way == "made", MESSAGES.c.receiver == SENDER
        )
    )
    return [row.type if row.layer == "message" else row.name for row in rows]


@case("S1.A2-timeout", "S1.A2-late-attachment", "S1.A1-letter-waits", "limit-60-minutes")
async def test_s1_a2_timeout_and_late_attachment(running: Running, clock: Clock) -> None:
    """S1.A2: without its XBIN01 for 60 minutes a letter goes incomplete; what comes later goes on unconverted."""
    async with running(clock=clock) as network:
        (letter,) = await send(network, LETTER)
        clock.advance(minutes=59)
        await idle(network)
        assert await state(network, letter) == ("held", None)
        clock.advance(minutes=1)
        await idle(network)
        assert (await state(network, letter))[1] == "S1.A2-timeout"
        (bundle,) = await bundles(network)
        assert not any(contents(bundle))
        late = await send(network, FIRST, SECOND)
        for name in late:
            node = await find(network, name)
            assert (node.state, node.rule) == ("delivered", "D-alone")
        assert len(await bundles(network)) == 1
        await nothing_waits(network)


@case("S1.A3-timeout", "S1.A3-late-letter", "S1.A1-attachment-waits")
async def test_s1_a3_timeout_and_late_letter(running: Running, clock: Clock) -> None:
    """S1.A3: without its letter for 60 minutes an XBIN01 goes on unconverted; a later letter is made incomplete."""
    async with running(clock=clock) as network:
        first, second = await send(network, FIRST, SECOND)
        clock.advance(minutes=60)
        await idle(network)
        assert await state(network, first) == ("delivered", "S1.A3-timeout")
        assert await state(network, second) == ("delivered", "S1.A3-timeout")
        (letter,) = await send(network, LETTER)
        assert (await find(network, letter)).state == "converted"
        (bundle,) = await bundles(network)
        assert not any(contents(bundle))
        await nothing_waits(network)


@case("S1.A2-timeout")
async def test_one_half_late(running: Running, clock: Clock) -> None:
    """One attachment here, one missing: after 60 minutes the letter goes with the one, and says which is missing."""
    async with running(clock=clock) as network:
        await send(network, LETTER, FIRST)
        clock.advance(minutes=60)
        await idle(network)
        (bundle,) = await bundles(network)
        assert any(contents(bundle))
        assert not all(contents(bundle))
        await nothing_waits(network)


def broken(letter: bytes) -> bytes:
    """A letter that breaks its schema."""
    made = letter.replace(b"<StatusCode>nytbrev<", b"<StatusCode>annulleretbrev<")
    assert made != letter
    return made


@case("R1.A2-xbin-invalid")
async def test_r1_a2_xbin_invalid(running: Running, clock: Clock) -> None:
    """R1.A2: an invalid XBIN01 is refused, and its letter is converted with the incomplete attachment payload."""
    async with running(clock=clock) as network:
        letter, good = await send(network, LETTER, FIRST)
        (bad,) = await send(network, broken(SECOND))
        assert (await find(network, bad)).state == "refused"
        assert await state(network, letter) == ("converted", "R1.A2-xbin-invalid")
        assert (await find(network, good)).state == "converted"
        (bundle,) = await bundles(network)
        assert any(contents(bundle))
        assert not all(contents(bundle))
        await nothing_waits(network)


@case("R1.A2-xdis-invalid")
async def test_r1_a2_xdis_invalid(running: Running, clock: Clock) -> None:
    """R1.A2: an invalid XDIS91 is refused, and its XBIN01s go on unconverted, those that came and those that come."""
    async with running(clock=clock) as network:
        (first,) = await send(network, FIRST)
        (bad,) = await send(network, broken(LETTER))
        (second,) = await send(network, SECOND)
        assert (await find(network, bad)).state == "refused"
        assert await state(network, first) == ("delivered", "R1.A2-xdis-invalid")
        assert (await find(network, second)).rule == "D-alone"
        assert await bundles(network) == []
        await nothing_waits(network)


@case("R1.A2-both-invalid")
async def test_r1_a2_both_invalid(running: Running, clock: Clock) -> None:
    """R1.A2: with both invalid, each gets its negative receipt and nothing goes on."""
    async with running(clock=clock) as network:
        names = await send(network, broken(LETTER), broken(FIRST), broken(SECOND))
        assert [(await find(network, name)).state for name in names] == ["refused"] * 3
        assert sorted(await _receipts(network)) == ["NegativeVans"] * 3 + ["XCTL01"] * 3
        assert await bundles(network) == []
        await nothing_waits(network)


@case("S1-referral-hotel")
async def test_s1_referral_hotel(running: Running, clock: Clock) -> None:
    """Attachments from the referral hotel go on at once, unconverted."""
    async with running(clock=clock) as network:
        hotel = next(one.gln for one in network.directory if one.kind == "referral-hotel")
        (name,) = await send(network, wrapped(FIRST, hotel, RECEIVER))
        node = await find(network, name)
        assert (node.state, node.rule) == ("delivered", "D-alone")
        await nothing_waits(network)


@case("S1.A1-letter-waits")
async def test_held_halves_survive_a_restart(running: Running, clock: Clock) -> None:
    """What is held is held by the ledger: after a restart the other half releases it, or its time does."""
    async with running(clock=clock) as network:
        (letter,) = await send(network, LETTER)
    async with running(clock=clock) as network:
        await send(network, FIRST)
        clock.advance(minutes=61)
    async with running(clock=clock) as network:
        await idle(network)
        assert await state(network, letter) == ("converted", "S1.A2-timeout")


@case("S1.A2-timeout")
async def test_a_late_timer_does_nothing_twice(running: Running, clock: Clock) -> None:
    """A half whose time is over is released once, however often the timekeeper looks."""
    async with running(clock=clock) as network:
        await send(network, LETTER)
        clock.advance(minutes=60)
        for _ in range(3):
            await idle(network)
        assert len(await bundles(network)) == 1
