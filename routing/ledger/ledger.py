"""The ledger: commits units in groups, answers questions, waits out an absent database, and tells of changes.

Group commit: whatever waits while one transaction is under way goes together into the next, so a busy network pays one
disk flush for hundreds of messages and an idle one answers at once. A unit that the database refuses is told so alone:
the group is then carried out again unit by unit behind savepoints, and its neighbours lose nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import Connection, MetaData, Row, Select, make_url, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from routing.ledger.database import FAILURES, Database, is_away, is_conflict, words
from routing.ledger.errors import LedgerClosed, LedgerConflict, LedgerRefusal, LedgerUnavailable
from routing.ledger.postgresql import Postgresql
from routing.ledger.schema import METADATA
from routing.ledger.sqlite import Sqlite
from routing.ledger.statements import Statements
from routing.ledger.unit import Unit
from routing.ledger.watchers import Watchers

_MOST_UNITS = 1000
_FIRST_PAUSE = 0.05
_LAST_PAUSE = 2.0
_WRITING = "writing"
_ASKING = "asking"
_SCHEMA_LOCK = 5_790_000_120_314  # any number that nobody else locks


class _Waiting:
    """Units handed over together, and where their results go."""

    __slots__ = ("done", "units")

    def __init__(self, units: Sequence[Unit], done: asyncio.Future[list[Exception | None]]) -> None:
        self.units = units
        self.done = done


class Ledger:
    """One database, one writer connection, a few readers.

    Args:
        url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://...` (the driver's name may be left out).
    """

    def __init__(self, url: str) -> None:
        self._database = _database(url)
        self._statements = Statements(self._database.writer.dialect)
        self._writer: AsyncConnection | None = None
        self._writing = asyncio.Lock()
        self._pending: deque[_Waiting] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._closed = False
        self._changes = 0
        self._change_watchers = Watchers()
        self._troubles = {_WRITING: "The ledger was not opened yet."}
        self._health_watchers = Watchers()

    @classmethod
    async def open(cls, url: str) -> Self:
        """Open a database and make what tables are missing; waits while the database is away.

        Raises:
            ValueError: the address is not one of a SQLite file or a PostgreSQL database.
            LedgerRefusal: the database is there and does not let us in.
        """
        ledger = cls(url)
        try:
            await ledger.start()
        except BaseException:
            await ledger.close()
            raise
        return ledger

    async def start(self) -> None:
        """Connect and make what tables are missing; waits while the database is away, and `health` says so."""
        await self.create(METADATA)
        await self._database.listen(self._changed)

    async def create(self, metadata: MetaData) -> None:
        """Make what tables are missing; several processes may do so at once."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with self._writing:
                    connection = await self._connected()
                    if not self.is_sqlite:
                        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
                    await connection.run_sync(metadata.create_all)
                    await connection.commit()
                    self._well(_WRITING)
                    return
            except Exception as error:
                await self._drop_writer()
                if not is_away(error):
                    raise LedgerRefusal(words(error)) from error
                self._away(_WRITING, error)
            pause = await _pause(pause)

    async def close(self) -> None:
        """Commit what waits, unless the database is away, and let go of all connections."""
        self._closed = True
        if self._draining is not None:
            if self._troubles:
                self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)
        for waiting in self._pending:
            waiting.done.set_exception(LedgerClosed("The ledger was closed before the unit was committed."))
        self._pending.clear()
        await self._drop_writer()
        await self._database.dispose()
        self._change_watchers.tell()
        self._health_watchers.tell()

    @property
    def is_sqlite(self) -> bool:
        """Whether the ledger is one SQLite file, in which an embedded broker can keep its queues."""
        return isinstance(self._database, Sqlite)

    async def commit(self, unit: Unit) -> None:
        """Commit one unit, together with whatever else waits; waits while the database is away.

        Raises:
            LedgerConflict: a row with the same unique values is there already.
            LedgerRefusal: the database does not take these rows.
            LedgerClosed: the ledger was closed first.
        """
        (result,) = await self.commit_all((unit,))
        if result is not None:
            raise result

    async def commit_all(self, units: Sequence[Unit]) -> list[Exception | None]:
        """Commit several units, each for itself; gives for each None, or why it was not committed.

        A caller that is cancelled meanwhile leaves its units with the ledger: they are committed all the same.
        """
        return await asyncio.shield(self.hand_over(units))

    def hand_over(self, units: Sequence[Unit]) -> asyncio.Future[list[Exception | None]]:
        """Have units committed; gives the future of what `commit_all` returns, which nobody may cancel.

        Raises:
            LedgerClosed: the ledger is closed.
        """
        if self._closed:
            raise LedgerClosed("The ledger is closed.")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[list[Exception | None]] = loop.create_future()
        done.add_done_callback(asyncio.Future.exception)  # who asked may be gone
        self._pending.append(_Waiting(tuple(units), done))
        if self._draining is None:
            self._draining = loop.create_task(self._drain())
        return done

    async def read(self, question: Select[Any], *, wait: bool = True) -> list[Row[Any]]:
        """All rows that answer a question.

        Args:
            question: a select over the ledger's tables.
            wait: while the database is away, wait for it.

        Raises:
            LedgerUnavailable: the database is away, and `wait` is false.
            LedgerRefusal: the database does not understand the question.
        """
        pause = _FIRST_PAUSE
        while True:
            if self._closed:
                raise LedgerClosed("The ledger is closed.")
            try:
                answer = await self._database.ask(question)
            except FAILURES as error:
                if not is_away(error):
                    raise LedgerRefusal(words(error)) from error
                self._away(_ASKING, error)
                if not wait:
                    raise LedgerUnavailable(words(error)) from error
            else:
                self._well(_ASKING)
                return answer
            pause = await _pause(pause)

    @property
    def changes(self) -> int:
        """How many transactions were committed since the ledger was opened, here or (PostgreSQL) by other processes."""
        return self._changes

    async def wait_for_change(self, since: int) -> int:
        """Wait until there were more than `since` changes; gives how many there are now."""
        while self._changes <= since and not self._closed:
            await self._change_watchers.wait()
        return self._changes

    def health(self) -> tuple[bool, str]:
        """Whether the database can be used now, and in words why not."""
        for trouble in self._troubles.values():
            return (False, trouble)
        return (True, "The ledger's database answers.")

    async def wait_for_health(self, ok: bool) -> None:
        """Wait until the ledger is well, or until it is not."""
        while self.health()[0] is not ok and not self._closed:
            await self._health_watchers.wait()

    async def _drain(self) -> None:
        try:
            while self._pending:
                await self._next_group()
        finally:
            self._draining = None

    async def _next_group(self) -> None:
        group: list[_Waiting] = []
        count = 0
        while self._pending and (not group or count + len(self._pending[0].units) <= _MOST_UNITS):
            group.append(self._pending.popleft())
            count += len(group[-1].units)
        try:
            results = await self._commit([unit for waiting in group for unit in waiting.units])
        except asyncio.CancelledError:
            self._pending.extendleft(reversed(group))  # `close` tells them
            raise
        start = 0
        for waiting in group:
            end = start + len(waiting.units)
            waiting.done.set_result(results[start:end])
            start = end
        self._changed()

    def _changed(self) -> None:
        self._changes += 1
        self._change_watchers.tell()

    async def _commit(self, units: list[Unit]) -> list[Exception | None]:
        pause = _FIRST_PAUSE
        uncertain = False
        while True:
            try:
                async with self._writing:
                    results = await self._transaction(units, uncertain=uncertain)
            except Exception as error:  # noqa: BLE001 (what is wrong with a unit was found out: this is the database)
                await self._drop_writer()
                self._away(_WRITING, error)
                # The connection may have gone after the commit was sent and before it was confirmed.
                uncertain = True
            else:
                self._well(_WRITING)
                return results
            pause = await _pause(pause)

    async def _transaction(self, units: list[Unit], *, uncertain: bool) -> list[Exception | None]:
        connection = await self._connected()
        if not uncertain:
            try:
                await self._database.carry_out(connection, self._statements.of(units))
            except Exception as error:
                if is_away(error):
                    raise
            else:
                return [None] * len(units)
        results = await connection.run_sync(self._apart, units, uncertain)
        await self._database.commit(connection)
        return results

    def _apart(self, connection: Connection, units: list[Unit], uncertain: bool) -> list[Exception | None]:
        results: list[Exception | None] = []
        for unit in units:
            if uncertain and _is_there(connection, unit):
                results.append(None)
                continue
            savepoint = connection.begin_nested()
            try:
                for statement, rows in self._statements.of((unit,)):
                    connection.exec_driver_sql(statement, rows)
            except Exception as error:
                if is_away(error):
                    raise
                savepoint.rollback()
                kind = LedgerConflict if is_conflict(error) else LedgerRefusal
                results.append(kind(words(error)))
            else:
                savepoint.commit()
                results.append(None)
        return results

    async def _connected(self) -> AsyncConnection:
        if self._writer is None:
            self._writer = await self._database.writer.connect()
        return self._writer

    async def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                await writer.invalidate()
                await writer.close()
            except FAILURES:  # it is given up because it does not answer
                return

    def _away(self, doing: str, error: BaseException) -> None:
        self._troubles[doing] = f"The ledger's database does not answer: {words(error)}"
        self._health_watchers.tell()

    def _well(self, doing: str) -> None:
        if doing in self._troubles:
            del self._troubles[doing]
            self._health_watchers.tell()


def _database(url: str) -> Database:
    address = make_url(url)
    if address.drivername in {"sqlite", "sqlite+aiosqlite"}:
        return Sqlite(address)
    if address.drivername in {"postgres", "postgresql", "postgresql+asyncpg"}:
        return Postgresql(address)
    raise ValueError(f"The ledger runs on sqlite+aiosqlite and postgresql+asyncpg, not on {address.drivername}.")


def _is_there(connection: Connection, unit: Unit) -> bool:
    """Whether a unit whose commit was never confirmed is there all the same: its first row tells, keys being unique."""
    if not unit.inserts:
        return False  # changes and removals of rows do the same again
    table, row = unit.inserts[0]
    return connection.execute(select(table.c.key).where(table.c.key == row["key"])).first() is not None


async def _pause(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return min(seconds * 2, _LAST_PAUSE)
