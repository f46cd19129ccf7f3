"""VANSEnvelope 1.0.4 as values: Message and the three receipts.

The names are the schema's own (namespace `urn:oio:medcom:vans-envelope:1.0.4`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Party:
    """SenderID or ReceiverID: an identifier and its EndPointType (EAN, CVR or VANS)."""

    id: str
    type: str = "EAN"


@dataclass(frozen=True, slots=True)
class Document:
    """What the envelope says of its payload; `size` counts the decoded payload's bytes."""

    format: str
    name: str
    size: int
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Processing:
    """Who processed the message on its way."""

    provider: str
    service: str


@dataclass(frozen=True, slots=True)
class Transport:
    """How the message wants to travel: Type (reliable, unreliable or absent) and up to five service tags."""

    transform: bool
    type: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MetaInformation:
    """MetaInformation of a Message, or the OriginalMessage that a receipt quotes."""

    identifier: str
    document: Document
    processing: Processing | None = None
    transport: Transport | None = None

    def tag(self, name: str) -> str | None:
        """The value of the first service tag of this name, or None."""
        return next((value for key, value in self.transport.tags if key == name), None) if self.transport else None


class ReceiptKind(StrEnum):
    """The three receipts of the envelope layer, under their element names."""

    NEGATIVE_VANS = "NegativeVans"
    NEGATIVE_MESSAGE = "NegativeMessage"
    POSITIVE_MESSAGE = "PositiveMessage"


@dataclass(frozen=True, slots=True)
class Receipt:
    """An envelope receipt: which envelope it answers, and how.

    `description` (1 to 512 characters) and `code` are there on the two negative kinds only; `original` may be missing
    on NegativeVans only.
    """

    kind: ReceiptKind
    original_envelope: str
    original: MetaInformation | None = None
    description: str | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Everything of an envelope but its Data: exactly one of `message` and `receipt` is there.

    `sent` is the lexical SentDateTime, as written.
    """

    sender: Party
    receiver: Party
    identifier: str
    sent: str
    message: MetaInformation | None = None
    receipt: Receipt | None = None
