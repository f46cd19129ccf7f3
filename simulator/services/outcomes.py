"""What each decision writes and sends: one function an outcome, from a decided case to its settlement.

The decision is `routing.decision`'s; here it only becomes rows and messages.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row

from broker.port import CONVERT, DEAD, Delivery, Send, Settlement
from conversion import Facts, Organisation, Remembered, Settings
from conversion.answers import vans_receipt
from conversion.identifiers import Identifiers
from envelope.catalogue import MessageType
from envelope.facts import LetterFacts, letter_facts
from envelope.findings import Finding, Refused
from envelope.model import Head, Party, Receipt, ReceiptKind
from envelope.reading import Reading, payload
from routing.decision import Arrival, Decision
from routing.directory import Directory, Participant
from routing.errors import DUPLICATE
from routing.ledger.history import Found
from routing.ledger.records import Entry, Page, Story
from routing.ledger.unit import Unit
from routing.rules import REPEAT_RECEIPTS, Outcome
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

# Rules about envelopes, letters and bundles: the hundred says which (`envelope.findings.Rule`).
_OF_THE_BYTES = ("VS-1", "VS-2", "VS-3")


@dataclass(slots=True)
class Case:
    """One message in hand: what was read of it so far, and in the end what was decided."""

    delivery: Delivery
    key: int
    reading: Reading
    type: MessageType | None
    findings: tuple[Finding, ...] = ()
    found: Found = field(default_factory=Found)
    facts: LetterFacts | None = None
    refused: tuple[Finding, ...] = ()

    @property
    def head(self) -> Head:
        """The envelope's head."""
        return self.reading.head

    @property
    def arrival(self) -> Arrival:
        """What the decision is told of it."""
        return Arrival(self.reading.head, self.type)


@dataclass(frozen=True, slots=True)
class Office:
    """What every outcome needs to know beside the case: keys, time, directory and the conversion's settings."""

    keys: Callable[[], int]
    now: datetime
    directory: Directory

    def page(self) -> Page:
        """A new page for one settlement."""
        return Page(self.keys, self.now, "router")


Repeats = tuple[Outgoing, ...]
"""The receipts that the network has made before: what a repetition sends again."""


def settle(office: Office, case: Case, decision: Decision, repeats: Repeats, remembered: str | None) -> Settlement:
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
        state="taken",
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
    posted: list[Posted] = []
    sends: list[Send] = []
    if decision.outcome is Outcome.DELIVER:
        posted.append(address(page, case.key, case.head, case.delivery.body, body))
    elif decision.outcome is Outcome.CONVERT:
        sends.append(_order(office, page, case, decision, remembered))
    elif decision.outcome is Outcome.REFUSE:
        if office.directory.participant(case.head.sender.id) is not None:
            posted += refuse(page, office.directory.settings.operator, case, decision)
        sends += bury_refused(page, case, body, decision)
    elif decision.outcome is Outcome.REPEAT:
        posted += _repeat(page, case, repeats)
    return settlement(page, case, STATES[decision.outcome], posted, sends)


STATES = {
    Outcome.DELIVER: "delivered",
    Outcome.CONVERT: "ordered",
    Outcome.REFUSE: "refused",
    Outcome.IGNORE: "ignored",
    Outcome.REPEAT: "repeated",
}


def settlement(page: Page, case: Case, state: str, posted: list[Posted], sends: list[Send]) -> Settlement:
    """Close a page: the rows, what is published, and what is marked when the broker has confirmed."""
    finish = Page(page.keys, page.at, page.place, Unit())
    finish.finished(case.key, state)
    for one in posted:
        finish.sent(one.send_key)
    return Settlement(case.delivery, page.unit, (*(one.send for one in posted), *sends), finish.unit)


def story_of(case: Case) -> Story:
    """Which story a message belongs to: that of what it answers, that of what it repeats, or its own."""
    answered = case.found.answered
    if answered is not None:
        relation = "answers-envelope" if case.head.receipt is not None else "answers-letter"
        return Story(answered.thread, answered.key, relation)
    if case.found.earlier_thread is not None:
        seen = case.found.history.envelope or case.found.history.message or case.found.history.letter
        return Story(case.found.earlier_thread, seen.key if seen is not None else None, "repeat")
    return Story()


def organisation(participant: Participant) -> Organisation:
    """A participant as a conversion is told of it."""
    value, code = participant.identifier_for_oioxml()
    return Organisation(participant.gln, participant.sor, participant.name, participant.telephone, value, code)


def _order(office: Office, page: Page, case: Case, decision: Decision, remembered: str | None) -> Send:
    sender = office.directory.participant(case.head.sender.id)
    receiver = office.directory.participant(case.head.receiver.id)
    if sender is None or receiver is None or decision.target is None:  # pragma: no cover (decided otherwise)
        raise AssertionError("a conversion has both parties and a target")
    facts = Facts(
        accepted=office.now,
        seed=secrets.token_hex(16),
        sender=organisation(sender),
        receiver=organisation(receiver),
        output_format=receiver.format,
        original=Remembered.from_json(remembered) if remembered is not None else None,
        settings=conversion_settings(office.directory),
    )
    order = page.order((case.key,), decision.target, facts.to_json())
    page.event(case.key, "ordered", "conversion ordered", decision.rule.id)
    return order_to_convert(order, case.head.identifier)


def order_to_convert(order: int, envelope_id: str) -> Send:
    """An order on its way to the worker: it carries its key, and its envelope's identifier for the log."""
    return Send(CONVERT, str(order).encode(), None, envelope_id)


def conversion_settings(directory: Directory) -> Settings:
    """The conversion's settings as network.yaml gives them."""
    settings = directory.settings
    return Settings(
        lpr3_first=settings.lpr3_first,
        negative_code=settings.xctl02_code,
        follow_wish=settings.follow_receipt_wish,
    )


def refuse(page: Page, operator: str, case: Case, decision: Decision) -> list[Posted]:
    """The receipts that a refusal makes: NegativeVans, and XCTL01 for an OIOXML letter that could be read."""
    posted = []
    head, findings = case.head, decision.findings
    story = Story(story_of(case).thread or case.key, case.key, "refusal")
    parties = (Party(operator, "VANS"), head.sender)
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
        elif receipt_on_letter := xctl01(page, operator, case, findings, parties):
            outgoing = receipt_on_letter
        else:
            continue  # a letter that cannot be read as far as its identifiers has nothing to quote
        posted.append(post(page, outgoing, story, rule=decision.rule.id, reason=f"refused: {findings[0].rule.id}"))
    return posted


def xctl01(
    page: Page, operator: str, case: Case, findings: tuple[Finding, ...], parties: tuple[Party, Party]
) -> Outgoing | None:
    """The XCTL01 on a letter; None when the letter does not say what it must quote. Its envelope stands in for it."""
    try:
        facts = _letter_facts(case)
        sender, receiver = facts.sender or case.head.sender.id, facts.receiver or case.head.receiver.id
        made = vans_receipt(
            replace(facts, sender=sender, receiver=receiver),
            operator=operator,
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
