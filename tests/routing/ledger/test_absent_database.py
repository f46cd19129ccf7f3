from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import DBAPIError

from routing.ledger import health, sqlite
from routing.ledger.database import is_away, is_conflict, words
from routing.ledger.errors import LedgerClosed, LedgerRefusal, LedgerUnavailable
from routing.ledger.ledger import Ledger
from routing.ledger.schema import MESSAGES
from routing.ledger.unit import Unit
from tests.routing.ledger.rows import message, unit
from tests.servers.wire import Wire

NUMBER = select(func.count()).select_from(MESSAGES)


@pytest.fixture
async def wire(postgres_url: str) -> AsyncIterator[Wire]:
    """A wire to the test's own PostgreSQL database."""
    url = make_url(postgres_url)
    assert url.host is not None
    async with Wire(url.host, url.port or 5432) as opened:
        yield opened


@pytest.fixture
async def far(wire: Wire, postgres_url: str) -> AsyncIterator[Ledger]:
    """A ledger at the other end of the wire."""
    opened = await Ledger.open(_through(wire, postgres_url))
    yield opened
    await opened.close()


def _through(wire: Wire, url: str) -> str:
    return make_url(url).set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)


@pytest.mark.postgres
async def test_commits_wait_for_a_database_that_is_away(far: Ledger, wire: Wire) -> None:
    """While the database is away commits wait and `health` says so; when it is back they are made."""
    await far.commit(unit()[0])
    wire.cut()
    commits = [asyncio.create_task(far.commit(unit()[0])) for _ in range(3)]
    await far.wait_for_health(ok=False)
    ok, text = far.health()
    assert not ok
    assert "does not answer" in text
    assert not any(commit.done() for commit in commits)
    well = asyncio.create_task(far.wait_for_health(ok=True))
    wire.mend()
    await asyncio.gather(*commits, well)
    assert far.health()[0]
    assert [tuple(row) for row in await far.read(NUMBER)] == [(4,)]


@pytest.mark.postgres
async def test_questions_wait_unless_told_not_to(far: Ledger, wire: Wire) -> None:
    """A question waits for an absent database, or fails at once when asked not to wait."""
    wire.cut()
    with pytest.raises(LedgerUnavailable):
        await far.read(NUMBER, wait=False)
    assert far.health()[0] is False
    answer = asyncio.create_task(far.read(NUMBER))
    await wire.wait_until_refused()
    assert not answer.done()
    wire.mend()
    assert [tuple(row) for row in await answer] == [(0,)]
    assert far.health()[0] is True


@pytest.mark.postgres
async def test_a_commit_whose_answer_was_lost_is_made_once(far: Ledger, wire: Wire, postgres_url: str) -> None:
    """When the connection breaks between commit and confirmation, the unit is found rather than written twice."""
    await far.commit(unit()[0])
    wire.cut_at_answer(b"COMMIT\x00")
    made, key = unit()
    change = Unit()
    change.update(MESSAGES, key, state="held")
    commits = [asyncio.create_task(far.commit(one)) for one in (made, change)]
    await wire.wait_until_cut()
    near = await Ledger.open(postgres_url)
    assert [tuple(row) for row in await near.read(NUMBER)] == [(2,)]
    await near.close()
    wire.mend()
    await asyncio.gather(*commits)
    rows = await far.read(select(MESSAGES.c.key, MESSAGES.c.state).order_by(MESSAGES.c.key))
    assert [row.state for row in rows] == ["finished", "held"]


@pytest.mark.postgres
async def test_a_commit_that_never_arrived_is_made_later(far: Ledger, wire: Wire) -> None:
    """When the connection breaks before the commit, nothing of the unit is there until it is tried again."""
    made, key = unit()
    await far.commit(made)
    change = Unit()
    change.update(MESSAGES, key, state="held")
    wire.cut_at_answer(b"INSERT")
    commits = [asyncio.create_task(far.commit(one)) for one in (unit()[0], change)]
    await wire.wait_until_cut()
    wire.mend()
    await asyncio.gather(*commits)
    rows = await far.read(select(MESSAGES.c.state).order_by(MESSAGES.c.key))
    assert [row.state for row in rows] == ["held", "finished"]


@pytest.mark.postgres
async def test_a_bad_unit_fails_alone_also_after_an_absence(far: Ledger, wire: Wire) -> None:
    """Units that waited for the database are still judged one by one."""
    first, key = unit()
    await far.commit(first)
    wire.cut()
    bad = Unit()
    bad.insert(MESSAGES, **message(size=None, key=key + 1))
    results = asyncio.create_task(far.commit_all([unit()[0], bad, unit()[0]]))
    await far.wait_for_health(ok=False)
    wire.mend()
    assert [type(result) for result in await results] == [type(None), LedgerRefusal, type(None)]


@pytest.mark.postgres
async def test_opening_waits_for_the_database(wire: Wire, postgres_url: str) -> None:
    """A ledger that starts before its database waits for it, and says so meanwhile."""
    wire.cut()
    ledger = Ledger(_through(wire, postgres_url))
    assert ledger.health() == (False, "The ledger was not opened yet.")
    start = asyncio.create_task(ledger.start())
    await wire.wait_until_refused()
    await ledger.wait_for_health(ok=False)
    wire.mend()
    await start
    assert ledger.health()[0]
    await ledger.close()


