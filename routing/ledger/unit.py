"""A unit of ledger writes: rows to insert and rows to change, committed together or not at all.

A unit is a value. Who decides makes one, who commits groups many of them into one transaction, and a unit that fails
never takes its neighbours back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table


@dataclass(slots=True)
class Unit:
    """Writes that belong together.

    Inserts run before updates, updates before deletes, each in the order given.

    Attributes:
        inserts: a table and one whole row each.
        updates: a table, the primary key `key` of one row, and the columns to change.
        deletes: a table and the primary key of one row.
    """

    inserts: list[tuple[Table, Mapping[str, Any]]] = field(default_factory=list)
    updates: list[tuple[Table, int, Mapping[str, Any]]] = field(default_factory=list)
    deletes: list[tuple[Table, int]] = field(default_factory=list)

    def insert(self, table: Table, **row: Any) -> None:
        """Add one row."""
        self.inserts.append((table, row))

    def update(self, table: Table, key: int, **values: Any) -> None:
        """Change columns of the row with this primary key."""
        self.updates.append((table, key, values))

    def delete(self, table: Table, key: int) -> None:
        """Remove the row with this primary key."""
        self.deletes.append((table, key))

    def extend(self, other: Unit) -> None:
        """Take over another unit's writes."""
        self.inserts += other.inserts
        self.updates += other.updates
        self.deletes += other.deletes

    def __bool__(self) -> bool:
        return bool(self.inserts or self.updates or self.deletes)
