"""An order carried out: the envelopes that its conversion comes to, the same bytes every time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broker.errors import BODY_TOO_LARGE, LARGEST_BODY
from conversion import Converted, Facts, Remembered, convert
from conversion.envelope_receipts import envelope_receipts
from conversion.facts import Travelled
from conversion.identifiers import Identifiers
from envelope.facts import LetterFacts
from envelope.fhir.bundle import CARE_COMMUNICATION
from envelope.findings import Finding, Refused
from envelope.model import Head
from envelope.reading import payload, read
from routing.ledger.orders import Ordered
from simulator.services.outgoing import Outgoing, known_type, letter_envelope, receipt_envelope

# MedCom VANS conversion use cases 3.1.0, 4.5.1: three months; 92 days is never shorter.
REMEMBERED = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What an order has come to: the envelopes made, what their receipts will need, and what there is to warn of.

    Attributes:
        left: why a letter went without its attachments, which are refused for it.
    """

    made: tuple[Outgoing, ...]
    remembered: Remembered
    until: datetime
    findings: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()


def carry_out(order: Ordered, bodies: list[bytes], stylesheet: bytes | None = None) -> CarriedOut:
    """Convert an order's envelopes: pure, the same bytes every time.

    Args:
        order: what to convert.
        bodies: its envelopes; taken out of the list, so that a large one is gone before another is made of it.
        stylesheet: the one that the order's facts name, if they do.

    Raises:
        Refused: a letter cannot be converted, or what is made is too large (VS-602); nothing of the order is made.
    """
    # Of a letter and its attachments the letter, which is small, may be converted once more, alone.
    letter = bodies[:1] if order.target == CARE_COMMUNICATION else []
    carried_out = _carried_out(order, bodies, stylesheet)
    large = _too_large(carried_out.made)
    if not large:
        return carried_out
    if order.target != CARE_COMMUNICATION or len(order.sources) == 1:
        raise Refused(large)
    # R1.A2: an XBIN01 too large to handle is refused as an invalid one is, and its letter goes without it.
    facts = json.dumps(json.loads(order.facts) | {"incomplete": True}, ensure_ascii=False)
    return replace(_carried_out(replace(part(order, slice(1)), facts=facts), letter, stylesheet), left=large)


def part(order: Ordered, which: slice) -> Ordered:
    """An order for some of its messages; of a letter and its attachments, the letter is the first."""
    return replace(
        order,
        sources=order.sources[which],
        findings=order.findings[which],
        body_keys=order.body_keys[which],
    )


def _too_large(made: Sequence[Outgoing]) -> tuple[Finding, ...]:
    sizes = [len(one.body) for one in made]
    return tuple(BODY_TOO_LARGE.at("", size=size, limit=LARGEST_BODY) for size in sizes if size > LARGEST_BODY)


def _carried_out(order: Ordered, bodies: list[bytes], stylesheet: bytes | None) -> CarriedOut:
    facts = Facts.from_json(order.facts, stylesheet)
    heads = [read(body).head for body in bodies]
    identifiers = Identifiers(facts.seed)
    until = facts.accepted + REMEMBERED
    if order.target == "envelope receipt":
        receipts = _receipts_back(heads, facts, identifiers)
        return CarriedOut(tuple(receipts), _remembered(None, facts, heads, receipts), until)
    converted = convert([payload(bodies.pop(0)) for _ in heads], facts, order.target)
    made = _wrapped(converted, heads[0], facts, identifiers)
    return CarriedOut(tuple(made), _remembered(converted.remembered, facts, heads, made), until, converted.findings)


def _receipts_back(heads: Sequence[Head], facts: Facts, identifiers: Identifiers) -> list[Outgoing]:
    if facts.original is None:
        raise AssertionError("an envelope receipt answers what is remembered")
    parties = (heads[0].sender, heads[0].receiver)
    return [
        receipt_envelope(receipt, parties, identifiers.uuid(f"envelope-{number}"), facts.accepted)
        for number, receipt in enumerate(envelope_receipts(heads, facts.original), 1)
    ]


def _wrapped(converted: Converted, head: Head, facts: Facts, identifiers: Identifiers) -> list[Outgoing]:
    outgoing = []
    for number, output in enumerate(converted.outputs, 1):
        type_ = known_type(output.type, output.version)
        mime = f"application/fhir+{facts.output_format}" if type_.family == "FHIR" else None
        said = LetterFacts(
            output.type, output.version, output.letter_id, output.envelope_id, None, None, wants_receipt=True
        )
        names = (identifiers.uuid(f"vans-envelope-{number}"), identifiers.uuid(f"vans-message-{number}"))
        outgoing.append(
            letter_envelope(
                output.pieces,
                type_,
                (head.sender, head.receiver),
                names,
                facts.accepted,
                mime=mime,
                postfix=output.postfix,
                facts=said,
            )
        )
    return outgoing


def _remembered(
    remembered: Remembered | None, facts: Facts, heads: Sequence[Head], made: Sequence[Outgoing]
) -> Remembered:
    """What is kept of the conversion: what it says itself, and the envelopes on both sides."""
    kept = remembered or Remembered((), (), facts.sender, facts.receiver)
    return replace(kept, original_envelopes=_travelled(heads), made_envelopes=_travelled([one.head for one in made]))


def _travelled(heads: Sequence[Head]) -> tuple[Travelled, ...]:
    return tuple(Travelled(head.identifier, head.message) for head in heads if head.message is not None)
