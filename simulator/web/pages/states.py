"""What has become of a message, as a tone: nothing is told by colour alone, the word stands with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Tone = Literal["good", "bad", "warn", "calm"]

TONES: Mapping[str, Tone] = {
    "delivered": "good",
    "converted": "good",
    "made": "good",
    "taken": "warn",
    "ordered": "warn",
    "held": "warn",
    "refused": "bad",
    "dead": "bad",
}
"""Tone by the ledger's state of a message; calm for all that is not here."""


def tone(state: str) -> Tone:
    """The tone of a state."""
    return TONES.get(state, "calm")
