"""What becomes of bytes that are no envelope: dead letters, and a negative receipt when the sender can be read."""

from __future__ import annotations

from uuid import uuid4

import structlog

from broker.port import Delivery, Settlement
from envelope.identities import IDENTIFIER
from envelope.model import Party, Receipt, ReceiptKind
from envelope.reading import Unreadable
from routing.ledger.records import Page, Story
from routing.ledger.unit import Unit
from simulator.services.cases import Office
from simulator.services.outcomes import bury
from simulator.services.outgoing import Posted, described, post, receipt_envelope

log = structlog.get_logger("vansim.router")


def settle_unreadable(office: Office, delivery: Delivery, unreadable: Unreadable) -> Settlement:
    """Bury the bytes; answer NegativeVans where sender and envelope could be read."""
    page = office.page()
    body = delivery.body_key if delivery.body_key is not None else page.body(delivery.body)
    rule = unreadable.findings[0].rule.id
    sends = [bury(page, None, delivery, body, described(unreadable.findings), rule)]
    finish = Page(page.keys, page.at, page.place, Unit())
    posted = _answer(office, page, unreadable)
    if posted is not None:
        sends.append(posted.send)
        finish.sent(posted.send_key)
    envelope = unreadable.partial.identifier or delivery.message_id
    log.info("no envelope", envelope=envelope, findings=[finding.rule.id for finding in unreadable.findings])
    return Settlement(delivery, page.unit, sends, finish.unit)


def _answer(office: Office, page: Page, unreadable: Unreadable) -> Posted | None:
    partial, text = unreadable.partial, described(unreadable.findings)
    sender = office.directory.participant(partial.sender) if partial.sender else None
    # A receipt quotes the identifier, and would itself be no envelope if that is none.
    if sender is None or not IDENTIFIER.fullmatch(partial.identifier or "") or partial.identifier is None:
        return None
    code = int(unreadable.findings[0].rule.id.removeprefix("VS-"))
    receipt = Receipt(ReceiptKind.NEGATIVE_VANS, partial.identifier, description=text, code=code)
    parties = (Party(office.directory.settings.operator, "VANS"), Party(sender.gln))
    outgoing = receipt_envelope(receipt, parties, str(uuid4()), page.at)
    posted = post(page, outgoing, Story(relation="refusal"), rule="D-refuse", reason=f"refused: {text}")
    # There is no row of an envelope that could not be read: its story is found by what it called itself.
    page.identifier(posted.message_key, "refused", partial.identifier)
    return posted
