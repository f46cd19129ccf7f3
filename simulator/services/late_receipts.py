"""What becomes of a receipt that waits for the rest of its conversion's when the conversion is forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from broker.port import Settlement
from envelope.reading import read
from routing.ledger import halves, messages
from routing.ledger.reader import Reader
from routing.ledger.schema import DUE, MESSAGES
from routing.rules import DELIVER_HELD_RECEIPT
from simulator.services.cases import Office
from simulator.services.outgoing import address
from simulator.services.pairs import Moves, moved, once_more


async def forgotten(ledger: Reader, office: Office, row: Row[Any]) -> Settlement:
    """Send on a receipt as it came: with its three months over there is nothing left to pair it with.

    One that went on meanwhile, in a process that died before it had published, is published again: the due row goes
    only when that is done.
    """
    page = office.page()
    finish = office.page()
    finish.forget([(DUE, row.key)])
    if row.state != "held":
        return await once_more(ledger, row, page, finish)
    (kept,) = await messages.kept(ledger, (row.message,))
    rule = DELIVER_HELD_RECEIPT
    page.claim(halves.release(row.message))
    page.unit.update(MESSAGES, row.message, state="delivered", rule=rule.id, reason=rule.sentence)
    page.event(row.message, "let go", rule.sentence, rule.id)
    posted = address(page, row.message, read(kept.data).head, kept.data, kept.body)
    return moved(page, finish, Moves([posted]))
