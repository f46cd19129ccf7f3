"""The ledger: has units committed, answers questions, and tells of changes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Self

from sqlalchemy import MetaData, Row, Select, make_url

from routing.ledger.database import FAILURES, Database, is_away, words
from routing.ledger.errors import LedgerClosed, LedgerRefusal, LedgerUnavailable
from routing.ledger.health import ASKING, FIRST_PAUSE, Health, pause
from routing.ledger.postgresql import Postgresql
from routing.ledger.schema import METADATA
from routing.ledger.sqlite import Sqlite
from routing.ledger.unit import Unit
from routing.ledger.watchers import Watchers
from routing.ledger.writer import Writer


class Ledger:
    """One database, one writer connection, a few readers.

    Args:
        url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://...` (the driver's name may be left out).
    """

    def __init__(self, url: str) -> None:
        self._database = _database(url)
        self._health = Health()
        self._writer = Writer(self._database, self._health, self._changed)
        self._closed = False
        self._changes = 0
        self._change_watchers = Watchers()

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

    async def close(self) -> None:
        """Commit what waits, unless the database is away, and let go of all connections."""
        self._closed = True
        await self._writer.close()
        await self._database.dispose()
        self._change_watchers.tell()
        self._health.watchers.tell()

    async def create(self, metadata: MetaData) -> None:
        """Make what tables are missing; several processes may do so at once."""
        await self._writer.create(metadata)

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
        return await asyncio.shield(self._writer.hand_over(units))

    def hand_over(self, units: Sequence[Unit]) -> asyncio.Future[list[Exception | None]]:
        """Have units committed; gives the future of what `commit_all` returns, which nobody may cancel.

        Raises:
            LedgerClosed: the ledger is closed.
        """
        return self._writer.hand_over(units)

    async def read(self, question: Select[Any], *, wait: bool = True) -> list[Row[Any]]:
        """All rows that answer a question.

        Args:
            question: a select over the ledger's tables.
            wait: while the database is away, wait for it.

        Raises:
            LedgerUnavailable: the database is away, and `wait` is false.
            LedgerRefusal: the database does not understand the question.
        """
        seconds = FIRST_PAUSE
        while True:
            if self._closed:
                raise LedgerClosed("The ledger is closed.")
            try:
                answer = await self._database.ask(question)
            except FAILURES as error:
                if not is_away(error):
                    raise LedgerRefusal(words(error)) from error
                self._health.away(ASKING, error)
                if not wait:
                    raise LedgerUnavailable(words(error)) from error
            else:
                self._health.well(ASKING)
                return answer
            seconds = await pause(seconds)

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
        return self._health.now()

    async def wait_for_health(self, ok: bool) -> None:
        """Wait until the ledger is well, or until it is not."""
        while self.health()[0] is not ok and not self._closed:
            await self._health.watchers.wait()

    def _changed(self) -> None:
        self._changes += 1
        self._change_watchers.tell()


def _database(url: str) -> Database:
    address = make_url(url)
    if address.drivername in {"sqlite", "sqlite+aiosqlite"}:
        return Sqlite(address)
    if address.drivername in {"postgres", "postgresql", "postgresql+asyncpg"}:
        return Postgresql(address)
    raise ValueError(f"The ledger runs on sqlite+aiosqlite and postgresql+asyncpg, not on {address.drivername}.")
