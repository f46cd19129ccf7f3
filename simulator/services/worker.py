"""The conversion worker: takes orders, converts in threads, and publishes straight to the inboxes.

An order carries ledger ids, never bodies. Everything that the conversion knows was fixed when the message was accepted,
so an order carried out twice makes the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from broker.port import CONVERT, Broker, Consumer, Delivery, Send, Settlement
from conversion import Converted, Facts, Remembered, convert
from conversion.envelope_receipts import envelope_receipts
from conversion.facts import Travelled, stylesheet_digest
from conversion.identifiers import Identifiers
from envelope.catalogue import check
from envelope.facts import LetterFacts
from envelope.findings import Finding, Refused
from envelope.model import Head
from envelope.reading import payload, read
from routing.decision import refusal
from routing.directory import Directory
from routing.ledger import claims, dead_letters, dispatches, messages, orders, stylesheets
from routing.ledger.errors import LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.orders import Ordered
from routing.ledger.records import Page, Story
from routing.ledger.unit import Unit
from simulator.services.cases import Case
from simulator.services.outcomes import bury_refused, dead_letter, refuse
from simulator.services.outgoing import Outgoing, Posted, known_type, letter_envelope, post, receipt_envelope
from simulator.services.tries import Tries

log = structlog.get_logger("vansim.worker")

THREADS = 2
PREFETCH = 16
# MedCom VANS conversion use cases 3.1.0, 4.5.1: three months; 92 days is never shorter.
REMEMBERED = timedelta(days=92)


class Worker:
    """Converts what is ordered until it is stopped.

    Args:
        broker: where orders come from and letters go to.
        ledger: holds orders and bodies.
        directory: gives the directory in force now, for the operator's name in receipts.
        clock: gives network time.
        sent: is told the queue of everything published.
        tries: the process's own.
    """

    def __init__(
        self,
        broker: Broker,
        ledger: Ledger,
        directory: Callable[[], Directory],
        clock: Callable[[], datetime],
        sent: Callable[[str], None] = lambda _: None,
        *,
        tries: Tries | None = None,
    ) -> None:
        self._broker = broker
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._sent = sent
        self._tries = tries if tries is not None else Tries(ledger, clock)

    async def run(self) -> None:
        """Convert until cancelled, as many at a time as there are threads for it."""
        consumer = await self._broker.consumer(CONVERT, PREFETCH)
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(THREADS):
                    lanes.create_task(self._lane(consumer))
        finally:
            await consumer.close()

    async def _lane(self, consumer: Consumer) -> None:
        while True:
            for delivery in await consumer.take(1):
                await self._tries.guard_fresh(self._broker, delivery, self._carry_out)

    async def _carry_out(self, delivery: Delivery) -> None:
        while True:
            order = await orders.find(self._ledger, int(delivery.body))
            if order is None:
                raise LookupError("an order that the ledger does not know")
            first = order.state == "ordered"
            settlement = await self._settled(delivery, order) if first else await self._again(delivery, order)
            (result,) = await self._broker.settle([settlement])
            if result is None:
                break
            if not first or not isinstance(result, LedgerConflict):
                raise result
            # Another has carried out the same order meanwhile: what it made is what there is.
        for send in settlement.sends:
            self._sent(send.queue)

    async def _settled(self, delivery: Delivery, order: Ordered) -> Settlement:
        page = Page(new_key, self._clock(), "worker")
        finish = Page(new_key, page.at, "worker", Unit())
        try:
            digest = stylesheet_digest(order.facts)
            sheet = await stylesheets.find(self._ledger, digest) if digest is not None else None
            carried_out = await asyncio.to_thread(carry_out, order, sheet)
        except Refused as refused:
            posted, buried = self._refused(page, order, refused)
            page.forget(await claims.given_up(self._ledger, order.sources))
            state = "refused"
        else:
            posted, buried, state = _posted(page, order, carried_out), [], "converted"
        page.made(order.key)
        # A crash may have put an order on its queue twice, and two may carry it out at once: one of them is first.
        page.once(order.sources[0], order.key)
        for source in order.sources:
            finish.finished(source, state)
        for one in posted:
            finish.sent(one.send_key)
        log.info("carried out", envelope=delivery.message_id, target=order.target, state=state, made=len(posted))
        return Settlement(delivery, page.unit, [*(one.send for one in posted), *buried], finish.unit)

    def _refused(self, page: Page, order: Ordered, refused: Refused) -> tuple[list[Posted], list[Send]]:
        """The negative receipts for a letter that the conversion does not take, and the letter among the dead."""
        posted: list[Posted] = []
        buried: list[Send] = []
        for source, body, kept, key in zip(order.sources, order.bodies, order.findings, order.body_keys, strict=True):
            reading = read(body)
            type_, _ = check(reading)
            case = Case(Delivery(CONVERT, body, reading.head.identifier, None), source, reading, type_)
            case.found = replace(case.found, earlier_thread=order.thread)
            decision = refusal(case.arrival, *refused.findings)
            page.event(source, "refused", decision.reason, decision.rule.id)
            page.refused(source, decision.rule.id, decision.reason)
            page.found(source, kept, refused.findings)
            posted += refuse(page, self._directory().settings, case, decision)
            buried += bury_refused(page, case, key, decision)
        return posted, buried

    async def _again(self, delivery: Delivery, order: Ordered) -> Settlement:
        """An order that was carried out by a process that died: publish what is still due, byte for byte the same."""
        finish = Page(new_key, self._clock(), "worker", Unit())
        sends = []
        for source in order.sources:
            for row in await dispatches.due(self._ledger, source):
                sends.append(Send(row.queue, row.data, row.body, row.envelope_id))
                finish.sent(row.key)
            sends += [
                dead_letter(row, delivery.message_id) for row in await dead_letters.of_message(self._ledger, source)
            ]
            refused = await messages.rule_of(self._ledger, source) == "D-refuse"
            finish.finished(source, "refused" if refused else "converted")
        return Settlement(delivery, Unit(), sends, finish.unit)


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What an order has come to: the envelopes made, what their receipts will need, and what there is to warn of."""

    made: tuple[Outgoing, ...]
    remembered: Remembered
    until: datetime
    findings: tuple[Finding, ...] = ()


