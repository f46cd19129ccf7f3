"""What the network itself sends: letters and receipts wrapped, written into the ledger, and ready to publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from broker.port import Dispatch, Send, inbox
from envelope.catalogue import MessageType, check, document, find, transport
from envelope.facts import LetterFacts
from envelope.findings import Finding, most_severe_first
from envelope.model import Head, MetaInformation, Party, Receipt
from envelope.payload_facts import letter_facts
from envelope.pieces import Pieces
from envelope.reading import payload, read
from envelope.writing import write
from routing.ledger.records import Entry, Page, Story

_DANISH = ZoneInfo("Europe/Copenhagen")
_DESCRIPTION = 512


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An envelope made by the network: its head, its bytes, and what it carries."""

    head: Head
    body: bytes
    type: MessageType | None
    facts: LetterFacts | None = None

    @property
    def name(self) -> str:
        """What it is, for people: a type of the catalogue, or the kind of an envelope receipt."""
        if self.type is not None:
            return self.type.type
        return self.head.receipt.kind.value if self.head.receipt is not None else "envelope"


def known_type(type_: str, version: str | None = None) -> MessageType:
    """The catalogue's row of a type that the network itself makes."""
    row = find(type_, version)
    if row is None:
        raise LookupError(f"{type_} {version} is not in the catalogue")
    return row


def sent_time(moment: datetime) -> str:
    """SentDateTime as the network writes it: Danish time with its offset, to the second."""
    return moment.astimezone(_DANISH).isoformat(timespec="seconds")


def letter_envelope(
    payload: bytes | Pieces,
    type_: MessageType,
    parties: tuple[Party, Party],
    identifiers: tuple[str, str],
    sent: datetime,
    *,
    mime: str | None = None,
    postfix: str = "",
    facts: LetterFacts | None = None,
) -> Outgoing:
    """Wrap a letter, bundle or letter receipt.

    Args:
        payload: the bare letter, untouched; one in pieces is joined only as the envelope's base64.
        type_: its row of the catalogue.
        parties: sender and receiver.
        identifiers: EnvelopeIdentifier and message Identifier.
        sent: SentDateTime.
        mime: of FHIR: application/fhir+xml or application/fhir+json.
        postfix: the statistical postfix of the Name, where the type has one.
        facts: what the letter says of itself, for the ledger.
    """
    size = payload.size if isinstance(payload, Pieces) else len(payload)
    head = letter_head(size, type_, parties, identifiers, sent, mime=mime, postfix=postfix)
    return Outgoing(head, write(head, payload), type_, facts)


def letter_head(
    size: int,
    type_: MessageType,
    parties: tuple[Party, Party],
    identifiers: tuple[str, str],
    sent: datetime,
    *,
    mime: str | None = None,
    postfix: str = "",
) -> Head:
    """The head of an envelope around a letter of so many bytes; else as `letter_envelope`."""
    meta = MetaInformation(
        identifier=identifiers[1],
        document=document(type_, size, postfix),
        transport=transport(type_, mime) if mime is not None else transport(type_),
    )
    return Head(parties[0], parties[1], identifiers[0], sent_time(sent), message=meta)


def known(body: bytes) -> Outgoing:
    """An envelope that the network has made before, read again."""
    reading = read(body)
    type_, _ = check(reading)
    facts = letter_facts(payload(body), type_) if type_ is not None else None
    return Outgoing(reading.head, body, type_, facts)


def anew(made: Outgoing, identifier: str, sent: datetime) -> Outgoing:
    """The same content in a new envelope: what reliable messaging calls an unchanged resend."""
    head = replace(made.head, identifier=identifier, sent=sent_time(sent))
    return replace(made, head=head, body=write(head, payload(made.body) if head.message is not None else b""))


def receipt_envelope(receipt: Receipt, parties: tuple[Party, Party], identifier: str, sent: datetime) -> Outgoing:
    """Wrap an envelope receipt; it has no message of its own."""
    head = Head(parties[0], parties[1], identifier, sent_time(sent), receipt=receipt)
    return Outgoing(head, write(head), None)


def described(findings: Sequence[Finding]) -> str:
    """Findings as the Description of an envelope receipt: as many as fit, the most severe first."""
    text = "; ".join(map(str, most_severe_first(findings)))
    return text if len(text) <= _DESCRIPTION else text[: _DESCRIPTION - 3] + "..."


@dataclass(frozen=True, slots=True)
class Posted:
    """What a page holds of an envelope that is to go out: the send to publish and the row to mark when it is sent."""

    send: Send
    send_key: int
    message_key: int


def post(page: Page, outgoing: Outgoing, story: Story, *, rule: str, reason: str) -> Posted:
    """Write a made envelope into the page, due on its receiver's inbox."""
    head = outgoing.head
    key = page.keys()
    body = page.body(outgoing.body)
    type_name = outgoing.type.type if outgoing.type is not None else None
    page.message(
        Entry(
            key=key,
            head=head,
            way="made",
            type=type_name,
            version=outgoing.type.version if outgoing.type is not None else None,
            size=len(outgoing.body),
            body=body,
            state="made",
            story=story,
            rule=rule,
            reason=reason,
            facts=outgoing.facts,
        )
    )
    page.event(key, "made", f"{outgoing.name} made: {reason}", rule)
    return address(page, key, head, outgoing.body, body)


def address(page: Page, message_key: int, head: Head, body: bytes, body_key: int) -> Posted:
    """Write that an envelope is due on its receiver's inbox."""
    queue = inbox(head.receiver.id)
    send_key = page.send(message_key, queue, body_key, head.identifier, head.receiver.id)
    page.event(message_key, "sent", f"put on {queue}")
    send = Send(queue, body, body_key, head.identifier, dispatch=Dispatch(send_key, message_key))
    return Posted(send, send_key, message_key)
