"""Letters as a list: the latest first, page by page, those that a search asks for.

A letter is what a participant sent and what is no receipt. What became of it (what it was converted to, what answered
it) stands in its story, and is read for the letters of one page alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from envelope.catalogue import TYPES
from routing.ledger.reader import Reader
from routing.ledger.records import instant, micros
from routing.ledger.schema import MESSAGES

RECEIPT_TYPES = tuple(sorted({row.type for row in TYPES if row.is_receipt}))
POSITIVE_NAMES = ("PositiveMessage", "MCM:XCTL03", "MCM:FCTL#ok", "MCM:CTL03")
"""How receipts that say that all is well are called: by their kind, or by the Name of their document."""

NEGATIVE_NAMES = (
    *("NegativeVans", "NegativeMessage", "MCM:XCTL01", "MCM:XCTL02", "MCM:CTL01", "MCM:CTL02"),
    *("MCM:FCTL#fatal-error", "MCM:FCTL#transient-error"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for; what is None or empty is not asked for.

    Attributes:
        sender, receiver: the beginning of a GLN.
        type: on either side of a conversion.
        receipt: `positive`, `negative` or `none`.
        after, before: when it was taken in, by network time.
        words: each has to be found: in an identifier, a rule, a reason, a type, or a party.
        parties: for each word the GLNs of the participants whose names it is in.
    """

    sender: str | None = None
    receiver: str | None = None
    type: str | None = None
    state: str | None = None
    rule: str | None = None
    receipt: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    words: tuple[str, ...] = ()
    parties: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One letter of the list.

    Attributes:
        made: the types that it was converted to.
        receipt: what answered it that tells most, as its sender gets it: a letter's receipt before an envelope's, a
            negative before a positive; None while nothing has.
        positive: whether that says that all is well.
    """

    key: int
    thread: int
    envelope_id: str
    sender: str
    receiver: str
    type: str
    made: tuple[str, ...]
    state: str
    rule: str | None
    receipt: str | None
    positive: bool
    duplicate: bool
    accepted_at: datetime


_LETTER = and_(
    MESSAGES.c.way == "in",
    MESSAGES.c.layer == "message",
    func.coalesce(MESSAGES.c.type, "").not_in(RECEIPT_TYPES),
)
_OTHERS = aliased(MESSAGES)


async def letters(ledger: Reader, wanted: Wanted, *, most: int, below: int | None = None) -> list[Listed]:
    """The latest letters that are wanted.

    Args:
        ledger: where they are.
        wanted: which.
        most: how many at most.
        below: only those whose key is smaller; the key of the last one gives the next page.
    """
    where = [_LETTER, *_conditions(wanted)]
    if below is not None:
        where.append(MESSAGES.c.key < below)
    rows = await ledger.read(select(MESSAGES).where(*where).order_by(MESSAGES.c.key.desc()).limit(most))
    return await _listed(ledger, rows)


async def of_keys(ledger: Reader, keys: Sequence[int]) -> list[Listed]:
    """These letters, the latest first."""
    where = [_LETTER, MESSAGES.c.key.in_(keys)]
    return await _listed(ledger, await ledger.read(select(MESSAGES).where(*where).order_by(MESSAGES.c.key.desc())))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = MESSAGES.c
    found: list[ColumnElement[bool]] = []
    for column, value in ((columns.sender, wanted.sender), (columns.receiver, wanted.receiver)):
        if value is not None:
            found.append(column.startswith(value, autoescape=True))
    if wanted.state is not None:
        found.append(columns.state == wanted.state)
    if wanted.rule is not None:
        found.append(func.lower(columns.rule) == wanted.rule.lower())
    if wanted.after is not None:
        found.append(columns.accepted_at >= micros(wanted.after))
    if wanted.before is not None:
        found.append(columns.accepted_at < micros(wanted.before))
    if wanted.type is not None:
        other = select(_OTHERS.c.key).where(
            _OTHERS.c.thread == columns.thread,
            _OTHERS.c.parent == columns.key,
            func.lower(_OTHERS.c.type) == wanted.type.lower(),
        )
        found.append(or_(func.lower(columns.type) == wanted.type.lower(), other.exists()))
    if wanted.receipt is not None:
        found.append(_answered(wanted.receipt))
    named = wanted.parties or ((),) * len(wanted.words)
    found += [_said(word, parties) for word, parties in zip(wanted.words, named, strict=True)]
    return found


def _answered(receipt: str) -> ColumnElement[bool]:
    names = {"positive": POSITIVE_NAMES, "negative": NEGATIVE_NAMES}.get(receipt, POSITIVE_NAMES + NEGATIVE_NAMES)
    other = select(_OTHERS.c.key).where(_OTHERS.c.thread == MESSAGES.c.thread, _OTHERS.c.name.in_(names))
    return ~other.exists() if receipt == "none" else other.exists()


def _said(word: str, parties: Sequence[str]) -> ColumnElement[bool]:
    """Whether a word is found in a letter's row, or is an identifier of anything in its story."""
    columns, low = MESSAGES.c, word.lower()
    names = (_OTHERS.c.envelope_id, _OTHERS.c.message_id, _OTHERS.c.letter_id, _OTHERS.c.letter_envelope_id)
    story = select(_OTHERS.c.thread).where(or_(*(name == word for name in names)))
    return or_(
        columns.envelope_id.startswith(word, autoescape=True),
        columns.letter_id.startswith(word, autoescape=True),
        columns.thread.in_(story),
        columns.sender.in_(parties),
        columns.receiver.in_(parties),
        columns.sender.startswith(word, autoescape=True),
        columns.receiver.startswith(word, autoescape=True),
        func.lower(columns.type).contains(low, autoescape=True),
        func.lower(columns.rule).contains(low, autoescape=True),
        func.lower(columns.reason).contains(low, autoescape=True),
    )