def carry_out(order: Ordered, stylesheet: bytes | None = None) -> CarriedOut:
    """Convert an order's envelopes: pure, the same bytes every time.

    Args:
        order: what to convert.
        stylesheet: the one that the order's facts name, if they do.

    Raises:
        Refused: a letter cannot be converted; nothing of the order is made.
    """
    facts = Facts.from_json(order.facts, stylesheet)
    heads = [read(body).head for body in order.bodies]
    identifiers = Identifiers(facts.seed)
    until = facts.accepted + REMEMBERED
    if order.target == "envelope receipt":
        receipts = _receipts_back(heads, facts, identifiers)
        return CarriedOut(tuple(receipts), _remembered(None, facts, heads, receipts), until)
    converted = convert([payload(body) for body in order.bodies], facts, order.target)
    made = _wrapped(converted, heads[0], facts, identifiers)
    return CarriedOut(tuple(made), _remembered(converted.remembered, facts, heads, made), until, converted.findings)


def _posted(page: Page, order: Ordered, carried_out: CarriedOut) -> list[Posted]:
    """Write what an order has come to; the decision that ordered it is the rule of all that is made."""
    page.conversion(order.sources[0], carried_out.remembered.to_json(), carried_out.until)
    for source, kept in zip(order.sources, order.findings, strict=True):
        page.event(source, "converted", _told(order, carried_out.made), order.rule)
        page.found(source, kept, carried_out.findings)
    story = Story(order.thread, order.sources[0], "converted")
    verb = "rewritten" if order.target == "envelope receipt" else "converted"
    reason = f"{verb} from {order.type}"
    return [post(page, one, story, rule=order.rule, reason=reason) for one in carried_out.made]


def _told(order: Ordered, made: Sequence[Outgoing]) -> str:
    """What was made, in words."""
    if order.target == "envelope receipt":
        return "rewritten to answer the sender's own envelope"
    if not made:
        return "nothing to be sent on: the letter asked for no receipt"
    return "converted to " + " and ".join(one.name for one in made)


def _receipts_back(heads: Sequence[Head], facts: Facts, identifiers: Identifiers) -> list[Outgoing]:
    if facts.original is None:
        raise AssertionError("an envelope receipt answers what is remembered")
    parties = (heads[0].sender, heads[0].receiver)
    return [
        receipt_envelope(receipt, parties, identifiers.uuid(f"envelope-{number}"), facts.accepted)
        for number, receipt in enumerate(envelope_receipts(heads, facts.original), 1)
    ]


def _wrapped(converted: Converted, head: Head, facts: Facts, identifiers: Identifiers) -> list[Outgoing]:
    outgoing = []
    for number, output in enumerate(converted.outputs, 1):
        type_ = known_type(output.type, output.version)
        mime = f"application/fhir+{facts.output_format}" if type_.family == "FHIR" else None
        said = LetterFacts(
            output.type, output.version, output.letter_id, output.envelope_id, None, None, wants_receipt=True
        )
        names = (identifiers.uuid(f"vans-envelope-{number}"), identifiers.uuid(f"vans-message-{number}"))
        outgoing.append(
            letter_envelope(
                output.payload,
                type_,
                (head.sender, head.receiver),
                names,
                facts.accepted,
                mime=mime,
                postfix=output.postfix,
                facts=said,
            )
        )
    return outgoing


def _remembered(
    remembered: Remembered | None, facts: Facts, heads: Sequence[Head], made: Sequence[Outgoing]
) -> Remembered:
    """What is kept of the conversion: what it says itself, and the envelopes on both sides."""
    kept = remembered or Remembered((), (), facts.sender, facts.receiver)
    return replace(kept, original_envelopes=_travelled(heads), made_envelopes=_travelled([one.head for one in made]))


def _travelled(heads: Sequence[Head]) -> tuple[Travelled, ...]:
    return tuple(Travelled(head.identifier, head.message) for head in heads if head.message is not None)
