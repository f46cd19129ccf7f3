"""Rows as the router writes them, with as little in them as the tables ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table

from envelope.model import Document, Head, MetaInformation, Party, Receipt, ReceiptKind
from routing.ledger.dues import HALF
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES, CONVERSIONS, DEAD, DUE, EVENTS, HALVES, MESSAGES, ORDERS, SENDS
from routing.ledger.unit import Unit

SENDER, RECEIVER, OTHER = "5790000120314", "5790000121526", "5790001382445"

_LEAST: Mapping[Table, Mapping[str, Any]] = {
    EVENTS: {"at": 1, "place": "router", "what": "accepted", "text": "Taken in."},
    SENDS: {"message": 1, "queue": f"inbox.{RECEIVER}", "body": 1, "state": "due"},
    ORDERS: {"target": "XDIS91", "facts": "{}", "state": "ordered"},
    CONVERSIONS: {"remembered": "{}", "at": 1},
    HALVES: {"sender": SENDER, "receiver": RECEIVER},
    DUE: {"kind": HALF, "at": 1},
    DEAD: {"queue": "vans.route", "text": "It broke.", "at": 1},
}


def message(**values: Any) -> dict[str, Any]:
    """A whole row of `messages`."""
    key = values.get("key") or new_key()
    row: dict[str, Any] = {
        "key": key,
        "way": "in",
        "layer": "message",
        "envelope_id": f"envelope-{key}",
        "sender": SENDER,
        "receiver": RECEIVER,
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


async def put(ledger: Ledger, table: Table, **values: Any) -> int:
    """Write one row; gives its key."""
    row = {"key": new_key(), **_LEAST.get(table, {}), **values}
    if table is MESSAGES:
        row = message(**row)
    if table is BODIES:
        row = {"size": len(row["data"]), **row}
    made = Unit()
    made.insert(table, **row)
    await ledger.commit(made)
    return int(row["key"])


def head(envelope_id: str = "E1", message_id: str = "M1", sender: str = SENDER, receiver: str = RECEIVER) -> Head:
    """The head of a message."""
    meta = MetaInformation(message_id, Document("XML", "MCM:XDIS91#XD9134L", 10))
    return Head(Party(sender), Party(receiver), envelope_id, "2026-03-01T12:00:00", meta)


def receipt(original: str, envelope_id: str = "R1", sender: str = RECEIVER, receiver: str = SENDER) -> Head:
    """The head of an envelope receipt, by default from the receiver of what `message` makes."""
    answer = Receipt(ReceiptKind.POSITIVE_MESSAGE, original)
    return Head(Party(sender), Party(receiver), envelope_id, "2026-03-01T12:00:00", receipt=answer)
