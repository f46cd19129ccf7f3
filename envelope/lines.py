"""The line of a place in a document: where in the source the element stands that a finding speaks of.

A finding's location is an XPath (letters, envelopes), a FHIRPath (bundles, XML and JSON alike), or names its line.
Where the place is an element that is missing, its line is that of the nearest element that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from json import JSONDecoder
from typing import Final, cast

from lxml import etree

from envelope import safe_xml
from envelope.findings import Refused

_LINE: Final = re.compile(r"\bline (\d+)")
_STEP: Final = re.compile(r"([A-Za-z_][\w-]*)(?:\[(\d+)\])?")
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_HOLDERS: Final = frozenset({"resource", "contained"})
"""Elements of FHIR's XML with the resource below them, which FHIRPath and JSON do not name."""
_BOM: Final = b"\xef\xbb\xbf"

_HIDDEN: Final = "…"
_SHOWN: Final = 160
"""Characters of a line that are shown."""
_VALUES_OF_XML: Final = re.compile(r"""(>|=")([^<>"]*[^<>"\s][^<>"]*)(<|"|$)""")
_VALUES_OF_JSON: Final = re.compile(
    r"""(:\s*"|[\[,]\s*"(?=[^"]*"\s*[,\]])|^"(?=[^"]*"\s*,?$))((?:[^"\\]|\\.)+)(")|(:\s*)(-?\d[\d.eE+-]*)()"""
)
_NAMES_OF_THINGS: Final = ("http://", "https://", "urn:oid:", "urn:oio:")
"""How the addresses of systems, profiles and namespaces begin, which say nothing of anybody."""

Step = tuple[str, int]


class Lines:
    """Finds lines in one document, which is read when first asked.

    Args:
        source: the document's bytes, XML or JSON.
    """

    def __init__(self, source: bytes) -> None:
        self._source = source

    def of(self, location: str) -> int | None:
        """The line of a finding's location, counted from 1; None when it has none in this document.

        Args:
            location: as `Finding.location` has it.
        """
        if named := _LINE.search(location):
            return int(named[1])
        steps = [(match[1], int(match[2] or 0)) for match in _STEP.finditer(location)]
        if not steps:
            return None
        if self._text is not None:
            return _json_line(self._text, steps)
        if self._root is None or etree.QName(self._root).localname != steps[0][0]:
            return None
        counted_from_one = location.startswith("/")
        return _xml_line(self._root, [(name, max(index - counted_from_one, 0)) for name, index in steps[1:]])

    def shown(self, line: int, value: str | None) -> str:
        """What stands in a line, its values hidden: markup and names stay, and the one value that may be told.

        Args:
            line: counted from 1.
            value: what a finding says is wrong there; None when nothing of the line but its markup may be shown.
        """
        written = self._source.removeprefix(_BOM).decode("utf-8", "replace").split("\n", line)
        text = written[line - 1].strip() if line <= len(written) else ""
        if self._text is not None:
            told = _VALUES_OF_JSON.sub(lambda found: _hidden(found, value), text)
        elif not text or (text.startswith("<") and not text.startswith("<!")):
            told = _VALUES_OF_XML.sub(lambda found: _hidden(found, value), text)
        else:
            told = _HIDDEN  # the middle of a text, of a comment, or of a tag: nobody can tell which
        return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}{_HIDDEN}"

    @cached_property
    def _text(self) -> str | None:
        start = self._source[:64].removeprefix(_BOM).lstrip()[:1]
        return self._source.decode("utf-8-sig", "replace") if start == b"{" else None

    @cached_property
    def _root(self) -> etree._Element | None:
        try:
            return safe_xml.parse(self._source)
        except Refused:
            return None


def _hidden(found: re.Match[str], value: str | None) -> str:
    """What a value is shown as: itself where it is the one that is wrong, or the address of a thing."""
    before, text, after = (part or "" for part in (found.groups()[:3] if found[2] else found.groups()[-3:]))
    return found[0] if text == value or text.startswith(_NAMES_OF_THINGS) else f"{before}{_HIDDEN}{after}"


def _xml_line(root: etree._Element, steps: list[Step]) -> int | None:
    element = root
    for name, index in steps:
        found = _named(element, name)
        if not found and etree.QName(element).localname in _HOLDERS and len(element):
            element = element[0]
            found = _named(element, name)
        if not found:
            break
        element = found[min(index, len(found) - 1)]
    return cast("int | None", element.sourceline)


def _named(element: etree._Element, name: str) -> list[etree._Element]:
    """The children of a name; FHIRPath says `value` where XML says `valueString`."""
    children = [(etree.QName(child).localname, child) for child in element]
    exact = [child for written, child in children if written == name]
    return exact or [child for written, child in children if _is_choice(written, name)]


def _is_choice(written: str, name: str) -> bool:
    return written.startswith(name) and written[len(name) : len(name) + 1].isupper()


def _json_line(text: str, steps: list[Step]) -> int | None:
    """The line of the value at a path, or of the last value on the way that is there."""
    reached = position = _skip(text, 0)
    try:
        for name, index in steps[1:]:
            position = _member(text, position, name)
            if text[position] == "[":
                position = next(islice(_elements(text, position), index, None))
            reached = position
    except (StopIteration, ValueError, IndexError, RecursionError):
        pass
    return text.count("\n", 0, reached) + 1


def _member(text: str, position: int, name: str) -> int:
    """Where the value of a member of the object at a position begins."""
    choice = None
    for key, start in _members(text, position):
        if key == name:
            return start
        if choice is None and _is_choice(key, name):
            choice = start
    if choice is None:
        raise ValueError(name)
    return choice


_decoded: Final = JSONDecoder().raw_decode


def _members(text: str, position: int) -> Iterator[tuple[str, int]]:
    if text[position] != "{":
        return
    position = _skip(text, position + 1)
    while text[position] == '"':
        key, position = _decoded(text, position)
        position = _skip(text, _skip(text, position) + 1)
        yield key, position
        position = _skip(text, _decoded(text, position)[1])
        position = _skip(text, position + 1) if text[position] == "," else position


def _elements(text: str, position: int) -> Iterator[int]:
    position = _skip(text, position + 1)
    while text[position] != "]":
        yield position
        position = _skip(text, _decoded(text, position)[1])
        position = _skip(text, position + 1) if text[position] == "," else position


def _skip(text: str, position: int) -> int:
    """The position behind white space."""
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position
