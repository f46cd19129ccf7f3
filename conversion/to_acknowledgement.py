"""XCTL02 and XCTL03 to Acknowledgement 2.0: what the stylesheets cannot say, and their run.

One XCTL gives one Acknowledgement; where the CareCommunication went out as several letters, the receipts on all of them
are given together, and fewer give nothing yet (`conversion.joining`). Source: MedCom's mapping XCTL-Acknowledgement
(December 2023), use cases of the conversion service 3.1.0, S3 and S4, Acknowledgement 2.0.3. The rows are in
`conversion/rows/to_acknowledgement.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conversion.acknowledgement import Acknowledgement, write
from conversion.checking import refuse_invalid
from conversion.converted import Converted, Output
from conversion.errors import (
    ANSWERS_OTHER,
    DIRECTION,
    NO_COUNTERPART,
    NOTHING_REMEMBERED,
    OTHER_PARTY,
    PROVENANCE_UNKNOWN,
    SOR_UNKNOWN,
)
from conversion.facts import Facts, Identity, Remembered
from conversion.identifiers import Identifiers
from conversion.joining import join
from conversion.kinds import KINDS, VANS, Kind
from conversion.rows import carries
from conversion.times import instant
from envelope import safe_xml
from envelope.cutting import Slim
from envelope.findings import Finding, Refused
from envelope.identities import gln_findings, sor_is_valid
from envelope.oioxml.reading import Letter, read_letter, value
from envelope.oioxml.rules import validate

_ATTACHMENTS = "XBIN01"


def to_acknowledgement(sources: Sequence[Slim], facts: Facts, profile: bool) -> Converted:
    """Convert the XCTL on one CareCommunication to its Acknowledgement.

    Args:
        sources: the receipts, one for each letter that was made; with one missing, there is no output yet;
            of several on one letter the first stands.
        facts: with `original`, what is remembered of the CareCommunication.
        profile: whether what is made is checked against MedCom's profiles, beside its structure.

    Raises:
        Refused: a receipt is unreadable or invalid (VS-1xx, VS-2xx), is an XCTL01 (VS-542) or answers something else
            (VS-541); nothing is remembered (VS-540, VS-544); a party has no SOR code (VS-503) or a location
            number that FHIR does not take (VS-150, VS-151); what was made is invalid (VS-504).
    """
    receipts = [read_letter(source) for source in sources]
    findings = (
        *(finding for receipt in receipts for finding in validate(receipt)),
        *_parties(receipts[0], facts),
    )
    for receipt in receipts:
        _refuse_other(receipt)
        _refuse_vans(receipt)
    refuse_invalid(findings)
    remembered = facts.original
    if remembered is None:
        raise Refused(NOTHING_REMEMBERED.at("", type=receipts[0].type))
    first: dict[Identity, Letter] = {}
    for receipt in receipts:
        first.setdefault(_answered(receipt, remembered), receipt)
    answers = {made: _kind(receipt) for made, receipt in first.items()}
    joined = join(
        [answers.get(made) for made in remembered.made if made.type != _ATTACHMENTS],
        [answers.get(made) for made in remembered.made if made.type == _ATTACHMENTS],
    )
    if joined.answer is None:
        return Converted((), findings)
    return Converted((_output([*first.values()], joined.answer, remembered, facts, profile),), findings)


def _refuse_other(receipt: Letter) -> None:
    if not receipt.kind.is_receipt:
        raise Refused(DIRECTION.at("/Emessage", source=receipt.type, to="Acknowledgement"))


def _kind(receipt: Letter) -> Kind:
    return next(kind for kind in KINDS if kind.type == receipt.type)


@carries("RA-xctl01", otherwise=None)
def _refuse_vans(receipt: Letter) -> None:
    if receipt.type == VANS.type:
        raise Refused(NO_COUNTERPART.at("/Emessage/NegativeVansReceipt"))


def _parties(receipt: Letter, facts: Facts) -> Iterator[Finding]:
    """In OIOXML a wrong location number is only told of; in FHIR there is no Organization with one."""
    for party, known in (("Sender", facts.sender), ("Receiver", facts.receiver)):
        location = f"/Emessage/*/{party}/EANIdentifier"
        gln = value(receipt.body, f"{party}/EANIdentifier")
        yield from gln_findings(gln, location)
        if gln != known.gln:
            yield OTHER_PARTY.at(location, party=party.lower(), gln=gln, known=known.gln)
        if not sor_is_valid(known.sor):
            yield SOR_UNKNOWN.at(location, party=party.lower(), gln=gln)


def _answered(receipt: Letter, remembered: Remembered) -> Identity:
    """The letter made here that a receipt answers."""
    namespace = f"{{{receipt.namespace}}}"
    original = f"{namespace}OriginalEmessage/{namespace}OriginalLetter/{namespace}OriginalLetterIdentifier"
    envelope = value(receipt.body, "OriginalEmessage/OriginalEnvelopeIdentifier")
    letters = [(found.text or "").strip() for found in receipt.body.iterfind(original)]
    _check_envelope(envelope, remembered)
    _check_letters(letters, remembered)
    return next((made for made in remembered.made if made.envelope_id == envelope), remembered.made[0])


@carries("RA-original-envelope-identifier", otherwise=None)
def _check_envelope(answered: str, remembered: Remembered) -> None:
    made = [letter.envelope_id for letter in remembered.made]
    if answered not in made:
        place = "/Emessage/*/OriginalEmessage/OriginalEnvelopeIdentifier"
        raise Refused(ANSWERS_OTHER.at(place, answered=answered, made=", ".join(made)))


@carries("RA-original-letter-other", otherwise=None)
def _check_letters(answered: Sequence[str], remembered: Remembered) -> None:
    """A negative receipt may name the envelope alone."""
    made = [letter.letter_id for letter in remembered.made]
    if answered and not set(made).intersection(answered):
        place = "/Emessage/*/OriginalEmessage/OriginalLetter/OriginalLetterIdentifier"
        raise Refused(ANSWERS_OTHER.at(place, answered=", ".join(answered)[:80], made=", ".join(made)))


def _output(receipts: Sequence[Letter], answer: Kind, remembered: Remembered, facts: Facts, profile: bool) -> Output:
    if remembered.provenance is None:
        raise Refused(PROVENANCE_UNKNOWN.at(""))
    acknowledgement = Acknowledgement(
        response=facts.settings.negative_code if answer.refuses else answer.responses[0],
        sent=max(_sent(receipt) for receipt in receipts),
        acknowledged=remembered.original[0].letter_id,
        provenance=safe_xml.parse(remembered.provenance.encode()),
        sender=facts.sender,
        receiver=facts.receiver,
        receipts=tuple(receipt.root for receipt in receipts),
    )
    return write(acknowledgement, answer, Identifiers(facts.seed), facts.output_format, profile=profile)


def _sent(receipt: Letter) -> str:
    """Envelope.Sent with the zone of its day."""
    return _instant(_date(receipt), _time(receipt))


def _instant(date: str, time: str) -> str:
    return instant(date, time, "/Emessage/Envelope/Sent") if date and time else ""


@carries("RA-sent-date", otherwise="")
def _date(receipt: Letter) -> str:
    return receipt.text("Envelope/Sent/Date")


@carries("RA-sent-time", otherwise="")
def _time(receipt: Letter) -> str:
    return receipt.text("Envelope/Sent/Time")
