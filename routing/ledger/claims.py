"""Claims to convert: two routers that have the same message in hand at the same moment convert it once.

What a router decides to convert, or to hold for its other half, it claims by its message and its letter identifier in
the transaction that accepts it. The loser's unit is refused as a whole; it looks again, and finds what it repeats.
A message that is refused after all gives its claims up in the transaction that refuses it: it may be sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Table, select

from routing.ledger.reader import Reader
from routing.ledger.schema import CLAIMS, MESSAGES


def names(sender: str | None, message_id: str | None, letter_id: str | None) -> list[str]:
    """What a message claims: its identifier and its letter's, both unique for their sender alone."""
    known = (("message", message_id), ("letter", letter_id))
    return [f"{kind} {sender} {identifier}" for kind, identifier in known if identifier]


async def given_up(ledger: Reader, messages: Iterable[int]) -> Sequence[tuple[Table, int]]:
    """The rows that these messages have claimed their names by, to be removed."""
    rows = await ledger.read(
        select(MESSAGES.c.sender, MESSAGES.c.message_id, MESSAGES.c.letter_id).where(MESSAGES.c.key.in_(list(messages)))
    )
    claimed = [name for row in rows for name in names(row.sender, row.message_id, row.letter_id)]
    if not claimed:
        return []
    found = await ledger.read(select(CLAIMS.c.key).where(CLAIMS.c.name.in_(claimed)))
    return [(CLAIMS, row.key) for row in found]