@pytest.mark.postgres
async def test_tables_whose_making_was_cut_short_are_made_later(wire: Wire, postgres_url: str) -> None:
    """A database that goes away while a ledger opens is gone on with when it is back, over a new connection."""
    wire.cut_at_answer(b"CREATE TABLE")
    start = asyncio.create_task(Ledger.open(_through(wire, postgres_url)))
    await wire.wait_until_cut()
    wire.mend()
    ledger = await start
    assert [tuple(row) for row in await ledger.read(NUMBER)] == [(0,)]
    await ledger.close()


@pytest.mark.postgres
async def test_nobody_is_blamed_for_not_asking_what_became_of_a_unit(far: Ledger, wire: Wire) -> None:
    """Closing tells those who wait, and whoever handed units over and left is no mistake that the loop reports."""
    reported: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    wire.cut()
    far.hand_over([unit()[0]])
    await far.wait_for_health(ok=False)
    await far.close()
    gc.collect()
    await asyncio.sleep(0)
    assert reported == []


@pytest.mark.postgres
async def test_processes_hear_of_one_another(far: Ledger, wire: Wire, postgres_url: str) -> None:
    """A commit by one process ends the waiting of another, and a lost connection is made up for."""
    near = await Ledger.open(postgres_url)
    since = far.changes
    await near.commit(unit()[0])
    assert await far.wait_for_change(since) == since + 1
    assert near.changes == 1
    bad = Unit()
    bad.insert(MESSAGES, **message(size=None))
    await near.commit_all([bad, unit()[0]])
    assert await far.wait_for_change(since + 1) == since + 2
    wire.cut()
    await wire.wait_until_refused()
    wire.mend()
    assert await far.wait_for_change(since + 2) == since + 3
    await near.close()


@pytest.mark.postgres
async def test_closing_does_not_wait_for_an_absent_database(far: Ledger, wire: Wire) -> None:
    """Closing while the database is away tells those who wait, at once."""
    wire.cut()
    commit = asyncio.create_task(far.commit(unit()[0]))
    question = asyncio.create_task(far.read(NUMBER))
    await far.wait_for_health(ok=False)
    await far.close()
    for task in (commit, question):
        with pytest.raises(LedgerClosed):
            await task


@pytest.mark.postgres
async def test_a_database_that_lets_nobody_in_is_refused(postgres_url: str) -> None:
    """A database name that is not there is a mistake in the configuration: it is said, not waited for."""
    url = make_url(postgres_url).set(database="no_such_database").render_as_string(hide_password=False)
    with pytest.raises(LedgerRefusal, match="no_such_database"):
        await Ledger.open(url)


async def test_a_locked_file_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds SQLite's lock for too long, commits wait and `health` says so."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    ledger = await Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite")
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    commit = asyncio.create_task(ledger.commit(unit()[0]))
    await ledger.wait_for_health(ok=False)
    assert "locked" in ledger.health()[1]
    other.execute("COMMIT")
    other.close()
    await commit
    assert [tuple(row) for row in await ledger.read(NUMBER)] == [(1,)]
    await ledger.close()


async def test_a_folder_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    """A file that cannot be opened counts as an absent database, with the driver's words on `health`."""
    ledger = Ledger(f"sqlite:///{tmp_path}/missing/ledger.sqlite")
    start = asyncio.create_task(ledger.start())
    await ledger._health.watchers.wait()
    assert "unable to open" in ledger.health()[1]
    (tmp_path / "missing").mkdir()
    await start
    await ledger.close()


def test_failures_of_both_drivers_are_told_apart() -> None:
    """Lost connections, shutdowns and conflicts are known by their codes, and values are left out of the words."""
    assert is_away(ConnectionRefusedError())
    assert is_away(asyncpg.exceptions.AdminShutdownError("going down"))
    assert is_away(asyncpg.InterfaceError("Connection is closed"))
    assert not is_away(asyncpg.InterfaceError("another operation is in progress"))
    assert is_away(DBAPIError(None, None, ValueError(), connection_invalidated=True))
    assert is_away(DBAPIError(None, None, ConnectionResetError()))
    assert not is_away(DBAPIError(None, None, ValueError()))
    assert not is_away(asyncpg.exceptions.UniqueViolationError("twice"))
    assert is_conflict(asyncpg.exceptions.UniqueViolationError("twice"))
    assert not is_away(ValueError("connection"))
    assert not is_conflict(ValueError())
    text = words(asyncpg.DataError("invalid input for query argument $1: 'Nancy' (expected int)"))
    assert text == "DataError: invalid input for query argument $1"
    assert words(ValueError()) == "ValueError: "
    assert words(DBAPIError("SELECT 'Nancy'", None, ValueError("wrong\nNancy"))) == "ValueError: wrong"


async def test_the_pause_before_the_next_try_grows_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pause is waited out and doubles, as far as the last."""
    monkeypatch.setattr(health, "_LAST_PAUSE", 0.03)
    clock = asyncio.get_running_loop().time
    before = clock()
    assert [await health.pause(seconds) for seconds in (0.01, 0.02)] == [0.02, 0.03]
    assert clock() - before >= 0.029
