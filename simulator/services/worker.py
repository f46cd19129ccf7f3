"""The conversion worker: takes orders, converts in threads, and publishes straight to the inboxes.

An order carries ledger ids, never bodies. Everything that the conversion knows was fixed when the message was accepted,
so an order carried out twice makes the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from broker.port import CONVERT, Broker, Delivery, Send, Settlement
from conversion.facts import stylesheet_digest
from envelope.catalogue import check
from envelope.findings import Refused
from envelope.reading import read
from routing.decision import refusal
from routing.directory import Directory
from routing.ledger import claims, dead_letters, dispatches, messages, orders, stylesheets
from routing.ledger.errors import LedgerConflict
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.orders import Ordered
from routing.ledger.records import Page, Story
from routing.ledger.unit import Unit
from simulator.services.carried_out import CarriedOut, carry_out, part
from simulator.services.cases import Case
from simulator.services.clock import NetworkClock
from simulator.services.lanes import run_lanes
from simulator.services.outcomes import bury_refused, dead_letter, refuse
from simulator.services.outgoing import Outgoing, Posted, post
from simulator.services.tries import Tries

log = structlog.get_logger("vansim.worker")

THREADS = 2
PREFETCH = 16


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
        clock: NetworkClock,
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
        await run_lanes(self._broker, CONVERT, self._handle, lanes=THREADS, prefetch=PREFETCH, batch=1)

    async def _handle(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            await self._tries.guard_fresh(self._broker, delivery, self._carry_out)

    async def _carry_out(self, delivery: Delivery) -> None:
        await self._clock.follow()
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
            bodies = await messages.bodies(self._ledger, order.body_keys)
            carried_out = await asyncio.to_thread(carry_out, order, bodies, sheet)
        except Refused as refused:
            posted, buried = await self._refused(page, order, refused)
            page.forget(await claims.given_up(self._ledger, order.sources))
            refused_sources = order.sources
        else:
            first_left = 1 if carried_out.left else len(order.sources)
            left = part(order, slice(first_left, None))
            posted, buried = _posted(page, part(order, slice(first_left)), carried_out), []
            if left.sources:
                told, buried = await self._refused(page, left, Refused(carried_out.left))
                posted += told
                page.forget(await claims.given_up(self._ledger, left.sources))
            refused_sources = left.sources
        page.made(order.key)
        # A crash may have put an order on its queue twice, and two may carry it out at once: one of them is first.
        page.once(order.sources[0], order.key)
        for source in order.sources:
            finish.finished(source, "refused" if source in refused_sources else "converted")
        for one in posted:
            finish.sent(one.send_key)
        state = "refused" if order.sources[0] in refused_sources else "converted"
        log.info("carried out", envelope=delivery.message_id, target=order.target, state=state, made=len(posted))
        return Settlement(delivery, page.unit, [*(one.send for one in posted), *buried], finish.unit)

    async def _refused(self, page: Page, order: Ordered, refused: Refused) -> tuple[list[Posted], list[Send]]:
        """The negative receipts for a letter that the conversion does not take, and the letter among the dead."""
        posted: list[Posted] = []
        buried: list[Send] = []
        bodies = await messages.bodies(self._ledger, order.body_keys)
        for source, body, kept, key in zip(order.sources, bodies, order.findings, order.body_keys, strict=True):
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
