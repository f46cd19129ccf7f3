"""Attachments cut out of a payload by shape, before anything parses it: long base64 becomes a short token in the bytes.

A 100 MB message is then a document of some kilobytes and views of the original bytes. What a token stood for is
decided by place once the document was parsed (`envelope.attachments`), and the characters are put back in what is made
(`envelope.pieces`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from envelope import errors, safe_xml
from envelope.findings import Finding, Refused
from envelope.runs import LONGEST_ESCAPE, Form, runs, unescaped

CHUNK: Final = 262_144
"""How many bytes of a run are looked at, or copied, at a time."""

TOKEN: Final = re.compile(rb"VanSim[0-9a-f]{26}")
"""A token: valid base64 itself, so that whoever looks at its form lets it pass."""

TOKEN_LENGTH: Final = 32

_SPACES: Final = bytes.maketrans(b"\t\r\n", b"   ")
_PLACE: Final = re.compile(r"line (\d+), column (\d+)")
_BYTE: Final = re.compile(r"byte (\d+)")
_COUNTED_IN_BYTES: Final = frozenset({errors.UNDECODABLE_BYTES, errors.DOCTYPE_FORBIDDEN, errors.TOO_MANY})
_MARK_OF_ORDER: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Cut:
    """A run of base64 characters where it stands in the payload; nothing is copied.

    Attributes:
        view: its bytes in the payload, with white space and escapes.
        start: its offset in the payload.
        form: what its escapes are.
        escaped: whether it has any.
    """

    view: memoryview
    start: int
    form: Form
    escaped: bool

    @property
    def end(self) -> int:
        """The offset behind it in the payload."""
        return self.start + len(self.view)

    def chunks(self) -> Iterator[memoryview | bytes]:
        """The characters as they are meant, escapes undone, in order; views where there is nothing to undo."""
        if not self.escaped:
            for start in range(0, len(self.view), CHUNK):
                yield self.view[start : start + CHUNK]
            return
        start, sign = 0, (b"&" if self.form == "xml" else b"\\")
        while start < len(self.view):
            piece = bytes(self.view[start : start + CHUNK])
            if start + CHUNK < len(self.view):
                # An escape may go on in the next piece: leave it there.
                last = piece.rfind(sign, len(piece) - LONGEST_ESCAPE)
                piece = piece[:last] if last > 0 else piece
            start += len(piece)
            yield unescaped(piece, self.form)

    def text(self, *, attribute: bool) -> str:
        """The text that a parser would have given for it.

        Args:
            attribute: whether it stood in an XML attribute, where a line break means a space.
        """
        if self.form == "json":
            return b"".join(self.chunks()).decode("ascii")
        piece = bytes(self.view).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if attribute:
            piece = piece.translate(_SPACES)
        return (unescaped(piece, "xml") if self.escaped else piece).decode("ascii")


@dataclass(frozen=True)
class Slim:
    """A payload in two parts: a small document with tokens, and what they stand for.

    Attributes:
        payload: the whole, as it was cut; UTF-8 if it came in UTF-16 and is large.
        document: the payload with a token for each cut; the payload itself when nothing was cut.
        cuts: in the order of the document; the token of the first is `token(0)`.
        form: XML or JSON.
    """

    payload: bytes
    document: bytes
    cuts: tuple[Cut, ...]
    form: Form

    @cached_property
    def prefix(self) -> bytes:
        """What the tokens of this payload begin with; it depends on every byte of it, so it cannot stand in it."""
        return _prefix(self.payload)

    def token(self, number: int) -> bytes:
        """The token with a number; those from `len(cuts)` on are free for what was not cut by shape."""
        return b"%s%08x" % (self.prefix, number)

    def told(self, refused: Refused) -> Refused:
        """A refusal of the document as one of the payload: places are the payload's, and no token is shown."""
        return Refused(self._told(finding) for finding in refused.findings) if self.cuts else refused

    def _told(self, finding: Finding) -> Finding:
        location, text = finding.location, finding.text
        place, byte = _PLACE.fullmatch(location), _BYTE.fullmatch(location)
        if place is not None:
            # Parsers count characters, but what is looked up in the bytes is counted in bytes.
            encoding = "latin-1" if finding.rule in _COUNTED_IN_BYTES else self._encoding
            line, column = self._place(int(place[1]), int(place[2]), encoding)
            location = f"line {line}, column {column}"
        elif byte is not None:
            location = f"byte {self._original(int(byte[1]))}"
        text = text.replace(finding.location, location) if finding.location else text
        token = self.prefix.decode() + r"([0-9a-f]{8})"
        return replace(finding, location=location, text=re.sub(token, self._opening, text))

    def _opening(self, found: re.Match[str]) -> str:
        return bytes(self.cuts[int(found[1], 16)].view[:40]).decode()

    @property
    def _encoding(self) -> str:
        """UTF-8, or any single-byte encoding."""
        name = "utf-8" if self.form == "json" else safe_xml.encoding_of(self.document).lower()
        return "utf-8" if name == "utf-8" else "latin-1"

    def _place(self, line: int, column: int, encoding: str) -> tuple[int, int]:
        """Line and column in the payload of those in the document, counted from 1."""
        start = 3 if self.document.startswith(_MARK_OF_ORDER) else 0
        for _ in range(line - 1):
            start = self.document.find(b"\n", start) + 1
        before = self.document[start : start + 4 * column].decode(encoding, "surrogateescape")[: column - 1]
        offset = self._original(start + len(before.encode(encoding, "surrogateescape")))
        start = self.payload.rfind(b"\n", 0, offset) + 1
        if not start and self.payload.startswith(_MARK_OF_ORDER):
            start = 3
        before = self.payload[start:offset].decode(encoding, "surrogateescape")
        return self.payload.count(b"\n", 0, offset) + 1, len(before) + 1

    def _original(self, offset: int) -> int:
        for cut in self.cuts:
            if cut.start + TOKEN_LENGTH > offset:
                break
            offset += len(cut.view) - TOKEN_LENGTH
        return min(offset, len(self.payload))


