"""XDIS91 to CareCommunication 5.0: what the stylesheet cannot say, and the stylesheet's run.

Source: MedCom's mapping XDIS91 to CareCommunication v5.0.0 (January 2026) and use cases of its conversion service
3.1.0, S1. The rows are in `conversion/rows/to_carecommunication.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from conversion.checking import check_bundle, errors_of
from conversion.converted import Converted, Output
from conversion.errors import (
    ATTACHMENT,
    CORRECTED_LETTER,
    LETTER_NOT_CONVERTED,
    NO_CPR_DATE,
    NO_TEXT,
    OTHER_PARTY,
    REPLACEMENT_NUMBER,
    SOR_UNKNOWN,
    SOURCES,
)
from conversion.facts import Facts, Identity, Organisation, Remembered
from conversion.identifiers import Identifiers
from conversion.rows import carries
from conversion.stylesheet import stylesheet
from conversion.times import instant
from envelope.cutting import Slim
from envelope.fhir.bundle import CARE_COMMUNICATION, serialise
from envelope.fhir.profile_errors import PATIENT_NUMBER
from envelope.findings import Finding, Refused
from envelope.identities import cpr_is_plausible, gln_findings, replacement_is_plausible, replacement_kind, sor_is_valid
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.letters import KINDS
from envelope.oioxml.reading import Letter, read_letter
from envelope.oioxml.rules import validate
from envelope.pieces import Pieces

VERSION = "5.0"
CATEGORY = "other"
STYLESHEET = "xdis91_to_carecommunication"
CONVERTED = tuple(kind for kind in KINDS if kind.type == "XDIS91")
BODY = "/Emessage/ClinicalEmail"

_THIRTY_TWO_HEX = re.compile("[0-9a-fA-F]{32}")
_NAMES = (
    "bundle",
    "header",
    "communication",
    "patient",
    "encounter",
    "sender",
    "receiver",
    "role",
    "practitioner",
    "provenance",
    "thread",
    "text",
)
"""What gets a new UUID; the names are permanent, since the identifiers derive from them."""


def to_carecommunication(sources: Sequence[Slim], facts: Facts, profile: bool = True) -> Converted:
    """Convert one XDIS91 without attachments to one CareCommunication 5.0.

    Args:
        sources: the letter; exactly one.
        facts: of the conversion; both parties need their SOR codes.
        profile: whether the bundle that is made is checked against MedCom's profiles, beside its structure.

    Raises:
        Refused: the letter cannot be read or is invalid (VS-1xx, VS-2xx) or of a version that is never converted
            (VS-512); it has an attachment (VS-502); a party has no SOR code (VS-503) or a location number that FHIR
            does not take (VS-151), or the patient no CPR number that it takes (VS-511); a time that is none (VS-505);
            or the bundle made of it is invalid (VS-504).
    """
    if len(sources) != 1:
        raise Refused(SOURCES.at("", count=len(sources)))
    letter = read_letter(sources[0])
    if letter.kind not in CONVERTED:
        raise Refused(
            LETTER_NOT_CONVERTED.at("/Emessage", type=letter.type, version=letter.version, namespace=letter.namespace)
        )
    text = _text(letter)
    findings = (*validate(letter), *_findings(letter, facts, text))
    if errors := errors_of(findings):
        raise Refused(errors)
    identifiers = Identifiers(facts.seed)
    made = stylesheet(STYLESHEET, letter.namespace).transform(
        letter.root, _parameters(letter, facts, identifiers) | {"text": text}
    )
    forgiven = {PATIENT_NUMBER} if any(finding.rule is REPLACEMENT_NUMBER for finding in findings) else ()
    check_bundle(made, CARE_COMMUNICATION, profile=profile, forgiven=forgiven)
    identity = Identity(CARE_COMMUNICATION, VERSION, identifiers.uuid("bundle"), identifiers.uuid("header"))
    output = Output(
        pieces=Pieces((serialise(made, facts.output_format),)),
        type=identity.type,
        version=identity.version,
        envelope_id=identity.envelope_id,
        letter_id=identity.letter_id,
        postfix=CATEGORY,
    )
    original = Identity(
        type=letter.type,
        version=_version_code(letter),
        envelope_id=letter.text("Envelope/Identifier"),
        letter_id=letter.text("ClinicalEmail/Letter/Identifier"),
        wants_receipt=letter.text("Envelope/AcknowledgementCode") == "pluspositivkvitt",
    )
    return Converted((output,), findings, Remembered((original,), (identity,), facts.sender, facts.receiver))


def _parameters(letter: Letter, facts: Facts, identifiers: Identifiers) -> dict[str, str]:
    """What the stylesheet is told beside the letter."""
    references = letter.body.iterchildren("{*}Reference")
    links = [reference for reference in references if reference.find("{*}URL") is not None]
    return {f"{name}-id": identifiers.uuid(name) for name in _NAMES} | {
        "url-ids": "".join(identifiers.uuid(f"url {number}") for number in range(1, len(links) + 1)),
        "sent": _instant(letter, "Envelope/Sent"),
        "authorised": _instant(letter, "ClinicalEmail/Letter/Authorisation"),
        "episode-of-care": episode_identifier(letter.text("ClinicalEmail/Letter/EpisodeOfCareIdentifier")),
        "sender-sor": facts.sender.sor,
        "receiver-sor": facts.receiver.sor,
        "directory-name": facts.sender.name,
        "directory-telephone": facts.sender.telephone or "",
        "name-separator": facts.settings.name_separator,
        "empty-text": facts.settings.empty_text,
    }


def _instant(letter: Letter, path: str) -> str:
    return instant(letter.text(f"{path}/Date"), letter.text(f"{path}/Time"), f"/Emessage/{path}")


def _text(letter: Letter) -> str:
    """Every Text01, one after the other, each on lines of its own; "" when there is nothing to see in them.

    [INFER] No source says how several are joined.
    """
    text = "\n".join([plain_text(text) for text in letter.body.iterfind("{*}ClinicalInformation/{*}Text01")])
    return text if text.strip() else ""


def episode_identifier(written: str) -> str:
    """An episode-of-care identifier as FHIR writes it: a UUID with its hyphens and `urn:uuid:`, others as they are.

    OIOXML writes the UUID without hyphens, in 32 characters of its 35; MedCom's examples have the `urn:uuid:`.
    """
    if _THIRTY_TWO_HEX.fullmatch(written) is None:
        return written
    digits = written.lower()
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@carries("XC-version-code", otherwise="")
def _version_code(letter: Letter) -> str:
    """The letter's VersionCode, which its receipt will quote."""
    return letter.version


