"""Receipts that no conversion makes: a receiving system's own answer to a letter, and the network's refusal of one.

The mock participants answer with these as a well-behaved system of their kind does; XCTL01 is what the network itself
writes when it can neither deliver nor convert an OIOXML letter. They are written by the conversion's own stylesheets.
Source: reference oioxml.md 4 and 6.4, fhir.md 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from conversion.acknowledgement import Acknowledgement
from conversion.acknowledgement import write as write_acknowledgement
from conversion.errors import NOT_ANSWERED, UNANSWERABLE
from conversion.facts import REFUSE_TEXT_LIMIT, Organisation, OutputFormat
from conversion.identifiers import Identifiers
from conversion.kinds import NEGATIVE, POSITIVE, VANS, Kind
from conversion.refusals import UNSPECIFIED, network_refuse_code
from conversion.times import DENMARK
from conversion.to_xctl import shortened
from conversion.xctl import Answer, Original
from conversion.xctl import write as write_xctl
from envelope import safe_xml
from envelope.catalogue import find
from envelope.cutting import cut
from envelope.facts import LetterFacts
from envelope.fhir.bundle import Bundle, read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.values import gln, identifier, primary_destination, value
from envelope.fhir.vocabulary import SOR_SYSTEM
from envelope.findings import Finding, Refused, most_severe_first
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import Letter, read_letter
from envelope.recognition import recognise_whole

OPERATOR = "VANSIM"

_LONGEST_IDENTIFIER = 14
_LONGEST_VERSION = 7


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a receiving system refuses: a RefuseCode, words (lines parted by newlines), and the response code in FHIR."""

    code: str = UNSPECIFIED
    text: str = ""
    response: str = "fatal-error"


def positive_receipt(
    payload: bytes | Letter | Bundle,
    sent: datetime,
    identifiers: Identifiers,
    *,
    output_format: OutputFormat | None = None,
) -> bytes:
    """What a receiving system answers when it has taken a letter: XCTL03, or an Acknowledgement that says ok.

    Args:
        payload: an OIOXML letter or a FHIR message, without its envelope: its bytes, or as it was read.
        sent: the time of the answer, with a zone.
        identifiers: for everything new in it.
        output_format: of an Acknowledgement; that of the message where not given.

    Raises:
        Refused: the letter cannot be read, is not answered (VS-545) or does not say what an answer quotes (VS-546).
    """
    return _answer(payload, None, sent, identifiers, output_format)


def negative_receipt(
    payload: bytes | Letter | Bundle,
    reason: Reason,
    sent: datetime,
    identifiers: Identifiers,
    *,
    output_format: OutputFormat | None = None,
) -> bytes:
    """What a receiving system answers when it cannot take a letter: XCTL02, or a negative Acknowledgement.

    Args:
        payload: an OIOXML letter or a FHIR message, without its envelope: its bytes, or as it was read.
        reason: why; in FHIR its code becomes the issue that says the same (`conversion.refusals`), in OIOXML its text
            is cut to what RefuseText holds.
        sent: the time of the answer, with a zone.
        identifiers: for everything new in it.
        output_format: of an Acknowledgement; that of the message where not given.

    Raises:
        Refused: as of a positive one.
    """
    return _answer(payload, reason, sent, identifiers, output_format)


def vans_receipt(
    facts: LetterFacts,
    findings: Sequence[Finding],
    sent: datetime,
    identifiers: Identifiers,
    operator: str = OPERATOR,
    *,
    limit: int = REFUSE_TEXT_LIMIT,
) -> bytes:
    """The XCTL01 by which the network refuses an OIOXML letter.

    Args:
        facts: of the letter that is refused.
        findings: why; their texts stand in RefuseText, errors first, as many as fit.
        sent: the time of the refusal, with a zone.
        identifiers: for everything new in it.
        operator: the name that stands as its sender.
        limit: how many characters RefuseText may have; 0 for any number.

    Raises:
        Refused: the letter does not say what the receipt must quote (VS-546).
    """
    ordered = most_severe_first(findings)
    code = network_refuse_code(ordered[0].rule.id) if ordered else UNSPECIFIED
    text = shortened("\n".join(finding.text for finding in ordered), limit)
    return _xctl(facts, VANS, (code, text), sent, identifiers, operator)


