"""SQLite: one file in WAL mode, every commit on the disk before anybody is told of it.

Measured (two cores, a transaction of one unit of six rows): through SQLAlchemy's aiosqlite dialect, which hops to the
connection's thread about twenty times, 1.4 ms of processor time; in one hop 0.3 ms. So a whole transaction is one call
of the aiosqlite connection, and a question is one call of a plain engine in a thread (0.1 ms instead of 1 ms).
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, cast

import aiosqlite
from sqlalchemy import URL, Connection, Select, create_engine, event
from sqlalchemy import Row as Answer
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from routing.ledger.database import BUSY_SECONDS, READERS, Database
from routing.ledger.schema import BODIES
from routing.ledger.statements import Row, Statement

_TRANSACTION = "-- a transaction"
_BODIES = f"INSERT INTO {BODIES.name} "
_PIECE = 1_048_576
_TOGETHER = 64
"""Rows of one statement: the widest table times as many is far below the 32,766 values that SQLite takes."""

_PREPARED = 512  # each shape of row, in each power of two up to those that go together

# FULL: what was committed is on the disk. A longer log before it is folded into the file: bodies are large.
_WRITER_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000", "cache_size=-32000")
_READER_PRAGMAS = ("query_only=1",)


class _WholeTransactions(sqlite3.Connection):
    """A connection whose `executemany` takes a whole transaction, so that aiosqlite hops to its thread once."""

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        if sql is not _TRANSACTION:
            return super().executemany(sql, parameters)
        cursor = self.cursor()
        # The write lock is taken at once: a transaction that reads first and writes later can be refused half-way.
        cursor.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in parameters:
                if statement.startswith(_BODIES) and any(_large(row) is not None for row in rows):
                    for row in rows:
                        self._insert_body(cursor, statement, row)
                else:
                    _carry_out(cursor, statement, rows)
            cursor.execute("COMMIT")
        except BaseException:
            if self.in_transaction:
                cursor.execute("ROLLBACK")
            raise
        finally:
            parameters.clear()  # aiosqlite holds on to its last call until the next, and bodies are large
        return cursor

    def _insert_body(self, cursor: sqlite3.Cursor, statement: str, row: Row) -> None:
        """Insert a row of bodies; a large one as room that is then filled, where SQLite would copy it twice."""
        place = _large(row)
        if place is None:
            cursor.execute(statement, row)
            return
        marks = statement.split("?")
        marks[place] += "zeroblob("
        marks[place + 1] = ")" + marks[place + 1]
        body = memoryview(row[place])
        cursor.execute("?".join(marks), (*row[:place], len(body), *row[place + 1 :]))
        with self.blobopen(BODIES.name, BODIES.c.data.name, cast("int", cursor.lastrowid)) as blob:
            for start in range(0, len(body), _PIECE):
                blob.write(body[start : start + _PIECE])


def _carry_out(cursor: sqlite3.Cursor, statement: str, rows: list[Row]) -> None:
    """Carry out a statement for many rows in as few steps as can be.

    At each step the driver gives the interpreter's lock away and waits to have it back, behind all that the event loop
    is doing. Row by row that costs a busy network more than the database does.
    """
    if len(rows) == 1 or not statement.startswith(("INSERT ", "DELETE ")):
        cursor.executemany(statement, rows)
        return
    start = 0
    while start < len(rows):
        # By powers of two: of each statement there are few, and the driver keeps them prepared.
        count = min(_TOGETHER, 1 << (len(rows) - start).bit_length() - 1)
        cursor.execute(_for_rows(statement, count), [value for row in rows[start : start + count] for value in row])
        start += count


@cache
def _for_rows(statement: str, count: int) -> str:
    """An insert or a removal of one row as one of several rows."""
    if statement.startswith("DELETE "):
        return statement.removesuffix("= ?") + f"IN ({', '.join('?' * count)})"
    start, values, row = statement.partition(" VALUES ")
    return start + values + ", ".join([row] * count)


def _large(row: Row) -> int | None:
    """Where in a row large bytes stand."""
    return next((place for place, value in enumerate(row) if isinstance(value, bytes) and len(value) > _PIECE), None)


class Sqlite(Database):
    """A SQLite file.

    Raises:
        ValueError: the address names no file.
    """

    def __init__(self, url: URL) -> None:
        if url.database in {None, "", ":memory:"}:
            raise ValueError("The ledger needs a file: a SQLite database in memory is another one for each connection.")
        arguments = {"timeout": BUSY_SECONDS, "isolation_level": None, "cached_statements": _PREPARED}
        self.writer = create_async_engine(
            url.set(drivername="sqlite+aiosqlite"),
            connect_args=arguments | {"factory": _WholeTransactions},
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
        )
        self._reader = create_engine(
            url.set(drivername="sqlite"),
            connect_args=arguments | {"check_same_thread": False},
            pool_size=READERS,
            max_overflow=0,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")
        event.listen(self.writer.sync_engine, "connect", _pragmas(_WRITER_PRAGMAS))
        event.listen(self.writer.sync_engine, "begin", _begin)
        event.listen(self._reader, "connect", _pragmas(_READER_PRAGMAS))

    async def carry_out(self, connection: AsyncConnection, statements: list[Statement]) -> None:
        """One hop to the connection's thread."""
        raw = await connection.get_raw_connection()
        await cast("aiosqlite.Connection", raw.driver_connection).executemany(_TRANSACTION, statements)

    async def lock_schema(self, connection: AsyncConnection) -> None:
        """Every transaction of the writer has the file's write lock from its beginning."""

    async def ask(self, question: Select[Any]) -> list[Answer[Any]]:
        """One hop to a reader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, question)

    async def listen(self, changed: Callable[[], None]) -> None:
        """Nobody is heard: the file has one process that writes, and that one hears of itself without this."""

    def _ask(self, question: Select[Any]) -> list[Answer[Any]]:
        with self._reader.connect() as connection:
            return list(connection.execute(question))

    async def dispose(self) -> None:
        """Close the file."""
        await self.writer.dispose()
        self._threads.shutdown()
        self._reader.dispose()


def _pragmas(pragmas: tuple[str, ...]) -> Any:
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return prepare


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
