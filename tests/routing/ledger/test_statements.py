from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.pool import StaticPool

from routing.ledger.schema import METADATA, TRIES
from routing.ledger.statements import Statements
from routing.ledger.unit import Unit

_COLUMNS = st.fixed_dictionaries(
    {}, optional={"count": st.integers(0, 9), "reason": st.sampled_from(["x", "y", None]), "last_at": st.integers(0, 9)}
).filter(bool)


def _database() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(engine, [TRIES])
    return engine


def _carry_out(engine: Engine, groups: list[list[Unit]]) -> list[Any]:
    statements = Statements(engine.dialect)
    with engine.connect() as connection:
        for group in groups:
            for statement, rows in statements.of(group):
                connection.exec_driver_sql(statement, rows)
        return [tuple(row) for row in connection.execute(select(TRIES).order_by(TRIES.c.key))]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), _COLUMNS), max_size=12), st.sets(st.integers(0, 3)))
def test_grouped_units_leave_the_same_rows(updates: list[tuple[int, dict[str, Any]]], gone: set[int]) -> None:
    """Changes of the same rows in many units leave what they would have left one by one."""
    units: list[Unit] = []
    for key in range(4):
        made = Unit()
        made.insert(TRIES, key=key, digest=str(key), queue="q", count=0, last_at=0, reason=None)
        units.append(made)
    for key, values in updates:
        made = Unit()
        made.update(TRIES, key, **values)
        units.append(made)
    for key in gone:
        made = Unit()
        made.delete(TRIES, key)
        units.append(made)
    assert _carry_out(_database(), [units]) == _carry_out(_database(), [[made] for made in units])


def test_rows_of_one_shape_are_one_statement() -> None:
    """A hundred units of the same columns become one statement with a hundred rows, in the database's own style."""
    units = [Unit() for _ in range(100)]
    for number, made in enumerate(units):
        made.insert(TRIES, key=number, digest="d", queue=str(number), count=0, last_at=0)
        made.update(TRIES, 2000 + number, count=number)
        made.delete(TRIES, 1000 + number)
    dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]
    (insert, rows), (update, changes), (delete, keys) = Statements(dialect).of(units)
    assert insert.startswith("INSERT INTO tries (")
    assert "$5" in insert
    assert len(rows) == len(keys) == 100
    assert update.startswith("UPDATE tries SET count=")
    assert changes == [(number, 2000 + number) for number in range(100)]
    assert "DELETE" in delete


def test_a_row_keeps_the_last_that_was_written_of_each_column() -> None:
    """A row changed three times in one group, by turns through other columns, holds what came last."""
    made = Unit()
    made.insert(TRIES, key=1, digest="d", queue="q", count=0, last_at=0, reason=None)
    made.update(TRIES, 1, count=1)
    made.update(TRIES, 1, count=2, reason="x")
    made.update(TRIES, 1, count=3)
    (row,) = _carry_out(_database(), [[made]])
    assert dict(zip(TRIES.c.keys(), row, strict=True)) == {
        "key": 1,
        "digest": "d",
        "queue": "q",
        "count": 3,
        "last_at": 0,
        "reason": "x",
    }
