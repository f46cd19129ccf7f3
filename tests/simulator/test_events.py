"""What happens, followed over HTTP: every step once, from a moment on or from the beginning."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from routing.ledger import happenings
from routing.ledger.keys import Keys
from routing.ledger.records import Page
from routing.ledger.schema import EVENTS, MESSAGES
from simulator.web import events
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import TOWN, send, wrapped, xdis91


async def steps(stream: AsyncIterator[str]) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    """The steps of a stream with their ids."""
    async for text in stream:
        lines = dict(line.split(": ", 1) for line in text.strip().splitlines() if ": " in line and line[0] != ":")
        if lines.get("event") == "step":
            yield int(lines["id"]), json.loads(lines["data"])


async def first(stream: AsyncIterator[str], count: int) -> list[tuple[int, dict[str, Any]]]:
    """The first so many."""
    found = []
    async for one in steps(stream):
        found.append(one)
        if len(found) == count:
            break
    return found


async def written(network: Network) -> list[int]:
    """The keys of all steps that the ledger has."""
    return [row.key for row in await network.ledger.read(select(EVENTS.c.key).order_by(EVENTS.c.key))]


async def test_every_step_is_told_once_in_its_order(running: Running) -> None:
    """From the beginning what was there, then what comes; who comes back goes on where it was."""
    async with running() as network:
        await send(network, wrapped(xdis91(1)))
        stream = events._steps(network.ledger, 0)
        before = await first(stream, len(await written(network)))
        await send(network, wrapped(xdis91(2)))
        keys = await written(network)
        rest = await first(stream, len(keys) - len(before))
        again = await first(events._steps(network.ledger, before[0][0]), len(keys) - 1)
    assert [key for key, _ in before] + [key for key, _ in rest] == keys
    assert [key for key, _ in again] == keys[1:]
    decided = next(step for _, step in before if step["what"] == "decided")
    assert (decided["rule"], decided["receiver"], decided["type"]) == ("D-convert", TOWN, "XDIS91")


@ON_ONE_BROKER
async def test_a_step_that_is_written_down_late_is_told_all_the_same(running: Running) -> None:
    """Another process made its key before, and committed it after, one that was told."""
    async with running() as network:
        await send(network, wrapped(xdis91()))
        [message] = await network.ledger.read(select(MESSAGES.c.key).where(MESSAGES.c.way == "in").limit(1))
        keys = await written(network)
        stream = events._steps(network.ledger, 0)
        await first(stream, len(keys))
        early = happenings.before(keys[-1], 5) + 1
        page = Page(Keys(), network.clock(), "router")
        page.keys = lambda: early
        page.event(message.key, "late", "written down late")
        await network.ledger.commit(page.unit)
        [(key, step)] = await first(stream, 1)
    assert (key, step["what"]) == (early, "late")


@ON_ONE_BROKER
async def test_more_steps_than_are_read_at_once_are_all_told(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in parts."""
    monkeypatch.setattr(events, "_MOST", 3)
    async with running() as network:
        await send(network, *(wrapped(xdis91(number)) for number in range(1, 5)))
        keys = await written(network)
        told = await first(events._steps(network.ledger, 0), len(keys))
    assert len(keys) > 12
    assert [key for key, _ in told] == keys


@ON_ONE_BROKER
async def test_a_silent_network_says_that_it_is_there_until_it_ends(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment in the stream; and the stream ends with the network."""
    monkeypatch.setattr(events, "SILENCE", 0.01)
    async with running() as network:
        stream = events._steps(network.ledger, happenings.now())
        said = [await anext(stream) for _ in range(3)]
    assert [text async for text in stream if not text.startswith(":")] == []
    assert said[0].startswith("retry")
    assert ": nothing\n\n" in said


@ON_ONE_BROKER
async def test_what_to_go_on_from_has_to_be_a_step(running: Running) -> None:
    """Anything else is refused by name."""
    async with running() as network, calling(network) as http:
        answer = await http.get("/api/events", params={"after": "yesterday"})
    assert (answer.status_code, rules(answer)) == (422, ["VS-488"])
