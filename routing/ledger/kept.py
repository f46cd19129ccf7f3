"""What the network keeps about itself under a name, as JSON: how its clock stands, how its participants behave."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from routing.ledger.errors import LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.schema import KEPT
from routing.ledger.unit import Unit


async def read(ledger: Ledger, name: str, *, wait: bool = True) -> Any | None:
    """What is kept under this name, or None.

    Raises:
        LedgerUnavailable: the database is away, and `wait` is false.
    """
    rows = await ledger.read(select(KEPT.c.value).where(KEPT.c.name == name), wait=wait)
    return json.loads(rows[0].value) if rows else None


async def put(ledger: Ledger, name: str, value: Any) -> None:
    """Keep something under a name, in place of what was there."""
    text = json.dumps(value, ensure_ascii=False)
    while True:
        rows = await ledger.read(select(KEPT.c.key).where(KEPT.c.name == name))
        unit = Unit()
        if rows:
            unit.update(KEPT, rows[0].key, value=text)
        else:
            unit.insert(KEPT, key=new_key(), name=name, value=text)
        try:
            await ledger.commit(unit)
        except LedgerConflict:
            continue  # another process was first: its row is changed
        return