def cut(payload: bytes) -> Slim:
    """Cut what has the shape of an attachment out of a payload.

    Args:
        payload: a letter or bundle: XML in ASCII, UTF-8, ISO-8859-1, windows-1252 or UTF-16, or JSON in UTF-8. What is
            neither is given back whole, for its reader to refuse.

    Returns:
        the payload in two parts; names, namespaces and markup are never cut.
    """
    opening = payload[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    form: Form = "json" if opening in {b"{", b"["} else "xml"
    if form == "xml":
        if len(payload) > safe_xml.ORDINARY and b"\0" in payload[:4]:
            payload = _narrow(payload)
        elif opening != b"<":
            return Slim(payload, payload, (), form)
    view = memoryview(payload)
    sign = b"\\" if form == "json" else b"&"
    cuts = tuple(
        Cut(view[start:end], start, form, payload.find(sign, start, end) >= 0) for start, end in runs(payload, form)
    )
    if not cuts:
        return Slim(payload, payload, (), form)
    prefix = _prefix(payload)
    parts: list[bytes | memoryview] = []
    last = 0
    for number, each in enumerate(cuts):
        parts += (view[last : each.start], b"%s%08x" % (prefix, number))
        last = each.end
    slim = Slim(payload, b"".join([*parts, view[last:]]), cuts, form)
    slim.__dict__["prefix"] = prefix  # known already: it costs a look at every byte
    return slim


def _prefix(payload: bytes) -> bytes:
    salt = 0
    while True:
        digest = hashlib.blake2b(payload, digest_size=9, salt=salt.to_bytes(2, "big")).hexdigest()
        prefix = b"VanSim" + digest.encode()
        if prefix not in payload:
            return prefix
        salt += 1


def _narrow(payload: bytes) -> bytes:
    """UTF-16 as UTF-8, so that base64 shows; left as it is when it cannot be read."""
    order = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(payload[:2], "utf-16")
    try:
        text = payload.decode(order)
    except UnicodeDecodeError:
        return payload  # the parser says where
    declared = re.match(r"""<\?xml[^>]{0,200}?(\sencoding\s*=\s*["']([^"'>]{1,40})["'])""", text)
    if declared is not None:
        if declared[2].lower() != "utf-16":
            return payload  # the parser refuses it by name
        text = text[: declared.start(1)] + text[declared.end(1) :]
    return text.encode("utf-8", "surrogatepass")
