"""PostgreSQL through asyncpg: for several routers and workers that share one ledger."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL, Connection, Row, Select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from routing.ledger.database import BUSY_SECONDS, READERS, Database
from routing.ledger.statements import Statement

_COMMAND_SECONDS = 60
_CHANNEL = "vansim_ledger"
_PAUSE = 1.0
_SCHEMA_LOCK = 5_790_000_120_314  # any number that nobody else locks


class Postgresql(Database):
    """A PostgreSQL database."""

    def __init__(self, url: URL) -> None:
        url = url.set(drivername="postgresql+asyncpg")
        arguments = {"command_timeout": _COMMAND_SECONDS, "timeout": BUSY_SECONDS}
        self.writer = create_async_engine(
            url, connect_args=arguments, pool_size=1, max_overflow=0, hide_parameters=True
        )
        self._reader = create_async_engine(
            url,
            connect_args=arguments,
            pool_size=READERS + 1,  # one listens
            max_overflow=0,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )

        self._name = secrets.token_hex(8)
        self._listener: asyncio.Task[None] | None = None

    async def carry_out(self, connection: AsyncConnection, statements: list[Statement]) -> None:
        """One round trip a statement, whatever number of rows it has."""
        try:
            await connection.run_sync(_execute, [*statements, self._notice()])
        except BaseException:
            await connection.rollback()
            raise
        await connection.commit()

    async def commit(self, connection: AsyncConnection) -> None:
        """Commit, and let the others know."""
        await connection.run_sync(_execute, [self._notice()])
        await connection.commit()

    async def lock_schema(self, connection: AsyncConnection) -> None:
        """By an advisory lock: `CREATE TABLE IF NOT EXISTS` of two transactions at once can fail in one of them."""
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})

    async def ask(self, question: Select[Any]) -> list[Row[Any]]:
        """All rows that answer a question."""
        async with self._reader.connect() as connection:
            return list(await connection.execute(question))

    async def listen(self, changed: Callable[[], None]) -> None:
        """Call back when another ledger of this database has committed, or may have while nobody listened."""
        listening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listener = asyncio.create_task(self._listen(changed, listening))
        await listening

    async def _listen(self, changed: Callable[[], None], listening: asyncio.Future[None]) -> None:
        def heard(_connection: object, _process: int, _channel: str, name: object) -> None:
            if name != self._name:
                changed()

        while True:
            try:
                async with self._reader.connect() as connection:
                    driver: Any = (await connection.get_raw_connection()).driver_connection
                    lost = asyncio.Event()
                    driver.add_termination_listener(lambda _connection, lost=lost: lost.set())
                    await driver.add_listener(_CHANNEL, heard)
                    if listening.done():
                        changed()
                    else:
                        listening.set_result(None)
                    try:
                        await lost.wait()
                    finally:
                        await connection.invalidate()
            except Exception:  # noqa: BLE001, S110 (it is away, as commits and questions will say)
                pass
            await asyncio.sleep(_PAUSE)

    def _notice(self) -> Statement:
        return ("SELECT pg_notify($1::text, $2::text)", [(_CHANNEL, self._name)])

    async def dispose(self) -> None:
        """Close all connections."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await self.writer.dispose()
        await self._reader.dispose()


def _execute(connection: Connection, statements: list[Statement]) -> None:
    for statement, rows in statements:
        connection.exec_driver_sql(statement, rows)
