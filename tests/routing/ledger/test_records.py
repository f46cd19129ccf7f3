"""The rows that a page writes, value by value."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest

from envelope.facts import LetterFacts
from envelope.findings import Fault, Rule
from routing.ledger.records import Entry, Page, Story, findings_json, instant, micros
from routing.ledger.schema import (
    BODIES,
    CLAIMS,
    CONVERSIONS,
    DEAD,
    DUE,
    EVENTS,
    HALVES,
    IDENTIFIERS,
    MESSAGES,
    ORDERS,
    SENDS,
)
from tests.routing.ledger.rows import RECEIVER, SENDER, head, receipt

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = AT + timedelta(days=1)
NOW, THEN = 1_772_366_400_123_456, 1_772_452_800_123_456
FACTS = LetterFacts("XDIS91", "XD9134L", "L1", "K1", SENDER, RECEIVER, wants_receipt=True)
ONE, OTHER = (Rule(f"VS-99{number}", Fault.SENDER, "Forkert æ.", "Put it right.", "vansim").at("/a") for number in "12")


def test_time_is_kept_as_microseconds() -> None:
    """An instant of any zone is written and read to the microsecond."""
    assert (micros(AT), micros(LATER)) == (NOW, THEN)
    assert micros(AT.astimezone(timezone(timedelta(hours=1)))) == NOW
    assert instant(NOW) == AT
    assert instant(NOW).tzinfo is UTC


ENTRY = Entry(5, head(), "in", "XDIS91", "XD9134L", 99, 6, "taken")
ROW = {
    "key": 5,
    "way": "in",
    "layer": "message",
    "envelope_id": "E1",
    "message_id": "M1",
    "sender": SENDER,
    "receiver": RECEIVER,
    "type": "XDIS91",
    "version": "XD9134L",
    "name": "MCM:XDIS91#XD9134L",
    "size": 99,
    "letter_id": None,
    "letter_envelope_id": None,
    "state": "taken",
    "rule": None,
    "reason": None,
    "duplicate": False,
    "body": 6,
    "parent": None,
    "relation": None,
    "thread": 5,
    "accepted_at": NOW,
    "findings": None,
    "indexed": False,
}


@pytest.mark.parametrize(
    ("entry", "differs"),
    [
        (ENTRY, {}),
        (replace(ENTRY, facts=FACTS), {"letter_id": "L1", "letter_envelope_id": "K1", "indexed": True}),
        (replace(ENTRY, story=Story(7, 8, "repeat")), {"thread": 7, "parent": 8, "relation": "repeat"}),
        (
            replace(ENTRY, rule="D-refuse", reason="Because.", duplicate=True, findings=(ONE,)),
            {"rule": "D-refuse", "reason": "Because.", "duplicate": True, "findings": findings_json([ONE])},
        ),
        (
            replace(ENTRY, head=receipt("E1"), type=None, version=None),
            {
                "layer": "receipt",
                "envelope_id": "R1",
                "message_id": None,
                "sender": RECEIVER,
                "receiver": SENDER,
                "type": None,
                "version": None,
                "name": "PositiveMessage",
                "indexed": True,
            },
        ),
    ],
    ids=["unread letter", "letter", "in a story", "refused", "receipt"],
)
def test_a_message_is_written_whole(entry: Entry, differs: dict[str, Any]) -> None:
    """One row with what head, facts and entry say; only a letter that was not read has still to be."""
    page = Page(count(1).__next__, AT, "router")
    page.message(entry)
    assert page.unit.inserts == [(MESSAGES, ROW | differs)]
    assert not page.unit.updates
    assert not page.unit.deletes


INSERTS: dict[str, tuple[Callable[[Page], object], list[tuple[Any, dict[str, Any]]]]] = {
    "body": (
        lambda page: page.body(b"abc", "digest"),
        [(BODIES, {"key": 1, "digest": "digest", "size": 3, "data": b"abc"})],
    ),
    "event": (
        lambda page: page.event(5, "accepted", "Taken in.", "D-as-is"),
        [
            (
                EVENTS,
                {
                    "key": 1,
                    "message": 5,
                    "at": NOW,
                    "place": "router",
                    "what": "accepted",
                    "rule": "D-as-is",
                    "text": "Taken in.",
                },
            )
        ],
    ),
    "send": (
        lambda page: page.send(5, "inbox.1", 6, "E1", RECEIVER),
        [
            (
                SENDS,
                {
                    "key": 1,
                    "message": 5,
                    "queue": "inbox.1",
                    "receiver": RECEIVER,
                    "envelope_id": "E1",
                    "body": 6,
                    "state": "due",
                    "sent_at": None,
                    "taken_at": None,
                },
            )
        ],
    ),
    "order": (
        lambda page: page.order((6, 5), "XDIS91", "{}"),
        [
            (
                ORDERS,
                {"key": 1, "sources": "[6, 5]", "target": "XDIS91", "facts": "{}", "state": "ordered", "made_at": None},
            ),
            (IDENTIFIERS, {"key": 2, "value": "1", "kind": "order", "message": 6}),
            (IDENTIFIERS, {"key": 3, "value": "1", "kind": "order", "message": 5}),
        ],
    ),
    "conversion": (
        lambda page: page.conversion(5, "{}", LATER),
        [(CONVERSIONS, {"key": 5, "remembered": "{}", "at": NOW, "until": THEN})],
    ),
    "half": (
        lambda page: page.half(5, "refers", ["b", "a", "b"], ("1", "2")),
        [
            (HALVES, {"key": key, "message": 5, "role": "refers", "object": name, "sender": "1", "receiver": "2"})
            for key, name in ((1, "a"), (2, "b"))
        ],
    ),
    "claim": (lambda page: page.claim("name"), [(CLAIMS, {"key": 1, "name": "name"})]),
    "due": (
        lambda page: page.due("half", 5, LATER, "{}"),
        [(DUE, {"key": 1, "kind": "half", "message": 5, "at": THEN, "content": "{}"})],
    ),
    "once": (
        lambda page: page.once(5, 9),
        [(IDENTIFIERS, {"key": 9, "value": "9", "kind": "carried out", "message": 5})],
    ),
    "dead": (
        lambda page: page.dead(5, 6, "vans.route", "It broke.", "VS-100"),
        [
            (
                DEAD,
                {
                    "key": 1,
                    "message": 5,
                    "body": 6,
                    "queue": "vans.route",
                    "rule": "VS-100",
                    "text": "It broke.",
                    "at": NOW,
                },
            )
        ],
    ),
}


@pytest.mark.parametrize("name", INSERTS)
def test_what_is_new_is_written_as_rows(name: str) -> None:
    """Each kind of row with its own key, the page's time and place, and all that was said of it."""
    write, rows = INSERTS[name]
    page = Page(count(1).__next__, AT, "router")
    write(page)
    assert page.unit.inserts == rows
    assert not page.unit.updates
    assert not page.unit.deletes


