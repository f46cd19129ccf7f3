"""What a pairing does: halves held, released together or let go, by a message that comes or by a time that is over.

The rules are `routing.pairing`'s. A half's fate may decide another's, so what is written here is about several messages
in one unit: all of it happens, or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from broker.port import Send, Settlement
from envelope.reading import read
from routing.case import Decision
from routing.ledger import dispatches, halves, messages, orders
from routing.ledger.dues import HALF, RECEIPT
from routing.ledger.reader import Reader
from routing.ledger.records import Page
from routing.ledger.schema import DUE, MESSAGES
from routing.ledger.unit import Unit
from routing.pairing import ARRIVING, WAIT, Half, HalfState, Pair, Pairing, of_attachment, of_letter
from routing.rules import ATTACHMENT_LETTERS, DELIVER_ALONE, RELEASE_PAIR
from simulator.services.cases import Case, Office
from simulator.services.ordering import order_to_convert, place_order
from simulator.services.outgoing import Posted, address

TARGET = "CareCommunication"


@dataclass(slots=True)
class Moves:
    """What is published for other messages than the one in hand, and what is marked when that is done."""

    posted: list[Posted] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)


def hold(page: Page, case: Case, decision: Decision) -> None:
    """Write what waits: a half with its objects, its time and the claims to be the first; a receipt with its time."""
    waiting = case.found.history.waiting
    if decision.pairing is None and waiting is not None and waiting.until is not None:
        page.due(RECEIPT, case.key, waiting.until + timedelta(microseconds=1))  # to the end it is remembered
    if decision.pairing is None or case.facts is None:
        return
    write_half(page, case)
    parties = (case.head.sender.id, case.head.receiver.id)
    known = case.found.history.halves
    others = known.letters if case.arrival.type_name in ATTACHMENT_LETTERS else known.attachments
    met = frozenset().union(*(half.objects for half in others))
    for name in sorted(set(case.facts.attachments) - met):
        page.claim(halves.meeting(parties, name))
    if known.letter is not None:
        # Two that join at the same moment would each find the other missing: one of them looks again.
        page.claim(halves.joining(known.letter.key, sum(half.state is HalfState.HELD for half in known.attachments)))
    page.due(HALF, case.key, page.at + WAIT)


def write_half(page: Page, case: Case) -> None:
    """Write which objects a half has, whatever becomes of it: the others ask."""
    if case.facts is not None and case.facts.attachments:
        role = halves.CARRIES if case.arrival.type_name in ATTACHMENT_LETTERS else halves.REFERS
        page.half(case.key, role, case.facts.attachments, (case.head.sender.id, case.head.receiver.id))


async def released(ledger: Reader, office: Office, page: Page, case: Case, decision: Decision) -> Moves:
    """Order what the message in hand makes complete."""
    pairing = decision.pairing
    if pairing is None or case.facts is None:
        raise AssertionError("a release has its pairing")
    parties = (case.head.sender.id, case.head.receiver.id)
    own = Own(case.key, case.head.identifier)
    moves = await release(ledger, office, page, pairing, parties, own)
    letter = case.found.history.halves.letter
    objects = letter.objects if pairing.letter is not None and letter is not None else case.facts.attachments
    others = [key for key in (pairing.letter, *pairing.joined) if key]
    page.forget(await halves.leftovers(ledger, others, parties, objects))
    return moves


@dataclass(frozen=True, slots=True)
class Own:
    """The message in hand, which is in no ledger yet."""

    key: int
    envelope_id: str


async def release(
    ledger: Reader,
    office: Office,
    page: Page,
    pairing: Pairing,
    parties: tuple[str, str],
    own: Own | None = None,
) -> Moves:
    """Order a letter and its attachments to be converted together.

    Args:
        ledger: where the others are.
        office: keys, time and directory.
        page: of the settlement.
        pairing: the letter (None: the message in hand) and the attachments (0: the message in hand).
        parties: sender and receiver of them all.
        own: the message in hand; None when a time has come.
    """
    letter = pairing.letter if pairing.letter is not None else (own.key if own is not None else ARRIVING)
    joined = [own.key if key == ARRIVING and own is not None else key for key in pairing.joined]
    here = own.key if own is not None else None
    rows = {row.key: row for row in await messages.kept(ledger, [k for k in (letter, *joined) if k != here])}
    first = rows.get(letter)
    thread = first.thread if first is not None else letter
    page.claim(halves.release(letter))
    for row in rows.values():
        page.unit.update(MESSAGES, row.key, state="ordered", rule=RELEASE_PAIR.id)
        page.event(row.key, "released", pairing.reason, pairing.rule.id)
    for key in joined:
        if key in rows:
            page.unit.update(MESSAGES, key, thread=thread, parent=letter, relation="attachment")
    order = place_order(
        office, page, (letter, *joined), TARGET, parties, rule=RELEASE_PAIR.id, incomplete=bool(pairing.missing)
    )
    identifier = first.envelope_id if first is not None else (own.envelope_id if own is not None else "")
    return Moves(sends=[order_to_convert(order, identifier)])


async def let_go(ledger: Reader, page: Page, keys: Sequence[int], pairing: Pairing) -> Moves:
    """Deliver attachment letters as they are."""
    moves = Moves()
    for row in await messages.kept(ledger, keys):
        # What is due of it is in the same unit: from here on it is no half that waits.
        page.unit.update(MESSAGES, row.key, state="delivered", rule=DELIVER_ALONE.id, reason=pairing.reason)
        page.event(row.key, "let go", pairing.reason, pairing.rule.id)
        moves.posted.append(address(page, row.key, read(row.data).head, row.data, row.body))
    return moves


async def after_refusal(ledger: Reader, office: Office, page: Page, case: Case) -> Moves:
    """What the refusal of one half makes of the others: R1.A2 of MedCom's use cases."""
    moves = Moves()
    if case.facts is None or not case.facts.attachments:
        return moves
    write_half(page, case)
    known = case.found.history.halves
    objects = frozenset(case.facts.attachments)
    refused = Half(case.key, objects, HalfState.REFUSED)
    parties = (case.head.sender.id, case.head.receiver.id)
    if case.arrival.type_name in ATTACHMENT_LETTERS:
        letter = known.letter
        if letter is None:
            return moves
        pairing = of_letter(letter.objects, (*known.attachments, refused))
        if pairing.outcome is not Pair.RELEASE:
            return moves
        pairing = replace(pairing, letter=letter.key)
        gone = await release(ledger, office, page, pairing, parties)
        page.forget(await halves.leftovers(ledger, (letter.key, *pairing.joined), parties, letter.objects))
        return gone
    for half in known.attachments:
        if half.state is not HalfState.HELD:
            continue
        alone = of_attachment((*(await halves.of_objects(ledger, parties, half.objects)).letters, refused))
        if alone is not None and alone.outcome is Pair.DELIVER:
            moves.posted += (await let_go(ledger, page, (half.key,), alone)).posted
            page.forget(await halves.leftovers(ledger, (half.key,), parties, half.objects))
    return moves


