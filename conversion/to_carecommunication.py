"""XDIS91 and its XBIN01s to CareCommunication 5.0, 4.0 and 3.0: what the stylesheet cannot say, and its run.

Source: MedCom's mapping XDIS91 to CareCommunication v5.0.0 (January 2026) and use cases of its conversion service
3.1.0, S1. The table is 5.0's; what 4.0 and 3.0 write otherwise has rows of its own, after the history of the guide
[INFER: MedCom's tables of those years are not at hand]. There the author's role, in words since 5.0, is the code NAVU:
our choice, where the documents are silent. The rows are in `conversion/rows/to_carecommunication.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from conversion.attached import Attached, attached, identities, incomplete, not_allowed, put_behind
from conversion.checking import check_bundle, errors_of, refuse_invalid
from conversion.converted import Converted, Output
from conversion.demands import other_sor
from conversion.displays import as_parameter
from conversion.errors import (
    CORRECTED_LETTER,
    NO_CPR_DATE,
    NO_TEXT,
    OTHER_PARTY,
    REPLACEMENT_NUMBER,
    SOR_UNKNOWN,
    SUPPLEMENT,
)
from conversion.facts import Facts, Identity, Organisation, Remembered
from conversion.identifiers import Identifiers
from conversion.letter_fields import Fields, fields
from conversion.parties import SOR_CODE
from conversion.rows import carries
from conversion.sending import check, read_sending
from conversion.stylesheet import stylesheet
from conversion.times import instant
from conversion.xhtml import xhtml_of_plain
from envelope.attachments import Attachments
from envelope.cutting import Slim
from envelope.fhir.bundle import CARE_COMMUNICATION, serialise
from envelope.fhir.elements import location
from envelope.fhir.profile_errors import ATTACHMENT_TITLE, ATTACHMENT_TYPE, PATIENT_NUMBER
from envelope.fhir.values import NS, payload_id
from envelope.findings import Finding, Rule
from envelope.identities import cpr_is_plausible, gln_findings, replacement_is_plausible, replacement_kind, sor_is_valid
from envelope.object_types import TYPES
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import Letter
from envelope.oioxml.schema import location as oioxml_location
from envelope.pieces import put_back

CATEGORY = "other"
STYLESHEET = "xdis91_to_carecommunication"
BODY = "/Emessage/ClinicalEmail"
_TYPES = as_parameter({row.extension: row.mime for row in TYPES})

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
    """Convert one XDIS91 and the XBIN01s with its attachments to one CareCommunication.

    Args:
        sources: the letters, in any order; exactly one XDIS91.
        facts: of the conversion; both parties need their SOR codes. With `incomplete`, an attachment whose object is
            not there is made without title and content (S1.A2, S1.A3). `fhir_version` says which one is made.
        profile: whether the bundle that is made is checked against MedCom's profiles, beside its structure.

    Raises:
        Refused: the letter cannot be read or is invalid (VS-1xx, VS-2xx) or of a version that is never converted
            (VS-512); there is no XDIS91 (VS-514) or more than one (VS-509); an attachment is not there (VS-515), or is
            none of the letter's (VS-516), or one of two (VS-518); a party has no SOR code (VS-503) or a location number
            that FHIR does not take (VS-151), or the patient no CPR number that it takes (VS-511); a time that is none
            (VS-505); or the bundle made of it is invalid (VS-504).
    """
    sending = read_sending(sources)
    letter = sending.letter
    text, said = _text(letter), fields(letter)
    findings = tuple(finding for each in (letter, *sending.attachments) for finding in check(each))
    # What is invalid by itself is not asked what it means; what a conversion warns of, a refusal has not done.
    if errors_of(findings):
        refuse_invalid((*findings, *errors_of(_findings(letter, said, facts, text))))
    identifiers = Identifiers(facts.seed)
    found = attached(sending, facts, identifiers)
    ours = (*_findings(letter, said, facts, text), *found.findings)
    refuse_invalid((*findings, *errors_of(ours)))
    findings += ours
    original = (_identity(letter, said), *identities(found.letters))
    parameters = _parameters(letter, said, facts, identifiers, found) | {"text": text}
    contents = put_behind(found, letter, sources) if found.referred else Attachments()
    made = stylesheet(STYLESHEET, letter.namespace).transform(letter.root, parameters)
    if facts.fhir_version == "3.0" and facts.stylesheet is None:
        _format_texts(made)
    check_bundle(
        made,
        CARE_COMMUNICATION,
        profile=profile,
        forgiven={PATIENT_NUMBER} if any(finding.rule is REPLACEMENT_NUMBER for finding in findings) else (),
        excused=_excused(made, found) if found.referred else (),
        attachments=contents,
    )
    identity = Identity(CARE_COMMUNICATION, facts.fhir_version, identifiers.uuid("bundle"), identifiers.uuid("header"))
    output = Output(
        pieces=put_back(serialise(made, facts.output_format), contents, form=facts.output_format),
        type=identity.type,
        version=identity.version,
        envelope_id=identity.envelope_id,
        letter_id=identity.letter_id,
        postfix=CATEGORY,
    )
    remembered = Remembered(
        original,
        (identity,),
        facts.sender,
        facts.receiver,
        incomplete=incomplete(found),
        not_allowed=not_allowed(found),
    )
    return Converted((output,), findings, remembered)


@carries("XC-text-xhtml", otherwise=None)
def _format_texts(made: etree._Element) -> None:
    """The texts of 3.0 are XHTML: a plain newline in them would not be seen.

    Done here and not in the stylesheet, as the narrative shows the same text plain. Another's writes it as it likes.
    """
    for text in made.iter(f"{NS}contentString"):
        text.set("value", xhtml_of_plain(text.get("value", "")))


def _identity(letter: Letter, said: Fields) -> Identity:
    return Identity(
        type=letter.type,
        version=_version_code(letter),
        envelope_id=said.envelope_id,
        letter_id=said.letter_id,
        wants_receipt=said.acknowledgement_code == "pluspositivkvitt",
    )


def _excused(made: etree._Element, found: Attached) -> set[tuple[Rule, str]]:
    """The errors that conversion.md S1.A2 and S1.A4 cause, each where they cause it: no other is let pass."""
    without, other = {each.key for each in found.missing}, {each.key for each in found.referred if each.is_foreign}
    names = {each.identifier.replace("-", ""): each.key for each in found.referred}
    places = set()
    for payload in made.iter(f"{NS}payload"):
        key = names.get(payload_id(payload))
        if key in without:
            places.add((ATTACHMENT_TITLE, f"{location(payload)}.content.title"))
        if key in other:
            places.add((ATTACHMENT_TYPE, f"{location(payload)}.content.contentType"))
    return places


def _reference_ids(letter: Letter, found: Attached, identifiers: Identifiers) -> Iterator[str]:
    """What the payload of each Reference is called: links get new UUIDs, attachments keep theirs."""
    attachments = {each.element: each.identifier for each in found.referred}
    links = 0
    for reference in letter.body.iterchildren("{*}Reference"):
        if reference in attachments:
            yield attachments[reference]
        elif reference.find("{*}URL") is not None:
            links += 1
            yield identifiers.uuid(f"url {links}")


def _parameters(
    letter: Letter, said: Fields, facts: Facts, identifiers: Identifiers, found: Attached
) -> dict[str, str]:
    """What the stylesheet is told beside the letter."""
    return {f"{name}-id": identifiers.uuid(name) for name in _NAMES} | {
        "reference-ids": "".join(_reference_ids(letter, found, identifiers)),
        "types": _TYPES,
        "version": facts.fhir_version,
        "sent": instant(said.sent_date, said.sent_time, "/Emessage/Envelope/Sent"),
        "authorised": instant(said.authorisation_date, said.authorisation_time, f"{BODY}/Letter/Authorisation"),
        "episode-of-care": episode_identifier(said.episode_of_care),
        "sender-sor": facts.sender.sor,
        "receiver-sor": facts.receiver.sor,
        "directory-name": facts.sender.name,
        "directory-telephone": facts.sender.telephone or "",
        "name-separator": facts.settings.name_separator,
        "empty-text": facts.settings.empty_text,
    }


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


def _findings(letter: Letter, said: Fields, facts: Facts, text: str) -> Iterator[Finding]:
    """What stands in the way of the conversion, and what it cannot carry."""
    for supplement in letter.body.iterfind("{*}Reference/{*}SUP"):
        yield SUPPLEMENT.at(oioxml_location(supplement))
    yield from _party("Sender", said.sender_gln, facts.sender)
    yield from _party("Receiver", said.receiver_gln, facts.receiver)
    if said.sender_identifier_code == SOR_CODE:
        yield from other_sor("sender", said.sender_identifier, facts.sender, f"{BODY}/Sender/Identifier")
    if said.receiver_identifier_code == SOR_CODE:
        yield from other_sor("receiver", said.receiver_identifier, facts.receiver, f"{BODY}/Receiver/Identifier")
    yield from _corrected(said.status_code)
    yield from _patient(said)
    if not text:
        yield NO_TEXT.at(f"{BODY}/ClinicalInformation", text=facts.settings.empty_text)


def _party(party: str, gln: str, known: Organisation) -> Iterator[Finding]:
    location = f"{BODY}/{party}/EANIdentifier"
    yield from gln_findings(gln, location)
    if gln != known.gln:
        yield OTHER_PARTY.at(location, party=party.lower(), gln=gln, known=known.gln)
    if not sor_is_valid(known.sor):
        yield SOR_UNKNOWN.at(location, party=party.lower(), gln=gln)


@carries("XC-corrected", otherwise=())
def _corrected(status_code: str) -> tuple[Finding, ...]:
    """A rettetbrev goes on as a new message, with a finding.

    The table knows new-message only, CareCommunication 5.0 forbids modified-message, and a reply would need the
    identifiers of the message it corrects, which the letter does not give (mapping.md 9.4).
    """
    return (CORRECTED_LETTER.at(f"{BODY}/Letter/StatusCode"),) if status_code == "rettetbrev" else ()


def _patient(said: Fields) -> Iterator[Finding]:
    """A CPR number that FHIR refuses is refused; a replacement number outside its forms passes with a finding."""
    civil = said.civil_registration_number
    if civil and not cpr_is_plausible(civil):
        yield NO_CPR_DATE.at(f"{BODY}/Patient/CivilRegistrationNumber")
    number = said.alternative_identifier
    if number and not replacement_is_plausible(number):
        yield REPLACEMENT_NUMBER.at(f"{BODY}/Patient/AlternativeIdentifier", system=replacement_kind(number))
