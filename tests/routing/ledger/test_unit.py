"""Units as values, and waiting for something to happen."""

from __future__ import annotations

import asyncio

from routing.ledger.schema import CLAIMS, DUE, MESSAGES
from routing.ledger.unit import Unit
from routing.ledger.watchers import Watchers


def test_a_unit_takes_over_anothers_writes() -> None:
    """What was there stays first, of each kind, and the other keeps its own."""
    first, other = Unit(), Unit()
    for number, unit in enumerate((first, other)):
        unit.insert(CLAIMS, key=number, name="name")
        unit.update(MESSAGES, number, state="held")
        unit.delete(DUE, number)
    first.extend(other)
    assert first.inserts == [(CLAIMS, {"key": number, "name": "name"}) for number in (0, 1)]
    assert first.updates == [(MESSAGES, number, {"state": "held"}) for number in (0, 1)]
    assert first.deletes == [(DUE, 0), (DUE, 1)]
    assert (len(other.inserts), len(other.updates), len(other.deletes)) == (1, 1, 1)


def test_a_unit_is_true_when_it_writes_anything() -> None:
    """One row to insert, to change or to remove is enough."""
    inserting, updating, deleting = Unit(), Unit(), Unit()
    inserting.insert(CLAIMS, key=1, name="name")
    updating.update(MESSAGES, 1, state="held")
    deleting.delete(DUE, 1)
    assert [bool(unit) for unit in (inserting, updating, deleting, Unit())] == [True, True, True, False]


async def test_who_gave_up_waiting_is_forgotten() -> None:
    """All who wait are told once, and nothing is kept of one who was cancelled."""
    watchers = Watchers()
    waiting = [asyncio.create_task(watchers.wait()) for _ in range(3)]
    await asyncio.wait(waiting, timeout=0)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    assert len(watchers._waiting) == 2
    watchers.tell()
    await asyncio.gather(*waiting[1:])
    assert not watchers._waiting
    assert waiting[0].cancelled()
