"""Formatted text (Text01, RefuseText) to plain text and back.

FHIR strings hold plain text with newlines; a letter's text is mixed content of Break, Space and styled pieces
(reference oioxml.md 2.3, mapping.md 5.5). What the marks become:

- Break is a newline, also a double one and one at the end; Space is a blank.
- Bold, Italic, Underline and FixedFont lose their marking and keep their content.
- Right and Center stand on lines of their own; a Break beside one ends that line and adds no empty one.
- White space that holds a newline is the source's own line break or indentation: it counts as one blank between
  words, and as nothing beside a line's start or end or another blank. White space without a newline is content.
- Tags that a producer has escaped (`&lt;Break/&gt;`) are read as the tags they were meant to be, so a text that really
  speaks of `<Break/>` is escaped once more on the way out, and read back as text. Other angle brackets are text.

`fill_text` is the inverse: `plain_text` of what it wrote is the text it was given.
"""

from __future__ import annotations

import re

from lxml import etree

_BLOCKS = frozenset({"Right", "Center"})
_TAG_NAMES = "Break|Space|Right|Center|Bold|Italic|Underline|FixedFont"
_ESCAPED_TAG = re.compile(rf"<(/?)({_TAG_NAMES})[ \t\r\n]*(/?)>")
_TAG_IN_WORDS = re.compile(rf"(<|&(?:amp;)*lt;)(?=/?(?:{_TAG_NAMES})[ \t\r\n]*/?>)")
_SOURCE_BREAK = re.compile(r"[ \t\r\n]*[\r\n][ \t\r\n]*")
_NEWLINE = re.compile(r"\r\n|\r|\n")
_HARD_BLANKS = re.compile(r"^ +| +$|(?<= ) +")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"


def plain_text(element: etree._Element) -> str:
    """The text of a formatted element, lines parted by newlines.

    Args:
        element: a Text01, RefuseText or any other element of formatted text; it is not changed.
    """
    lines = _Lines()
    _walk(element, lines)
    return lines.text()


def fill_text(element: etree._Element, text: str) -> None:
    """Replace an element's content by a plain text, in elements of the element's own namespace.

    Newlines become Break. Blanks that XML tools are free to drop (at either end of a line, and the second and further
    ones in a row) become Space. Characters that XML cannot hold are replaced by U+FFFD. Only Break and Space are used,
    so the outcome is valid as FormattedText and as BreakableText.

    Args:
        element: is changed; its attributes and tail stay.
        text: lines parted by newlines of any kind.
    """
    tail = element.tail
    for child in list(element):
        element.remove(child)
    element.text = None
    element.tail = tail
    namespace = etree.QName(element).namespace
    writer = _Writer(element, f"{{{namespace}}}" if namespace else "")
    for number, line in enumerate(_NEWLINE.split(_NOT_XML.sub(_REPLACEMENT, text))):
        if number:
            writer.mark("Break")
        _fill_line(writer, line)


class _Lines:
    """Plain text as it grows, with what is not yet decided about the blank or the line end that comes next."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._last = "\n"  # as if a line had just begun
        self._soft = False
        self._own_line = False

    def text(self) -> str:
        return "".join(self._pieces)

    def source_break(self) -> None:
        self._soft = True

    def block(self) -> None:
        """A Right or Center begins or ends: what follows stands on another line than what went before."""
        self._own_line = True

    def newline(self) -> None:
        self._soft = self._own_line = False
        self._add("\n")

    def words(self, text: str) -> None:
        if not text:
            return
        if self._own_line:
            if self._last != "\n":
                self._add("\n")
        elif self._soft and self._last not in " \n" and text[0] != " ":
            self._add(" ")
        self._soft = self._own_line = False
        self._add(text)

    def _add(self, text: str) -> None:
        self._pieces.append(text)
        self._last = text[-1]


def _walk(element: etree._Element, lines: _Lines) -> None:
    if text := element.text:
        _read(text, lines)
    for child in element:
        if isinstance(child.tag, str):
            name = child.tag.rpartition("}")[2]
            _open(name, lines)
            if child.text or len(child):
                _walk(child, lines)
            _close(name, lines)
        if text := child.tail:
            _read(text, lines)


def _open(name: str, lines: _Lines) -> None:
    if name == "Break":
        lines.newline()
    elif name == "Space":
        lines.words(" ")
    elif name in _BLOCKS:
        lines.block()


def _close(name: str, lines: _Lines) -> None:
    if name in _BLOCKS:
        lines.block()


def _read(text: str, lines: _Lines) -> None:
    if "<" not in text and "&" not in text:
        _words(text, lines)
        return
    at = 0
    for tag in _ESCAPED_TAG.finditer(text):
        _escaped_words(text[at : tag.start()], lines)
        slash, name, empty = tag.groups()
        (_close if slash else _open)(name, lines)
        if empty:
            _close(name, lines)
        at = tag.end()
    _escaped_words(text[at:], lines)


def _escaped_words(text: str, lines: _Lines) -> None:
    _words(_TAG_IN_WORDS.sub(lambda mark: "<" if mark[1] == "&lt;" else "&" + mark[1][5:], text), lines)


def _words(text: str, lines: _Lines) -> None:
    if "\n" not in text and "\r" not in text:
        lines.words(text)
        return
    for number, run in enumerate(_SOURCE_BREAK.split(text)):
        if number:
            lines.source_break()
        lines.words(run)


class _Writer:
    """Appends text and empty elements to an element's mixed content."""

    def __init__(self, element: etree._Element, prefix: str) -> None:
        self._element = element
        self._prefix = prefix
        self._last: etree._Element | None = None

    def mark(self, name: str) -> None:
        self._last = etree.SubElement(self._element, self._prefix + name)

    def words(self, text: str) -> None:
        """Text as it stands, but for what would be read as an escaped tag; at most once after each mark."""
        if "<" in text or "&" in text:
            text = _TAG_IN_WORDS.sub(lambda mark: "&lt;" if mark[1] == "<" else "&amp;" + mark[1][1:], text)
        if self._last is None:
            self._element.text = text
        elif text:
            self._last.tail = text


def _fill_line(writer: _Writer, line: str) -> None:
    if "  " not in line and line.strip(" ") == line:
        writer.words(line)
        return
    at = 0
    for blanks in _HARD_BLANKS.finditer(line):
        writer.words(line[at : blanks.start()])
        for _ in range(blanks.end() - blanks.start()):
            writer.mark("Space")
        at = blanks.end()
    writer.words(line[at:])
