"""What a conversion gives."""

from __future__ import annotations

from dataclasses import dataclass

from conversion.facts import Remembered
from conversion.record import Carried
from envelope.findings import Finding
from envelope.pieces import Pieces


@dataclass(frozen=True, slots=True)
class Output:
    """One letter or bundle, to travel in an envelope of its own.

    Attributes:
        pieces: the bytes; attachments among them are views of the sources, so the sources live as long.
        type: "XDIS91", "CareCommunication", "XCTL03", "Acknowledgement", ...
        version: as the envelope's Document/Version writes it.
        envelope_id: its own OIOXML Envelope/Identifier or Bundle.id.
        letter_id: its own OIOXML Letter/Identifier or MessageHeader.id.
        postfix: the statistical postfix of the envelope's Document/Name; "" when the type has none.
    """

    pieces: Pieces
    type: str
    version: str
    envelope_id: str
    letter_id: str
    postfix: str

    @property
    def payload(self) -> bytes:
        """The bytes in one; of a message with attachments this copies all of them."""
        return self.pieces.joined()


@dataclass(frozen=True, slots=True)
class Converted:
    """The outputs, what there is to warn of, and what receipts will need; `remembered` is None for receipts.

    `record` says what became of each value, and is empty unless it was asked for.
    """

    outputs: tuple[Output, ...]
    findings: tuple[Finding, ...] = ()
    remembered: Remembered | None = None
    record: tuple[Carried, ...] = ()
