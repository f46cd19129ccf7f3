"""The thread that a CareCommunication carries: what this message adds, what was said before, in which order.

A reply or forward repeats the earlier segments of its thread. Which of them are new says the Provenance whose target
is this MessageHeader, never another of the chain (MedCom conversion service use cases 3.1.0, S2.A2); the order is by
the date extension of each segment (governance for CareCommunication, rules 12 and 23).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from conversion.errors import PART_MISSING
from conversion.rows import carries
from conversion.times import DENMARK, local
from envelope.fhir.bundle import Bundle
from envelope.fhir.values import NS, extended, value
from envelope.fhir.vocabulary import DATE, IDENTIFIER
from envelope.findings import Refused

PAYLOAD: Final = f"{NS}payload"
_TEXT: Final = f"{NS}contentString"


@dataclass(frozen=True, slots=True)
class Segment:
    """One text payload.

    Attributes:
        position: among all payloads, from 1.
        moment: its date in Danish local time, `YYYY-MM-DDTHH:MM`.
        instant: its date to the second.
        identifier: `urn:uuid:...`, or "".
        assigner: reference of the organisation that added it, or "".
    """

    position: int
    moment: str
    instant: datetime
    identifier: str
    assigner: str


@dataclass(frozen=True, slots=True)
class Thread:
    """The parts of a message that everything else hangs on.

    Attributes:
        header: MessageHeader.
        communication: what it focuses on.
        provenance: the Provenance of this message; None when the bundle has none.
        segments: the text payloads: the newest one that this message adds, then the others, newest first.
    """

    header: etree._Element
    communication: etree._Element
    provenance: etree._Element | None
    segments: tuple[Segment, ...]


def read_thread(bundle: Bundle) -> Thread:
    """The thread of a message.

    Raises:
        Refused: no MessageHeader, no Communication that it focuses on, no text (VS-521), or a date that is none
            (VS-505).
    """
    header = bundle.header
    if header is None:
        raise Refused(PART_MISSING.at("Bundle.entry[0]", part="MessageHeader"))
    communication = bundle.index.referred(header, "focus")
    if communication is None:
        raise Refused(PART_MISSING.at("MessageHeader.focus", part="Communication that it focuses on"))
    provenances = bundle.index.of_type("Provenance")
    provenance = next((one for one in provenances if bundle.index.referred(one, "target") is header), None)
    texts = tuple(_segments(communication))
    if not texts:
        raise Refused(PART_MISSING.at("Communication.payload", part="text payload"))
    return Thread(header, communication, provenance, ordered(texts, added(provenance)))


@carries("CX-newest-segment", otherwise=frozenset[str]())
def added(provenance: etree._Element | None) -> frozenset[str]:
    """The identifiers of the payloads that a message added: the `source` entities of its Provenance."""
    if provenance is None:
        return frozenset()
    return frozenset(
        identifier
        for entity in provenance.iterfind(f"{NS}entity")
        if value(entity, "role") == "source" and (identifier := value(entity, "what/identifier/value"))
    )


@carries("CX-activity", otherwise="")
def activity(provenance: etree._Element | None) -> str:
    """What a message does, as its own Provenance says: `new-message`, `reply-message`, `forward-message` or ""."""
    return "" if provenance is None else value(provenance, "activity/coding/code") or ""


def ordered(segments: Sequence[Segment], new: Iterable[str]) -> tuple[Segment, ...]:
    """Segments as a letter shows them: those that this message adds, then the rest, newest first in either part.

    Of two with the same date the thread's initiator spoke first, so that segment stands further down.
    """
    added_now = frozenset(new)
    initiator = min(segments, key=lambda segment: segment.instant).assigner
    return tuple(
        sorted(
            segments,
            key=lambda segment: (
                segment.identifier not in added_now,
                -segment.instant.timestamp(),
                segment.assigner == initiator,
                segment.position,
            ),
        )
    )


def moment(payload: etree._Element) -> str:
    """The date extension of a payload in Danish local time, `YYYY-MM-DDTHH:MM`; "" when it has none.

    Raises:
        Refused: it is not a moment (VS-505).
    """
    written = _date(payload)
    return _moment(written) if written else ""


def _segments(communication: etree._Element) -> Iterator[Segment]:
    for position, payload in enumerate(communication.iterchildren(PAYLOAD), 1):
        if next(payload.iterchildren(_TEXT), None) is None:
            continue
        written = _date(payload)
        if not written:
            raise Refused(PART_MISSING.at(f"Communication.payload[{position - 1}]", part="date on its text payload"))
        yield Segment(
            position=position,
            moment=_moment(written),
            instant=_instant(written),
            identifier=extended(payload, IDENTIFIER, "valueIdentifier/value") or "",
            assigner=extended(payload, IDENTIFIER, "valueIdentifier/assigner/reference") or "",
        )


def _date(payload: etree._Element) -> str:
    return extended(payload, DATE, "valueDateTime") or ""


def _moment(written: str) -> str:
    return "T".join(local(written, "Communication.payload.extension"))


def _instant(written: str) -> datetime:
    read = datetime.fromisoformat(written)
    return (read if read.tzinfo else read.replace(tzinfo=DENMARK)).astimezone(UTC)
