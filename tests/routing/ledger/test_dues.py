"""What is due, held to the rows that it is read from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from routing.ledger import dues, kept
from routing.ledger.ledger import Ledger
from routing.ledger.records import micros
from routing.ledger.schema import DUE, KEPT, MESSAGES
from tests.routing.ledger.rows import put

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def test_what_is_due_is_told_by_the_networks_time(ledger: Ledger) -> None:
    """The earliest first and of equals the older, at most as many as asked for, and none before its time."""
    assert await dues.first(ledger) is None
    await put(ledger, MESSAGES, key=7, state="held", envelope_id="E1")
    for key, seconds in ((6, 0), (3, -2), (1, 1), (5, -2), (4, -1), (2, -2)):
        at = micros(NOW + timedelta(seconds=seconds))
        await put(ledger, DUE, key=key, kind="answer", message=7, at=at, content="{}")
    await put(ledger, DUE, key=9, message=8, at=0)
    rows = await dues.at(ledger, NOW, 9)
    assert [row.key for row in rows] == [2, 3, 5, 4, 6]
    assert tuple(rows[-1]) == (6, "answer", 7, micros(NOW), "{}", "held", "E1")
    assert [row.key for row in await dues.at(ledger, NOW, 2)] == [2, 3]
    assert await dues.first(ledger) == datetime(1970, 1, 1, tzinfo=UTC)


async def test_what_is_kept_under_a_name_takes_the_place_of_what_was(ledger: Ledger) -> None:
    """Each name has one value, Danish letters as they are; a name that nothing is kept under has none."""
    assert await kept.read(ledger, "clock") is None
    for value in ({"at": 1}, {"at": 2, "why": "prøve"}):
        await kept.put(ledger, "clock", value)
    await kept.put(ledger, "other", [1])
    assert await kept.read(ledger, "clock") == {"at": 2, "why": "prøve"}
    assert await kept.read(ledger, "other") == [1]
    assert [row.value for row in await ledger.read(KEPT.select().order_by(KEPT.c.key))] == [
        '{"at": 2, "why": "prøve"}',
        "[1]",
    ]
