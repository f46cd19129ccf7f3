"""What can go wrong between the ledger and who uses it; none of it is about a message's content."""

from __future__ import annotations


class LedgerError(Exception):
    """A unit was not committed, or a question not answered."""


class LedgerConflict(LedgerError):  # noqa: N818 (an answer of the database, not a failure of it)
    """A row with the same unique values is there already: somebody was first."""


class LedgerRefusal(LedgerError):  # noqa: N818 (an answer of the database)
    """The database does not take a unit's rows, whenever it is tried again."""


class LedgerUnavailable(LedgerError):  # noqa: N818 (says what is, as the interface names it)
    """The database is away, and who asked did not want to wait."""


class LedgerClosed(LedgerError):  # noqa: N818 (likewise)
    """The ledger was closed before the unit was committed."""
