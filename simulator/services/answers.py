"""What a mock system answers to one envelope, as a well-behaved system of its kind does.

Each message gets an envelope receipt: PositiveMessage, or NegativeMessage when nothing of it can be read. A FHIR letter
gets an Acknowledgement, always; an OIOXML letter an XCTL03 when it asked for one, and an XCTL02 when it is not valid.
Receipts are not answered in their own layer (MedCom reliable messaging for VANSEnvelope; GOV 032).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from conversion.answers import Reason, negative_receipt, positive_receipt
from conversion.identifiers import Identifiers
from conversion.refusals import network_refuse_code
from envelope.catalogue import MessageType, check, find, recognise
from envelope.facts import letter_facts
from envelope.fhir import rules as fhir_rules
from envelope.fhir.bundle import read_bundle
from envelope.findings import Finding, Refused
from envelope.model import Head, Receipt, ReceiptKind
from envelope.oioxml import rules as oioxml_rules
from envelope.oioxml.reading import read_letter
from envelope.reading import payload, read
from routing.decision import danish_day
from routing.directory import Participant
from routing.errors import TYPE_NOT_TAKEN
from simulator.services.outgoing import Outgoing, described, known_type, letter_envelope, receipt_envelope

_FIRST = 4096


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mock finds of a letter: whether it can be read, the errors in it, and whether its whole family is foreign.

    What is foreign is refused in the envelope's layer alone: a system does not speak a format that it does not take.
    """

    readable: bool
    errors: tuple[Finding, ...] = ()
    foreign: bool = False


def answers_of(body: bytes, now: datetime, system: Participant | None = None) -> tuple[Outgoing, ...]:
    """The envelopes that a well-behaved system sends back for one envelope, as they are submitted.

    Identifiers derive from the envelope, so that an answer given twice is the same answer.

    Args:
        body: the envelope.
        now: network time.
        system: who answers: it refuses what it does not take on the day; None takes everything.
    """
    reading = read(body)
    head = reading.head
    if head.message is None or head.sender.type == "VANS":
        return ()  # the network's own receipts are told, not answered
    type_, _ = check(reading)
    letter = payload(body)
    verdict = verdict_on(letter, type_)
    if system is not None and type_ is not None and not type_.is_receipt:
        verdict = _as_taken(verdict, type_, system, danish_day(now))
    identifiers = Identifiers(sha256(body).hexdigest()[:32])
    answers = [_envelope_receipt(head, verdict, identifiers, now)]
    if type_ is not None and type_.answered_by and not verdict.foreign:
        answers += _letter_receipt(head, letter, type_, verdict, identifiers, now)
    return tuple(answers)


def verdict_on(letter: bytes, type_: MessageType | None) -> Verdict:
    """Judge a letter by the rules of its own format; what the network does not know, its receiver takes as it is."""
    try:
        if type_ is not None and type_.family == "OIOXML":
            return Verdict(readable=True, errors=_errors(oioxml_rules.validate(read_letter(letter))))
        if type_ is not None and type_.family == "FHIR":
            return Verdict(readable=True, errors=_errors(fhir_rules.validate(read_bundle(letter))))
    except Refused as refused:
        return Verdict(readable=False, errors=refused.findings)
    return Verdict(readable=True)


def _as_taken(verdict: Verdict, type_: MessageType, system: Participant, day: date) -> Verdict:
    """The verdict of a system on what it may not take: no letter of a family that is not its own is read at all."""
    if system.takes_type(type_.type, type_.version, day):
        return verdict
    finding = TYPE_NOT_TAKEN.at("", gln=system.gln, type=type_.type, day=day)
    families = {row.family for line in system.takes_on(day) if (row := find(line.type)) is not None}
    foreign = type_.family not in families
    return Verdict(verdict.readable and not foreign, (finding, *verdict.errors), foreign)


def _errors(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.is_error)


def _envelope_receipt(head: Head, verdict: Verdict, identifiers: Identifiers, now: datetime) -> Outgoing:
    receipt = Receipt(ReceiptKind.POSITIVE_MESSAGE, head.identifier, head.message)
    if not verdict.readable:
        receipt = replace(receipt, kind=ReceiptKind.NEGATIVE_MESSAGE, description=described(verdict.errors))
    return receipt_envelope(receipt, (head.receiver, head.sender), identifiers.uuid("envelope-receipt"), now)


def _letter_receipt(
    head: Head, letter: bytes, type_: MessageType, verdict: Verdict, identifiers: Identifiers, now: datetime
) -> list[Outgoing]:
    """XCTL or Acknowledgement; none where none is wanted, or the letter does not say what one must quote."""
    try:
        if verdict.errors:
            text = "\n".join(finding.text for finding in verdict.errors)
            reason = Reason(network_refuse_code(verdict.errors[0].rule.id), text)
            made = negative_receipt(letter, reason, now, identifiers)
        elif type_.family != "EDIFACT" and letter_facts(letter, type_).wants_receipt:
            made = positive_receipt(letter, now, identifiers)
        else:
            return []
    except Refused:
        return []
    recognised = recognise(made[:_FIRST])
    if recognised is None:  # pragma: no cover (a receipt of our own making)
        raise AssertionError("the receipt is of no known type")
    answer = known_type(recognised.type)
    said = letter_facts(made, answer)
    names = (identifiers.uuid("receipt-envelope"), identifiers.uuid("receipt-message"))
    parties = (head.receiver, head.sender)
    return [letter_envelope(made, answer, parties, names, now, mime=recognised.mime, postfix=said.postfix, facts=said)]
