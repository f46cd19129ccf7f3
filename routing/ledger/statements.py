"""Many units as few statements: rows of one table with the same columns go to the database in one call.

SQLAlchemy compiles each shape of statement once; rows then travel as tuples straight to the driver, past the per-row
processing that plain integers, texts, booleans and bytes do not need. That is a third of the cost of a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Table, bindparam, delete, insert, text, update

from routing.ledger.schema import FORWARD
from routing.ledger.unit import Unit

Row = tuple[Any, ...]
Statement = tuple[str, list[Row]]

_WHERE = "where_key"


class Statements:
    """Turns units into statements of one dialect, remembering each shape it has compiled."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._inserts: dict[tuple[Table, tuple[str, ...]], tuple[str, Callable[[Mapping[str, Any]], Row]]] = {}
        self._updates: dict[tuple[Table, tuple[str, ...]], tuple[str, Callable[[Mapping[str, Any]], Row]]] = {}
        self._deletes: dict[Table, str] = {}

    def of(self, units: Iterable[Unit]) -> list[Statement]:
        """The statements that carry out all units: inserts, then updates, then deletes.

        Units that wait together never depend on one another: nobody knows a row before its commit was confirmed.

        Raises:
            KeyError: a unit names a column that its table has not.
        """
        inserts: dict[tuple[Table, tuple[str, ...]], list[Row]] = {}
        updates: list[tuple[tuple[Table, tuple[str, ...]], list[Row]]] = []
        deletes: dict[Table, list[Row]] = {}
        open_updates: dict[tuple[Table, tuple[str, ...]], list[Row]] = {}
        touched: dict[tuple[Table, int], tuple[str, ...]] = {}
        for unit in units:
            for table, row in unit.inserts:
                shape = (table, tuple(row))
                picked = (self._inserts.get(shape) or self._insert(shape))[1](row)
                rows = inserts.get(shape)
                if rows is None:
                    inserts[shape] = [picked]
                else:
                    rows.append(picked)
            for table, key, values in unit.updates:
                shape = (table, tuple(values))
                picked = (*(self._updates.get(shape) or self._update(shape))[1](values), key)
                # The same row changed again through other columns: what came first must be written first.
                if touched.setdefault((table, key), shape[1]) != shape[1]:
                    open_updates = {}
                    touched = {(table, key): shape[1]}
                rows = open_updates.get(shape)
                if rows is None:
                    rows = open_updates[shape] = []
                    updates.append((shape, rows))
                rows.append(picked)
            for table, key in unit.deletes:
                deletes.setdefault(table, []).append((key,))
        statements = [(self._inserts[shape][0], rows) for shape, rows in inserts.items()]
        statements += [(self._updates[shape][0], rows) for shape, rows in updates]
        statements += [(self._deletes.get(table) or self._delete(table), rows) for table, rows in deletes.items()]
        return statements

    def _insert(self, shape: tuple[Table, tuple[str, ...]]) -> tuple[str, Callable[[Mapping[str, Any]], Row]]:
        table, columns = shape
        made = insert(table).values({table.c[column]: bindparam(column) for column in columns})
        compiled = made.compile(dialect=self._dialect)
        entry = self._inserts[shape] = (str(compiled), _picker(compiled.positiontup or []))
        return entry

    def _update(self, shape: tuple[Table, tuple[str, ...]]) -> tuple[str, Callable[[Mapping[str, Any]], Row]]:
        table, columns = shape
        made = update(table)
        if (table.name, columns) in FORWARD:
            made = made.where(text(FORWARD[table.name, columns]))
        made = made.where(table.c.key == bindparam(_WHERE))
        made = made.values({table.c[column]: bindparam(column) for column in columns})
        compiled = made.compile(dialect=self._dialect)
        *names, last = compiled.positiontup or []
        if last != _WHERE:  # pragma: no cover (SQL writes WHERE after SET; said once, so that it cannot drift unseen)
            raise AssertionError(last)
        entry = self._updates[shape] = (str(compiled), _picker(names))
        return entry

    def _delete(self, table: Table) -> str:
        compiled = delete(table).where(table.c.key == bindparam(_WHERE)).compile(dialect=self._dialect)
        statement = self._deletes[table] = str(compiled)
        return statement


def _picker(names: list[str]) -> Callable[[Mapping[str, Any]], Row]:
    if len(names) == 1:
        (name,) = names
        return lambda row: (row[name],)
    return itemgetter(*names)
