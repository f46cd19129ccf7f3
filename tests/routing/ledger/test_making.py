"""The ledger's tables are made when they are missing, and those of another version are told."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from routing.ledger.errors import LedgerRefusal
from routing.ledger.ledger import Ledger


def version(*columns: str) -> MetaData:
    """A version of a table."""
    metadata = MetaData()
    key = Column("key", BigInteger, primary_key=True, autoincrement=False)
    Table("letters", metadata, key, *(Column(name, Text) for name in columns))
    return metadata


async def test_tables_of_the_same_version_are_taken_as_they_are(ledger: Ledger) -> None:
    """Made once, they are there, and making them again changes nothing; columns more than ours do no harm."""
    await ledger.create(version("sender", "receiver"))
    await ledger.create(version("sender", "receiver"))
    await ledger.create(version("sender"))


async def test_tables_of_another_version_are_refused(ledger: Ledger) -> None:
    """A table that lacks columns is told by name at the start, not with the first letter."""
    await ledger.create(version("sender"))
    with pytest.raises(LedgerRefusal, match=r"another version of vansim \(table letters has no receiver, type\)"):
        await ledger.create(version("sender", "receiver", "type"))
    assert ledger.health()[0]
