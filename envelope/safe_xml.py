"""The one door for XML: what is not plain XML is refused, in bounded time and memory, and nothing is ever opened.

A document type declaration is refused before it is looked into, so there are no entities to expand and no external
subset to fetch. Depth, elements and attributes are bounded; every refusal says line and column.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any, Final, NoReturn, cast

from lxml import etree

from envelope import errors
from envelope.findings import Finding, Refused, Rule

DEPTH_LIMIT: Final = 256
"""Levels of elements; libxml2's own limit, which also bounds what the walkers of the tree recurse into."""

VALUE_LIMIT: Final = 10_000_000
"""Characters of one name, value or text: libxml2's own limit."""

ELEMENT_LIMIT: Final = 300_000
ATTRIBUTE_LIMIT: Final = 300_000
ATTRIBUTES_OF_ONE_LIMIT: Final = 10_000

ORDINARY: Final = 131_072
"""Up to this many bytes no document can go beyond the limits, and what its entities could grow to is bounded."""

COMPILING: Final = threading.Lock()
"""Held while a schema is compiled: libxml2 sets up its table of built-in types at the first one, for one thread."""

FEED: Final = 65_536
"""How many bytes a streaming parser is fed at a time."""

ENCODINGS: Final = frozenset(
    {"utf-8", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1", "windows-1252", "utf-16"}
)
"""Declared encodings that are read, in lower case; vendors write these, and each shows `<` as the byte 3C."""

_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DOCTYPES = (b"<!DOCTYPE", b"<\0!\0D\0", b"\0<\0!\0D")
_TAG_NOT_FINISHED = 77
_TAG_MISMATCH = 76
_DOCUMENT_EMPTY = 4
_BEYOND_A_LIMIT = 114
_NAME_TOO_LONG = 110
_BAD_BYTES = 81
_BAD_CHARACTER = 9


class _Walker:
    """A parser target that keeps nothing and stops at the first thing beyond the limits."""

    def __init__(self, document: bytes) -> None:
        self.document = document  # not `data`: lxml would take it for the method that gets text
        self.fed = 0
        self.elements = 0
        self.attributes = 0

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        self.attributes += len(attributes)
        for what, count, limit in (
            ("elements", self.elements, ELEMENT_LIMIT),
            ("attributes", self.attributes, ATTRIBUTE_LIMIT),
            ("attributes in one tag", len(attributes), ATTRIBUTES_OF_ONE_LIMIT),
        ):
            if count > limit:
                self.refuse(what, limit)

    def refuse(self, what: str, limit: int) -> NoReturn:
        raise Refused(too_many(what, limit, *position(self.document, self.fed)))

    def end(self, _tag: str) -> None:
        """Nothing is kept."""

    def doctype(self, *_names: str | None) -> None:
        raise Refused(doctype(self.document))

    def close(self) -> None:
        """Nothing was kept."""


def parse(data: bytes, *, encoding: str | None = None) -> etree._Element:
    """The root of an XML document; comments and processing instructions are left out.

    Args:
        data: the whole document.
        encoding: read the bytes in this encoding whatever the document declares.

    Raises:
        Refused: with VS-101 to VS-109 and the position, when the document is not plain XML or beyond the limits.
    """
    sniff(data, encoding)
    try:
        if len(data) > ORDINARY and _is_suspicious(data):
            _look_closely(data, encoding)
        root = etree.fromstring(data, _parser(encoding))
    except etree.XMLSyntaxError as error:
        if len(data) <= ORDINARY and any(mark in data for mark in _DOCTYPES):
            raise Refused(doctype(data)) from None
        name = encoding or encoding_of(data)
        raise Refused(refusal(error, position(data, len(data)), name, _bad_byte(data, name))) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused(doctype(data))
    return root


def sniff(data: bytes, encoding: str | None = None) -> None:
    """Refuse bytes that cannot begin an XML document, or declare an encoding that is not read.

    Only encodings that show markup as ASCII bytes (or UTF-16) go on, so that nothing hides from a search for it.
    """
    if data[:1] == b"<" and data[:5] != b"<?xml" and data[1:2] != b"\0":
        return
    if not data:
        raise Refused(errors.NO_BYTES.at("line 1, column 1"))
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
    if data[:4] in (b"\0\0\0<", b"<\0\0\0", b"\0\0\xfe\xff", b"\xff\xfe\0\0"):
        raise Refused(_at(errors.ENCODING_UNKNOWN, 1, 1, encoding="UCS-4"))
    if not wide and data[:3] != b"\xef\xbb\xbf" and data.lstrip(b" \t\r\n")[:1] != b"<":
        reason = "it does not begin with '<'"
        raise Refused(_at(errors.NOT_XML, *position(data, len(data) - len(data.lstrip(b" \t\r\n"))), reason=reason))
    if encoding is not None:
        return
    declared = _DECLARED.search(data[:200].replace(b"\0", b"") if wide else data[:200])
    if declared is None:
        return
    name = declared.group(1).decode("ascii").lower()
    place = (1, 1 if wide else declared.start(1) + 1)
    if name not in ENCODINGS:
        raise Refused(_at(errors.ENCODING_UNKNOWN, *place, encoding=name))
    if (name == "utf-16") != wide:
        raise Refused(_at(errors.UNDECODABLE_BYTES, *place, encoding=name))


def refusal(
    error: etree.XMLSyntaxError, end: tuple[int, int], encoding: str, bad_byte: tuple[int, int] | None = None
) -> Finding:
    """What the parser found wrong, as a finding with line and column.

    Args:
        error: what lxml raised.
        end: line and column behind the last byte: what goes wrong there is a document cut short.
        encoding: the encoding that the bytes were read in.
        bad_byte: where the first byte stands that the encoding does not have, if known better than to the parser.
    """
    line, column = error.position
    code: int = error.code  # type: ignore[attr-defined]  # lxml sets it on every error of a parser
    reason = re.sub(r"\s*,?\s*line \d+, column \d+.*$", "", str(error.msg), flags=re.DOTALL).rstrip(". \n")
    if code == _BEYOND_A_LIMIT and "depth" in reason:
        return _at(errors.TOO_DEEP, line, column, limit=DEPTH_LIMIT)
    if code in (_BEYOND_A_LIMIT, _NAME_TOO_LONG) or "too big" in reason:
        return too_long("A name, a value or a text", VALUE_LIMIT, line, column)
    if code == _BAD_BYTES or "UTF-8 sequence" in reason:
        return _at(errors.UNDECODABLE_BYTES, *(bad_byte or (line, column)), encoding=encoding)
    cut = code not in (_TAG_MISMATCH, _DOCUMENT_EMPTY) and (line, column) >= end
    if cut or code == _TAG_NOT_FINISHED:
        return _at(errors.TRUNCATED, line, column, reason=reason)
    return _at(errors.NOT_XML, line, column, reason=reason)


def encoding_of(data: bytes) -> str:
    """The encoding that a document declares, else UTF-8."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    declared = _DECLARED.search(data[:200])
    return declared.group(1).decode("ascii") if declared else "UTF-8"


def doctype(data: bytes) -> Finding:
    """The finding that a document type declaration stands in the bytes, at its place."""
    places = [data.find(mark) for mark in _DOCTYPES]
    return _at(errors.DOCTYPE_FORBIDDEN, *position(data, min((p for p in places if p >= 0), default=0)))


def no_xml(reason: str, line: int, column: int) -> Finding:
    """The finding that a document is no XML, for a reason that the parser does not give."""
    return _at(errors.NOT_XML, line, column, reason=reason)


def too_many(what: str, limit: int, line: int, column: int) -> Finding:
    """The finding that a document holds more of something than is read."""
    return _at(errors.TOO_MANY, line, column, what=what, limit=limit)


def too_long(what: str, limit: int, line: int, column: int) -> Finding:
    """The finding that one thing in a document is longer than is read."""
    return _at(errors.TOO_LONG, line, column, what=what, limit=limit)


def position(data: bytes, index: int) -> tuple[int, int]:
    """Line and column of a byte, both counted from 1."""
    return data.count(b"\n", 0, index) + 1, index - data.rfind(b"\n", 0, index)


def _is_suspicious(data: bytes) -> bool:
    """Whether a document may go beyond the limits: the counts only overestimate, and nothing hides from the search."""
    return (
        data.count(b"<") > ELEMENT_LIMIT
        or data.count(b'"') + data.count(b"'") > 2 * ATTRIBUTES_OF_ONE_LIMIT
        or any(mark in data for mark in _DOCTYPES)
    )


def _look_closely(data: bytes, encoding: str | None) -> None:
    """Walk the document without building it; refuse at the first thing beyond the limits."""
    walker = _Walker(data)
    parser = etree.XMLParser(target=cast("Any", walker), encoding=encoding, resolve_entities=False, no_network=True)
    seen = signs = 0
    for start in range(0, len(data), FEED):
        walker.fed = min(start + FEED, len(data))
        parser.feed(data[start : walker.fed])
        if walker.elements > seen:
            seen, signs = walker.elements, 0
        else:  # inside one tag, comment or text: as one tag it must not grow until the parser has all its attributes
            signs += data.count(b'="', start, walker.fed) + data.count(b"='", start, walker.fed)
        if signs > ATTRIBUTES_OF_ONE_LIMIT:
            walker.refuse("attributes in one tag", ATTRIBUTES_OF_ONE_LIMIT)
    parser.close()


class _Parsers(threading.local):
    """Parsers by encoding, a set for each thread: a parser serves one document at a time."""

    def __init__(self) -> None:
        self.of: dict[str | None, etree.XMLParser] = {}


_PARSERS: Final = _Parsers()


def _parser(encoding: str | None) -> etree.XMLParser:
    parser = _PARSERS.of.get(encoding)
    if parser is None:
        parser = _PARSERS.of[encoding] = etree.XMLParser(
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
    return parser


def _at(rule: Rule, line: int, column: int, **values: object) -> Finding:
    return rule.at(f"line {line}, column {column}", line=line, column=column, **values)


def _bad_byte(data: bytes, name: str) -> tuple[int, int] | None:
    """Where the first byte stands that the encoding does not have; the parser may only know the piece."""
    try:
        data.decode(name)
    except UnicodeDecodeError as error:
        return position(data, error.start)
    return None
