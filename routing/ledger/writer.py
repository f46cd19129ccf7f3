"""The ledger's writer: commits units in groups on one connection, and waits out an absent database.

Group commit: whatever waits while one transaction is under way goes together into the next, so a busy network pays one
disk flush for hundreds of messages and an idle one answers at once. A unit that the database refuses is told so alone:
the group is then carried out again unit by unit behind savepoints, and its neighbours lose nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, MetaData, select
from sqlalchemy.ext.asyncio import AsyncConnection

from routing.ledger.database import FAILURES, Database, is_away, is_conflict, words
from routing.ledger.errors import LedgerClosed, LedgerConflict, LedgerRefusal
from routing.ledger.health import FIRST_PAUSE, WRITING, Health, pause
from routing.ledger.making import make
from routing.ledger.statements import Statements
from routing.ledger.unit import Unit

_MOST_UNITS = 1000


class _Waiting:
    """Units handed over together, and where their results go."""

    __slots__ = ("done", "units")

    def __init__(self, units: Sequence[Unit], done: asyncio.Future[list[Exception | None]]) -> None:
        self.units = units
        self.done = done


class Writer:
    """The one connection that writes.

    Args:
        database: where it writes.
        health: is told when the database is away, and when it is back.
        changed: called after each transaction.
    """

    def __init__(self, database: Database, health: Health, changed: Callable[[], None]) -> None:
        self._database = database
        self._health = health
        self._changed = changed
        self._statements = Statements(database.writer.dialect)
        self._connection: AsyncConnection | None = None
        self._writing = asyncio.Lock()
        self._pending: deque[_Waiting] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._closed = False

    async def create(self, metadata: MetaData) -> None:
        """Make what tables are missing; several processes may do so at once.

        Raises:
            LedgerRefusal: the database does not let us, or its tables are of another version.
        """
        seconds = FIRST_PAUSE
        while True:
            try:
                async with self._writing:
                    connection = await self._connected()
                    await self._database.lock_schema(connection)
                    await connection.run_sync(make, metadata)
                    await connection.commit()
                    self._health.well(WRITING)
                    return
            except LedgerRefusal:
                await self._drop()
                raise
            except Exception as error:
                await self._drop()
                if not is_away(error):
                    raise LedgerRefusal(words(error)) from error
                self._health.away(WRITING, error)
            seconds = await pause(seconds)

    async def close(self) -> None:
        """Commit what waits, unless the database is away, and let go of the connection."""
        self._closed = True
        if self._draining is not None:
            ok, _ = self._health.now()
            if not ok:
                self._draining.cancel()
            await asyncio.gather(self._draining, return_exceptions=True)
        for waiting in self._pending:
            waiting.done.set_exception(LedgerClosed("The ledger was closed before the unit was committed."))
        self._pending.clear()
        await self._drop()

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

    async def _commit(self, units: list[Unit]) -> list[Exception | None]:
        seconds = FIRST_PAUSE
        uncertain = False
        while True:
            try:
                async with self._writing:
                    results = await self._transaction(units, uncertain=uncertain)
            except Exception as error:  # noqa: BLE001 (what is wrong with a unit was found out: this is the database)
                await self._drop()
                self._health.away(WRITING, error)
                # The connection may have gone after the commit was sent and before it was confirmed.
                uncertain = True
            else:
                self._health.well(WRITING)
                return results
            seconds = await pause(seconds)

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
        if self._connection is None:
            self._connection = await self._database.writer.connect()
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.invalidate()
                await connection.close()
            except FAILURES:  # it is given up because it does not answer
                return


def _is_there(connection: Connection, unit: Unit) -> bool:
    """Whether a unit whose commit was never confirmed is there all the same: its first row tells, keys being unique."""
    if not unit.inserts:
        return False  # changes and removals of rows do the same again
    table, row = unit.inserts[0]
    return connection.execute(select(table.c.key).where(table.c.key == row["key"])).first() is not None
