"""The one way in: what is it, what shall it become, and who does that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace

from lxml import etree

from conversion.converted import Converted
from conversion.errors import DIRECTION, STYLESHEET_FAILED, STYLESHEET_NAMES
from conversion.facts import Facts
from conversion.record import record as told
from conversion.replaced import Replacement, replacing
from conversion.rows import noted
from conversion.to_acknowledgement import to_acknowledgement
from conversion.to_carecommunication import to_carecommunication
from conversion.to_xctl import to_xctl
from conversion.to_xdis91 import TYPE as XDIS91
from conversion.to_xdis91 import VERSION as XDIS91_VERSION
from conversion.to_xdis91 import to_xdis91
from envelope import safe_xml
from envelope.catalogue import find
from envelope.cutting import Slim, cut
from envelope.fhir.bundle import CARE_COMMUNICATION
from envelope.findings import Finding, Refused
from envelope.payload_facts import letter_facts
from envelope.recognition import recognise_whole

Direction = Callable[[Sequence[Slim], Facts, bool], Converted]
"""Sources with their attachments cut out, facts, and whether MedCom's profiles are checked on what is made."""

DIRECTIONS: Mapping[tuple[str, str], Direction] = {
    ("XDIS91", "CareCommunication"): to_carecommunication,
    ("XBIN01", "CareCommunication"): to_carecommunication,
    ("CareCommunication", "XDIS91"): to_xdis91,
    ("XCTL01", "Acknowledgement"): to_acknowledgement,
    ("XCTL02", "Acknowledgement"): to_acknowledgement,
    ("XCTL03", "Acknowledgement"): to_acknowledgement,
    ("Acknowledgement", "XCTL"): to_xctl,
}


def convert(
    sources: Sequence[bytes], facts: Facts, to: str, *, profile: bool = True, record: bool = False
) -> Converted:
    """Convert the payloads of one sending: letters to a bundle, a bundle to letters, receipts likewise.

    Args:
        sources: bare letters or bundles (XML or JSON), without their envelopes; together they are one sending, in any
            order. What is made refers to their attachments where they are, and copies none.
        facts: what the sources do not say.
        to: "XDIS91", "CareCommunication", "XCTL" or "Acknowledgement".
        profile: whether a bundle that is made is checked against MedCom's profiles, beside its structure.
        record: whether it is told what became of each value; takes several times as long.

    Raises:
        Refused: a source is unreadable or invalid, its type has no such conversion, or what was made is invalid.
    """
    slim = [cut(source) for source in sources]
    source = _type(slim[0]) if slim else "nothing"
    direction = DIRECTIONS.get((source, to))
    if direction is None:
        raise Refused(DIRECTION.at("", **_named(slim, source, to, facts)))
    with noted() if record else nullcontext() as notes:
        if facts.stylesheet is None:
            converted = direction(slim, facts, profile)
        else:
            converted = _replaced(direction, slim, facts, to, facts.stylesheet)
    if notes is None:
        return converted
    return replace(converted, record=told(slim, notes, to, [output.envelope_id for output in converted.outputs]))


def _replaced(direction: Direction, slim: Sequence[Slim], facts: Facts, to: str, sheet: Replacement) -> Converted:
    """Convert with another's stylesheet: whatever it makes that cannot be sent is its mistake.

    Raises:
        Refused: it fails (VS-551), or writes other identifiers than it was given (VS-552).
    """
    with replacing(to, sheet) as use:
        try:
            converted = direction(slim, facts, True)
            findings = [*_misnamed(converted, sheet)]
        except Refused as refused:
            if not use.begun or refused.findings[0].rule is STYLESHEET_FAILED:
                raise
            made = STYLESHEET_FAILED.at(sheet.name, reason="what it makes is invalid")
            raise Refused((made, *refused.findings)) from None
        except Exception as error:  # what another's stylesheet makes may be anything
            if not use.begun:
                raise
            reason = f"what it makes cannot be used ({type(error).__name__})"
            raise Refused(STYLESHEET_FAILED.at(sheet.name, reason=reason)) from error
    if findings:
        raise Refused(findings)
    return converted


def _misnamed(converted: Converted, sheet: Replacement) -> Iterator[Finding]:
    """Outputs that name themselves otherwise than they were told to: no receipt would find them.

    A bundle of another version than the receiver takes is no use either.
    """
    for output in converted.outputs:
        type_ = find(output.type, output.version)
        if type_ is not None:
            said = letter_facts(output.payload, type_)
            if said.envelope_id != output.envelope_id:
                yield STYLESHEET_NAMES.at(sheet.name, what="envelope's or bundle's identifier")
            if said.letter_id != output.letter_id:
                yield STYLESHEET_NAMES.at(sheet.name, what="letter's or header's identifier")
            if output.type == CARE_COMMUNICATION and said.version != output.version:
                reason = f"it makes a {output.type} {said.version}, not {output.version}"
                yield STYLESHEET_FAILED.at(sheet.name, reason=reason)


def _named(sources: Sequence[Slim], source: str, to: str, facts: Facts) -> dict[str, str]:
    """What cannot be converted to what; with their versions, where one is asked to become another of the same type."""
    type_ = find(source)
    if source != to or type_ is None:
        return {"source": source, "to": to}
    made = {CARE_COMMUNICATION: facts.fhir_version, XDIS91: XDIS91_VERSION}.get(to, "")
    try:
        version = letter_facts(sources[0].document, type_).version
    except Refused as refused:
        raise sources[0].told(refused) from None
    return {"source": f"{source} {version}".strip(), "to": f"{to} {made}".strip()}


def _type(source: Slim) -> str:
    """What a payload is; XML and words that are no message at all are refused by what is wrong with them.

    Raises:
        Refused: neither XML, JSON nor EDIFACT (VS-1xx).
    """
    recognised = recognise_whole(source.document)
    if recognised is not None:
        return recognised.type or "a FHIR message that does not say what it is"
    try:
        root = safe_xml.parse(source.document)
    except Refused as refused:
        raise source.told(refused) from None
    return f"a document <{etree.QName(root).localname[:40]}>"