UPDATES: dict[str, tuple[Callable[[Page], object], tuple[Any, int, dict[str, Any]]]] = {
    "finished": (lambda page: page.finished(5, "held"), (MESSAGES, 5, {"state": "held"})),
    "sent": (lambda page: page.sent(5), (SENDS, 5, {"state": "sent", "sent_at": NOW})),
    "taking": (lambda page: page.taking(5), (SENDS, 5, {"taken_at": NOW})),
    "taken": (lambda page: page.taken(5), (SENDS, 5, {"state": "taken", "taken_at": NOW})),
    "taken before": (lambda page: page.taken(5, 0), (SENDS, 5, {"state": "taken", "taken_at": 0})),
    "made": (lambda page: page.made(5), (ORDERS, 5, {"state": "made", "made_at": NOW})),
    "refused": (
        lambda page: page.refused(5, "D-refuse", "Because."),
        (MESSAGES, 5, {"rule": "D-refuse", "reason": "Because."}),
    ),
}


@pytest.mark.parametrize("name", UPDATES)
def test_what_has_become_of_a_row_is_written_to_it(name: str) -> None:
    """The columns that say so, and no others; at the page's time unless it was at another."""
    write, row = UPDATES[name]
    page = Page(count(1).__next__, AT, "router")
    write(page)
    assert page.unit.updates == [row]
    assert not page.unit.inserts
    assert not page.unit.deletes


def test_keys_of_new_rows_are_given_back() -> None:
    """Whoever writes a body, a send, an order or what is due can name it afterwards."""
    page = Page(count(1).__next__, AT, "router")
    assert [page.body(b""), page.send(1, "q", 1, "E1"), page.order((), "XDIS91", "{}"), page.due("half", 1, AT)] == [
        1,
        2,
        3,
        4,
    ]


def test_rows_whose_time_is_over_are_removed() -> None:
    """Each from its own table."""
    page = Page(count(1).__next__, AT, "router")
    page.forget([(DUE, 5), (CLAIMS, 6)])
    assert page.unit.deletes == [(DUE, 5), (CLAIMS, 6)]
    assert not page.unit.inserts
    assert not page.unit.updates


def test_findings_are_kept_readable() -> None:
    """As the API shows them, with Danish letters as they are; none is nothing rather than an empty list."""
    text = findings_json([ONE])
    assert text is not None
    assert json.loads(text) == [ONE.as_dict()]
    assert "æ" in text
    assert findings_json([]) is None


def test_what_is_found_later_is_added_once() -> None:
    """What the ledger has kept already stays first and is not said twice; with nothing new nothing is written."""
    page = Page(count(1).__next__, AT, "worker")
    page.found(5, findings_json([ONE]), [ONE, OTHER])
    page.found(6, None, [OTHER])
    page.found(7, findings_json([ONE]), [ONE])
    page.found(8, None, [])
    assert page.unit.updates == [
        (MESSAGES, 5, {"findings": findings_json([ONE, OTHER])}),
        (MESSAGES, 6, {"findings": findings_json([OTHER])}),
    ]
