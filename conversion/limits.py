"""How much one conversion takes on.

No source has these limits, and work must have some: a message that is beyond one is refused before a stylesheet runs.
"""

from __future__ import annotations

from typing import Final

MOST_PAYLOADS: Final = 5_000
"""Payloads of a message, texts and attachments together (VS-528): no thread of people's has as many."""

MOST_PAIRS: Final = 100
"""Pairs of letters that a message's attachments make, ten to a pair (VS-525)."""

MOST_TEXT: Final = 100_000_000
"""Characters of all those letters together (VS-525), as many as a message has bytes: every pair has the whole text."""

MOST_PARTS: Final = 1_000
"""References of an XDIS91, and BinaryObjects of an XBIN01, that are taken against its schema (VS-513): no letter of a
person's has as many. Beyond them the schema is taken at its word."""
