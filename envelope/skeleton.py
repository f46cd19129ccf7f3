"""An envelope parted in two: a small tree without its Data, and the base64 of Data as it passes.

Small envelopes are parsed at once, which is fastest; anything longer is fed in pieces through a parser target, so that
Data is never held. Both give the same skeleton, and a property test says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from lxml import etree

from envelope import errors, safe_xml
from envelope.base64_text import Base64Count
from envelope.findings import Refused

NAMESPACE: Final = "urn:oio:medcom:vans-envelope:1.0.4"
DATA_PATH: Final = "/VANSEnvelope/Message/Data"
SMALL: Final = 2 * safe_xml.FEED
"""Up to this many bytes a whole tree costs less than a streaming parser."""

HEAD_ELEMENT_LIMIT: Final = 1_000
HEAD_TEXT_LIMIT: Final = 262_144
TOKEN_LIMIT: Final = 16 * safe_xml.FEED

_Q: Final = f"{{{NAMESPACE}}}"
_ROOT: Final = _Q + "VANSEnvelope"
_MESSAGE: Final = _Q + "Message"
_DATA: Final = _Q + "Data"
_PATH: Final = (_ROOT, _MESSAGE, _DATA)


@dataclass(slots=True)
class Skeleton:
    """The tree of an envelope without its Data's text, and what the base64 told as it passed."""

    root: etree._Element
    count: Base64Count


class Source:
    """Bytes or an iterable of chunks, read once, in pieces of at most 64 KB.

    Attributes:
        opening: the first bytes as they came, at most twice 64 KB; the whole of a small document.
    """

    def __init__(self, source: bytes | Iterable[bytes]) -> None:
        if isinstance(source, bytes):
            self.opening = source[: SMALL + 1]
            self._rest: Iterator[bytes] = iter((source,))
            self._skip = len(self.opening)
        else:
            self._rest = iter(source)
            self._skip = 0
            held = bytearray()
            for chunk in self._rest:
                held += chunk
                if len(held) > SMALL:
                    break
            self.opening = bytes(held)
        self.is_small = len(self.opening) <= SMALL

    def pieces(self) -> Iterator[bytes]:
        """Every byte once, in order."""
        size = safe_xml.FEED
        for start in range(0, len(self.opening), size):
            yield self.opening[start : start + size]
        for chunk in self._rest:
            for start in range(self._skip, len(chunk), size):
                yield bytes(chunk[start : start + size])
            self._skip = 0


def part(source: Source) -> Skeleton:
    """Part an envelope from its Data.

    Args:
        source: the envelope; read once.

    Raises:
        Refused: with VS-101 to VS-109 when the envelope is not plain XML, or is beyond the limits.
    """
    safe_xml.sniff(source.opening)
    if source.is_small:
        return _whole(source.opening)
    builder = _Builder(source.opening)
    for _ in _fed(source, builder):
        pass
    return builder.skeleton()


def base64_pieces(source: Source) -> Iterator[bytes]:
    """The base64 characters of Data, without white space and padding, as they pass.

    Raises:
        Refused: as `part`, and when Data is not base64.
    """
    safe_xml.sniff(source.opening)
    letters: list[bytes] = []
    if source.is_small:
        count = _whole(source.opening, letters).count
        yield from letters
    else:
        builder = _Builder(source.opening, letters)
        for _ in _fed(source, builder):
            yield b"".join(letters)
            letters.clear()
        count = builder.count
    if count.stray:
        raise Refused(errors.DATA_STRAY_CHARACTERS.at(DATA_PATH, count=count.stray))
    if count.problem:
        raise Refused(errors.DATA_NOT_BASE64.at(DATA_PATH, reason=count.problem))


def _whole(data: bytes, letters: list[bytes] | None = None) -> Skeleton:
    root = safe_xml.parse(data)
    count = Base64Count()
    # Where a valid envelope has it; Data anywhere else stays in the tree for the schema to refuse.
    if len(root) and root.tag == _ROOT and root[-1].tag == _MESSAGE and len(root[-1]):
        element = root[-1][-1]
        if element.tag == _DATA and not len(element):
            piece = count.feed(element.text or "")
            element.text = None
            if letters is not None:
                letters.append(piece)
    return Skeleton(root, count)


