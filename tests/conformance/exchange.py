"""Many letters through one running network, and all that became of them, to be looked at afterwards.

A network for each use case would be started some hundred times. What needs no settings of its own is played together:
sent, waited for, answered; then the network ends, and its ledger is all that a test reads.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from conversion.answers import Reason, negative_receipt, positive_receipt
from conversion.identifiers import Identifiers
from envelope.model import Head, Receipt, ReceiptKind
from envelope.reading import payload, read
from routing.ledger.schema import BODIES, EVENTS, MESSAGES
from routing.ledger.schema import DEAD as DEAD_ROWS
from simulator.services.outgoing import Outgoing, receipt_envelope
from simulator.wiring import Network
from tests.conformance.moments import Clock, idle
from tests.simulator.post import wrapped

OK = Reason("")
"""Stands for a positive answer."""


@dataclass(frozen=True)
class Message:
    """One message of the ledger: its row, its envelope, and the rule of the pairing that last moved it."""

    row: Any
    envelope: bytes
    moved: str | None

    @property
    def letter(self) -> bytes:
        """What the envelope carries."""
        return payload(self.envelope)

    @property
    def head(self) -> Head:
        """The envelope's head."""
        return read(self.envelope).head

    @property
    def what(self) -> str:
        """Its type, or the kind of the envelope receipt."""
        return str(self.row.type if self.row.layer == "message" else self.row.name)

    @property
    def findings(self) -> list[dict[str, str]]:
        """What the timeline tells of it."""
        return list(json.loads(self.row.findings or "[]"))

    @property
    def rules(self) -> list[str]:
        """The rules of these, but that the letters of the tests carry SOR codes of others (VS-527)."""
        return [finding["rule"] for finding in self.findings if finding["rule"] != "VS-527"]


@dataclass
class Exchange:
    """What is sent over one network, under names, and after its end what became of it."""

    network: Network
    clock: Clock
    names: dict[str, list[str]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    kept: dict[str, Outgoing] = field(default_factory=dict)
    given: dict[str, bytes] = field(default_factory=dict)
    dead: list[bytes] = field(default_factory=list)

    async def send(self, name: str, *outgoing: Outgoing) -> None:
        """Hand envelopes in, and do not wait."""
        self.names.setdefault(name, []).extend(one.head.identifier for one in outgoing)
        for one in outgoing:
            self.given[one.head.identifier] = one.body
            await self.network.submit(one.body, one.head.identifier)

    async def send_bytes(self, name: str, body: bytes) -> None:
        """Hand in what need not be an envelope, under an identifier that it says it has."""
        identifier = self.kept[name].head.identifier
        self.names.setdefault(name, []).append(identifier)
        self.given[identifier] = body
        await self.network.submit(body, identifier)

    async def settle(self) -> None:
        """Wait until nothing is left to do, and read everything."""
        await idle(self.network)
        rows = await self.network.ledger.read(
            select(MESSAGES, BODIES.c.data)
            .join(BODIES, MESSAGES.c.body == BODIES.c.key, isouter=True)
            .order_by(MESSAGES.c.key)
        )
        events = await self.network.ledger.read(
            select(EVENTS.c.message, EVENTS.c.rule)
            .where(EVENTS.c.what.in_(("released", "let go")))
            .order_by(EVENTS.c.key)
        )
        dead = await self.network.ledger.read(select(BODIES.c.data).join(DEAD_ROWS, DEAD_ROWS.c.body == BODIES.c.key))
        self.dead = [row.data for row in dead]
        moved = {event.message: event.rule for event in events}
        self.messages = [Message(row, row.data, moved.get(row.key)) for row in rows]

    async def answer(self, name: str, *answers: Reason | None, again: str = "") -> None:
        """Answer what was made of a letter as its receiver does: in turn, OK, with a reason, or not at all."""
        for number, (one, said) in enumerate(zip(self.made(name), answers, strict=True)):
            if said is None:
                continue
            names = Identifiers(sha256(f"{name}{number}{again}".encode()).hexdigest()[:32])
            now = self.clock()
            made = positive_receipt(one.letter, now, names) if said is OK else None
            made = made or negative_receipt(one.letter, said, now, names)
            await self.send(f"{name} answered{again}", wrapped(made, one.row.receiver, one.row.sender))

    async def confirm(self, name: str, *answers: str | None) -> None:
        """Answer the envelopes made of a letter: PositiveMessage, NegativeMessage with words, or not at all (None)."""
        for one, said in zip(self.made(name), answers, strict=True):
            if said is None:
                continue
            kind = ReceiptKind.NEGATIVE_MESSAGE if said else ReceiptKind.POSITIVE_MESSAGE
            receipt = Receipt(kind, one.head.identifier, one.head.message, said or None)
            back = (one.head.receiver, one.head.sender)
            await self.send(f"{name} confirmed", receipt_envelope(receipt, back, str(uuid4()), self.clock()))

    def sent(self, name: str) -> list[Message]:
        """What was handed in under a name; of what came twice, each."""
        return [one for one in self.messages if one.row.way == "in" and one.row.envelope_id in self.names[name]]

    def made(self, name: str) -> list[Message]:
        """What conversions made of it, in the order of the making."""
        keys = {one.row.key for one in self.sent(name)}
        return [one for one in self.messages if one.row.relation == "converted" and one.row.parent in keys]

    def back(self, name: str) -> list[Message]:
        """What came back to who sent it: receipts that the network made."""
        sent = self.sent(name)
        threads, sender = {one.row.thread for one in sent}, sent[0].row.sender
        return [
            one
            for one in self.messages
            if one.row.way == "made" and one.row.thread in threads and one.row.receiver == sender
        ]

    def receipts(self, name: str) -> list[bytes]:
        """The letter receipts among these."""
        return [one.letter for one in self.back(name) if one.row.layer == "message"]


def whats(messages: Sequence[Message]) -> list[str]:
    """What messages are, sorted."""
    return sorted(one.what for one in messages)