async def _listed(ledger: Reader, rows: Sequence[Row[Any]]) -> list[Listed]:
    below = defaultdict(list)
    if rows:
        threads = {row.thread for row in rows}
        columns = (MESSAGES.c.key, MESSAGES.c.parent, MESSAGES.c.way, MESSAGES.c.layer, MESSAGES.c.type)
        more = (MESSAGES.c.name, MESSAGES.c.relation, MESSAGES.c.receiver)
        others = select(*columns, *more).where(MESSAGES.c.thread.in_(threads), MESSAGES.c.parent.is_not(None))
        for other in await ledger.read(others.order_by(MESSAGES.c.key)):
            below[other.parent].append(other)
    return [_one(row, below) for row in rows]


def _one(row: Row[Any], below: dict[int, list[Row[Any]]]) -> Listed:
    made = [one for one in below[row.key] if one.relation == "converted" and one.layer == "message"]
    answers = [
        one
        for parent in (row.key, *(one.key for one in made))
        for one in below[parent]
        if one.relation in {"answers-letter", "answers-envelope", "refusal"}
    ]
    answer = min(answers, key=_rank, default=None)
    # The sender gets it in its own format.
    told = next((one for one in below[answer.key] if one.relation == "converted"), answer) if answer else None
    return Listed(
        key=row.key,
        thread=row.thread,
        envelope_id=row.envelope_id,
        sender=row.sender,
        receiver=row.receiver,
        type=row.type or (row.name or "").removeprefix("MCM:"),
        made=tuple(one.type for one in made),
        state=row.state,
        rule=row.rule,
        receipt=None if told is None else (told.type if told.layer == "message" and told.type else told.name),
        positive=answer is not None and answer.name in POSITIVE_NAMES,
        duplicate=row.duplicate,
        accepted_at=instant(row.accepted_at),
    )


def _rank(answer: Row[Any]) -> tuple[bool, bool, int]:
    return answer.layer != "message", answer.name in POSITIVE_NAMES, -answer.key
