"""What becomes of a redelivery: the very same output again, never a duplicate laid at the sender's door."""

from __future__ import annotations

from broker.port import Delivery, Send, Settlement
from envelope.reading import Unreadable
from routing.ledger import dead_letters, dispatches, messages, orders
from routing.ledger.history import Found
from routing.ledger.reader import Reader
from routing.ledger.records import Page
from routing.ledger.unit import Unit
from routing.rules import DECISIONS, REFUSE
from simulator.services.cases import Office
from simulator.services.ordering import order_to_convert
from simulator.services.outcomes import STATES, dead_letter

_OUTCOMES = {rule.id: rule.outcome for rule in DECISIONS}


async def resettle(ledger: Reader, office: Office, delivery: Delivery, found: Found) -> Settlement:
    """The settlement of a delivery whose ack was lost: publish what is still due, or only ack.

    The rows were committed before the process died, so the output is what they say, byte for byte.
    """
    if found.unfinished is None:
        return Settlement(delivery, Unit())
    finish = Page(office.keys, office.now, "router", Unit())
    sends = []
    for row in await dispatches.due(ledger, found.unfinished):
        sends.append(Send(row.queue, row.data, row.body, row.envelope_id))
        finish.sent(row.key)
    sends += [dead_letter(row, delivery.message_id) for row in await dead_letters.of_message(ledger, found.unfinished)]
    order = await orders.open_of(ledger, found.unfinished)
    if order is not None:
        sends.append(order_to_convert(order, delivery.message_id or str(order)))
    rule = await messages.rule_of(ledger, found.unfinished)
    finish.finished(found.unfinished, STATES[_OUTCOMES[rule or REFUSE.id]])
    return Settlement(delivery, Unit(), sends, finish.unit)


async def resettle_unreadable(
    ledger: Reader, office: Office, delivery: Delivery, unreadable: Unreadable
) -> Settlement | None:
    """The same for bytes that are no envelope; None when they have not been settled before."""
    rows = await dead_letters.alike(ledger, delivery.queue, unreadable.findings[0].rule.id, delivery.body)
    if not rows:
        return None
    finish = Page(office.keys, office.now, "router", Unit())
    sends = [dead_letter(row, delivery.message_id) for row in rows]
    if unreadable.partial.identifier:
        for answer in await messages.named(ledger, "refused", unreadable.partial.identifier):
            for row in await dispatches.due(ledger, answer):
                sends.append(Send(row.queue, row.data, row.body, row.envelope_id))
                finish.sent(row.key)
    return Settlement(delivery, Unit(), sends, finish.unit)
