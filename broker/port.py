"""The port: all that the rest of vansim knows of queues, kept small so that two implementations can stay equal.

Queues (the contract vendors code against): everything published to `vans.submit` arrives in `vans.route`; conversion
orders travel in `vans.convert`; each participant has `inbox.<GLN>`; what could not be handled ends in `vans.dead`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from envelope.findings import Finding
from routing.ledger.unit import Unit

SUBMIT = "vans.submit"
ROUTE = "vans.route"
CONVERT = "vans.convert"
DEAD = "vans.dead"

REPEATED = "vans-repeated"
"""The header of what its publisher has put before the router again, not knowing whether it was put there before."""


def inbox(gln: str) -> str:
    """The name of a participant's inbox queue."""
    return f"inbox.{gln}"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The ledger's rows of what is sent to an inbox.

    Attributes:
        key: of the sending (`sends.key`).
        message: of the envelope that travels (`messages.key`).
    """

    key: int
    message: int


@dataclass(frozen=True, slots=True)
class Send:
    """One message to put on a queue.

    Attributes:
        queue: the queue's name.
        body: the bytes, forwarded as they are.
        body_key: the ledger row that holds the same bytes (committed with the unit, or before it).
        message_id: the EnvelopeIdentifier; an order's is that of the envelope it is about.
        headers: small texts for operators, such as the reason of a dead letter; never patient data.
        dispatch: the rows of what goes to an inbox, where its sender has them at hand.
    """

    queue: str
    body: bytes
    body_key: int | None
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    dispatch: Dispatch | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """One message taken from a queue and not yet acked.

    Attributes:
        token: what the broker needs to ack it or give it back.
        body_key: the ledger row that holds the body already (the embedded broker), else None.
        suspect: work on it may have begun in a process that died, so its next start is counted as a try.
        again: the very same message may have been settled before and its ack lost, or its publisher may have put it
            here twice after a lost connection or a crash (on the embedded broker, where decision and ack are one
            transaction, the latter alone); it must not be taken for a sender's duplicate.
        user_id: the broker user that published it, where the broker knows.
        dispatch: the rows of its sending, where it comes straight from it and for the first time: they need not be
            looked for. None from RabbitMQ, after a restart, and of what was given back.
    """

    queue: str
    body: bytes
    message_id: str | None
    token: object
    body_key: int | None = None
    suspect: bool = False
    again: bool = False
    user_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dispatch: Dispatch | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Settlement:
    """What became of one delivery: rows to commit, messages to publish, rows that say it is finished, and the ack.

    On RabbitMQ: commit `unit`, publish `sends` with confirms, commit `finish`, ack. Embedded: all in one transaction.
    Without a delivery it is what the network does of itself, when a time has come.
    """

    delivery: Delivery | None
    unit: Unit
    sends: Sequence[Send] = ()
    finish: Unit = field(default_factory=Unit)

    @property
    def queue(self) -> str:
        """Where the delivery came from."""
        return self.delivery.queue if self.delivery is not None else ""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the broker can be used now, and in words why not.

    Attributes:
        findings: the queues that have not answered in time (VS-605).
    """

    ok: bool
    text: str
    findings: tuple[Finding, ...] = ()


class Consumer(ABC):
    """Takes from one queue, up to `prefetch` messages unacked at a time; several may compete."""

    @abstractmethod
    async def take(self, most: int) -> list[Delivery]:
        """Wait for at least one delivery, then return all that are here, `most` at the most."""

    @abstractmethod
    async def close(self) -> None:
        """Stop taking; what is unacked is there again for others."""


class Broker(ABC):
    """Queues that keep what was confirmed, deliver at least once, and wait out a lost connection."""

    @abstractmethod
    async def open(self) -> None:
        """Connect and declare the fixed topology; waits and retries while the broker is away."""

    @abstractmethod
    async def close(self) -> None:
        """Stop; nothing confirmed is lost."""

    @abstractmethod
    async def submit(
        self, body: bytes, message_id: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Publish to `vans.submit` as the network itself; returns when the broker has confirmed."""

    @abstractmethod
    async def declare(self, queue: str) -> None:
        """Make a queue when it is not there yet: who may make none finds it, and waits at it."""

    @abstractmethod
    async def consumer(self, queue: str, prefetch: int) -> Consumer:
        """Start taking from a queue, declaring it when it is not there yet."""

    @abstractmethod
    async def receive(self, queue: str, wait: float) -> Delivery | None:
        """Take one message, waiting `wait` seconds at the most."""

    @abstractmethod
    async def settle(self, settlements: Sequence[Settlement]) -> list[Exception | None]:
        """Carry out settlements together; one that fails says why in its place and takes no neighbour back."""

    @abstractmethod
    async def give_back(self, delivery: Delivery) -> None:
        """Put a delivery back at its queue for others, unacked."""

    @abstractmethod
    def health(self) -> Health:
        """Whether the broker can be used at this moment."""
