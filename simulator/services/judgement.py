"""One case judged: as much of the letter and of the ledger as its decision needs, and the settlement it comes to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from broker.port import Settlement
from conversion.checking import refuse_invalid
from conversion.sending import check
from envelope.cutting import cut
from envelope.findings import Finding, Refused
from envelope.oioxml.reading import read_letter
from envelope.payload_facts import letter_facts
from envelope.reading import payload
from routing.case import Decision
from routing.decision import decide, needs_letter, refusal
from routing.ledger import halves, history, messages
from routing.ledger.history import Found
from routing.ledger.ledger import Ledger
from routing.rules import REPEAT_ANSWER, Outcome
from simulator.services.cases import Case, Office
from simulator.services.in_hand import Hand, Name
from simulator.services.outcomes import Repeats, settle
from simulator.services.outgoing import known
from simulator.services.recovery import resettle

log = structlog.get_logger("vansim.router")


def names_of(case: Case) -> set[Name]:
    """The names under which the same message could come again."""
    sender = case.head.sender.id
    names = {(sender, case.head.identifier)}
    if case.head.message is not None:
        names.add((sender, case.head.message.identifier))
    return names


async def judge(ledger: Ledger, office: Office, case: Case, hand: Hand) -> Settlement | None:
    """The settlement of a case whose names are in hand; None when another has the same letter in hand."""
    if case.delivery.again and case.found.same is not None:
        return await resettle(ledger, office, case.delivery, case.found)
    decision = await _decision(ledger, office, case, hand)
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
        repeats = await _receipts(ledger, case, decision)
    remembered = None
    answered = case.found.answered
    if decision.outcome is Outcome.CONVERT and answered is not None and answered.source is not None:
        remembered = await halves.remembered(ledger, answered.source, office.now)
    return await settle(ledger, office, case, decision, repeats, remembered)


async def _decision(ledger: Ledger, office: Office, case: Case, hand: Hand) -> Decision | None:
    """What to do; None when another has the same letter in hand."""
    if case.refused:
        return refusal(case.arrival, *case.refused)
    if needs_letter(case.arrival, office.directory, office.now) and case.type is not None:
        try:
            case.facts = letter_facts(payload(case.delivery.body), case.type)
        except Refused as refused:
            return refusal(case.arrival, *refused.findings)
        if not await hand.claim({(case.head.sender.id, case.facts.letter_id)}):
            return None
        case.found = await history.of_letter(ledger, case.found, case.head, case.facts)
        if case.type.family == "OIOXML" and case.facts.attachments:
            return await _half(ledger, office, case, hand)
    case.found = await _with_waiting(ledger, office, case)
    return decide(case.arrival, case.facts, case.found.history, office.directory, office.now)


async def _half(ledger: Ledger, office: Office, case: Case, hand: Hand) -> Decision | None:
    """What to do with a letter that has attachments, or with an attachment letter."""
    if case.facts is None:
        raise AssertionError("a half was read")
    parties = (case.head.sender.id, case.head.receiver.id)
    if not await hand.claim({(" ".join(parties), name) for name in case.facts.attachments}):
        return None
    others = await halves.of_objects(ledger, parties, case.facts.attachments)
    case.found = replace(case.found, history=replace(case.found.history, halves=others))
    decision = decide(case.arrival, case.facts, case.found.history, office.directory, office.now)
    if decision.pairing is None:
        return decision
    # An invalid half is never forwarded, so it is judged before it may decide about others (R1.A2).
    refused = await asyncio.to_thread(_refused_for, case.delivery.body)
    return refusal(case.arrival, *refused) if refused else decision


def _refused_for(body: bytes) -> tuple[Finding, ...]:
    """What keeps a half from being converted, as the conversion itself sees it: eleven attachments are no error.

    All that there is to say of it, as of any letter that is refused; nothing when it is converted.
    """
    try:
        refuse_invalid(check(read_letter(cut(payload(body)))))
    except Refused as refused:
        return refused.findings
    return ()


async def _with_waiting(ledger: Ledger, office: Office, case: Case) -> Found:
    """What has come already of the receipts that one belongs to; nothing when its conversion is forgotten."""
    found, answered = case.found, case.found.answered
    if answered is None or answered.source is None:
        return found
    if await halves.remembered(ledger, answered.source, office.now) is None:
        return replace(found, history=replace(found.history, answers_conversion=False))
    waiting = await halves.waiting(ledger, answered, case.head)
    return replace(found, history=replace(found.history, waiting=waiting))


async def _receipts(ledger: Ledger, case: Case, decision: Decision) -> Repeats:
    """What is sent again: what was made of a receipt, or the receipts made in a letter's story for its sender."""
    if decision.rule is REPEAT_ANSWER and decision.earlier is not None:
        keys = await messages.bodies_made_of(ledger, decision.earlier)
    else:
        rows = await ledger.read(messages.receipts_made([case.found.earlier_thread or 0]))
        keys = [row.body for row in rows if row.receiver == case.head.sender.id]
    return tuple(known(body) for body in await messages.bodies(ledger, keys))
