"""The one way in: what is it, what shall it become, and who does that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from conversion.converted import Converted
from conversion.errors import DIRECTION
from conversion.facts import Facts
from conversion.to_acknowledgement import to_acknowledgement
from conversion.to_carecommunication import to_carecommunication
from conversion.to_xctl import to_xctl
from conversion.to_xdis91 import to_xdis91
from envelope import safe_xml
from envelope.findings import Refused
from envelope.recognition import recognise

Direction = Callable[[Sequence[bytes], Facts, bool], Converted]
"""Sources, facts, and whether MedCom's profiles are checked on what is made."""

FIRST = 4096
"""How much of a payload shows what it is, as a rule."""

DIRECTIONS: Mapping[tuple[str, str], Direction] = {
    ("XDIS91", "CareCommunication"): to_carecommunication,
    ("CareCommunication", "XDIS91"): to_xdis91,
    ("XCTL01", "Acknowledgement"): to_acknowledgement,
    ("XCTL02", "Acknowledgement"): to_acknowledgement,
    ("XCTL03", "Acknowledgement"): to_acknowledgement,
    ("Acknowledgement", "XCTL"): to_xctl,
}


def convert(sources: Sequence[bytes], facts: Facts, to: str, *, profile: bool = True) -> Converted:
    """Convert the payloads of one sending: letters to a bundle, a bundle to letters, receipts likewise.

    Args:
        sources: bare letters or bundles (XML or JSON), without their envelopes; together they are one sending.
        facts: what the sources do not say.
        to: "XDIS91", "CareCommunication", "XCTL" or "Acknowledgement".
        profile: whether a bundle that is made is checked against MedCom's profiles, beside its structure.

    Raises:
        Refused: a source is unreadable or invalid, its type has no such conversion, or what was made is invalid.
    """
    source = _type(sources[0]) if sources else "nothing"
    direction = DIRECTIONS.get((source, to))
    if direction is None:
        raise Refused(DIRECTION.at("", source=source, to=to))
    return direction(sources, facts, profile)


def _type(source: bytes) -> str:
    """What a payload is; XML and words that are no message at all are refused by what is wrong with them.

    Raises:
        Refused: neither XML, JSON nor EDIFACT (VS-1xx).
    """
    recognised = recognise(source[:FIRST])
    if recognised is None or not recognised.type:
        recognised = recognise(source)
    if recognised is not None:
        return recognised.type or "a FHIR message that does not say what it is"
    return f"a document <{etree.QName(safe_xml.parse(source)).localname[:40]}>"
