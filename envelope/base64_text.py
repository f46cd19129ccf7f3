"""Base64 as it passes: counted, checked and, where asked, decoded, never held.

The lexical rules are those that libxml2 applies to xs:base64Binary, so that the verdict is the schema's: white space
anywhere, padding only at the end, no bits left over; what is neither is passed over. Such stray characters are counted
apart, because XML Schema's own words and RFC 4648 forbid them.
"""

from __future__ import annotations

import binascii
from typing import Final

ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
LEAD_BYTES: Final = 4096
"""How much of the payload is kept, decoded: enough to recognise it."""

_LEAD: Final = (LEAD_BYTES + 2) // 3 * 4
_WHITE_SPACE: Final = b" \t\r\n"
_NOT_BASE64: Final = bytes(set(range(256)) - set(ALPHABET + b"="))


class Base64Count:
    """Counts what base64 decodes to, fed in pieces of any length.

    Attributes:
        lead: the first characters, white space left out: enough for 4096 bytes.
        stray: how many characters are neither base64, padding nor white space.
    """

    __slots__ = ("_characters", "_last", "_misplaced", "_padding", "lead", "stray")

    def __init__(self) -> None:
        self.lead = b""
        self.stray = 0
        self._characters = 0
        self._padding = 0
        self._last = 0
        self._misplaced = False

    def feed(self, text: str) -> bytes:
        """Take the next piece, and give back its base64 characters alone, without padding."""
        piece = text.encode("utf-8", "surrogatepass")
        rest = piece.translate(None, ALPHABET)
        padding = 0
        if rest:
            piece, padding = self._sift(text, piece, rest)
        if piece:
            if self._padding:
                self._misplaced = True
            self._characters += len(piece)
            self._last = piece[-1]
            if len(self.lead) < _LEAD:
                self.lead = (self.lead + piece)[:_LEAD]
        self._padding += padding
        return piece

    def _sift(self, text: str, piece: bytes, rest: bytes) -> tuple[bytes, int]:
        """The base64 characters of a piece and how much padding ends it; strays are counted."""
        if piece.endswith(rest) and not rest.strip(b"="):
            return piece[: -len(rest)], len(rest)
        strays = rest.translate(None, _WHITE_SPACE + b"=")
        if strays:
            self.stray += len(text) - (len(piece) - len(strays))
        head, sign, tail = piece.translate(None, _NOT_BASE64).partition(b"=")
        if not sign:
            return head, 0
        if tail.strip(b"="):
            self._misplaced = True
        return head, 1 + tail.count(b"=")

    @property
    def size(self) -> int:
        """How many bytes the characters decode to."""
        return self._characters * 3 // 4

    @property
    def problem(self) -> str | None:
        """Why the text is not base64, or None when it is."""
        if self._misplaced:
            return "characters follow the padding"
        if self._padding > 2 or (self._characters + self._padding) % 4:  # noqa: PLR2004 (RFC 4648, 4)
            return f"{self._characters} characters and {self._padding} of padding are not whole groups of four"
        spare = {0: 0, 1: 0b11, 2: 0b1111}[self._padding]
        if spare and ALPHABET.index(self._last) & spare:
            return "bits are left over before the padding"
        return None


def decode(lead: bytes, length: int) -> bytes:
    """The first bytes that base64 without white space and padding decodes to.

    Args:
        lead: base64 characters only, cut anywhere.
        length: at most this many bytes.
    """
    part = lead[: (length + 2) // 3 * 4]
    missing = -len(part) % 4
    if missing == 3:  # noqa: PLR2004 (a single character of a group decodes to nothing)
        part, missing = part[:-1], 0
    return binascii.a2b_base64(part + b"=" * missing)[:length]
