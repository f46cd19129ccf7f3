"""What a mock system answers to one envelope, as a well-behaved system of its kind does.

A message is judged by all rules of its format, as by a system that validates what it gets (`envelope.validation` says
the same to who asks for it). A FHIR letter gets an Acknowledgement, always: fatal-error when it breaks a rule. An
OIOXML letter gets an XCTL03 when it asked for one, and an XCTL02 when it breaks a rule. Each message gets an envelope
receipt: PositiveMessage, or NegativeMessage when it was not taken and nothing in its own layer says so: it cannot be
read, does not say what an answer must quote, or is itself a receipt. Receipts are not answered in their own layer
(MedCom reliable messaging for VANSEnvelope; GOV 032; an invalid message is a fatal error, Acknowledgement 2.0).
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
from envelope.cutting import cut
from envelope.fhir import full_rules
from envelope.fhir.bundle import Bundle, read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.findings import Finding, Refused
from envelope.model import Head, Receipt, ReceiptKind
from envelope.oioxml import facts as oioxml_facts
from envelope.oioxml import rules as oioxml_rules
from envelope.oioxml.reading import Letter, read_letter
from envelope.payload_facts import letter_facts
from envelope.reading import payload, read
from routing.decision import danish_day
from routing.directory import Participant
from routing.errors import MESSAGE_OVER_LIMIT, TYPE_NOT_TAKEN
from simulator.services.outgoing import Outgoing, described, known_type, letter_envelope, receipt_envelope

_FIRST = 4096

LARGEST_MESSAGE = 100_000_000
"""Bytes of a FHIR message with its envelope: MedCom's 100 MB. The network has no such limit, receivers have."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mock finds of a letter.

    What is foreign is refused in the envelope's layer alone: a system does not speak a format that it does not take.

    Attributes:
        errors: the most severe first: what the system does not take at all, then in the order in which the rules go
            from the structure to the single value.
        document: the letter as it was read; None when it could not be, and of what is taken as it is.
        foreign: whether its whole family is none that the system takes.
    """

    errors: tuple[Finding, ...] = ()
    document: Letter | Bundle | None = None
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
    verdict = verdict_on(payload(body), type_)
    if system is not None and type_ is not None and not type_.is_receipt:
        verdict = _as_taken(verdict, type_, system, danish_day(now))
    if type_ is not None and type_.family == "FHIR" and len(body) > LARGEST_MESSAGE:
        finding = MESSAGE_OVER_LIMIT.at("", limit=LARGEST_MESSAGE, size=len(body))
        verdict = replace(verdict, errors=(finding, *verdict.errors))
    identifiers = Identifiers(sha256(body).hexdigest()[:32])
    letter_receipt = []
    if type_ is not None and type_.answered_by and not verdict.foreign:
        letter_receipt = _letter_receipt(head, verdict, identifiers, now)
    told = () if letter_receipt else verdict.errors
    return (_envelope_receipt(head, told, identifiers, now), *letter_receipt)


def verdict_on(letter: bytes, type_: MessageType | None) -> Verdict:
    """Judge a letter by all rules of its own format; what the network does not know, its receiver takes as it is."""
    try:
        if type_ is not None and type_.family == "OIOXML":
            read_ = read_letter(cut(letter))
            return Verdict(_errors(oioxml_rules.validate(read_)), read_)
        if type_ is not None and type_.family == "FHIR":
            bundle = read_bundle(cut(letter))
            return Verdict(_errors(full_rules.validate(bundle)), bundle)
    except Refused as refused:
        return Verdict(refused.findings)
    return Verdict()


def _as_taken(verdict: Verdict, type_: MessageType, system: Participant, day: date) -> Verdict:
    """The verdict of a system on what it may not take: no letter of a family that is not its own is read at all."""
    if system.takes_type(type_.type, type_.version, day):
        return verdict
    finding = TYPE_NOT_TAKEN.at("", gln=system.gln, type=type_.type, day=day)
    families = {row.family for line in system.takes_on(day) if (row := find(line.type)) is not None}
    return replace(verdict, errors=(finding, *verdict.errors), foreign=type_.family not in families)


def _errors(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.is_error)


def _envelope_receipt(head: Head, errors: Sequence[Finding], identifiers: Identifiers, now: datetime) -> Outgoing:
    receipt = Receipt(ReceiptKind.POSITIVE_MESSAGE, head.identifier, head.message)
    if errors:
        receipt = replace(receipt, kind=ReceiptKind.NEGATIVE_MESSAGE, description=described(errors))
    return receipt_envelope(receipt, (head.receiver, head.sender), identifiers.uuid("envelope-receipt"), now)


def _letter_receipt(head: Head, verdict: Verdict, identifiers: Identifiers, now: datetime) -> list[Outgoing]:
    """XCTL or Acknowledgement; none where none is wanted, or the letter does not say what one must quote."""
    if verdict.document is None:
        return []
    try:
        if verdict.errors:
            text = "\n".join(map(str, verdict.errors))
            reason = Reason(network_refuse_code(verdict.errors[0].rule.id), text)
            made = negative_receipt(verdict.document, reason, now, identifiers)
        elif _wants_receipt(verdict.document):
            made = positive_receipt(verdict.document, now, identifiers)
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


def _wants_receipt(document: Letter | Bundle) -> bool:
    facts = bundle_facts(document) if isinstance(document, Bundle) else oioxml_facts.letter_facts(document)
    return facts.wants_receipt
