"""What the ledger knows that a decision needs, read for many messages in one query each.

Two rounds: by the identifiers in the envelopes' heads, and, for the few letters that had to be read, by the letters'
own identifiers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from envelope.facts import LetterFacts
from envelope.model import Head
from routing.decision import History, Seen
from routing.ledger.schema import BODIES, DEAD, IDENTIFIERS, MESSAGES, ORDERS, SENDS, UNFINISHED
from routing.rules import DECISIONS, Outcome


class Reader(Protocol):
    """Reads rows; the ledger is one."""

    async def read(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """Every row of a select."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """The message that a receipt answers.

    Attributes:
        key: its ledger key.
        thread: the story that it belongs to.
        source: when a conversion made it, the key of the message it was made from, under which the conversion is
            remembered.
        by_network: whether the network sent it in its own name: a refusal, or a receipt once more.
    """

    key: int
    thread: int
    source: int | None
    by_network: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A decision's history, with what its story needs.

    Attributes:
        answered: what the message answers, when it is a receipt.
        earlier_thread: the story of the earlier message that it repeats.
        same: the row of the very same message, envelope and all: what a redelivery finds of itself.
        unfinished: that row, while something of it is left to be done.
    """

    history: History = field(default_factory=History)
    answered: Answered | None = None
    earlier_thread: int | None = None
    same: int | None = None
    unfinished: int | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order to convert: its target, what the conversion knows, and the envelopes it converts.

    Attributes:
        type: what is converted: a type of the catalogue, or the kind of an envelope receipt.
        rule: the decision that ordered it.
        findings: what was found in each source so far, as JSON.
    """

    key: int
    target: str
    facts: str
    state: str
    sources: tuple[int, ...]
    thread: int
    bodies: tuple[bytes, ...]
    body_keys: tuple[int, ...]
    type: str
    rule: str
    findings: tuple[str | None, ...]


_COLUMNS = (
    MESSAGES.c.key,
    MESSAGES.c.way,
    MESSAGES.c.envelope_id,
    MESSAGES.c.message_id,
    MESSAGES.c.letter_id,
    MESSAGES.c.letter_envelope_id,
    MESSAGES.c.sender,
    MESSAGES.c.receiver,
    MESSAGES.c.state,
    MESSAGES.c.rule,
    MESSAGES.c.parent,
    MESSAGES.c.relation,
    MESSAGES.c.thread,
)

_OUTCOMES = {rule.id: rule.outcome for rule in DECISIONS}
_SETTLING = {Outcome.DELIVER: "delivered", Outcome.REFUSE: "refused"}
_MADE_NO_CLAIM = ("refused", "ignored", "repeated")
"""What was refused may be sent again, and what only repeats another means nothing without it."""


async def of_heads(ledger: Reader, heads: Sequence[Head]) -> list[Found]:
    """What was seen of these envelopes: one query for all of them.

    Returns:
        One `Found` a head, in order: earlier envelope and message of the same sender, an unfinished row of the very
        same envelope, and, for an envelope receipt, what it answers.
    """
    envelopes = [head.identifier for head in heads]
    originals = [head.receipt.original_envelope for head in heads if head.receipt is not None]
    messages = [head.message.identifier for head in heads if head.message is not None]
    rows = await ledger.read(
        select(*_COLUMNS).where(
            or_(MESSAGES.c.envelope_id.in_(envelopes + originals), MESSAGES.c.message_id.in_(messages))
        )
    )
    if not rows:
        return [Found()] * len(heads)
    found = [_of_head(head, rows) for head in heads]
    return await _with_receipts(ledger, found, heads)


async def of_letter(ledger: Reader, found: Found, head: Head, facts: LetterFacts) -> Found:
    """Add what was seen of one letter: an earlier converted copy, and, for a receipt, what it answers."""
    answers = facts.answers
    quoted = set(answers.letter_ids) if answers is not None else set()
    wanted = [name for name in (facts.letter_id, *quoted) if name]
    named: ColumnElement[bool] = MESSAGES.c.letter_id.in_(wanted)
    if answers is not None and answers.envelope_id:
        # A negative receipt may name the transmission alone (OriginalLetter is 0..99).
        named = or_(named, MESSAGES.c.letter_envelope_id == answers.envelope_id)
    rows = await ledger.read(select(*_COLUMNS).where(named))
    theirs = [row for row in rows if row.way == "in" and row.sender == head.sender.id]
    # A letter identifier is unique for its sender.
    alike = [row for row in theirs if row.letter_id == facts.letter_id and state_of(row) not in _MADE_NO_CLAIM]
    earlier = min(alike, key=_first, default=None)
    history = found.history
    if earlier is not None and history.envelope is None and history.message is None:
        history = replace(history, letter=Seen(earlier.key, state_of(earlier)))
        found = replace(found, history=history, earlier_thread=earlier.thread)
    answered = None
    if answers is not None:
        by_envelope = answers.envelope_id if not quoted else None
        theirs = [row for row in rows if row.letter_id in quoted or row.letter_envelope_id == by_envelope is not None]
        answered = _answered(theirs, head)
    found = replace(
        found,
        history=replace(history, answers_conversion=answered is not None and answered.source is not None),
        answered=answered,
    )
    return (await _with_receipts(ledger, [found], [head]))[0]


async def bodies(ledger: Reader, keys: Sequence[int]) -> list[bytes]:
    """The bytes of these bodies, in the order of the keys; what was pruned is left out."""
    rows = await ledger.read(select(BODIES.c.key, BODIES.c.data).where(BODIES.c.key.in_(keys)))
    kept = {row.key: row.data for row in rows}
    return [kept[key] for key in keys if key in kept]


async def kept(ledger: Reader, keys: Sequence[int]) -> Sequence[Row[Any]]:
    """Messages with their bytes, in the order of their keys."""
    return await ledger.read(
        select(
            MESSAGES.c.key,
            MESSAGES.c.thread,
            MESSAGES.c.sender,
            MESSAGES.c.receiver,
            MESSAGES.c.envelope_id,
            MESSAGES.c.body,
            BODIES.c.data,
        )
        .join(BODIES, BODIES.c.key == MESSAGES.c.body)
        .where(MESSAGES.c.key.in_(keys))
        .order_by(MESSAGES.c.key)
    )


async def due(ledger: Reader, message: int) -> Sequence[Row[Any]]:
    """What is due of an unfinished message: its own way to an inbox, and all that was made of it."""
    own = select(MESSAGES.c.key).where(or_(MESSAGES.c.key == message, MESSAGES.c.parent == message))
    return await ledger.read(
        select(SENDS.c.key, SENDS.c.queue, SENDS.c.envelope_id, SENDS.c.body, SENDS.c.state, BODIES.c.data)
        .join(BODIES, BODIES.c.key == SENDS.c.body)
        .where(and_(SENDS.c.message.in_(own), SENDS.c.state == "due"))
        .order_by(SENDS.c.key)
    )


async def open_order(ledger: Reader, message: int) -> int | None:
    """The order to convert this message that was written and may not have reached its queue."""
    rows = await ledger.read(
        select(IDENTIFIERS.c.value).where(and_(IDENTIFIERS.c.message == message, IDENTIFIERS.c.kind == "order"))
    )
    return int(rows[0].value) if rows else None


async def rule_of(ledger: Reader, message: int) -> str | None:
    """The decision rule that a message was handled by."""
    rows = await ledger.read(select(MESSAGES.c.rule).where(MESSAGES.c.key == message))
    return rows[0].rule if rows else None


async def ordered(ledger: Reader, order: int) -> Ordered | None:
    """An order to convert, with the bytes of its sources."""
    rows = await ledger.read(select(ORDERS).where(ORDERS.c.key == order))
    if not rows:
        return None
    keys = json.loads(rows[0].sources)
    sources = await ledger.read(
        select(
            MESSAGES.c.key,
            MESSAGES.c.thread,
            MESSAGES.c.layer,
            MESSAGES.c.type,
            MESSAGES.c.name,
            MESSAGES.c.rule,
            MESSAGES.c.findings,
            MESSAGES.c.body,
            BODIES.c.data,
        )
        .join(BODIES, BODIES.c.key == MESSAGES.c.body)
        .where(MESSAGES.c.key.in_(keys))
    )
    listed = sorted(sources, key=lambda row: keys.index(row.key))
    return Ordered(
        order,
        rows[0].target,
        rows[0].facts,
        rows[0].state,
        tuple(row.key for row in listed),
        listed[0].thread,
        tuple(row.data for row in listed),
        tuple(row.body for row in listed),
        listed[0].type if listed[0].layer == "message" else listed[0].name,
        listed[0].rule,
        tuple(row.findings for row in listed),
    )


async def waiting_inboxes(ledger: Reader) -> list[str]:
    """The participants that have something in their inbox."""
    rows = await ledger.read(select(SENDS.c.receiver).where(SENDS.c.state.in_(("due", "sent"))).distinct())
    return [row.receiver for row in rows if row.receiver]


async def sent_to(ledger: Reader, queue: str, envelope_id: str) -> Sequence[Row[Any]]:
    """What was sent of an envelope to a queue and not said to be taken yet."""
    return await ledger.read(
        select(SENDS.c.key, SENDS.c.message).where(
            and_(SENDS.c.queue == queue, SENDS.c.envelope_id == envelope_id, SENDS.c.state != "taken")
        )
    )


async def sends_to(ledger: Reader, queue: str, envelope_id: str) -> Sequence[Row[Any]]:
    """All that was sent of an envelope to a queue, oldest first, and what has become of it."""
    return await ledger.read(
        select(SENDS.c.key, SENDS.c.message, SENDS.c.state, SENDS.c.taken_at)
        .where(and_(SENDS.c.queue == queue, SENDS.c.envelope_id == envelope_id))
        .order_by(SENDS.c.key)
    )


_DEAD = select(DEAD.c.queue, DEAD.c.text, DEAD.c.rule, DEAD.c.body, BODIES.c.data).join(
    BODIES, BODIES.c.key == DEAD.c.body
)


async def dead_of(ledger: Reader, message: int) -> Sequence[Row[Any]]:
    """The dead letters of a message."""
    return await ledger.read(_DEAD.where(DEAD.c.message == message).order_by(DEAD.c.key))


async def dead_like(ledger: Reader, queue: str, rule: str, body: bytes) -> Sequence[Row[Any]]:
    """The latest dead letter from this queue, under this rule, with these very bytes."""
    alike = and_(DEAD.c.queue == queue, DEAD.c.rule == rule, BODIES.c.size == len(body), BODIES.c.data == body)
    return await ledger.read(_DEAD.where(alike).order_by(DEAD.c.key.desc()).limit(1))


async def named(ledger: Reader, kind: str, value: str) -> Sequence[int]:
    """The messages that have this name of this kind."""
    rows = await ledger.read(
        select(IDENTIFIERS.c.message).where(and_(IDENTIFIERS.c.value == value, IDENTIFIERS.c.kind == kind))
    )
    return [row.message for row in rows]


async def is_taken(ledger: Reader, queue: str, envelope_id: str) -> bool:
    """Whether an envelope was taken from this queue before, and nothing of it is waiting there."""
    rows = await ledger.read(
        select(SENDS.c.state).where(and_(SENDS.c.queue == queue, SENDS.c.envelope_id == envelope_id))
    )
    return bool(rows) and all(row.state == "taken" for row in rows)


async def inbox_bodies(ledger: Reader, queue: str, most: int) -> Sequence[Row[Any]]:
    """What waits in an inbox, oldest first: looked at in the ledger, so that nothing is used up."""
    return await ledger.read(
        select(SENDS.c.envelope_id, BODIES.c.data)
        .join(BODIES, BODIES.c.key == SENDS.c.body)
        .where(and_(SENDS.c.queue == queue, SENDS.c.state != "taken"))
        .order_by(SENDS.c.key)
        .limit(most)
    )


async def bodies_made_of(ledger: Reader, message: int) -> list[int]:
    """The bodies of what was made of a message, in the order it was made."""
    made = and_(MESSAGES.c.parent == message, MESSAGES.c.way == "made", MESSAGES.c.relation == "converted")
    rows = await ledger.read(select(MESSAGES.c.body).where(made).order_by(MESSAGES.c.key))
    return [row.body for row in rows]


def _of_head(head: Head, rows: Sequence[Row[Any]]) -> Found:
    message_id = head.message.identifier if head.message is not None else None
    # What was accepted first is what later ones repeat; what was refused has made no claim on its identifiers.
    mine = [row for row in rows if row.way == "in" and row.sender == head.sender.id]
    mine.sort(key=_first)
    same_envelope = [row for row in mine if row.envelope_id == head.identifier]
    envelope = same_envelope[0] if same_envelope else None
    message = None
    if message_id is not None:
        alike = (row for row in mine if row.message_id == message_id and state_of(row) not in _MADE_NO_CLAIM)
        message = next(alike, None)
        if envelope is not None and envelope.message_id == message_id:
            message = envelope
    same = [row for row in same_envelope if row.message_id == message_id]
    answered = None
    if head.receipt is not None:
        originals = [row for row in rows if row.envelope_id == head.receipt.original_envelope]
        answered = _answered(originals, head)
    earlier = envelope or message
    return Found(
        History(
            envelope=Seen(envelope.key, state_of(envelope)) if envelope is not None else None,
            message=Seen(message.key, state_of(message)) if message is not None else None,
            answers_conversion=answered is not None and answered.source is not None,
            answers_network=answered is not None and answered.by_network,
        ),
        answered,
        earlier.thread if earlier is not None else None,
        next((row.key for row in same), None),
        next((row.key for row in same if row.state == "taken"), None),
    )


def state_of(row: Row[Any]) -> str:
    """What has become of a message, or will have when its settlement is finished: its rows say so already."""
    state = str(row.state)
    outcome = _OUTCOMES.get(row.rule) if state in UNFINISHED else None
    return _SETTLING.get(outcome, state) if outcome is not None else state


def _first(row: Row[Any]) -> tuple[bool, bool, int]:
    """What was converted goes before what was passed on as it is, and that before what was refused."""
    state = state_of(row)
    return state == "refused", state == "delivered", row.key


def _answered(rows: Sequence[Row[Any]], head: Head) -> Answered | None:
    """The message between the same two parties that a receipt answers; one made by a conversion goes first."""
    theirs = [row for row in rows if row.sender == head.receiver.id and row.receiver == head.sender.id]
    theirs.sort(key=lambda row: (row.way != "made", row.key))
    if not theirs:
        return None
    row = theirs[0]
    source = row.parent if row.relation == "converted" else None
    return Answered(row.key, row.thread, source, row.way == "made" and source is None)


async def _with_receipts(ledger: Reader, found: Sequence[Found], heads: Sequence[Head]) -> list[Found]:
    """Add whether the network has receipts for what was converted before."""
    threads = {
        one.earlier_thread: head.sender.id
        for one, head in zip(found, heads, strict=True)
        if one.earlier_thread is not None
    }
    if not threads:
        return list(found)
    rows = await ledger.read(receipts_made(list(threads)))
    answered = {(row.thread, row.receiver) for row in rows}

    def marked(seen: Seen | None, one: Found, head: Head) -> Seen | None:
        if seen is None:
            return None
        return replace(seen, has_receipts=(one.earlier_thread, head.sender.id) in answered)

    return [
        replace(
            one,
            history=replace(
                one.history,
                envelope=marked(one.history.envelope, one, head),
                message=marked(one.history.message, one, head),
                letter=marked(one.history.letter, one, head),
            ),
        )
        for one, head in zip(found, heads, strict=True)
    ]


def receipts_made(threads: Sequence[int]) -> Select[Any]:
    """Select the receipts that the network itself has made in these stories, in the order they were made."""
    receipt = or_(
        MESSAGES.c.layer == "receipt",
        MESSAGES.c.type.in_(("XCTL01", "XCTL02", "XCTL03", "Acknowledgement")),
    )
    return (
        select(MESSAGES.c.key, MESSAGES.c.thread, MESSAGES.c.receiver, MESSAGES.c.type, MESSAGES.c.body)
        .where(
            and_(
                MESSAGES.c.thread.in_(threads),
                MESSAGES.c.way == "made",
                MESSAGES.c.relation != "repeat",
                receipt,
            )
        )
        .order_by(MESSAGES.c.key)
    )
