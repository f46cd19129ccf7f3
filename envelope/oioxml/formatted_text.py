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
from typing import Any

from lxml import etree

_SOFT = "\x01"
"""The source's own line break, in a flat text. XML holds neither character, so no letter's words do."""

_BLOCK = "\x02"
"""Where a Right or Center begins or ends: what follows stands on another line than what went before."""

_MARKS = re.compile(f"[{_SOFT}{_BLOCK}]+")
_OPENING = {"Break": "\n", "Space": " ", "Right": _BLOCK, "Center": _BLOCK}
_TAG_NAMES = "Break|Space|Right|Center|Bold|Italic|Underline|FixedFont"
_ESCAPED_TAG = re.compile(rf"<(/?)({_TAG_NAMES})[ \t\r\n]*/?>")
_TAG_IN_WORDS = re.compile(rf"(<|&(?:amp;)*lt;)(?=/?(?:{_TAG_NAMES})[ \t\r\n]*/?>)")
_SOURCE_BREAK = re.compile(r"[ \t\r\n]*[\r\n][ \t\r\n]*")
_HARD_BLANKS = re.compile(r"^ +| +$|(?<= ) +")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"


def plain_text(element: etree._Element) -> str:
    """The text of a formatted element, lines parted by newlines.

    Args:
        element: a Text01, RefuseText or any other element of formatted text; it is not changed.
    """
    pieces: list[str] = []
    _flatten(element, pieces)
    return _MARKS.sub(_between, "".join(pieces))


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
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if number:
            writer.mark("Break")
        # No character that XML lacks is printable.
        _fill_line(writer, line if line.isprintable() else _NOT_XML.sub(_REPLACEMENT, line))


def _flatten(element: etree._Element, pieces: list[str]) -> None:
    """The words and marks of mixed content, in order."""
    if text := element.text:
        _read(text, pieces)
    for child in element:
        tag: Any = child.tag
        mark = _OPENING.get(tag.rpartition("}")[2], "") if isinstance(tag, str) else None
        if mark is not None:
            pieces.append(mark)
            if len(child) or child.text:
                _flatten(child, pieces)
            if mark == _BLOCK:
                pieces.append(mark)
        if text := child.tail:
            _read(text, pieces)


def _read(text: str, pieces: list[str]) -> None:
    if "<" not in text and "&" not in text:
        pieces.append(_words(text))
        return
    at = 0
    for tag in _ESCAPED_TAG.finditer(text):
        pieces.append(_escaped_words(text[at : tag.start()]))
        slash, name = tag.groups()
        mark = _OPENING.get(name, "")
        if mark == _BLOCK or not slash:
            pieces.append(mark)
        at = tag.end()
    pieces.append(_escaped_words(text[at:]))


def _escaped_words(text: str) -> str:
    return _words(_TAG_IN_WORDS.sub(lambda mark: "<" if mark[1] == "&lt;" else "&" + mark[1][5:], text))


def _words(text: str) -> str:
    return _SOURCE_BREAK.sub(_SOFT, text) if "\n" in text or "\r" in text else text


def _between(marks: re.Match[str]) -> str:
    """What stands in the place of marks: nothing beside a line's start or end."""
    before = marks.string[max(marks.start() - 1, 0) : marks.start()]
    after = marks.string[marks.end() : marks.end() + 1]
    if before in ("", "\n") or after in ("", "\n"):
        return ""
    if _BLOCK in marks[0]:
        return "\n"
    return "" if " " in (before, after) else " "


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
