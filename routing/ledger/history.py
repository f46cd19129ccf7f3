"""What the ledger knows that a decision needs, read for many messages in one query each.

Two rounds: by the identifiers in the envelopes' heads, and, for the few letters that had to be read, by the letters'
own identifiers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select

from envelope.facts import LetterFacts
from envelope.model import Head
from routing.case import History, Seen
from routing.ledger.messages import receipts_made
from routing.ledger.reader import Reader
from routing.ledger.schema import MESSAGES, UNFINISHED
from routing.rules import DECISIONS, Outcome


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
    quoted = set(answers.letter_ids) - {""} if answers is not None else set()
    wanted = {facts.letter_id, *quoted} - {""}
    named: ColumnElement[bool] = MESSAGES.c.letter_id.in_(wanted)
    if answers is not None and answers.envelope_id:
        # A negative receipt may name the transmission alone (OriginalLetter is 0..99).
        named = or_(named, MESSAGES.c.letter_envelope_id == answers.envelope_id)
    rows = await ledger.read(select(*_COLUMNS).where(named))
    theirs = [row for row in rows if row.way == "in" and row.sender == head.sender.id]
    # A letter identifier is unique for its sender.
    alike = [row for row in theirs if row.letter_id == facts.letter_id != "" and state_of(row) not in _MADE_NO_CLAIM]
    earlier = min(alike, key=_first, default=None)
    history = found.history
    if earlier is not None and history.envelope is None and history.message is None:
        history = replace(history, letter=Seen(earlier.key, state_of(earlier)))
        found = replace(found, earlier_thread=earlier.thread)
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
    threads = {one.earlier_thread for one in found if one.earlier_thread is not None}
    if not threads:
        return list(found)
    rows = await ledger.read(receipts_made(sorted(threads)))
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
