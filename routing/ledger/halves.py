"""The halves of letters, and the receipts of several letters, as the ledger keeps them until they are complete."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, and_, select

from envelope.model import Head
from routing.ledger.claims import ANSWERING
from routing.ledger.dues import HALF
from routing.ledger.history import Answered
from routing.ledger.reader import Reader
from routing.ledger.records import instant, micros
from routing.ledger.schema import CLAIMS, CONVERSIONS, DUE, HALVES, MESSAGES
from routing.pairing import Half, HalfState, Halves, Waiting
from routing.rules import DECISIONS, Outcome

REFERS, CARRIES = "refers", "carries"

_CONVERTING = {rule.id for rule in DECISIONS if rule.outcome is Outcome.CONVERT}

# What has become of a half is what has become of its message.
STATES = {
    "held": HalfState.HELD,
    "ordered": HalfState.JOINED,
    "converted": HalfState.JOINED,
    "delivered": HalfState.LET_GO,
    "refused": HalfState.REFUSED,
}


def meeting(parties: tuple[str, str], name: str) -> str:
    """The claim of whichever half of an object comes first: two that come at the same moment then see one another."""
    return f"meeting {parties[0]} {parties[1]} {name}"


def release(letter: int) -> str:
    """The claim to convert a letter with its attachments: once only."""
    return f"release {letter}"


def joining(letter: int, count: int) -> str:
    """The claim of an attachment letter that waits as the n-th of a letter that is held."""
    return f"joining {letter} {count}"


async def of_objects(ledger: Reader, parties: tuple[str, str], objects: Collection[str]) -> Halves:
    """The halves between two parties that have one of these objects.

    Args:
        ledger: where they are.
        parties: sender and receiver.
        objects: of the half that is looked at.
    """
    found = await _halves(ledger, parties, objects)
    letters = tuple(half for half, role in found if role == REFERS)
    halves = Halves(letters, tuple(half for half, role in found if role == CARRIES))
    if halves.letter is None:
        return halves
    # The held letter's other attachments decide about it too.
    more = await _halves(ledger, parties, halves.letter.objects)
    return Halves(letters, tuple(half for half, role in more if role == CARRIES))


async def _halves(ledger: Reader, parties: tuple[str, str], objects: Collection[str]) -> list[tuple[Half, str]]:
    between = and_(HALVES.c.sender == parties[0], HALVES.c.receiver == parties[1])
    named = select(HALVES.c.message).where(and_(HALVES.c.object.in_(list(objects)), between))
    rows = await ledger.read(
        select(HALVES.c.message, HALVES.c.role, HALVES.c.object, MESSAGES.c.state)
        .join(MESSAGES, MESSAGES.c.key == HALVES.c.message)
        .where(HALVES.c.message.in_(named))
        .order_by(HALVES.c.message)
    )
    kept: dict[int, list[Row[Any]]] = {}
    for row in rows:
        kept.setdefault(row.message, []).append(row)
    return [
        (Half(key, frozenset(row.object for row in group), STATES[group[0].state]), group[0].role)
        for key, group in kept.items()
        if group[0].state in STATES
    ]


async def of_message(ledger: Reader, message: int) -> tuple[Half, str] | None:
    """One half by its message, and its role; None when it is none."""
    rows = await ledger.read(
        select(HALVES.c.role, HALVES.c.object, MESSAGES.c.state)
        .join(MESSAGES, MESSAGES.c.key == HALVES.c.message)
        .where(HALVES.c.message == message)
    )
    if not rows or rows[0].state not in STATES:
        return None
    return Half(message, frozenset(row.object for row in rows), STATES[rows[0].state]), rows[0].role


async def leftovers(
    ledger: Reader, messages: Collection[int], parties: tuple[str, str], objects: Collection[str]
) -> list[tuple[Table, int]]:
    """The rows that are over when these messages go on: what was due of them, and their objects' meetings."""
    due = await ledger.read(select(DUE.c.key).where(DUE.c.message.in_(list(messages)), DUE.c.kind == HALF))
    names = [meeting(parties, name) for name in objects]
    claims = await ledger.read(select(CLAIMS.c.key).where(CLAIMS.c.name.in_(names)))
    return [(DUE, row.key) for row in due] + [(CLAIMS, row.key) for row in claims]


async def waiting(ledger: Reader, answered: Answered, head: Head) -> Waiting:
    """What has come already of the answers that a receipt belongs to.

    Args:
        ledger: where they are.
        answered: what the receipt answers; made by a conversion.
        head: of the receipt.
    """
    layer = "receipt" if head.receipt is not None else "message"
    made = await ledger.read(
        select(MESSAGES.c.key).where(
            and_(MESSAGES.c.parent == answered.source, MESSAGES.c.way == "made", MESSAGES.c.relation == "converted")
        )
    )
    rows = await ledger.read(
        select(MESSAGES.c.key, MESSAGES.c.parent, MESSAGES.c.state, MESSAGES.c.rule)
        .where(
            and_(
                MESSAGES.c.parent.in_([row.key for row in made]),
                MESSAGES.c.way == "in",
                MESSAGES.c.layer == layer,
                MESSAGES.c.relation.in_(ANSWERING),
                MESSAGES.c.state.in_(("taken", "held", "ordered", "converted", "dead")),
            )
        )
        .order_by(MESSAGES.c.key)
    )
    memory = await ledger.read(select(CONVERSIONS.c.until).where(CONVERSIONS.c.key == answered.source))
    # What is taken and not settled yet was accepted when its rule converts; what is dead answers nothing any more.
    accepted = [row for row in rows if row.state != "taken" or row.rule in _CONVERTING]
    alive = [row for row in accepted if row.state != "dead"]
    first: dict[int, Row[Any]] = {}
    for row in alive:
        first.setdefault(row.parent, row)
    return Waiting(
        expected=len(made),
        held=tuple(row.key for parent, row in first.items() if row.state == "held" and parent != answered.key),
        again=answered.key in first,
        over=any(row.state != "held" for row in alive),
        place=len(accepted),
        until=instant(memory[0].until) if memory else None,
    )


async def remembered(ledger: Reader, source: int, now: datetime) -> str | None:
    """What is remembered of the conversion of this message, as JSON; None when its three months are over."""
    rows = await ledger.read(
        select(CONVERSIONS.c.remembered).where(and_(CONVERSIONS.c.key == source, CONVERSIONS.c.until >= micros(now)))
    )
    return rows[0].remembered if rows else None
