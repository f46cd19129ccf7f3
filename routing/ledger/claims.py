"""Claims: what may happen once only, though two routers have it in hand at the same moment.

What a router passes on for the first time, decides to convert, or holds for its other half, it claims by its message
and its letter identifier in the transaction that accepts it; a receipt that answers a conversion, by its place among
those that do. The loser's unit is refused as a whole; it looks again, and finds what it repeats.
A message that is refused after all gives its claims up in the transaction that refuses it: it may be sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Table, func, select

from routing.ledger.reader import Reader
from routing.ledger.schema import CLAIMS, MESSAGES

ANSWERING = ("answers-letter", "answers-envelope")
"""How a receipt stands to what it answers."""


def names(sender: str | None, message_id: str | None, letter_id: str | None) -> list[str]:
    """What a message claims: its identifier and its letter's, both unique for their sender alone."""
    known = (("message", message_id), ("letter", letter_id))
    return [f"{kind} {sender} {identifier}" for kind, identifier in known if identifier]


def answer(layer: str, source: int, place: int) -> str:
    """What a receipt of one layer claims that is accepted as the n-th of its conversion.

    Args:
        layer: of the receipt's row: `message` or `receipt`.
        source: the message that the conversion was of.
        place: how many were accepted before.
    """
    return f"answers {layer} {source} {place}"


async def given_up(ledger: Reader, messages: Iterable[int]) -> Sequence[tuple[Table, int]]:
    """The rows that these messages have claimed their names by, to be removed."""
    keys = list(messages)
    rows = await ledger.read(
        select(MESSAGES.c.sender, MESSAGES.c.message_id, MESSAGES.c.letter_id).where(MESSAGES.c.key.in_(keys))
    )
    claimed = [name for row in rows for name in names(row.sender, row.message_id, row.letter_id)]
    claimed += await _answers(ledger, keys)
    if not claimed:
        return []
    found = await ledger.read(select(CLAIMS.c.key).where(CLAIMS.c.name.in_(claimed)))
    return [(CLAIMS, row.key) for row in found]


async def _answers(ledger: Reader, messages: Sequence[int]) -> list[str]:
    """Every place that a receipt beside these, if they are such, may have claimed."""
    made = MESSAGES.alias()
    answering = (
        select(MESSAGES.c.layer, made.c.parent.label("source"))
        .join(made, made.c.key == MESSAGES.c.parent)
        .where(MESSAGES.c.relation.in_(ANSWERING), made.c.relation == "converted")
    )
    sources = {row.source for row in await ledger.read(answering.where(MESSAGES.c.key.in_(messages)))}
    if not sources:
        return []
    counted = answering.add_columns(func.count().label("number")).where(made.c.parent.in_(sources))
    rows = await ledger.read(counted.group_by(MESSAGES.c.layer, made.c.parent))
    return [answer(row.layer, row.source, place) for row in rows for place in range(row.number)]
