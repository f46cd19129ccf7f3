"""Making the ledger's tables, and telling those of another version of vansim."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, inspect

from routing.ledger.errors import LedgerRefusal


def make(connection: Connection, metadata: MetaData) -> None:
    """Make what tables are missing.

    Raises:
        LedgerRefusal: a table that is there lacks columns; nobody would find that out before the first letter.
    """
    metadata.create_all(connection)
    inspector = inspect(connection)
    for table in metadata.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        if missing := [column.name for column in table.columns if column.name not in there]:
            raise LedgerRefusal(
                f"it was made by another version of vansim (table {table.name} has no {', '.join(missing)}); "
                "remove it, or let it be and give another"
            )
