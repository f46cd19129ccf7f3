"""Rows as the router writes them, with as little in them as the tables ask for."""

from __future__ import annotations

from typing import Any

from routing.ledger.keys import new_key
from routing.ledger.schema import BODIES, EVENTS, MESSAGES
from routing.ledger.unit import Unit


def message(**values: Any) -> dict[str, Any]:
    """A whole row of `messages`."""
    key = new_key()
    row: dict[str, Any] = {
        "key": key,
        "way": "in",
        "layer": "message",
        "envelope_id": f"envelope-{key}",
        "sender": "5790000120314",
        "receiver": "5790000121526",
        "size": 11,
        "state": "finished",
        "duplicate": False,
        "thread": key,
        "accepted_at": 1,
        "indexed": True,
    }
    return row | values


def unit(**values: Any) -> tuple[Unit, int]:
    """A body, a message and an event; gives the message's key as well."""
    made = Unit()
    body = new_key()
    row = message(body=body, **values)
    made.insert(BODIES, key=body, digest=None, size=11, data=b"hello world")
    made.insert(MESSAGES, **row)
    made.insert(EVENTS, key=new_key(), message=row["key"], at=1, place="router", what="accepted", text="Taken in.")
    return made, row["key"]
