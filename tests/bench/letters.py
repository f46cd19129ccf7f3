"""The load: envelopes of about 6 KB, each with identifiers of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from envelope.catalogue import find
from envelope.model import Party
from simulator.services.outgoing import letter_envelope

LETTERS = Path(__file__).resolve().parents[1] / "letters"
SENDER, OIOXML_RECEIVER = "5790000120314", "5799900000023"


def envelopes(count: int, size: int = 4200) -> list[bytes]:
    """Envelopes with an XDIS91 of `size` bytes for a receiver that takes it: base64 makes 6 KB of that."""
    letter = (LETTERS / "xdis91-minimal.xml").read_bytes()
    start = letter.rindex(b"</Emessage>")
    letter = letter[:start] + b" " * (size - len(letter)) + letter[start:]
    row = find("XDIS91", "XD9134L")
    if row is None:
        raise LookupError("XDIS91")
    now = datetime.now(UTC)
    parties = (Party(SENDER), Party(OIOXML_RECEIVER))
    return [letter_envelope(letter, row, parties, (str(uuid4()), str(uuid4())), now).body for _ in range(count)]
