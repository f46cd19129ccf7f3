"""The whole story of a letter: every envelope that belongs to it, on both sides of a conversion, with every step.

Letters that are passed through are not read on their way. They are read here, the first time that somebody asks for a
letter by its own identifier, and what they say is then kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Row, Select, and_, or_, select

from envelope.catalogue import find, recognise
from envelope.findings import Refused
from envelope.payload_facts import letter_facts
from envelope.reading import payload
from routing.ledger.records import instant
from routing.ledger.schema import BODIES, EVENTS, IDENTIFIERS, MESSAGES
from routing.ledger.unit import Unit

_PAGE = 200
_FIRST = 4096


class Keeper(Protocol):
    """Reads rows and commits units; the ledger is one."""

    async def read(self, question: Select[Any]) -> Sequence[Row[Any]]:
        """Every row of a select."""
        ...

    async def commit(self, unit: Unit) -> None:
        """Commit one unit."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One event: when (ISO 8601, UTC), where, what, by which rule, and why in words."""

    at: str
    place: str
    what: str
    rule: str | None
    text: str


@dataclass(slots=True)
class Node:
    """One envelope of a story, its steps, and what was made from it or answers it."""

    key: int
    way: str
    layer: str
    type: str | None
    version: str | None
    name: str | None
    envelope_id: str
    message_id: str | None
    letter_id: str | None
    letter_envelope_id: str | None
    sender: str
    receiver: str
    state: str
    rule: str | None
    reason: str | None
    relation: str | None
    duplicate: bool
    accepted_at: str
    size: int
    findings: list[dict[str, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterable[Node]:
        """This node and all below it, in the order of the story."""
        yield self
        for child in self.children:
            yield from child.walk()


async def timeline(ledger: Keeper, identifier: str) -> tuple[Node, ...]:
    """The story that an identifier of either end belongs to.

    Args:
        ledger: where the story is kept.
        identifier: an EnvelopeIdentifier, a message Identifier, a letter's or bundle's own identifier.

    Returns:
        The roots of the story (one, as a rule), or nothing when the identifier is unknown.
    """
    threads = await _threads(ledger, identifier)
    if not threads:
        await index_letters(ledger)
        threads = await _threads(ledger, identifier)
    if not threads:
        return ()
    await index_letters(ledger, threads)
    rows = {row.key: row for row in await ledger.read(select(MESSAGES).where(MESSAGES.c.thread.in_(threads)))}
    links = await _late_links(ledger, list(rows.values()))
    more = {row.thread for row in links.values()} - set(threads)
    if more:
        for row in await ledger.read(select(MESSAGES).where(MESSAGES.c.thread.in_(more))):
            rows[row.key] = row
    events = await ledger.read(
        select(EVENTS).where(EVENTS.c.message.in_(list(rows))).order_by(EVENTS.c.at, EVENTS.c.key)
    )
    return _tree(rows.values(), events, {key: row.parent for key, row in links.items()})


async def index_letters(ledger: Keeper, threads: Sequence[int] | None = None) -> None:
    """Read the letters that were passed through unread, and keep their identifiers.

    Args:
        ledger: where their bodies are.
        threads: only those of these stories; None for all.
    """
    wanted = and_(MESSAGES.c.indexed.is_(False), MESSAGES.c.layer == "message")
    if threads is not None:
        wanted = and_(wanted, MESSAGES.c.thread.in_(threads))
    while True:
        rows = await ledger.read(
            select(MESSAGES.c.key, BODIES.c.data)
            .join(BODIES, BODIES.c.key == MESSAGES.c.body)
            .where(wanted)
            .limit(_PAGE)
        )
        if not rows:
            return
        unit = Unit()
        for row in rows:
            letter_id, envelope_id = _names(row.data)
            unit.update(MESSAGES, row.key, letter_id=letter_id, letter_envelope_id=envelope_id, indexed=True)
        await ledger.commit(unit)


def _names(body: bytes) -> tuple[str | None, str | None]:
    try:
        # Not by what the envelope says: it may be refused, and its letter is looked for all the same.
        letter = payload(body)
        recognised = recognise(letter[:_FIRST])
        type_ = find(recognised.type) if recognised is not None else None
        if type_ is None:
            return None, None
        facts = letter_facts(letter, type_)
    except Refused:  # what was passed through need not be readable
        return None, None
    return facts.letter_id or None, facts.envelope_id or None


async def _threads(ledger: Keeper, identifier: str) -> list[int]:
    named = or_(
        MESSAGES.c.envelope_id == identifier,
        MESSAGES.c.message_id == identifier,
        MESSAGES.c.letter_id == identifier,
        MESSAGES.c.letter_envelope_id == identifier,
    )
    # An envelope that could not be read has no row of its own, only the answer to it.
    unread = select(MESSAGES.c.thread).join(IDENTIFIERS, IDENTIFIERS.c.message == MESSAGES.c.key)
    unread = unread.where(and_(IDENTIFIERS.c.value == identifier, IDENTIFIERS.c.kind == "refused"))
    rows = [*await ledger.read(select(MESSAGES.c.thread).where(named)), *await ledger.read(unread)]
    threads = {row.thread for row in rows}
    if threads:
        threads |= await _answered_threads(ledger, threads)
    return sorted(threads)


async def _answered_threads(ledger: Keeper, threads: Iterable[int]) -> set[int]:
    """The stories of the letters that receipts in these quote, where they could not be joined on their way."""
    receipts = await ledger.read(_QUOTES.where(and_(MESSAGES.c.thread.in_(list(threads)), _ANSWERS)))
    if not receipts:
        return set()
    await index_letters(ledger)
    quoted = [receipt.value for receipt in receipts]
    letters = await ledger.read(select(MESSAGES).where(MESSAGES.c.letter_id.in_(quoted)))
    return {letter.thread for receipt in receipts if (letter := _quoted(receipt, letters)) is not None}


@dataclass(frozen=True, slots=True)
class _Link:
    parent: int
    thread: int


_ANSWERS = IDENTIFIERS.c.kind == "answers"
_QUOTES = select(IDENTIFIERS.c.value, MESSAGES.c.key, MESSAGES.c.thread, MESSAGES.c.sender, MESSAGES.c.receiver).join(
    MESSAGES, MESSAGES.c.key == IDENTIFIERS.c.message
)


async def _late_links(ledger: Keeper, rows: Sequence[Row[Any]]) -> dict[int, _Link]:
    """The receipts that answer letters of this story and came before the letters were read."""
    named = [row.letter_id for row in rows if row.letter_id]
    if not named:
        return {}
    receipts = await ledger.read(_QUOTES.where(and_(_ANSWERS, IDENTIFIERS.c.value.in_(named))))
    return {
        receipt.key: _Link(letter.key, receipt.thread)
        for receipt in receipts
        if (letter := _quoted(receipt, rows)) is not None
    }


def _quoted(receipt: Row[Any], letters: Sequence[Row[Any]]) -> Row[Any] | None:
    """The letter that a receipt quotes: the first under that identifier between the same two parties."""
    theirs = [
        letter
        for letter in letters
        if letter.letter_id == receipt.value
        and (letter.sender, letter.receiver) == (receipt.receiver, receipt.sender)
        and letter.key != receipt.key
    ]
    return min(theirs, key=lambda letter: letter.key, default=None)


def _tree(rows: Iterable[Row[Any]], events: Sequence[Row[Any]], late: dict[int, int]) -> tuple[Node, ...]:
    nodes = {row.key: _node(row) for row in rows}
    for event in events:
        step = Step(_iso(event.at), event.place, event.what, event.rule, event.text)
        nodes[event.message].steps.append(step)
    roots = []
    for row in sorted(rows, key=lambda one: one.key):
        parent = late.get(row.key, row.parent)
        if row.key in late:
            nodes[row.key].relation = "answers-letter"
        if parent is not None and parent in nodes and parent != row.key:
            nodes[parent].children.append(nodes[row.key])
        else:
            roots.append(nodes[row.key])
    return tuple(roots)


def _node(row: Row[Any]) -> Node:
    return Node(
        key=row.key,
        way=row.way,
        layer=row.layer,
        type=row.type,
        version=row.version,
        name=row.name,
        envelope_id=row.envelope_id,
        message_id=row.message_id,
        letter_id=row.letter_id,
        letter_envelope_id=row.letter_envelope_id,
        sender=row.sender,
        receiver=row.receiver,
        state=row.state,
        rule=row.rule,
        reason=row.reason,
        relation=row.relation,
        duplicate=row.duplicate,
        accepted_at=_iso(row.accepted_at),
        size=row.size,
        findings=json.loads(row.findings) if row.findings else [],
    )


def _iso(value: int) -> str:
    return instant(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
