"""The one way in: what is it, what shall it become, and who does that."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from conversion.converted import Converted
from conversion.errors import DIRECTION
from conversion.facts import Facts
from envelope.findings import Refused

Direction = Callable[[Sequence[bytes], Facts, bool], Converted]
"""Sources, facts, and whether MedCom's profiles are checked on what is made."""

FIRST = 4096

_MARKS = (
    (b"MessageHeader", re.compile(rb"medcom-messaging-acknowledgement"), "Acknowledgement"),
    (b"Bundle", re.compile(rb"medcom-careCommunication-message"), "CareCommunication"),
    (b"ClinicalEmail", re.compile(rb"<ClinicalEmail"), "XDIS91"),
    (b"NegativeVansReceipt", re.compile(rb"<NegativeVansReceipt"), "XCTL01"),
    (b"NegativeReceipt", re.compile(rb"<NegativeReceipt"), "XCTL02"),
    (b"PositiveReceipt", re.compile(rb"<PositiveReceipt"), "XCTL03"),
)

DIRECTIONS: Mapping[tuple[str, str], Direction] = {}


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
    first = sources[0][:FIRST] if sources else b""
    source = next(
        (type_ for mark, pattern, type_ in _MARKS if mark in first and pattern.search(first)), "nothing known"
    )
    direction = DIRECTIONS.get((source, to))
    if direction is None:
        raise Refused(DIRECTION.at("", source=source, to=to))
    return direction(sources, facts, profile)
