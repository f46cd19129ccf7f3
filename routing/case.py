"""A message's case: what a decision about it is told, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field

from envelope.catalogue import MessageType
from envelope.findings import Finding
from envelope.model import Head
from routing.pairing import Halves, Pairing, Waiting
from routing.rules import DecisionRule, Outcome


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the head of an envelope tells: the head and the catalogue's type of its payload, None when unknown."""

    head: Head
    type: MessageType | None

    @property
    def type_name(self) -> str:
        """The type in words: the catalogue's, else the envelope's own Name without prefix and postfix."""
        if self.type is not None:
            return self.type.type
        if self.head.message is None:
            return "Receipt"
        return self.head.message.document.name.removeprefix("MCM:").partition("#")[0]


@dataclass(frozen=True, slots=True)
class Seen:
    """An earlier message of the same sender: its ledger key, state, and whether the network has receipts for it."""

    key: int
    state: str
    has_receipts: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger knows that a decision needs.

    Attributes:
        envelope: the earlier message with the same EnvelopeIdentifier.
        message: the earlier message with the same message Identifier.
        letter: the earlier converted message with the same letter identifier (looked up when the letter was read).
        answers_conversion: whether a receipt answers a letter or envelope that a conversion made.
        answers_network: whether it answers what the network sent in its own name: a refusal, or a receipt once more.
        halves: the other halves of a letter with attachments, or of an attachment letter.
        waiting: of a receipt that answers a conversion: what has come of the others.
    """

    envelope: Seen | None = None
    message: Seen | None = None
    letter: Seen | None = None
    answers_conversion: bool = False
    answers_network: bool = False
    halves: Halves = field(default_factory=Halves)
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, by which rule, and why.

    Attributes:
        target: what to convert to (CONVERT).
        earlier: the ledger key of the message that this one repeats (DELIVER as a duplicate, REPEAT, IGNORE).
        findings: why it is refused (REFUSE).
        receipts: the receipts that the refusal makes, in order: NegativeVans, XCTL01.
        pairing: what becomes of a half, and of the others with it (HOLD, RELEASE, DELIVER).
        joined: the keys of the receipts that are converted together with this one (CONVERT).
    """

    rule: DecisionRule
    reason: str
    target: str | None = None
    earlier: int | None = None
    findings: tuple[Finding, ...] = ()
    receipts: tuple[str, ...] = ()
    pairing: Pairing | None = None
    joined: tuple[int, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What the router does."""
        return self.rule.outcome
