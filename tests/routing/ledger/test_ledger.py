from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, literal_column, select

from routing.ledger import writer
from routing.ledger.errors import LedgerClosed, LedgerConflict, LedgerRefusal
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES, EVENTS, MESSAGES, SENDS, TRIES
from routing.ledger.unit import Unit
from tests.routing.ledger.rows import message, put, unit


async def _count(ledger: Ledger, table: Table) -> int:
    ((number,),) = await ledger.read(select(func.count()).select_from(table))
    return int(number)


async def test_what_is_committed_can_be_read(ledger: Ledger) -> None:
    """A committed unit is there for the next question, bytes and booleans as they were."""
    made, key = unit()
    await ledger.commit(made)
    question = select(MESSAGES.c.key, MESSAGES.c.duplicate, BODIES.c.data).join(BODIES, BODIES.c.key == MESSAGES.c.body)
    (row,) = await ledger.read(question)
    assert (row.key, row.duplicate, row.data) == (key, False, b"hello world")


async def test_inserts_run_before_updates_before_deletes(ledger: Ledger) -> None:
    """A unit may change and remove the rows that it inserts."""
    made, key = unit()
    again, gone = unit()
    made.extend(again)
    made.update(MESSAGES, key, state="held", rule="VS-400")
    made.delete(MESSAGES, gone)
    await ledger.commit(made)
    (row,) = await ledger.read(select(MESSAGES))
    assert (row.key, row.state, row.rule) == (key, "held", "VS-400")


async def test_units_that_wait_together_share_a_transaction(ledger: Ledger) -> None:
    """A hundred commits at once make far fewer transactions."""
    before = ledger.changes
    await asyncio.gather(*(ledger.commit(unit()[0]) for _ in range(100)))
    assert await _count(ledger, EVENTS) == 100
    assert ledger.changes - before <= 3


async def test_a_bad_unit_takes_no_neighbour_back(ledger: Ledger) -> None:
    """In one group, the unit that breaks a rule fails alone and whole."""
    first, key = unit()
    await ledger.commit(first)
    good = [unit() for _ in range(4)]
    conflicting = Unit()
    conflicting.insert(EVENTS, key=new_key(), message=1, at=1, place="router", what="accepted", text="Not to be seen.")
    conflicting.insert(MESSAGES, **message(key=key))
    incomplete = Unit()
    incomplete.insert(MESSAGES, **message(size=None))
    results = await ledger.commit_all([good[0][0], conflicting, good[1][0], incomplete, good[2][0], good[3][0]])
    assert [type(result) for result in results] == [
        type(None),
        LedgerConflict,
        type(None),
        LedgerRefusal,
        type(None),
        type(None),
    ]
    keys = {row.key for row in await ledger.read(select(MESSAGES.c.key))}
    assert keys == {key, *(made for _, made in good)}
    assert await _count(ledger, EVENTS) == 5


async def test_neighbours_in_other_calls_are_left_alone(ledger: Ledger) -> None:
    """Callers who share a group by chance know nothing of one another's failures."""
    first, key = unit()
    await ledger.commit(first)
    bad = Unit()
    bad.insert(MESSAGES, **message(key=key))
    results = await asyncio.gather(
        ledger.commit(unit()[0]), ledger.commit(bad), ledger.commit(unit()[0]), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), LedgerConflict, type(None)]


@pytest.mark.parametrize("values", [{"no_such_column": 1}, {"size": object()}], ids=["column", "value"])
async def test_nonsense_is_refused_alone(ledger: Ledger, values: dict[str, Any]) -> None:
    """A unit that names no column of the table, or holds no value of its kind, fails and its neighbour does not."""
    bad = Unit()
    bad.insert(MESSAGES, **message(**values))
    good, _ = unit()
    refused, committed = await ledger.commit_all([bad, good])
    assert isinstance(refused, LedgerRefusal)
    assert committed is None


async def test_failures_tell_no_content(ledger: Ledger) -> None:
    """What a failure says names no value of the row: it may be a patient's."""
    first, key = unit()
    await ledger.commit(first)
    conflicting, mistyped = Unit(), Unit()
    conflicting.insert(MESSAGES, **message(key=key, reason="Nancy Ann Berggren"))
    mistyped.insert(MESSAGES, **message(size=["Nancy Ann Berggren"]))
    for result in await ledger.commit_all([conflicting, mistyped]):
        assert result is not None
        assert "Nancy" not in str(result)
        assert str(key) not in str(result)