def _findings(letter: Letter, facts: Facts, text: str) -> Iterator[Finding]:
    """What stands in the way of the conversion, and what it cannot carry."""
    for reference in letter.body.iterchildren("{*}Reference"):
        for kind in ("BIN", "SUP"):
            if reference.find(f"{{*}}{kind}") is not None:
                yield ATTACHMENT.at(f"{BODY}/Reference/{kind}", kind=kind)
    yield from _party(letter, "Sender", facts.sender)
    yield from _party(letter, "Receiver", facts.receiver)
    yield from _corrected(letter)
    yield from _patient(letter)
    if not text:
        yield NO_TEXT.at(f"{BODY}/ClinicalInformation", text=facts.settings.empty_text)


def _party(letter: Letter, party: str, known: Organisation) -> Iterator[Finding]:
    location = f"{BODY}/{party}/EANIdentifier"
    gln = letter.text(f"ClinicalEmail/{party}/EANIdentifier")
    yield from gln_findings(gln, location)
    if gln != known.gln:
        yield OTHER_PARTY.at(location, party=party.lower(), gln=gln, known=known.gln)
    if not sor_is_valid(known.sor):
        yield SOR_UNKNOWN.at(location, party=party.lower(), gln=gln)


@carries("XC-corrected", otherwise=())
def _corrected(letter: Letter) -> tuple[Finding, ...]:
    """A rettetbrev goes on as a new message, with a finding.

    The table knows new-message only, CareCommunication 5.0 forbids modified-message, and a reply would need the
    identifiers of the message it corrects, which the letter does not give (mapping.md 9.4).
    """
    location = "ClinicalEmail/Letter/StatusCode"
    return (CORRECTED_LETTER.at(f"/Emessage/{location}"),) if letter.text(location) == "rettetbrev" else ()


def _patient(letter: Letter) -> Iterator[Finding]:
    """A CPR number that FHIR refuses is refused; a replacement number outside its forms passes with a finding."""
    civil = letter.text("ClinicalEmail/Patient/CivilRegistrationNumber")
    if civil and not cpr_is_plausible(civil):
        yield NO_CPR_DATE.at(f"{BODY}/Patient/CivilRegistrationNumber")
    number = letter.text("ClinicalEmail/Patient/AlternativeIdentifier")
    if number and not replacement_is_plausible(number):
        yield REPLACEMENT_NUMBER.at(f"{BODY}/Patient/AlternativeIdentifier", system=replacement_kind(number))
