"""What to do with a message: one pure function over literal tables.

MedCom VANS conversion use cases 3.1.0, R1 (look the receiver up, convert only if it takes only the other format), and
the identity table of reliable messaging (what was seen before). Every decision names the row it comes from.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from envelope.facts import LetterFacts
from envelope.findings import Finding
from routing import errors
from routing.case import Arrival, Decision, History, Seen
from routing.directory import Directory, Kind, Participant, versions_agree
from routing.pairing import ARRIVING, Pair, Waiting, of_arriving
from routing.rules import (
    ATTACHMENT_LETTERS,
    CONVERT_ENVELOPE_RECEIPT,
    CONVERT_LETTER,
    CONVERT_RECEIPT,
    DELIVER_ALONE,
    DELIVER_AS_IS,
    DELIVER_DUPLICATE,
    DELIVER_ENVELOPE_RECEIPT,
    DELIVER_LISTED,
    DELIVER_RECEIPT,
    EDIFACT_COUNTERPARTS,
    HOLD_HALF,
    HOLD_RECEIPT,
    IDENTITIES,
    IGNORE_DUPLICATE,
    IGNORE_SECOND_RECEIPT,
    LETTER_CONVERSIONS,
    MADE_VERSIONS,
    RECEIPT_CONVERSIONS,
    REFUSAL_RECEIPTS,
    REFUSE,
    RELEASE_PAIR,
    REPEAT_ANSWER,
    REPEAT_RECEIPTS,
    TAKE_OWN_ANSWER,
    Conversion,
    DecisionRule,
    Identity,
    Outcome,
)

# Rollout dates are Danish calendar days (the directory names days, messages carry instants).
_DANISH = ZoneInfo("Europe/Copenhagen")


def refusal(arrival: Arrival, *findings: Finding) -> Decision:
    """The decision to refuse for these findings, with the receipts that its family gets."""
    if arrival.head.message is None:
        family = "envelope receipt"
    elif arrival.type is None:
        family = "unknown"
    else:
        family = "letter receipt" if arrival.type.is_receipt else arrival.type.family
    return Decision(REFUSE, "; ".join(map(str, findings)), findings=findings, receipts=REFUSAL_RECEIPTS[family])


def needs_letter(arrival: Arrival, directory: Directory, now: datetime) -> bool:
    """Whether the head alone cannot decide: the letter is a receipt, or may have to be converted."""
    if arrival.type is None:
        return False
    receiver = directory.participant(arrival.head.receiver.id)
    if receiver is None:
        return False
    if arrival.type.is_receipt:
        return arrival.type.type in RECEIPT_CONVERSIONS or arrival.type.type == "XCTL01"
    return (
        not _taken(arrival, receiver, danish_day(now)) and _conversion(arrival, receiver, danish_day(now)) is not None
    )


def decide(
    arrival: Arrival, letter_facts: LetterFacts | None, history: History, directory: Directory, now: datetime
) -> Decision:
    """Decide what becomes of one message.

    Args:
        arrival: what the head tells.
        letter_facts: what the letter tells; there when `needs_letter` says so.
        history: what was seen before.
        directory: who takes what.
        now: network time, aware.

    Returns:
        Exactly one decision, with its rule and reason.
    """
    head = arrival.head
    sender = directory.participant(head.sender.id)
    if sender is None:
        return refusal(arrival, errors.SENDER_UNKNOWN.at("/VANSEnvelope/SenderID", gln=head.sender.id))
    if head.message is None and history.answers_network:
        return Decision(TAKE_OWN_ANSWER, TAKE_OWN_ANSWER.sentence)
    receiver = directory.participant(head.receiver.id)
    if receiver is None:
        return refusal(arrival, errors.RECEIVER_UNKNOWN.at("/VANSEnvelope/ReceiverID", gln=head.receiver.id))
    if head.message is None:
        return _decide_envelope_receipt(history)

    repeated, earlier = _decide_repetition(arrival, history, directory)
    if repeated is not None:
        return repeated
    from_hotel = sender.kind is Kind.REFERRAL_HOTEL
    decision = _decide_path(arrival, letter_facts, history, receiver, danish_day(now), from_hotel=from_hotel)
    if _begins(decision) and not _is_receipt(arrival):
        decision = _within_service(decision, arrival, receiver, directory, danish_day(now))
    if earlier is not None and decision.outcome is Outcome.DELIVER:
        return Decision(DELIVER_DUPLICATE, DELIVER_DUPLICATE.sentence, earlier=earlier.key)
    return decision


def _decide_repetition(arrival: Arrival, history: History, directory: Directory) -> tuple[Decision | None, Seen | None]:
    """What becomes of a message that was seen before; with None, the earlier one that it may only repeat."""
    head = arrival.head
    identity = IDENTITIES[history.envelope is not None, history.message is not None]
    if identity is Identity.REUSED:
        place = "/VANSEnvelope/EnvelopeIdentifier"
        return refusal(arrival, errors.ENVELOPE_REUSED.at(place, identifier=head.identifier)), None
    earlier = history.envelope or history.message or history.letter
    if earlier is not None and earlier.state == "refused":
        if history.envelope is not None:
            place = "/VANSEnvelope/EnvelopeIdentifier"
            return refusal(arrival, errors.SENT_BEFORE_REFUSED.at(place, identifier=head.identifier)), None
        earlier = None  # refused then, sent again in a new envelope: decided anew
    if earlier is not None and earlier.state != "delivered":
        if arrival.type is not None and arrival.type.is_receipt and earlier.state == "converted":
            rule = REPEAT_ANSWER if directory.settings.repeat_receipts else IGNORE_DUPLICATE
            return Decision(rule, rule.sentence, earlier=earlier.key), None
        repeats = earlier.has_receipts and directory.settings.repeat_receipts
        rule = REPEAT_RECEIPTS if repeats else IGNORE_DUPLICATE
        return Decision(rule, rule.sentence, earlier=earlier.key), None
    return None, earlier


@lru_cache(maxsize=64)
def danish_day(now: datetime) -> date:
    """The Danish calendar day of an instant: directory dates are such days."""
    return now.astimezone(_DANISH).date()


def _decide_envelope_receipt(history: History) -> Decision:
    """An envelope receipt goes on, or back across the conversion that made the envelope it answers."""
    if history.envelope is not None and history.envelope.state != "delivered":
        return Decision(IGNORE_DUPLICATE, IGNORE_DUPLICATE.sentence, earlier=history.envelope.key)
    if history.answers_conversion:
        return _decide_answer(CONVERT_ENVELOPE_RECEIPT, "envelope receipt", history)
    if history.envelope is not None:
        return Decision(DELIVER_DUPLICATE, DELIVER_DUPLICATE.sentence, earlier=history.envelope.key)
    return Decision(DELIVER_ENVELOPE_RECEIPT, DELIVER_ENVELOPE_RECEIPT.sentence)


def _decide_path(
    arrival: Arrival,
    facts: LetterFacts | None,
    history: History,
    receiver: Participant,
    day: date,
    *,
    from_hotel: bool,
) -> Decision:
    """As it is, converted, or refused: what the receiver takes on the day."""
    name = arrival.type_name
    if arrival.type is not None and arrival.type.is_receipt:
        return _decide_receipt(arrival, history)
    if _taken(arrival, receiver, day):
        rule = DELIVER_AS_IS if arrival.type is not None else DELIVER_LISTED
        return Decision(rule, rule.sentence.format(type=name, day=day))
    place = "/VANSEnvelope/Message/MetaInformation/Document/Name"
    if arrival.type is None:
        return refusal(arrival, errors.TYPE_UNKNOWN.at(place, name=name, gln=receiver.gln, day=day))
    version = arrival.type.version
    if receiver.takes_type(name, None, day):
        words = {"gln": receiver.gln, "type": name, "day": day, "taken": _versions(receiver, name, day)}
        return refusal(arrival, errors.VERSION_NOT_TAKEN.at(place, **words, version=version))
    conversion = _conversion(arrival, receiver, day)
    if conversion is None:
        return refusal(arrival, _not_taken(name, receiver, day, place))
    target = conversion.target
    if not any(versions_agree(version, known) for known in conversion.versions):
        words = {"type": name, "version": version, "target": target, "gln": receiver.gln, "day": day}
        return refusal(arrival, errors.VERSION_NOT_CONVERTED.at(place, **words))
    if version_made(target, receiver, day) is None:
        taken = _versions(receiver, target, day)
        words = {"gln": receiver.gln, "target": target, "day": day, "taken": taken, "type": name}
        return refusal(arrival, errors.VERSION_NOT_MADE.at(place, **words, made=", ".join(MADE_VERSIONS[target])))
    if facts is not None and facts.attachments and arrival.type.family == "OIOXML":
        return _decide_half(arrival, facts, history, target, from_hotel)
    return Decision(CONVERT_LETTER, CONVERT_LETTER.sentence.format(type=name, target=target, day=day), target=target)


def _begins(decision: Decision) -> bool:
    """Whether a conversion begins with the message in hand; a half that releases what was held ends what was begun."""
    if decision.outcome is Outcome.RELEASE and decision.pairing is not None:
        return decision.pairing.letter is None and not any(key != ARRIVING for key in decision.pairing.joined)
    return decision.outcome in {Outcome.CONVERT, Outcome.HOLD}


def _not_taken(type_name: str, receiver: Participant, day: date, place: str) -> Finding:
    """Why a type has no way to a receiver: it takes the same in EDIFACT alone, or out of it, or nothing of the kind."""
    words = {"gln": receiver.gln, "type": type_name, "day": day}
    taken = [one for one in EDIFACT_COUNTERPARTS.get(type_name, ()) if receiver.takes_type(one, None, day)]
    if taken:
        return errors.EDIFACT_NOT_CONVERTED.at(place, **words, taken=" and ".join(taken))
    return errors.TYPE_NOT_TAKEN.at(place, **words)


def _versions(receiver: Participant, type_name: str, day: date) -> str:
    """The versions of a type that a receiver lists on a day, where it does not take every one."""
    return ", ".join(line.version or "" for line in receiver.takes_on(day) if line.type == type_name)


def _is_receipt(arrival: Arrival) -> bool:
    return arrival.type is not None and arrival.type.is_receipt


def _within_service(
    decision: Decision, arrival: Arrival, receiver: Participant, directory: Directory, day: date
) -> Decision:
    """The same, but that a letter is refused when the conversion service has ended.

    What the service has begun it ends: receipts of what it converted go back, and the half that comes for one that is
    held is released with it.
    """
    if directory.converts_on(day):
        return decision
    place = "/VANSEnvelope/Message/MetaInformation/Document/Name"
    words = {"gln": receiver.gln, "type": arrival.type_name, "day": day, "target": decision.target}
    return refusal(arrival, errors.CONVERSION_ENDED.at(place, **words, ended=directory.conversion_until))


def version_made(target: str, receiver: Participant, day: date) -> str | None:
    """The version of a type that is made for a receiver: of those that it takes on the day, the newest; None if none.

    Args:
        target: CareCommunication or XDIS91; of other types the network makes one version, and "" is given.
        receiver: whose entry decides.
        day: the Danish day of the conversion.
    """
    if target not in MADE_VERSIONS:
        return ""
    return next((version for version in MADE_VERSIONS[target] if receiver.takes_type(target, version, day)), None)


def _decide_receipt(arrival: Arrival, history: History) -> Decision:
    """A letter receipt is never refused for its format: it goes back the way its letter came."""
    name = arrival.type_name
    if not history.answers_conversion:
        return Decision(DELIVER_RECEIPT, DELIVER_RECEIPT.sentence)
    target = RECEIPT_CONVERSIONS.get(name)
    if target is None:
        place = "/VANSEnvelope/Message/MetaInformation/Document/Name"
        return refusal(arrival, errors.RECEIPT_NOT_CONVERTED.at(place, type=name))
    return _decide_answer(CONVERT_RECEIPT, target, history)


def _decide_answer(rule: DecisionRule, target: str, history: History) -> Decision:
    """A receipt of a conversion goes back when everything that the conversion made is answered, once."""
    waiting = history.waiting or Waiting()
    if waiting.again or waiting.over:
        return Decision(IGNORE_SECOND_RECEIPT, IGNORE_SECOND_RECEIPT.sentence)
    here = len(waiting.held) + 1
    if here < waiting.expected:
        reason = HOLD_RECEIPT.sentence.format(expected=waiting.expected, here=here)
        return Decision(HOLD_RECEIPT, reason, target=target)
    return Decision(rule, rule.sentence.format(target=target), target=target, joined=waiting.held)


_PAIR_RULES = {Pair.HOLD: HOLD_HALF, Pair.RELEASE: RELEASE_PAIR, Pair.DELIVER: DELIVER_ALONE}


def _decide_half(arrival: Arrival, facts: LetterFacts, history: History, target: str, from_hotel: bool) -> Decision:
    """A letter with attachments, or an attachment letter: what becomes of it goes by its other halves."""
    is_letter = arrival.type_name not in ATTACHMENT_LETTERS
    pairing = of_arriving(is_letter, facts.attachments, history.halves, from_hotel=from_hotel)
    return Decision(_PAIR_RULES[pairing.outcome], pairing.reason, target=target, pairing=pairing)


def _taken(arrival: Arrival, receiver: Participant, day: date) -> bool:
    return receiver.takes_type(arrival.type_name, arrival.type.version if arrival.type is not None else None, day)


def _conversion(arrival: Arrival, receiver: Participant, day: date) -> Conversion | None:
    """The conversion that would bring the letter to a format the receiver takes on the day."""
    return next(
        (
            conversion
            for conversion in LETTER_CONVERSIONS
            if conversion.source == arrival.type_name and receiver.takes_type(conversion.target, None, day)
        ),
        None,
    )
