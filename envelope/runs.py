"""Long runs of base64 characters in XML and JSON, found in the bytes in one pass.

A run of 1 KB shows in every eighth byte of a document, so that one without costs a few microseconds; where it may be,
any run covers two marks 512 bytes apart. No byte is looked at more than a fixed number of times, whatever it holds.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import Final, Literal

Form = Literal["xml", "json"]

LEAST: Final = 1024
"""Shorter runs stay in the document: to parse them costs less than to cut them."""

LONGEST_ESCAPE: Final = 12
"""No character reference or escape in a run is longer."""

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
_LONGEST_NAME: Final = 256
_BLANKS: Final = b" \t\r\n"


def runs(payload: bytes, form: Form) -> Iterator[tuple[int, int]]:
    """Where runs of at least `LEAST` bytes begin and end: in XML in texts and values, in JSON whole strings.

    Names, namespaces and markup are never among them; character references and escapes of base64 characters and of
    white space belong to a run.
    """
    # Every eighth byte of a large payload would be a copy to be noticed, and large ones do hold runs.
    if len(payload) <= _SAMPLED and _RUN_OF_SAMPLES not in payload[::_SAMPLE].translate(_SAMPLES):
        return iter(())
    return _json_spans(payload) if form == "json" else _xml_spans(payload)


def unescaped(piece: bytes, form: Form) -> bytes:
    """Part of a run as it is meant: references (XML) or escapes (JSON) undone."""
    if form == "xml":
        return _XML_ESCAPED.sub(_referred, piece)
    piece = piece.replace(b"\\/", b"/")
    return _JSON_ESCAPED.sub(_meant, piece) if b"\\" in piece else piece


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
        window = payload[max(done, mark - _STEP - LONGEST_ESCAPE) : mark][::-1]
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


def _referred(found: re.Match[bytes]) -> bytes:
    digits = found[0][2:-1]
    return bytes((int(digits[1:], 16) if digits[:1] == b"x" else int(digits),))


def _meant(found: re.Match[bytes]) -> bytes:
    letters = found[0][1:]
    return _LETTERS.get(letters) or bytes((int(letters[1:], 16),))
