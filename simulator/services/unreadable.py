"""What becomes of bytes that are no envelope: dead letters, and a negative receipt when the sender can be read."""

from __future__ import annotations

from uuid import uuid4

from broker.port import Delivery, Settlement
from envelope.model import Party, Receipt, ReceiptKind
from envelope.reading import Unreadable
from routing.ledger.records import Page, Story
from routing.ledger.unit import Unit
from simulator.services.outcomes import Office, bury, described
from simulator.services.outgoing import post, receipt_envelope


def settle_unreadable(office: Office, delivery: Delivery, unreadable: Unreadable) -> Settlement:
    """Bury the bytes; answer NegativeVans where sender and envelope could be read."""
    page = office.page()
    body = delivery.body_key if delivery.body_key is not None else page.body(delivery.body)
    text = described(unreadable.findings)
    rule = unreadable.findings[0].rule.id
    sends = [bury(page, None, delivery, body, text, rule)]
    finish = Page(page.keys, page.at, page.place, Unit())
    partial = unreadable.partial
    sender = office.directory.participant(partial.sender) if partial.sender else None
    if sender is not None and partial.identifier:
        receipt = Receipt(
            ReceiptKind.NEGATIVE_VANS,
            partial.identifier,
            description=text,
            code=int(rule.removeprefix("VS-")),
        )
        parties = (Party(office.directory.settings.operator, "VANS"), Party(sender.gln))
        outgoing = receipt_envelope(receipt, parties, str(uuid4()), page.at)
        posted = post(page, outgoing, Story(relation="refusal"), rule="D-refuse", reason=f"refused: {rule}")
        sends.append(posted.send)
        finish.sent(posted.send_key)
    return Settlement(delivery, page.unit, sends, finish.unit)
