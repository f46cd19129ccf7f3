"""Mock systems: they answer as a well-behaved system of their kind does; external ones are left alone.

Every message gets the envelope receipt PositiveMessage. A FHIR letter gets an Acknowledgement, always; an OIOXML letter
gets an XCTL03 when it asked for one. Receipts are not answered in their own layer (MedCom reliable messaging; oioxml 6.4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

import structlog

from broker.port import ROUTE, Broker, Delivery, Send, Settlement, inbox
from conversion.answers import positive_receipt
from conversion.identifiers import Identifiers
from envelope.catalogue import check, recognise
from envelope.facts import letter_facts
from envelope.findings import Refused
from envelope.model import Receipt, ReceiptKind
from envelope.reading import payload, read
from routing.directory import Directory
from routing.ledger import history
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.records import Page
from simulator.services.outgoing import Outgoing, known_type, letter_envelope, receipt_envelope
from simulator.services.traffic import Traffic
from simulator.services.tries import Tries

log = structlog.get_logger("vansim.participants")

PREFETCH = 20
BATCH = 20


class Participants:
    """Answers for every participant that is not external.

    An inbox is opened when the first envelope is put on it: a queue costs a broker something, and most of the network
    is silent most of the time.
    """

    def __init__(
        self,
        broker: Broker,
        ledger: Ledger,
        directory: Callable[[], Directory],
        clock: Callable[[], datetime],
        traffic: Traffic | None = None,
    ) -> None:
        self._broker = broker
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._traffic = traffic if traffic is not None else Traffic()
        self._tries = Tries(ledger, clock)
        self._open: set[str] = set()
        self._wanted: asyncio.Queue[str] = asyncio.Queue()

    def wake(self, gln: str) -> None:
        """Something was put on this participant's inbox."""
        participant = self._directory().participant(gln)
        if participant is not None and not participant.external and gln not in self._open:
            self._open.add(gln)
            self._wanted.put_nowait(gln)

    async def run(self, *, everybody: bool = False) -> None:
        """Answer until cancelled.

        Args:
            everybody: open every mock inbox at once, for a process that is not told what others send.
        """
        waiting = await history.waiting_inboxes(self._ledger)
        for gln in waiting:
            self.wake(gln)
        if everybody:
            for participant in self._directory():
                self.wake(participant.gln)
        async with asyncio.TaskGroup() as inboxes:
            while True:
                inboxes.create_task(self._answer(await self._wanted.get()))

    async def _answer(self, gln: str) -> None:
        consumer = await self._broker.consumer(inbox(gln), PREFETCH)
        try:
            while True:
                for delivery in await consumer.take(BATCH):
                    await self._tries.guard_fresh(self._broker, delivery, self._handle)
        finally:
            await consumer.close()

    async def _handle(self, delivery: Delivery) -> None:
        page = Page(new_key, self._clock(), "participants")
        taken = await history.sent_to(self._ledger, delivery.queue, delivery.message_id or "")
        answers: tuple[Outgoing, ...] = ()
        try:
            answers = answers_of(delivery.body, page.at)
        except Refused as refused:
            log.warning("mock cannot read", envelope=delivery.message_id, rules=[f.rule.id for f in refused.findings])
        sends = []
        for outgoing in answers:
            body = page.body(outgoing.body)
            sends.append(Send(ROUTE, outgoing.body, body, outgoing.head.identifier))
            self._traffic.expect(outgoing.head.identifier)
        for row in taken:
            page.taken(row.key)
            page.event(row.message, "taken", f"taken by {delivery.queue.removeprefix('inbox.')}")
        (result,) = await self._broker.settle([Settlement(delivery, page.unit, sends)])
        if result is not None:
            raise result


def answers_of(body: bytes, now: datetime) -> tuple[Outgoing, ...]:
    """The envelopes that a well-behaved system sends back for one envelope, as they are submitted.

    Identifiers derive from the envelope, so that an answer given twice is the same answer.
    """
    reading = read(body)
    head = reading.head
    if head.message is None:
        return ()
    identifiers = Identifiers(sha256(body).hexdigest()[:32])
    parties = (head.receiver, head.sender)
    if head.sender.type == "VANS":
        return ()  # the network's own receipts are told, not answered
    positive = Receipt(ReceiptKind.POSITIVE_MESSAGE, head.identifier, head.message)
    answers = [receipt_envelope(positive, parties, identifiers.uuid("envelope-receipt"), now)]
    type_, _ = check(reading)
    if type_ is None or type_.is_receipt or not type_.answered_by:
        return tuple(answers)
    letter = payload(body)
    facts = letter_facts(letter, type_)
    if facts.wants_receipt and type_.family != "EDIFACT":
        made = positive_receipt(letter, sent=now, identifiers=identifiers)
        recognised = recognise(made[:4096])
        if recognised is not None:
            answer = known_type(recognised.type)
            names = (identifiers.uuid("receipt-envelope"), identifiers.uuid("receipt-message"))
            mime = head.message.tag("MCM:MIME")
            postfix = "ok" if type_.family == "FHIR" else ""
            answers.append(letter_envelope(made, answer, parties, names, now, mime=mime, postfix=postfix))
    return tuple(answers)
