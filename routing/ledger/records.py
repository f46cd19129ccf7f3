"""What is written of a message: a page of rows in the making, so that router, worker and participants write alike.

A page is one unit with its time and place. It touches nothing but the unit; keys and time are arguments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table

from envelope.facts import LetterFacts
from envelope.findings import Finding
from envelope.model import Head
from routing.ledger import schema
from routing.ledger.unit import Unit

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """An aware instant as microseconds since the epoch, as the ledger keeps time."""
    return (moment - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """The instant that `micros` wrote, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


@dataclass(frozen=True, slots=True)
class Story:
    """Where a message stands in the story of a letter.

    Attributes:
        thread: the key of the message that the story began with; None for a message that begins one.
        parent: the key of the message it was made from or answers.
        relation: how: converted, answers-envelope, answers-letter, refusal or repeat.
    """

    thread: int | None = None
    parent: int | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One envelope as the ledger keeps it.

    `state` of a received message is `taken` until its settlement is finished; then `delivered`, `ordered`, `converted`,
    `refused`, `ignored` or `repeated`. What the network makes is `made`.
    """

    key: int
    head: Head
    way: str
    type: str | None
    version: str | None
    size: int
    body: int
    state: str
    story: Story = Story()
    rule: str | None = None
    reason: str | None = None
    facts: LetterFacts | None = None
    duplicate: bool = False
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Page:
    """The rows that one settlement writes, at one time and place.

    Attributes:
        keys: makes primary keys.
        at: network time.
        place: the service that writes: router, worker, participants or api.
    """

    keys: Callable[[], int]
    at: datetime
    place: str
    unit: Unit = field(default_factory=Unit)

    def body(self, data: bytes, digest: str | None = None) -> int:
        """Keep the bytes of an envelope; gives their key."""
        key = self.keys()
        self.unit.insert(schema.BODIES, key=key, digest=digest, size=len(data), data=data)
        return key

    def message(self, entry: Entry) -> None:
        """Write one envelope, received or made."""
        head, facts, meta = entry.head, entry.facts, entry.head.message
        receipt_name = head.receipt.kind.value if head.receipt is not None else None
        self.unit.insert(
            schema.MESSAGES,
            key=entry.key,
            way=entry.way,
            layer="message" if meta is not None else "receipt",
            envelope_id=head.identifier,
            message_id=meta.identifier if meta is not None else None,
            sender=head.sender.id,
            receiver=head.receiver.id,
            type=entry.type,
            version=entry.version,
            name=meta.document.name if meta is not None else receipt_name,
            size=entry.size,
            letter_id=facts.letter_id if facts is not None else None,
            letter_envelope_id=facts.envelope_id if facts is not None else None,
            state=entry.state,
            rule=entry.rule,
            reason=entry.reason,
            duplicate=entry.duplicate,
            body=entry.body,
            parent=entry.story.parent,
            relation=entry.story.relation,
            thread=entry.story.thread if entry.story.thread is not None else entry.key,
            accepted_at=micros(self.at),
            findings=findings_json(entry.findings),
            indexed=facts is not None or meta is None,
        )

    def event(self, message: int, what: str, text: str, rule: str | None = None) -> None:
        """Write one step of a message: what happened and why. Never patient data."""
        self.unit.insert(
            schema.EVENTS,
            key=self.keys(),
            message=message,
            at=micros(self.at),
            place=self.place,
            what=what,
            rule=rule,
            text=text,
        )

    def send(self, message: int, queue: str, body: int, envelope_id: str, receiver: str | None = None) -> int:
        """Write that a message is due on a queue; gives the row's key."""
        key = self.keys()
        self.unit.insert(
            schema.SENDS,
            key=key,
            message=message,
            queue=queue,
            receiver=receiver,
            envelope_id=envelope_id,
            body=body,
            state="due",
            sent_at=None,
            taken_at=None,
        )
        return key

    def order(self, sources: Sequence[int], target: str, facts: str) -> int:
        """Write an order to convert: which messages, to what, and all else that the conversion will know."""
        key = self.keys()
        listed = json.dumps(list(sources))
        self.unit.insert(
            schema.ORDERS, key=key, sources=listed, target=target, facts=facts, state="ordered", made_at=None
        )
        for source in sources:
            self.identifier(source, "order", str(key))
        return key

    def conversion(self, source: int, remembered: str, until: datetime) -> None:
        """Write what must be remembered of a conversion to convert its receipts back, under its source's key."""
        self.unit.insert(schema.CONVERSIONS, key=source, remembered=remembered, at=micros(self.at), until=micros(until))

    def identifier(self, message: int, kind: str, value: str) -> None:
        """Write a name by which a message can be found, such as the letters that a receipt answers."""
        self.unit.insert(schema.IDENTIFIERS, key=self.keys(), value=value, kind=kind, message=message)

    def half(self, message: int, role: str, objects: Iterable[str], parties: tuple[str, str]) -> None:
        """Write which objects a letter refers to, or an attachment letter carries."""
        for name in sorted(set(objects)):
            self.unit.insert(
                schema.HALVES,
                key=self.keys(),
                message=message,
                role=role,
                object=name,
                sender=parties[0],
                receiver=parties[1],
            )

    def claim(self, name: str) -> None:
        """Claim what may happen once only; whoever else claims it is refused its whole unit."""
        self.unit.insert(schema.CLAIMS, key=self.keys(), name=name)

    def due(self, kind: str, message: int, at: datetime, content: str | None = None) -> int:
        """Write that something is to be done with a message at this network time; gives the row's key."""
        key = self.keys()
        self.unit.insert(schema.DUE, key=key, kind=kind, message=message, at=micros(at), content=content)
        return key

    def forget(self, rows: Iterable[tuple[Table, int]]) -> None:
        """Remove rows whose time is over: what was due, and what was claimed for a meeting."""
        for table, key in rows:
            self.unit.delete(table, key)

    def finished(self, message: int, state: str) -> None:
        """Say what has become of a received message."""
        self.unit.update(schema.MESSAGES, message, state=state)

    def sent(self, send: int) -> None:
        """Say that the broker has confirmed what was due."""
        self.unit.update(schema.SENDS, send, state="sent", sent_at=micros(self.at))

    def taking(self, send: int) -> None:
        """Say that a mock has what was sent, and when: what it answers is made at this time, however often."""
        self.unit.update(schema.SENDS, send, taken_at=micros(self.at))

    def taken(self, send: int, at: int | None = None) -> None:
        """Say that the receiver has taken what was sent; now, unless it was at another time."""
        self.unit.update(schema.SENDS, send, state="taken", taken_at=micros(self.at) if at is None else at)

    def made(self, order: int) -> None:
        """Say that an order was carried out; what it made is in the same unit."""
        self.unit.update(schema.ORDERS, order, state="made", made_at=micros(self.at))

    def once(self, message: int, order: int) -> None:
        """Let no other unit carry out this order: its key is taken a second time, by the row written here."""
        self.unit.insert(schema.IDENTIFIERS, key=order, value=str(order), kind="carried out", message=message)

    def refused(self, message: int, rule: str, reason: str) -> None:
        """Say that a message was refused after it was accepted, and why."""
        self.unit.update(schema.MESSAGES, message, rule=rule, reason=reason)

    def found(self, message: int, kept: str | None, findings: Iterable[Finding]) -> None:
        """Add what was found in a message after it was accepted to what the ledger has kept of it so far."""
        known = json.loads(kept) if kept else []
        more = [one for one in (finding.as_dict() for finding in findings) if one not in known]
        if more:
            self.unit.update(schema.MESSAGES, message, findings=json.dumps(known + more, ensure_ascii=False))

    def dead(self, message: int | None, body: int, queue: str, text: str, rule: str | None = None) -> None:
        """Write what could not be handled, with its bytes and its reason."""
        self.unit.insert(
            schema.DEAD,
            key=self.keys(),
            message=message,
            body=body,
            queue=queue,
            rule=rule,
            text=text,
            at=micros(self.at),
        )


def findings_json(findings: Iterable[Finding]) -> str | None:
    """Findings as the ledger keeps them, or None when there are none."""
    listed = [finding.as_dict() for finding in findings]
    return json.dumps(listed, ensure_ascii=False) if listed else None
