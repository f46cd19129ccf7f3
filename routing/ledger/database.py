"""What the ledger asks of a database: carry out statements in one transaction, answer a question, say what failed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from routing.ledger.statements import Statement

BUSY_SECONDS = 10
READERS = 4

# Primary result codes of SQLite that say "not now", not "not this row": busy, locked, no memory, read-only, I/O error,
# corrupt, full, cannot open, protocol, not a database.
_SQLITE_AWAY = frozenset({5, 6, 7, 8, 10, 11, 13, 14, 15, 26})
# Classes of SQLSTATE likewise: connection, transaction rollback, resources, operator intervention, system error; and a
# standby that takes no writes yet.
_SQLSTATE_AWAY = ("08", "40", "53", "57", "58", "25006")


class Database(ABC):
    """One database: `writer` is for one connection that is kept; questions have their own."""

    writer: AsyncEngine

    @abstractmethod
    async def carry_out(self, connection: AsyncConnection, statements: list[Statement]) -> None:
        """Carry out statements in one transaction of the writer's connection and commit it, or change nothing."""

    @abstractmethod
    async def ask(self, question: Select[Any]) -> list[Row[Any]]:
        """All rows that answer a question."""

    async def commit(self, connection: AsyncConnection) -> None:
        """Commit what was done step by step on the writer's connection."""
        await connection.commit()

    @abstractmethod
    async def lock_schema(self, connection: AsyncConnection) -> None:
        """Let no other process make tables before the transaction of the writer's connection is over."""

    @abstractmethod
    async def listen(self, changed: Callable[[], None]) -> None:
        """Call back whenever another process has committed, or may have."""

    @abstractmethod
    async def dispose(self) -> None:
        """Let go of all connections."""


FAILURES = (SQLAlchemyError, OSError)
"""What a database raises through SQLAlchemy, and what a socket raises through a driver."""


def is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be used now, rather than that it does not take these rows."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_away(error.orig))
    if isinstance(error, OSError):  # refused, reset, timed out
        return True
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_SQLSTATE_AWAY)
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code & 0xFF in _SQLITE_AWAY
    return "connection" in str(error).lower() and "Interface" in type(error).__name__


def is_conflict(error: BaseException) -> bool:
    """Whether an error says that a row with the same unique values is there already."""
    orig = error.orig if isinstance(error, DBAPIError) else error
    if getattr(orig, "sqlstate", None) == "23505":
        return True
    return getattr(orig, "sqlite_errorname", None) in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def words(error: BaseException) -> str:
    """What an error says in one line, without statement and values: they may hold patient data."""
    orig = getattr(error, "orig", None) or error
    first = next(iter(str(orig).splitlines()), "")
    if "query argument" in first:  # asyncpg quotes the value
        first, _, _ = first.partition(":")
    return f"{type(orig).__name__}: {first}"