class _Builder:
    """A parser target that builds the skeleton and passes the text of Data on."""

    def __init__(self, opening: bytes, letters: list[bytes] | None = None) -> None:
        self.opening = opening
        self.letters = letters
        self.count = Base64Count()
        self.events = 0
        self.line, self.column = 1, 1
        self._root: etree._Element | None = None
        self._path: list[etree._Element] = []
        self._last: etree._Element | None = None
        self._texts: list[str] = []
        self._held = 0
        self._elements = 0
        self._in_data = 0

    def passed(self, piece: bytes) -> None:
        """Move the place that refusals name to the end of a piece."""
        breaks = piece.count(b"\n")
        self.line += breaks
        self.column = len(piece) - piece.rfind(b"\n") if breaks else self.column + len(piece)

    def start(self, tag: str, attributes: Mapping[str, str], names: Mapping[str | None, str]) -> None:
        self.events += 1
        self._elements += 1
        if self._elements > HEAD_ELEMENT_LIMIT:
            raise Refused(safe_xml.too_many("elements", HEAD_ELEMENT_LIMIT, self.line, self.column))
        if len(attributes) > safe_xml.ATTRIBUTES_OF_ONE_LIMIT:
            raise Refused(safe_xml.too_many("attributes", safe_xml.ATTRIBUTES_OF_ONE_LIMIT, self.line, self.column))
        self._flush()
        scope = cast("dict[str, str]", {prefix or None: name for prefix, name in names.items()})
        try:
            if self._path:
                element = etree.SubElement(self._path[-1], tag, dict(attributes), scope)
            else:
                element = self._root = etree.Element(tag, dict(attributes), scope)
        except ValueError:  # lxml parses namespaces that it does not write; none of them is ours
            raise Refused(safe_xml.no_xml("a namespace is not an address", self.line, self.column)) from None
        self._path.append(element)
        self._last = None
        if self._in_data or (len(self._path) == len(_PATH) and tuple(e.tag for e in self._path) == _PATH):
            self._in_data += 1

    def end(self, _tag: str) -> None:
        self.events += 1
        self._flush()
        self._last = self._path.pop()
        if self._in_data:
            self._in_data -= 1

    def data(self, text: str) -> None:
        self.events += 1
        if self._in_data:
            letters = self.count.feed(text)
            if self.letters is not None:
                self.letters.append(letters)
            return
        self._held += len(text)
        if self._held > HEAD_TEXT_LIMIT:
            raise Refused(safe_xml.too_long("The text of the head", HEAD_TEXT_LIMIT, self.line, self.column))
        self._texts.append(text)

    def doctype(self, *_names: str | None) -> None:
        raise Refused(safe_xml.doctype(self.opening))

    def close(self) -> None:
        """The skeleton is taken from `skeleton`."""

    def skeleton(self) -> Skeleton:
        """What was built, once the parser is closed: a document without a root has been refused by then."""
        if self._root is None:
            raise AssertionError("a parser closes only over a document with a root")
        return Skeleton(self._root, self.count)

    def _flush(self) -> None:
        if not self._texts:
            return
        text = "".join(self._texts)
        self._texts.clear()
        if self._last is not None:
            self._last.tail = text
        elif self._path:
            self._path[-1].text = text


def _fed(source: Source, builder: _Builder) -> Iterator[None]:
    """Feed a whole source, stopping after every piece."""
    parser = etree.XMLParser(target=cast("Any", builder), resolve_entities=False, no_network=True, huge_tree=False)
    quiet = 0
    try:
        for piece in source.pieces():
            builder.events = 0
            parser.feed(piece)
            builder.passed(piece)
            quiet = 0 if builder.events else quiet + len(piece)
            if quiet > TOKEN_LIMIT:
                raise Refused(safe_xml.too_long("A tag or a comment", TOKEN_LIMIT, builder.line, builder.column))
            yield
        parser.close()
    except etree.XMLSyntaxError as error:
        end = (builder.line, builder.column)
        raise Refused(safe_xml.refusal(error, end, safe_xml.encoding_of(source.opening))) from None
