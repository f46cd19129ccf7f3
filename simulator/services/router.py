"""The router: takes what was submitted, reads the head, decides, and settles, many messages at a time.

Take from the queue, decide, write the ledger in one transaction, publish with confirms, ack. Everything a message needs
of the database is read for the whole batch; a message that cannot be handled takes none of its neighbours along.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from broker.port import ROUTE, Broker, Consumer, Delivery, Settlement
from envelope.catalogue import check
from envelope.facts import letter_facts
from envelope.findings import Finding, Refused
from envelope.model import Head, Party
from envelope.reading import Reading, Unreadable, payload, read
from envelope.validation import validate
from routing.decision import Decision, decide, needs_letter, refusal
from routing.directory import Directory
from routing.errors import SENDER_NOT_CALLER
from routing.ledger import halves, history, messages
from routing.ledger.errors import LedgerConflict
from routing.ledger.history import Found
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.stylesheets import Shelf
from routing.rules import REPEAT_ANSWER, Outcome
from simulator.services.cases import Case, Office
from simulator.services.outcomes import Repeats, settle
from simulator.services.outgoing import known
from simulator.services.recovery import resettle, resettle_unreadable
from simulator.services.traffic import Traffic
from simulator.services.tries import LOST, Tries
from simulator.services.unreadable import settle_unreadable

log = structlog.get_logger("vansim.router")

PREFETCH = 200
BATCH = 64
LANES = 3
TRIES_ALONE = 10
FIRST = 4096

Name = tuple[str, str]
"""Sender and an identifier."""

Failed = list[tuple[Delivery, Exception]]
"""What could not be handled, and of what it failed."""


class Router:
    """Routes what is submitted until it is stopped.

    Args:
        broker: where messages come from and go to.
        ledger: what is remembered.
        directory: gives the directory in force now.
        clock: gives network time.
        sent: is told the queue of everything published.
        traffic: is told what was settled.
        tries: the process's own.
    """

    def __init__(
        self,
        broker: Broker,
        ledger: Ledger,
        directory: Callable[[], Directory],
        clock: Callable[[], datetime],
        sent: Callable[[str], None] = lambda _: None,
        traffic: Traffic | None = None,
        *,
        tries: Tries | None = None,
    ) -> None:
        self._broker = broker
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._sent = sent
        self._traffic = traffic if traffic is not None else Traffic()
        self._tries = tries if tries is not None else Tries(ledger, clock)
        # What a lane has decided and not yet settled is in no history: the same names wait for it.
        self._in_hand: set[Name] = set()
        self._released = asyncio.Condition()
        self._shelf = Shelf(ledger)

    async def run(self) -> None:
        """Route until cancelled; several lanes overlap waiting for the disk with reading."""
        consumer = await self._broker.consumer(ROUTE, PREFETCH)
        try:
            async with asyncio.TaskGroup() as lanes:
                for _ in range(LANES):
                    lanes.create_task(self._lane(consumer))
        finally:
            await consumer.close()

    async def _lane(self, consumer: Consumer) -> None:
        while True:
            await self.handle(await consumer.take(BATCH))

    async def handle(self, deliveries: Sequence[Delivery]) -> None:
        """Route a batch: what may have crashed a process before goes alone and counted, the rest together."""
        for delivery in deliveries:
            if delivery.suspect:
                await self._guarded(delivery)
        fresh = [delivery for delivery in deliveries if not delivery.suspect]
        if fresh:
            await self._together(fresh)

    async def _together(self, deliveries: Sequence[Delivery]) -> None:
        failed: Failed = []
        try:
            async with self._tries.room.together():
                later = await self._route(deliveries, failed)
        except Exception:  # noqa: BLE001 (nobody knows which of them it was: each is looked at for itself)
            later, failed = list(deliveries), []
        # They only have to wait for another that has the same names: that is no try.
        for delivery in later:
            await self._guarded(delivery)
        for delivery, error in failed:
            if not await self._tries.guard_failed(self._broker, delivery, self._alone, error):
                await self._traffic.settled([delivery.message_id or ""])

    async def _guarded(self, delivery: Delivery) -> None:
        if not await self._tries.guard_fresh(self._broker, delivery, self._alone):
            await self._traffic.settled([delivery.message_id or ""])

    async def _alone(self, delivery: Delivery) -> None:
        for _ in range(TRIES_ALONE):
            failed: Failed = []
            later = await self._route([delivery], failed)
            for _delivery, error in failed:
                raise error
            if not later:
                return
        raise RuntimeError("the ledger refused the message's rows again and again")

    async def _route(self, deliveries: Sequence[Delivery], failed: Failed) -> list[Delivery]:
        """Decide and settle; returns what has to be looked at again, alone, and notes what has failed and of what."""
        office = Office(new_key, self._clock(), self._directory())
        await self._shelf.keep(office.directory.stylesheets)
        mine: set[Name] = set()
        later: list[Delivery] = []
        try:
            settlements = await self._decide(office, deliveries, mine, (later, failed))
            results = await self._broker.settle(settlements)
        finally:
            async with self._released:
                self._in_hand -= mine
                self._released.notify_all()
        done: list[str] = []
        for settlement, result in zip(settlements, results, strict=True):
            delivery = settlement.delivery
            if delivery is None:  # pragma: no cover (the router settles deliveries alone)
                continue
            if isinstance(result, LedgerConflict):
                later.append(delivery)
            elif isinstance(result, LOST):
                log.info("delivered again", envelope=delivery.message_id)
            elif result is not None:
                failed.append((delivery, result))
            else:
                for send in settlement.sends:
                    self._sent(send.queue)
                done.append(delivery.message_id or "")
        await self._traffic.settled(done)
        return later

    async def _decide(
        self,
        office: Office,
        deliveries: Sequence[Delivery],
        mine: set[Name],
        apart: tuple[list[Delivery], Failed],
    ) -> list[Settlement]:
        later, failed = apart
        settlements: list[Settlement] = []
        cases: list[Case] = []
        for delivery in deliveries:
            try:
                case = opened(delivery, office)
            except Unreadable as unreadable:
                settlements.append(await self._unreadable(office, delivery, unreadable))
                continue
            except Exception as error:  # noqa: BLE001 (whatever one message does to us, its neighbours go on)
                failed.append((delivery, error))
                continue
            if await self._claim(names_of(case), mine, alone=len(deliveries) == 1):
                cases.append(case)
            else:
                later.append(delivery)
        found = await history.of_heads(self._ledger, [case.head for case in cases])
        for case, one in zip(cases, found, strict=True):
            case.found = one
            try:
                settlement = await self._settled(office, case, mine, alone=len(deliveries) == 1)
            except Exception as error:  # noqa: BLE001 (likewise)
                failed.append((case.delivery, error))
                continue
            if settlement is None:
                later.append(case.delivery)
            else:
                settlements.append(settlement)
        return settlements

    async def _unreadable(self, office: Office, delivery: Delivery, unreadable: Unreadable) -> Settlement:
        if delivery.again:
            before = await resettle_unreadable(self._ledger, office, delivery, unreadable)
            if before is not None:
                return before
        return settle_unreadable(office, delivery, unreadable)

    async def _claim(self, names: set[Name], mine: set[Name], *, alone: bool) -> bool:
        """Take names in hand; alone, wait until nobody has them, else say whether they were free."""
        if names & self._in_hand:
            if not alone:
                return False
            async with self._released:
                await self._released.wait_for(lambda: not (names - mine) & self._in_hand)
        self._in_hand |= names
        mine |= names
        return True

    async def _settled(self, office: Office, case: Case, mine: set[Name], *, alone: bool) -> Settlement | None:
        if case.delivery.again and case.found.same is not None:
            return await resettle(self._ledger, office, case.delivery, case.found)
        decision = await self._decision(office, case, mine, alone=alone)
        if decision is None:
            return None
        # Every routine step is in the ledger; the log tells what somebody may have to act on.
        tell = log.info if decision.findings else log.debug
        tell(
            "decided",
            envelope=case.head.identifier,
            rule=decision.rule.id,
            outcome=decision.outcome.value,
            findings=[finding.rule.id for finding in decision.findings] or None,
        )
        repeats: Repeats = ()
        if decision.outcome is Outcome.REPEAT and case.found.earlier_thread is not None:
            repeats = await self._receipts(case, decision)
        remembered = None
        answered = case.found.answered
        if decision.outcome is Outcome.CONVERT and answered is not None and answered.source is not None:
            remembered = await halves.remembered(self._ledger, answered.source, office.now)
        return await settle(self._ledger, office, case, decision, repeats, remembered)

    async def _decision(self, office: Office, case: Case, mine: set[Name], *, alone: bool) -> Decision | None:
        """What to do; None when another lane has the same letter in hand."""
        if case.refused:
            return refusal(case.arrival, *case.refused)
        if needs_letter(case.arrival, office.directory, office.now) and case.type is not None:
            try:
                case.facts = letter_facts(payload(case.delivery.body), case.type)
            except Refused as refused:
                return refusal(case.arrival, *refused.findings)
            if not await self._claim({(case.head.sender.id, case.facts.letter_id)}, mine, alone=alone):
                return None
            case.found = await history.of_letter(self._ledger, case.found, case.head, case.facts)
            if case.type.family == "OIOXML" and case.facts.attachments:
                return await self._half(office, case, mine, alone=alone)
        case.found = await self._with_waiting(office, case)
        return decide(case.arrival, case.facts, case.found.history, office.directory, office.now)

    async def _half(self, office: Office, case: Case, mine: set[Name], *, alone: bool) -> Decision | None:
        """What to do with a letter that has attachments, or with an attachment letter."""
        if case.facts is None:
            raise AssertionError("a half was read")
        parties = (case.head.sender.id, case.head.receiver.id)
        names = {(" ".join(parties), name) for name in case.facts.attachments}
        if not await self._claim(names, mine, alone=alone):
            return None
        known = await halves.of_objects(self._ledger, parties, case.facts.attachments)
        case.found = replace(case.found, history=replace(case.found.history, halves=known))
        decision = decide(case.arrival, case.facts, case.found.history, office.directory, office.now)
        if decision.pairing is None:
            return decision
        # An invalid half is never forwarded, so it is judged before it may decide about others (R1.A2).
        verdict = await asyncio.to_thread(validate, payload(case.delivery.body))
        errors = tuple(finding for finding in verdict.findings if finding.is_error)
        return refusal(case.arrival, *errors) if errors else decision

    async def _with_waiting(self, office: Office, case: Case) -> Found:
        """What has come already of the receipts that one belongs to; nothing when its conversion is forgotten."""
        found, answered = case.found, case.found.answered
        if answered is None or answered.source is None:
            return found
        if await halves.remembered(self._ledger, answered.source, office.now) is None:
            return replace(found, history=replace(found.history, answers_conversion=False))
        waiting = await halves.waiting(self._ledger, answered, case.head)
        return replace(found, history=replace(found.history, waiting=waiting))

    async def _receipts(self, case: Case, decision: Decision) -> Repeats:
        """What is sent again: what was made of a receipt, or the receipts made in a letter's story for its sender."""
        if decision.rule is REPEAT_ANSWER and decision.earlier is not None:
            keys = await messages.bodies_made_of(self._ledger, decision.earlier)
        else:
            rows = await self._ledger.read(messages.receipts_made([case.found.earlier_thread or 0]))
            keys = [row.body for row in rows if row.receiver == case.head.sender.id]
        return tuple(known(body) for body in await messages.bodies(self._ledger, keys))


