"""Attachments cut out of a payload by shape, before anything parses it: long base64 becomes a short token in the bytes.

A 100 MB message is then a document of some kilobytes and views of the original bytes. What a token stood for is
decided by place once the document was parsed (`envelope.attachments`), and the characters are put back in what is made
(`envelope.pieces`).

A run of 1 KB shows in every eighth byte of a document, so that one without costs a few microseconds; where it may be,
any run covers two marks 512 bytes apart. No byte is looked at more than a fixed number of times, whatever it holds.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from envelope import errors, safe_xml
from envelope.findings import Finding, Refused

LEAST: Final = 1024
"""Shorter runs stay in the document: to parse them costs less than to cut them."""

CHUNK: Final = 262_144
"""How many bytes of a run are looked at, or copied, at a time."""

TOKEN: Final = re.compile(rb"VanSim[0-9a-f]{26}")
"""A token: valid base64 itself, so that whoever looks at its form lets it pass."""

TOKEN_LENGTH: Final = 32

_STEP: Final = LEAST // 2
_SAMPLE: Final = 8
_SAMPLED: Final = 1_000_000
_RUN_OF_SAMPLES: Final = b"A" * (LEAST // _SAMPLE)
_SAMPLES: Final = bytes(
    b"-A"[chr(each) in string.ascii_letters + string.digits + "+/= \t\r\n&#;\\"] for each in range(256)
)
"""What a run and its escapes consist of, as `A`."""
_REFERENCE: Final = (
    rb"&#(?:0{0,6}(?:9|10|13|32|43|4[789]|5[0-7]|61|6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2])"
    rb"|x0{0,6}(?:9|[aAdD]|20|2[bBfF]|3[0-9dD]|4[1-9A-Fa-f]|5[0-9aA]|6[1-9A-Fa-f]|7[0-9aA]));"
)
"""A character reference to something that base64 or the white space in it consists of."""
_ESCAPED: Final = rb"(?:/|[nrt]|u00(?:09|0[aAdD]|20|2[bBfF]|3[0-9dD]|4[1-9A-Fa-f]|5[0-9aA]|6[1-9A-Fa-f]|7[0-9aA]))"
"""What may follow a backslash, of the same sense, in a JSON string."""

_CHARACTERS: Final = rb"[A-Za-z0-9+/= \t\r\n]"
_PLAIN_RUN: Final = re.compile(_CHARACTERS + rb"*+")
_XML_RUN: Final = re.compile(_CHARACTERS + rb"*+(?:" + _REFERENCE + _CHARACTERS + rb"*+)*+")
_XML_RUN_BACKWARDS: Final = re.compile(
    _CHARACTERS + rb"*+(?:;[0-9A-Fa-f]{1,8}x?#&" + _CHARACTERS + rb"*+)*+"  # only guessed: the way forward verifies
)
_JSON_RUN: Final = re.compile(rb"[A-Za-z0-9+/=\\]*+")
_NOT_AN_ESCAPE: Final = re.compile(rb"\\(?!" + _ESCAPED + rb")")
_KEY: Final = re.compile(rb'"[ \t\r\n]*+:')
_MARK: Final = re.compile(rb"[>\"']")
_XML_ESCAPED: Final = re.compile(_REFERENCE)
_JSON_ESCAPED: Final = re.compile(rb"\\" + _ESCAPED)
_LETTERS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"/": b"/"}
_LONGEST_ESCAPE: Final = 12
_LONGEST_NAME: Final = 256
_SPACES: Final = bytes.maketrans(b"\t\r\n", b"   ")
_PLACE: Final = re.compile(r"line (\d+), column (\d+)")
_BYTE: Final = re.compile(r"byte (\d+)")
_COUNTED_IN_BYTES: Final = frozenset({errors.UNDECODABLE_BYTES, errors.DOCTYPE_FORBIDDEN, errors.TOO_MANY})
_MARK_OF_ORDER: Final = b"\xef\xbb\xbf"
_BLANKS: Final = b" \t\r\n"

Form = Literal["xml", "json"]


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
                last = piece.rfind(sign, len(piece) - _LONGEST_ESCAPE)
                piece = piece[:last] if last > 0 else piece
            start += len(piece)
            yield _unescaped(piece, self.form)

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
        return (_unescaped(piece, "xml") if self.escaped else piece).decode("ascii")


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
        return Finding(finding.rule, location, re.sub(token, self._opening, text))

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
    if not _may_have_runs(payload):
        return Slim(payload, payload, (), form)
    spans = _json_spans(payload) if form == "json" else _xml_spans(payload)
    view = memoryview(payload)
    sign = b"\\" if form == "json" else b"&"
    cuts = tuple(Cut(view[start:end], start, form, payload.find(sign, start, end) >= 0) for start, end in spans)
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


def _may_have_runs(payload: bytes) -> bool:
    return len(payload) > _SAMPLED or _RUN_OF_SAMPLES in payload[::_SAMPLE].translate(_SAMPLES)


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


def _candidates(payload: bytes, run: re.Pattern[bytes], backwards: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Runs of at least `LEAST` bytes, longest first to the left and right of every 512th byte."""
    size, mark, done = len(payload), _STEP, 0
    match = run.match
    while mark < size:
        found = match(payload, mark)
        end = found.end() if found is not None else mark
        if end - mark < _STEP:
            # Between two marks that both fail no run of `LEAST` bytes fits, but at the very end.
            mark += _STEP
            continue
        window = payload[max(done, mark - _STEP - _LONGEST_ESCAPE) : mark][::-1]
        before = backwards.match(window)
        start = mark - (before.end() if before is not None else 0)
        if run.fullmatch(payload, start, mark) is None:
            start = mark
        done = end
        if end - start >= LEAST:
            yield start, end
        mark = (end // _STEP + 1) * _STEP


def _json_spans(payload: bytes) -> Iterator[tuple[int, int]]:
    """The whole strings that are runs and no names."""
    for start, end in _candidates(payload, _JSON_RUN, _JSON_RUN):
        if (
            payload[start - 1 : start] == b'"' == payload[end : end + 1]
            and payload[end - 1] != 0x5C  # noqa: PLR2004 (a backslash: that quotation mark does not end the string)
            and _KEY.match(payload, end) is None
            and (payload.find(b"\\", start, end) < 0 or _NOT_AN_ESCAPE.search(payload, start, end) is None)
        ):
            yield start, end


def _xml_spans(payload: bytes) -> Iterator[tuple[int, int]]:
    """The runs in texts and in the values of attributes."""
    where = _Markup(payload)
    # In CDATA a reference is text: where there is any, runs stop at references.
    run = _PLAIN_RUN if b"<![CDATA[" in payload else _XML_RUN
    for start, end in _candidates(payload, run, _PLAIN_RUN if run is _PLAIN_RUN else _XML_RUN_BACKWARDS):
        # The name of an entity is no text: the parser refuses it, and says it.
        sign = payload.rfind(b"&", max(0, start - _LONGEST_NAME), start)
        if (sign < 0 or payload.find(b";", sign, start) >= 0) and where.is_content(start):
            yield start, end


class _Markup:
    """Whether a place is in a text or a value: looks at every byte between two questions once.

    Comments, processing instructions and CDATA may be taken for tags or texts. That does no harm: what is cut there is
    text, or nothing, to the parser too.
    """

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.known = 0
        self.state = b"<"
        """`<` in a tag, a quotation mark in a value, empty in a text."""
        self.is_namespace = False

    def is_content(self, place: int) -> bool:
        """Whether the place is in a text or a value that is no namespace; places are asked in rising order."""
        payload = self.payload
        tag = payload.rfind(b"<", self.known, place)
        if tag >= 0:
            self.known, self.state = tag, b"<"
            for opens, closes in ((b"<!--", b"-->"), (b"<?", b"?>"), (b"<![CDATA[", b"[")):
                if payload.startswith(opens, tag):
                    self.known, self.state = place, b"" if payload.find(closes, tag, place) >= 0 else b"<"
        if self.state:
            self._walk(place)
        self.known = place
        return not self.state or (self.state != b"<" and not self.is_namespace)

    def _walk(self, place: int) -> None:
        for mark in _MARK.finditer(self.payload, self.known, place):
            sign = mark[0]
            if self.state != b"<":
                self.state = b"<" if sign == self.state else self.state
            elif sign == b">":
                self.state = b""
                return
            else:
                name = self.payload[self.known : mark.start()].rstrip(_BLANKS + b"=").split()[-1:]
                self.state, self.is_namespace = sign, bool(name) and name[0].startswith(b"xmlns")
            self.known = mark.end()


def _unescaped(piece: bytes, form: Form) -> bytes:
    if form == "xml":
        return _XML_ESCAPED.sub(_referred, piece)
    piece = piece.replace(b"\\/", b"/")
    return _JSON_ESCAPED.sub(_meant, piece) if b"\\" in piece else piece


def _referred(found: re.Match[bytes]) -> bytes:
    digits = found[0][2:-1]
    return bytes((int(digits[1:], 16) if digits[:1] == b"x" else int(digits),))


def _meant(found: re.Match[bytes]) -> bytes:
    letters = found[0][1:]
    return _LETTERS.get(letters) or bytes((int(letters[1:], 16),))
