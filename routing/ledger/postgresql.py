"""PostgreSQL through asyncpg: for several routers and workers that share one ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Row, Select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from routing.ledger.database import BUSY_SECONDS, READERS, Database
from routing.ledger.statements import Statement

_COMMAND_SECONDS = 60


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
            pool_size=READERS,
            max_overflow=0,
            pool_reset_on_return=None,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )

    async def carry_out(self, connection: AsyncConnection, statements: list[Statement]) -> None:
        """One round trip a statement, whatever number of rows it has."""
        try:
            await connection.run_sync(_execute, statements)
        except BaseException:
            await connection.rollback()
            raise
        await connection.commit()

    async def ask(self, question: Select[Any]) -> list[Row[Any]]:
        """All rows that answer a question."""
        async with self._reader.connect() as connection:
            return list((await connection.execute(question)).all())

    async def dispose(self) -> None:
        """Close all connections."""
        await self.writer.dispose()
        await self._reader.dispose()


def _execute(connection: Connection, statements: list[Statement]) -> None:
    for statement, rows in statements:
        connection.exec_driver_sql(statement, rows)