def opened(delivery: Delivery, office: Office) -> Case:
    """Read the head; what is wrong with it, or with who handed it in, stays with the case, to be refused.

    Raises:
        Unreadable: there is no envelope to be read.
    """
    wrong: tuple[Finding, ...] = ()
    try:
        reading = read(delivery.body)
    except Unreadable as unreadable:
        if unreadable.head is None:
            raise
        reading, wrong = Reading(unreadable.head, 0, _lead(delivery.body)), unreadable.findings
    impostor = _not_the_caller(delivery, reading.head, office.directory)
    if impostor is not None:
        # Told to who handed it in, and kept under that name: the sender that it names has nothing to do with it.
        reading = replace(reading, head=replace(reading.head, sender=Party(delivery.user_id or "")))
        wrong = (impostor,)
    type_, findings = check(reading)
    wrong += tuple(finding for finding in findings if finding.is_error)
    warnings = reading.findings + tuple(finding for finding in findings if not finding.is_error)
    return Case(delivery, office.keys(), reading, type_, warnings, refused=wrong)


def _lead(body: bytes) -> bytes:
    """The first base64 characters of a payload whose envelope has wrong values, as `read` would give them."""
    try:
        return b64encode(payload(body)[:FIRST])
    except Refused:
        return b""


def names_of(case: Case) -> set[Name]:
    """The names under which the same message could come again."""
    sender = case.head.sender.id
    names = {(sender, case.head.identifier)}
    if case.head.message is not None:
        names.add((sender, case.head.message.identifier))
    return names


def _not_the_caller(delivery: Delivery, head: Head, directory: Directory) -> Finding | None:
    """A participant's broker user may only send as itself; the network's own users publish for many."""
    caller = delivery.user_id
    if caller is None or directory.participant(caller) is None or caller == head.sender.id:
        return None
    return SENDER_NOT_CALLER.at("/VANSEnvelope/SenderID", gln=head.sender.id, caller=caller)
