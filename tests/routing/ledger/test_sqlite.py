"""What SQLite is told, and the one hop that a whole transaction takes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, literal_column, select, text

from routing.ledger.ledger import Ledger
from routing.ledger.sqlite import _WholeTransactions
from routing.ledger.unit import Unit
from tests.routing.ledger.rows import unit


async def test_what_was_committed_is_on_the_disk(tmp_path: Path) -> None:
    """The writer waits for the disk at every commit and keeps a log before the file; readers cannot write."""
    ledger = await Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite")
    connection = await ledger._writer._connected()
    told = {}
    for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "cache_size"):
        told[name] = (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
    await connection.rollback()
    assert told == {"journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 4000, "cache_size": -32000}
    rows = await ledger.read(select(literal_column("query_only")).select_from(text("pragma_query_only")))
    assert [tuple(row) for row in rows] == [(1,)]
    await ledger.close()


def test_a_connection_takes_whole_transactions_and_single_statements() -> None:
    """Statements that are no transaction are carried out as any connection does; both give their cursor."""
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=_WholeTransactions)
    connection.execute("CREATE TABLE numbers (number INTEGER)")
    assert connection.executemany("INSERT INTO numbers VALUES (?)", [(1,), (2,)]).rowcount == 2
    assert [number for (number,) in connection.execute("SELECT number FROM numbers")] == [1, 2]
    connection.close()


async def test_units_without_a_fault_are_never_carried_out_apart(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On either database a group goes in one transaction of few statements; only a refused one is tried one by one."""
    apart: list[int] = []
    original = ledger._writer._apart

    def told(connection: Connection, units: list[Unit], uncertain: bool) -> list[Exception | None]:
        apart.append(len(units))
        return original(connection, units, uncertain)

    monkeypatch.setattr(ledger._writer, "_apart", told)
    made, _ = unit()
    await ledger.commit_all([made, unit()[0]])
    assert apart == []
    await ledger.commit_all([made, unit()[0]])
    assert apart == [2]