async def overdue(ledger: Reader, office: Office, row: Row[Any]) -> Settlement:
    """What becomes of a half whose 60 minutes are over.

    A half that went on meanwhile, in a process that died before it had published, is published again: the due row goes
    only when that is done.
    """
    page = office.page()
    finish = Page(page.keys, page.at, page.place, Unit())
    finish.forget([(DUE, row.key)])
    found = await halves.of_message(ledger, row.message)
    if found is None or found[0].state is not HalfState.HELD:
        return await once_more(ledger, row, page, finish)
    half, role = found
    (kept,) = await messages.kept(ledger, (row.message,))
    parties = (kept.sender, kept.receiver)
    known = await halves.of_objects(ledger, parties, half.objects)
    if role == halves.REFERS:
        pairing = of_letter(half.objects, known.attachments, overdue=True)
        pairing = replace(pairing, letter=half.key)
        moves = await release(ledger, office, page, pairing, parties)
        gone: tuple[int, ...] = (half.key, *pairing.joined)
    else:
        alone = of_attachment(known.letters, overdue=True)
        if alone is None:  # its letter is held, and has a time of its own
            return Settlement(None, page.unit, (), finish.unit)
        page.claim(halves.release(half.key))
        moves = await let_go(ledger, page, (half.key,), alone)
        gone = (half.key,)
    leftovers = await halves.leftovers(ledger, gone, parties, half.objects)
    page.forget([one for one in leftovers if one != (DUE, row.key)])
    return moved(page, finish, moves)


def moved(page: Page, finish: Page, moves: Moves) -> Settlement:
    """Close a page that no delivery has opened."""
    for one in moves.posted:
        finish.sent(one.send_key)
    return Settlement(None, page.unit, [*(one.send for one in moves.posted), *moves.sends], finish.unit)


async def once_more(ledger: Reader, row: Row[Any], page: Page, finish: Page) -> Settlement:
    """Publish again what is still due of a message that went on, and mark it."""
    sends = []
    for due in await dispatches.due(ledger, row.message):
        sends.append(Send(due.queue, due.data, due.body, due.envelope_id))
        finish.sent(due.key)
    order = await orders.open_of(ledger, row.message) if row.state == "ordered" else None
    if order is not None:
        sends.append(order_to_convert(order, row.envelope_id))
    return Settlement(None, page.unit, sends, finish.unit)
