"""What each decision writes and sends: one function an outcome, from a decided case to its settlement.

The decision is `routing.decision`'s; here it only becomes rows and messages.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import Row

from broker.port import DEAD, Delivery, Send, Settlement
from conversion.answers import vans_receipt
from conversion.identifiers import Identifiers
from envelope.facts import LetterFacts
from envelope.findings import Finding, Refused
from envelope.model import Party, Receipt, ReceiptKind
from envelope.payload_facts import letter_facts
from envelope.reading import payload
from routing.case import Decision
from routing.directory import Settings
from routing.errors import DUPLICATE
from routing.ledger import claims, dues
from routing.ledger.reader import Reader
from routing.ledger.records import Entry, Page, Story
from routing.ledger.schema import MESSAGES
from routing.ledger.unit import Unit
from routing.rules import REPEAT_RECEIPTS, Outcome
from simulator.services import pairs
from simulator.services.cases import Case, Office, story_of
from simulator.services.ordering import order_to_convert, place_order
from simulator.services.outgoing import (
    Outgoing,
    Posted,
    address,
    anew,
    described,
    known_type,
    letter_envelope,
    post,
    receipt_envelope,
)
from simulator.services.pairs import Moves

# Rules about envelopes, letters and bundles: the hundred says which (`envelope.findings.Rule`).
_OF_THE_BYTES = ("VS-1", "VS-2", "VS-3")


_CLAIMING = (Outcome.DELIVER, Outcome.CONVERT, Outcome.HOLD, Outcome.RELEASE)

Repeats = tuple[Outgoing, ...]
"""The receipts that the network has made before: what a repetition sends again."""


async def settle(
    ledger: Reader, office: Office, case: Case, decision: Decision, repeats: Repeats, remembered: str | None
) -> Settlement:
    """The settlement of a decided case."""
    page = office.page()
    story = story_of(case)
    body = case.delivery.body_key if case.delivery.body_key is not None else page.body(case.delivery.body)
    findings = case.findings + decision.findings
    duplicate = decision.earlier is not None
    if duplicate and decision.outcome is Outcome.DELIVER:
        findings += (DUPLICATE.at("/VANSEnvelope/EnvelopeIdentifier"),)
    entry = Entry(
        key=case.key,
        head=case.head,
        way="in",
        type=case.arrival.type_name if case.head.message is not None else None,
        version=case.type.version if case.type is not None else None,
        size=len(case.delivery.body),
        body=body,
        # What is held is settled when it is written: nothing is published that could be lost.
        state="held" if decision.outcome is Outcome.HOLD else "taken",
        story=story,
        rule=decision.rule.id,
        reason=decision.reason,
        facts=case.facts,
        # The same envelope twice is two rows; only the first may claim the identifier.
        duplicate=duplicate or case.found.history.envelope is not None,
        findings=findings,
    )
    page.message(entry)
    page.event(case.key, "decided", decision.reason, decision.rule.id)
    if case.facts is not None and case.facts.answers is not None and case.found.answered is None:
        # The letter was passed through unread: the timeline joins them when it is read.
        for name in case.facts.answers.letter_ids:
            page.identifier(case.key, "answers", name)
    _claim(page, case, decision)
    moves = await _moves(ledger, office, page, case, decision, (body, repeats, remembered))
    return settlement(page, case, STATES[decision.outcome], moves)


def _claim(page: Page, case: Case, decision: Decision) -> None:
    """Claim what may happen once only: to answer a conversion, to pass a letter on unmarked, to convert it."""
    if decision.outcome not in _CLAIMING or decision.earlier is not None:
        return
    answered, waiting = case.found.answered, case.found.history.waiting
    if decision.outcome is not Outcome.DELIVER and waiting is not None and answered is not None and answered.source:
        layer = "message" if case.head.message is not None else "receipt"
        page.claim(claims.answer(layer, answered.source, waiting.place))
    if case.head.message is None:
        return
    history = case.found.history
    seen = history.envelope or history.message or history.letter
    if seen is not None and seen.state != "refused":
        return  # it was passed on as it is once, and the receiver takes other formats now
    letter_id = case.facts.letter_id if case.facts is not None else None
    for name in claims.names(case.head.sender.id, case.head.message.identifier, letter_id):
        page.claim(name)


async def _moves(
    ledger: Reader,
    office: Office,
    page: Page,
    case: Case,
    decision: Decision,
    known: tuple[int, Repeats, str | None],
) -> Moves:
    """What each outcome publishes, and writes beside the message itself."""
    body, repeats, remembered = known
    match decision.outcome:
        case Outcome.DELIVER:
            if decision.pairing is not None:
                pairs.write_half(page, case)
            return Moves([address(page, case.key, case.head, case.delivery.body, body)])
        case Outcome.CONVERT:
            page.forget(await dues.of(ledger, decision.joined, dues.RECEIPT) if decision.joined else ())
            return Moves(sends=[_order(office, page, case, decision, remembered)])
        case Outcome.HOLD:
            pairs.hold(page, case, decision)
            return Moves()
        case Outcome.RELEASE:
            pairs.write_half(page, case)
            return await pairs.released(ledger, office, page, case, decision)
        case Outcome.REFUSE:
            known_sender = office.directory.participant(case.head.sender.id) is not None
            posted = refuse(page, office.directory.settings, case, decision) if known_sender else []
            others = await pairs.after_refusal(ledger, office, page, case)
            buried = bury_refused(page, case, body, decision)
            return Moves([*posted, *others.posted], [*buried, *others.sends])
        case Outcome.REPEAT:
            return Moves(_repeat(page, case, repeats))
        case Outcome.IGNORE:
            return Moves()


def _order(office: Office, page: Page, case: Case, decision: Decision, remembered: str | None) -> Send:
    """The order to convert one letter, or a receipt with those that waited for it."""
    parties = (case.head.sender.id, case.head.receiver.id)
    sources = (*decision.joined, case.key)
    for key in decision.joined:
        page.unit.update(MESSAGES, key, state="ordered")
    order = place_order(
        office, page, sources, decision.target or "", parties, rule=decision.rule.id, remembered=remembered
    )
    return order_to_convert(order, case.head.identifier)


STATES = {
    Outcome.DELIVER: "delivered",
    Outcome.CONVERT: "ordered",
    Outcome.REFUSE: "refused",
    Outcome.IGNORE: "ignored",
    Outcome.REPEAT: "repeated",
    Outcome.HOLD: "held",
    Outcome.RELEASE: "ordered",
}


def settlement(page: Page, case: Case, state: str, moves: Moves) -> Settlement:
    """Close a page: the rows, what is published, and what is marked when the broker has confirmed."""
    finish = Page(page.keys, page.at, page.place, Unit())
    if state != STATES[Outcome.HOLD]:
        finish.finished(case.key, state)
    for one in moves.posted:
        finish.sent(one.send_key)
    sends = (*(one.send for one in moves.posted), *moves.sends)
    return Settlement(case.delivery, page.unit, sends, finish.unit)


def refuse(page: Page, settings: Settings, case: Case, decision: Decision) -> list[Posted]:
    """The receipts that a refusal makes: NegativeVans, and XCTL01 for an OIOXML letter that could be read."""
    posted = []
    head, findings = case.head, decision.findings
    story = Story(story_of(case).thread or case.key, case.key, "refusal")
    parties = (Party(settings.operator, "VANS"), head.sender)
    for name in decision.receipts:
        if name == "NegativeVans":
            receipt = Receipt(
                ReceiptKind.NEGATIVE_VANS,
                head.identifier,
                head.message,
                description=described(findings),
                code=int(findings[0].rule.id.removeprefix("VS-")),
            )
            outgoing = receipt_envelope(receipt, parties, str(uuid4()), page.at)
        elif receipt_on_letter := xctl01(page, settings, case, findings, parties):
            outgoing = receipt_on_letter
        else:
            continue  # a letter that cannot be read as far as its identifiers has nothing to quote
        posted.append(post(page, outgoing, story, rule=decision.rule.id, reason=f"refused: {findings[0].rule.id}"))
    return posted


def xctl01(
    page: Page, settings: Settings, case: Case, findings: tuple[Finding, ...], parties: tuple[Party, Party]
) -> Outgoing | None:
    """The XCTL01 on a letter; None when the letter does not say what it must quote. Its envelope stands in for it."""
    try:
        facts = _letter_facts(case)
        sender, receiver = facts.sender or case.head.sender.id, facts.receiver or case.head.receiver.id
        made = vans_receipt(
            replace(facts, sender=sender, receiver=receiver),
            operator=settings.operator,
            limit=settings.refuse_text_limit,
            findings=findings,
            sent=page.at,
            identifiers=Identifiers(secrets.token_hex(16)),
        )
        type_ = known_type("XCTL01")
        said = letter_facts(made, type_)
    except Refused:
        return None
    return letter_envelope(made, type_, parties, (str(uuid4()), str(uuid4())), page.at, facts=said)


def _letter_facts(case: Case) -> LetterFacts:
    """What the letter says of itself, read now when the decision did not need it.

    Raises:
        Refused: it cannot be read, or nobody knows how.
    """
    if case.facts is not None:
        return case.facts
    if case.type is None:  # pragma: no cover (a type that is not known gets no letter receipt)
        raise AssertionError("only letters of a known type get an XCTL01")
    return letter_facts(payload(case.delivery.body), case.type)


def _repeat(page: Page, case: Case, repeats: Repeats) -> list[Posted]:
    """The receipts that VANS already has, with the same content in new envelopes."""
    story = Story(story_of(case).thread or case.key, case.key, "repeat")
    return [
        post(
            page,
            anew(made, str(uuid4()), page.at),
            story,
            rule=REPEAT_RECEIPTS.id,
            reason="sent once more, as the letter was",
        )
        for made in repeats
    ]


def bury_refused(page: Page, case: Case, body: int, decision: Decision) -> list[Send]:
    """What is refused for its own bytes, and not for where it should go, is kept in the dead letters."""
    rule = decision.findings[0].rule.id
    if not rule.startswith(_OF_THE_BYTES):
        return []
    return [bury(page, case.key, case.delivery, body, decision.reason, rule)]


def bury(page: Page, message: int | None, delivery: Delivery, body: int, text: str, rule: str | None) -> Send:
    """Write a dead letter with its bytes and its reason, and publish it to the dead letters' queue."""
    page.dead(message, body, delivery.queue, text, rule)
    return _to_the_dead(delivery.body, body, delivery.message_id, (delivery.queue, text, rule))


def dead_letter(row: Row[Any], message_id: str | None) -> Send:
    """A dead letter that was written before, on its way to the dead letters' queue once more."""
    return _to_the_dead(row.data, row.body, message_id, (row.queue, row.text, row.rule))


def _to_the_dead(data: bytes, body: int, message_id: str | None, why: tuple[str, str, str | None]) -> Send:
    queue, text, rule = why
    headers = {"vans-reason": (rule or "") + " " + text[:200], "vans-queue": queue}
    return Send(DEAD, data, body, message_id or "", headers)
