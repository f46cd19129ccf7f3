"""One message in hand, and the office that decides about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from broker.port import Delivery
from envelope.catalogue import MessageType
from envelope.facts import LetterFacts
from envelope.findings import Finding
from envelope.model import Head
from envelope.reading import Reading
from routing.case import Arrival
from routing.directory import Directory
from routing.ledger.history import Found
from routing.ledger.records import Page, Story


@dataclass(slots=True)
class Case:
    """One message in hand: what was read of it so far, and in the end what was decided."""

    delivery: Delivery
    key: int
    reading: Reading
    type: MessageType | None
    findings: tuple[Finding, ...] = ()
    found: Found = field(default_factory=Found)
    facts: LetterFacts | None = None
    refused: tuple[Finding, ...] = ()

    @property
    def head(self) -> Head:
        """The envelope's head."""
        return self.reading.head

    @property
    def arrival(self) -> Arrival:
        """What the decision is told of it."""
        return Arrival(self.reading.head, self.type)


@dataclass(frozen=True, slots=True)
class Office:
    """What every outcome needs to know beside the case: keys, time, directory and the conversion's settings."""

    keys: Callable[[], int]
    now: datetime
    directory: Directory

    def page(self) -> Page:
        """A new page for one settlement."""
        return Page(self.keys, self.now, "router")


def story_of(case: Case) -> Story:
    """Which story a message belongs to: that of what it answers, that of what it repeats, or its own."""
    answered = case.found.answered
    if answered is not None:
        relation = "answers-envelope" if case.head.receipt is not None else "answers-letter"
        return Story(answered.thread, answered.key, relation)
    if case.found.earlier_thread is not None:
        seen = case.found.history.envelope or case.found.history.message or case.found.history.letter
        return Story(case.found.earlier_thread, seen.key if seen is not None else None, "repeat")
    return Story()