async def test_only_the_first_of_an_envelope_is_no_duplicate(ledger: Ledger) -> None:
    """The database itself keeps two routers from both taking an envelope for the first."""
    first = Unit()
    first.insert(MESSAGES, **message(envelope_id="E1"))
    await ledger.commit(first)
    second, duplicate, other, made = Unit(), Unit(), Unit(), Unit()
    second.insert(MESSAGES, **message(envelope_id="E1"))
    duplicate.insert(MESSAGES, **message(envelope_id="E1", duplicate=True))
    other.insert(MESSAGES, **message(envelope_id="E1", sender="5790001382445"))
    made.insert(MESSAGES, **message(envelope_id="E1", way="made"))
    results = await ledger.commit_all([second, duplicate, other, made])
    assert [type(result) for result in results] == [LedgerConflict, type(None), type(None), type(None)]


async def test_messages_without_a_sender_are_never_in_conflict(ledger: Ledger) -> None:
    """Several messages whose head cannot be read are kept side by side."""
    for _ in range(2):
        unreadable = Unit()
        unreadable.insert(MESSAGES, **message(sender=None, receiver=None, envelope_id=None))
        await ledger.commit(unreadable)
    assert await _count(ledger, MESSAGES) == 2


async def test_a_cancelled_caller_leaves_its_unit_with_the_ledger(ledger: Ledger) -> None:
    """What was handed over is committed although nobody waits any more."""
    made, _ = unit()
    since = ledger.changes
    task = asyncio.create_task(ledger.commit(made))
    await asyncio.wait([task], timeout=0)
    task.cancel()
    await ledger.wait_for_change(since)
    assert await _count(ledger, MESSAGES) == 1
    assert task.cancelled()


async def test_who_waits_for_a_change_is_told(ledger: Ledger) -> None:
    """Waiting for a change ends with the next commit, and at once where there was one since."""
    since = ledger.changes
    first = asyncio.create_task(ledger.wait_for_change(since))
    second = asyncio.create_task(ledger.wait_for_change(since))
    await asyncio.wait([first, second], timeout=0)
    second.cancel()
    await ledger.commit(unit()[0])
    assert await first == since + 1
    assert await ledger.wait_for_change(since) == since + 1


async def test_a_ledger_is_kept(ledger_url: str) -> None:
    """What one process wrote, the next one finds."""
    first = await Ledger.open(ledger_url)
    made, key = unit()
    await first.commit(made)
    await first.close()
    second = await Ledger.open(ledger_url)
    assert [row.key for row in await second.read(select(MESSAGES.c.key))] == [key]
    await second.close()


async def test_several_may_open_an_empty_database_at_once(ledger_url: str) -> None:
    """Processes that start together make the tables once, and all of them can write."""
    ledgers = await asyncio.gather(*(Ledger.open(ledger_url) for _ in range(4)))
    await asyncio.gather(*(ledger.commit(unit()[0]) for ledger in ledgers))
    assert await _count(ledgers[0], MESSAGES) == 4
    await asyncio.gather(*(ledger.close() for ledger in ledgers))


async def test_tables_of_others_can_stand_beside(ledger: Ledger) -> None:
    """A part that keeps rows in the ledger's database brings its own tables, and they are made once."""
    metadata = MetaData()
    table = Table("beside", metadata, Column("key", Integer, primary_key=True))
    await ledger.create(metadata)
    await ledger.create(metadata)
    made = Unit()
    made.insert(table, key=1)
    await ledger.commit(made)
    assert await _count(ledger, table) == 1


async def test_changes_of_one_row_keep_their_order(ledger: Ledger) -> None:
    """The same row changed three times in one group ends as the last change says."""
    first = Unit()
    first.insert(TRIES, key=1, digest="d", queue="q", count=0, last_at=0, reason=None)
    await ledger.commit(first)
    steps = [Unit() for _ in range(3)]
    steps[0].update(TRIES, 1, count=1)
    steps[1].update(TRIES, 1, count=2, reason="second")
    steps[2].update(TRIES, 1, count=3)
    await ledger.commit_all(steps)
    (row,) = await ledger.read(select(TRIES))
    assert (row._mapping["count"], row.reason) == (3, "second")


async def test_what_has_gone_further_is_not_taken_back(ledger: Ledger) -> None:
    """Who published something may say so after it was carried out or taken: then that stays what became of it."""
    states = ("converted", "refused", "dead", "taken")
    messages = [await put(ledger, MESSAGES, state=state) for state in states]
    sends = [await put(ledger, SENDS, state=state) for state in ("due", "taken")]
    late = Unit()
    for key in messages:
        late.update(MESSAGES, key, state="ordered")
    for key in sends:
        late.update(SENDS, key, state="sent", sent_at=9)
    await ledger.commit(late)
    rows = await ledger.read(select(MESSAGES.c.state).order_by(MESSAGES.c.key))
    assert [row.state for row in rows] == ["converted", "refused", "dead", "ordered"]
    rows = await ledger.read(select(SENDS.c.state, SENDS.c.sent_at).order_by(SENDS.c.key))
    assert [tuple(row) for row in rows] == [("sent", 9), ("taken", None)]


