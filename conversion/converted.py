"""What a conversion gives."""

from __future__ import annotations

from dataclasses import dataclass

from conversion.facts import Remembered
from envelope.findings import Finding


@dataclass(frozen=True, slots=True)
class Output:
    """One letter or bundle, to travel in an envelope of its own.

    Attributes:
        payload: the bytes.
        type: "XDIS91", "CareCommunication", "XCTL03", "Acknowledgement", ...
        version: as the envelope's Document/Version writes it.
        envelope_id: its own OIOXML Envelope/Identifier or Bundle.id.
        letter_id: its own OIOXML Letter/Identifier or MessageHeader.id.
        postfix: the statistical postfix of the envelope's Document/Name; "" when the type has none.
    """

    payload: bytes
    type: str
    version: str
    envelope_id: str
    letter_id: str
    postfix: str


@dataclass(frozen=True, slots=True)
class Converted:
    """The outputs, what there is to warn of, and what receipts will need; `remembered` is None for receipts."""

    outputs: tuple[Output, ...]
    findings: tuple[Finding, ...] = ()
    remembered: Remembered | None = None
