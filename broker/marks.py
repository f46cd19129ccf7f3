"""How many messages of a queue were ever in hand at once: the cheap way to know, after a crash, which were.

Queues are first in, first out, and what is given back goes first. So whatever a dead process had in hand is among the
first of its queue, as many as the mark says. The mark is doubled when it has to grow: a few writes in a queue's life.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, select

from broker.backlog import Backlog
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.unit import Unit

METADATA = MetaData()

MARKS = Table(
    "queue_marks",
    METADATA,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("queue", Text, nullable=False, unique=True),
    Column("handed", Integer, nullable=False),
)

_FIRST = 16


class Marks:
    """The marks of all queues, kept in a table of their own."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows: dict[str, tuple[int, int]] = {}
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Read what an earlier process left."""
        rows = await self._ledger.read(select(MARKS))
        self._rows = {row.queue: (row.key, row.handed) for row in rows}

    def of(self, queue: str) -> int:
        """The mark of a queue."""
        return self._rows.get(queue, (0, 0))[1]

    async def cover(self, backlog: Backlog) -> None:
        """Return when the mark on the disk is at least what is in hand now."""
        if backlog.in_hand <= self.of(backlog.name):
            return
        async with self._lock:
            key, handed = self._rows.get(backlog.name, (0, 0))
            if backlog.in_hand <= handed:
                return
            # Twice what is needed, or more: commits may overtake one another by a few places.
            handed = max(_FIRST, 2 << (backlog.in_hand - 1).bit_length())
            unit = Unit()
            if key:
                unit.update(MARKS, key, handed=handed)
            else:
                key = new_key()
                unit.insert(MARKS, key=key, queue=backlog.name, handed=handed)
            await self._ledger.commit(unit)
            self._rows[backlog.name] = (key, handed)

    async def clear(self, queues: set[str]) -> None:
        """Note that nothing of these queues is in hand: the process ends in good order."""
        unit = Unit()
        for queue in queues:
            key, handed = self._rows.get(queue, (0, 0))
            if handed:
                unit.update(MARKS, key, handed=0)
                self._rows[queue] = (key, 0)
        if unit:
            await self._ledger.commit(unit)
