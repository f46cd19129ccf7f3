"""The dead letters, held to the rows that they are read from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from envelope.findings import Fault, Rule
from routing.ledger import dead_letters
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES, DEAD, MESSAGES
from tests.routing.ledger.rows import put

RULE = Rule("VS-999", Fault.SENDER, "It is wrong.", "Put it right.", "vansim")


async def test_the_latest_are_told_first(ledger: Ledger) -> None:
    """At most as many as asked for, with what is known of each, also where message or bytes are not there."""
    await put(ledger, BODIES, key=1, data=b"three")
    await put(ledger, MESSAGES, key=11, envelope_id="E1")
    await put(ledger, DEAD, key=21, body=9, queue="inbox.1", text="Gone.", at=1_772_366_400_123_456)
    await put(ledger, DEAD, key=22, message=11, body=1, rule="VS-100", at=1_772_366_400_000_000)
    known = {
        "key": "22",
        "at": "2026-03-01T12:00:00.000Z",
        "rule": "VS-100",
        "reason": "It broke.",
        "queue": "vans.route",
        "id": "E1",
        "size": 5,
    }
    bare = {
        "key": "21",
        "at": "2026-03-01T12:00:00.123Z",
        "rule": None,
        "reason": "Gone.",
        "queue": "inbox.1",
        "id": None,
        "size": None,
    }
    assert await dead_letters.latest(ledger, 9) == [known, bare]
    assert await dead_letters.latest(ledger, 1) == [known]


async def test_the_bytes_of_a_dead_letter_are_kept(ledger: Ledger) -> None:
    """They are found by its key; a key that is none, however large, finds nothing."""
    await put(ledger, BODIES, key=1, data=b"one")
    await put(ledger, BODIES, key=2, data=b"two")
    await put(ledger, DEAD, key=2**63 - 1, body=1)
    assert await dead_letters.body(ledger, 2**63 - 1) == b"one"
    assert await dead_letters.body(ledger, 2**63) is None
    assert await dead_letters.body(ledger, 1) is None


async def test_a_messages_dead_letters_come_in_their_order(ledger: Ledger) -> None:
    """The oldest first, with queue, reason and bytes; no other message's."""
    await put(ledger, BODIES, key=1, data=b"one")
    await put(ledger, DEAD, key=32, message=5, body=1, rule="VS-100")
    await put(ledger, DEAD, key=31, message=5, body=1, text="First.")
    await put(ledger, DEAD, key=33, message=6, body=1)
    assert [tuple(row) for row in await dead_letters.of_message(ledger, 5)] == [
        ("vans.route", "First.", None, 1, b"one"),
        ("vans.route", "It broke.", "VS-100", 1, b"one"),
    ]


async def test_the_same_bytes_from_the_same_queue_under_the_same_rule_are_alike(ledger: Ledger) -> None:
    """The latest of them is found; what differs in queue, rule or bytes is another dead letter."""
    for key, data in enumerate((b"one", b"two", b"three", b"one")):
        await put(ledger, BODIES, key=key, data=data)
        await put(ledger, DEAD, key=40 + key, body=key, rule="VS-100", text=str(key))
    await put(ledger, DEAD, body=0, rule="VS-101")
    await put(ledger, DEAD, body=0, rule="VS-100", queue="vans.convert")
    [found] = await dead_letters.alike(ledger, "vans.route", "VS-100", b"one")
    assert (found.text, found.data) == ("3", b"one")
    assert await dead_letters.alike(ledger, "vans.route", "VS-100", b"six") == []


async def test_bytes_that_came_from_no_queue_are_kept(ledger: Ledger) -> None:
    """What came in elsewhere and cannot be read is a dead letter of that place, with all that was found."""
    findings = [RULE.at("line 1"), replace(RULE, id="VS-998").at("line 2")]
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    await ledger.commit(dead_letters.kept(b"unreadable", findings, at, "api"))
    [told] = await dead_letters.latest(ledger, 9)
    assert await dead_letters.body(ledger, int(told.pop("key"))) == b"unreadable"
    assert told == {
        "at": "2026-03-01T12:00:00.000Z",
        "rule": "VS-999",
        "reason": "VS-999 at line 1: It is wrong.; VS-998 at line 2: It is wrong.",
        "queue": "api",
        "id": None,
        "size": 10,
    }