def _answer(
    payload: bytes | Letter | Bundle,
    reason: Reason | None,
    sent: datetime,
    identifiers: Identifiers,
    output_format: OutputFormat | None,
) -> bytes:
    read = _read(payload) if isinstance(payload, bytes) else payload
    kind = POSITIVE if reason is None else NEGATIVE
    why = ("", "") if reason is None else (reason.code, reason.text)
    if isinstance(read, Letter):
        facts = letter_facts(read)
        return _xctl(
            facts, kind, (why[0], shortened(why[1], REFUSE_TEXT_LIMIT)), sent, identifiers, facts.receiver or ""
        )
    index, header = read.index, read.header
    sender = _organisation(index.referred(primary_destination(header), "receiver"))
    receiver = _organisation(index.referred(header, "sender"))
    # The stylesheet reads an XCTL; what that one quotes of a message with longer identifiers is not looked at.
    quoted = Original(identifiers.serial("quoted"), "", "", receiver.gln, sender.gln)
    said = write_xctl(_written(kind, why, sent, sender.gln, receiver.gln, quoted), identifiers)
    acknowledgement = Acknowledgement(
        response="ok" if reason is None else reason.response,
        sent=sent.astimezone(DENMARK).isoformat(timespec="seconds"),
        acknowledged=bundle_facts(read).letter_id,
        provenance=latest_provenance(read),
        sender=sender,
        receiver=receiver,
        receipts=(safe_xml.parse(said.payload),),
    )
    return write_acknowledgement(acknowledgement, kind, identifiers, output_format or read.format).payload


def _read(payload: bytes) -> Letter | Bundle:
    """A letter that its receiver answers; attachments of any size are cut out of it first."""
    recognised = recognise_whole(payload)
    type_ = find(recognised.type) if recognised is not None else None
    if type_ is None or type_.family == "EDIFACT" or not type_.answered_by:
        shown = recognised.type if recognised is not None and recognised.type else "A payload of no known type"
        raise Refused(NOT_ANSWERED.at("", type=shown))
    return read_letter(cut(payload)) if type_.family == "OIOXML" else read_bundle(cut(payload))


def latest_provenance(bundle: Bundle) -> etree._Element:
    """The Provenance whose target is this message's MessageHeader.

    Raises:
        Refused: there is none (VS-546).
    """
    header = (value(bundle.header, "id") if bundle.header is not None else None) or ""
    for provenance in bundle.index.of_type("Provenance"):
        if (value(provenance, "target/reference") or "").endswith(f"MessageHeader/{header}"):
            return provenance
    raise Refused(UNANSWERABLE.at("Bundle.entry", part="Provenance of this MessageHeader"))


def _organisation(organization: etree._Element | None) -> Organisation:
    number = gln(organization)
    if organization is None or number is None:
        raise Refused(UNANSWERABLE.at("Organization.identifier", part="location number"))
    sor = identifier(organization, SOR_SYSTEM) or ""
    return Organisation(number, sor, value(organization, "name") or "", None, sor, "sorkode")


def _xctl(
    facts: LetterFacts,
    kind: Kind,
    why: tuple[str, str],
    sent: datetime,
    identifiers: Identifiers,
    sender: str,
) -> bytes:
    if not facts.envelope_id:
        raise Refused(UNANSWERABLE.at("/Emessage/Envelope/Identifier", part="envelope identifier"))
    if not facts.sender or not facts.receiver:
        part = "Receiver" if facts.sender else "Sender"
        raise Refused(UNANSWERABLE.at(f"/Emessage/*/{part}/EANIdentifier", part="location number"))
    quotable = 1 <= len(facts.letter_id) <= _LONGEST_IDENTIFIER and 1 <= len(facts.version) <= _LONGEST_VERSION
    # One that is too long for the field is what the sender did wrong: its beginning tells more than no receipt at all.
    original = Original(
        facts.envelope_id[:_LONGEST_IDENTIFIER],
        facts.letter_id if quotable else "",
        facts.version,
        facts.sender,
        facts.receiver,
    )
    return write_xctl(_written(kind, why, sent, sender, facts.sender, original), identifiers).payload


def _written(
    kind: Kind, why: tuple[str, str], sent: datetime, sender: str, receiver: str, original: Original
) -> Answer:
    clock = sent.astimezone(DENMARK)
    date, time = clock.date().isoformat(), clock.strftime("%H:%M")
    return Answer(kind, date, time, sender, receiver, original, *why)