async def test_no_units_are_no_trouble(ledger: Ledger) -> None:
    """Committing nothing, or a unit without writes, succeeds."""
    assert await ledger.commit_all([]) == []
    await ledger.commit(Unit())


async def test_more_units_than_fit_one_transaction(ledger: Ledger) -> None:
    """Thousands of units in several calls are all committed."""
    calls = [[unit()[0] for _ in range(700)] for _ in range(3)]
    for results in await asyncio.gather(*(ledger.commit_all(call) for call in calls)):
        assert not any(results)
    assert await _count(ledger, MESSAGES) == 2100


@pytest.mark.parametrize(("units", "transactions"), [(4, 1), (5, 2), (8, 2), (9, 3)])
async def test_a_transaction_takes_as_many_units_as_fit(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, units: int, transactions: int
) -> None:
    """Units that wait go together up to the limit, and the rest into the next transaction."""
    monkeypatch.setattr(writer, "_MOST_UNITS", 4)
    before = ledger.changes
    await asyncio.gather(*(ledger.commit(unit()[0]) for _ in range(units)))
    assert ledger.changes - before == transactions
    assert await _count(ledger, MESSAGES) == units
    assert await ledger.commit_all([unit()[0] for _ in range(5)]) == [None] * 5
    assert ledger.changes - before == transactions + 1  # what is handed over together stays together


async def test_a_question_that_is_none_is_refused(ledger: Ledger) -> None:
    """A question that the database does not understand is refused rather than asked for ever."""
    with pytest.raises(LedgerRefusal) as refusal:
        await ledger.read(select(literal_column("no_such_column")).where(MESSAGES.c.reason == "Nancy Ann Berggren"))
    assert "Nancy" not in f"{refusal.value} {refusal.value.__cause__}"


async def test_a_closed_ledger_takes_nothing(ledger: Ledger) -> None:
    """After closing, commits and questions are refused, and who waits for a change is let go."""
    waiting = asyncio.create_task(ledger.wait_for_change(ledger.changes))
    unwell = asyncio.create_task(ledger.wait_for_health(ok=False))
    await asyncio.wait([waiting, unwell], timeout=0)
    await ledger.close()
    await waiting
    await unwell
    with pytest.raises(LedgerClosed):
        await ledger.commit(unit()[0])
    with pytest.raises(LedgerClosed):
        await ledger.read(select(MESSAGES))


async def test_closing_commits_what_waits(ledger_url: str) -> None:
    """Units handed over before closing are committed."""
    ledger = await Ledger.open(ledger_url)
    commits = [asyncio.create_task(ledger.commit(unit()[0])) for _ in range(5)]
    await asyncio.wait(commits, timeout=0)
    await ledger.close()
    await asyncio.gather(*commits)


async def test_something_that_is_no_unit_is_told_to_who_handed_it_over(ledger: Ledger) -> None:
    """A caller's mistake comes back as an exception, and the ledger goes on."""
    refused, committed = await ledger.commit_all([None, unit()[0]])  # type: ignore[list-item]
    assert isinstance(refused, LedgerRefusal)
    assert committed is None


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://localhost/x"])
def test_other_databases_are_refused(url: str) -> None:
    """A database in memory and a database of another kind are refused in words."""
    with pytest.raises(ValueError, match="ledger"):
        Ledger(url)


@pytest.mark.parametrize(
    ("url", "is_sqlite"),
    [
        ("sqlite:///x.db", True),
        ("sqlite+aiosqlite:///x.db", True),
        ("postgres://localhost/x", False),
        ("postgresql://localhost/x", False),
        ("postgresql+asyncpg://localhost/x", False),
    ],
)
def test_a_database_is_known_by_its_address(url: str, is_sqlite: bool) -> None:
    """With the driver's name or without; nothing is connected to before the ledger is opened."""
    assert Ledger(url).is_sqlite is is_sqlite


async def test_a_well_ledger_says_so(ledger: Ledger) -> None:
    """An open ledger is well, and stays so while it commits."""
    await ledger.wait_for_health(ok=True)
    unwell = asyncio.create_task(ledger.wait_for_health(ok=False))
    await asyncio.wait([unwell], timeout=0)
    await ledger.commit_all([unit()[0], unit()[0]])
    assert not unwell.done()
    unwell.cancel()
    assert ledger.health() == (True, "The ledger's database answers.")
