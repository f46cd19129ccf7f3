"""The formatted text of CareCommunication 3.0 to plain text and back: its payload texts are XHTML, later ones are not.

Real texts are taken as they come: a text without any tag is plain text with XHTML's entities, and what looks like a tag
but is none that XHTML knows (`<5 mg`, `<navn>`) is text. [INFER] MedCom says no more than that formatted text was
removed with 4.0 (release notes), so which tags break a line is decided here, by what a browser shows.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

BREAKING: Final = frozenset(
    {
        *("address", "blockquote", "br", "caption", "center", "dd", "div", "dl", "dt", "fieldset", "form"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "table", "tbody", "tfoot"),
        *("thead", "tr", "ul", "body", "html"),
    }
)
"""What stands on lines of its own."""

INLINE: Final = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdo", "big", "cite", "code", "col", "colgroup", "del", "dfn"),
        *("em", "font", "i", "img", "ins", "kbd", "map", "q", "s", "samp", "small", "span", "strike"),
        *("strong", "sub", "sup", "td", "th", "tt", "u", "var"),
    }
)
"""What changes the look of a text alone, and is gone in plain text."""

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*)?)/?>")
_ENTITY: Final = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));")
_WHITE: Final = re.compile(r"[ \t\r\n\f]+")
_HREF: Final = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LAST: Final = 0x10FFFF
_FIXED: Final = "\u00a0"
"""A blank that XHTML does not drop."""
_CELLS: Final = frozenset({"td", "th"})


def plain_of_xhtml(text: str) -> str:
    """What a reader sees of a text in XHTML, as plain text with newlines.

    Linear in the length of the text, whatever it holds; never raises.
    """
    known = [tag for tag in _TAG.finditer(text) if tag[2].lower() in BREAKING or tag[2].lower() in INLINE]
    if not known:
        return _decoded(text)
    folds = any(tag[2].lower() in BREAKING for tag in known)
    lines, links, at, kept = _Lines(folds=folds), list[str](), 0, 0
    for tag in known:
        lines.write(text[at : tag.start()])
        at = tag.end()
        name, closes = tag[2].lower(), bool(tag[1])
        if name == "pre":
            kept = max(0, kept - 1 if closes else kept + 1)
            lines.folds = folds and not kept
        if name == "br":
            if not closes:
                lines.end()
        elif name in BREAKING:
            lines.end_if_begun()
            if name == "li" and not closes:
                lines.write("- ")
        elif name in _CELLS and not closes:
            lines.write(" ")
        elif name == "a":
            _link(lines, links, tag[3], closes=closes)
    lines.write(text[at:])
    return lines.text()


def xhtml_of_plain(text: str) -> str:
    """A plain text as XHTML shows it alike.

    `plain_of_xhtml` gives the same text again, but for a fixed blank, which becomes a plain one.
    """
    lines = []
    for line in text.split("\n"):
        escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        escaped = escaped.replace("\t", "&#9;").replace("\r", "&#13;")
        lines.append(re.sub("(?<![^ ]) | $", "&#160;", escaped))
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{"<br/>".join(lines)}</div>'


class _Lines:
    """Lines in the making.

    Attributes:
        folds: white space is one blank, and none where a line begins, as XHTML has it.
    """

    def __init__(self, *, folds: bool) -> None:
        self.folds = folds
        self._parts: list[str] = []
        self._fresh = True
        self._due = False

    def write(self, raw: str) -> None:
        written = raw
        if self.folds:
            written = _WHITE.sub(" ", raw)
            if written.startswith(" ") and (self._fresh or self._parts[-1].endswith(" ")):
                written = written[1:]
        if written := _decoded(written):
            self._begin()
            self._parts.append(written)
            self._fresh = False

    def end(self) -> None:
        """A line break."""
        self._begin()
        if self.folds and self._parts and self._parts[-1].endswith(" "):
            self._parts[-1] = self._parts[-1][:-1]
        self._parts.append("\n")
        self._fresh = True

    def end_if_begun(self) -> None:
        """What comes next, if anything does, stands on a line of its own."""
        self._due |= not self._fresh
        self._fresh = True

    def text(self) -> str:
        """All of it."""
        whole = "".join(self._parts)
        return (whole.rstrip(" ") if self.folds else whole).replace(_FIXED, " ")

    def _begin(self) -> None:
        if self._due:
            self._due = False
            self.end()


def _link(lines: _Lines, links: list[str], attributes: str, *, closes: bool) -> None:
    """Where a link leads stands behind its words."""
    if closes:
        if links and (address := links.pop()):
            lines.write(f" ({address})")
        return
    found = _HREF.search(attributes)
    links.append((found[1] or found[2] or "") if found else "")


def _decoded(text: str) -> str:
    return _NOT_XML.sub("", _ENTITY.sub(_character, text))


def _character(entity: re.Match[str]) -> str:
    if entity[3]:
        return html5.get(f"{entity[3]};", entity[0])
    number = int(entity[1]) if entity[1] else int(entity[2], 16)
    return chr(number) if number <= _LAST else entity[0]
