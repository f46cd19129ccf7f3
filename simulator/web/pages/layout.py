"""Documents as text: as they came, or laid out one element a line; attachments of any size as a few words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from envelope import safe_xml
from envelope.cutting import Slim, cut
from envelope.findings import Refused
from envelope.oioxml.reading import declared_encoding, is_utf8_under_other_name

Form = Literal["xml", "json", "other"]

LONGEST = 400_000
"""Characters of a document that are shown."""

_INLINE = frozenset({"Text01", "RefuseText", "div"})
"""Formatted texts: white space in them would be content."""

_XML = "{http://www.w3.org/XML/1998/namespace}"
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}\[\],:]', re.DOTALL)


def form_of(document: bytes) -> Form:
    """Which syntax a document is in, as far as its first sign tells."""
    first = document[:64].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
    return "xml" if first == b"<" else "json" if first in {b"{", b"["} else "other"


def text_of(payload: bytes, *, pretty: bool) -> tuple[Form, str]:
    """The text of a document.

    Args:
        payload: its bytes.
        pretty: one element a line; where the document cannot be read, it is shown as it came.

    Returns:
        Its syntax and its text; long base64 is told by its length.
    """
    slim = cut(payload)
    form = form_of(slim.document)
    text = _decoded(slim.document)
    if pretty and form == "xml":
        text = _pretty_xml(slim.document) or text
    elif pretty and form == "json":
        text = _pretty_json(text)
    return form, _without_tokens(text[:LONGEST], slim)


def _decoded(document: bytes) -> str:
    declared = declared_encoding(document)
    if declared is not None and is_utf8_under_other_name(document, declared):
        declared = "utf-8"
    encoding = declared or safe_xml.encoding_of(document)
    try:
        return document.decode("utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding, "replace")
    except LookupError:
        return document.decode("utf-8", "replace")


def _without_tokens(text: str, slim: Slim) -> str:
    if not slim.cuts:
        return text

    def told(found: re.Match[str]) -> str:
        number = int(found[1], 16)
        size = len(slim.cuts[number].view) if number < len(slim.cuts) else 0
        return f"[{size:,} characters of base64]"

    return re.sub(slim.prefix.decode() + "([0-9a-f]{8})", told, text)


def _pretty_xml(document: bytes) -> str | None:
    declared = declared_encoding(document)
    utf8 = declared is not None and is_utf8_under_other_name(document, declared)
    try:
        root = safe_xml.parse(document, encoding="UTF-8") if utf8 else safe_xml.parse(document)
    except Refused:
        return None
    return "\n".join(_lines(root, {}, ""))


def _lines(element: etree._Element, known: dict[str | None, str], indent: str) -> Iterator[str]:
    children = list(element)
    inline = (
        not children
        or etree.QName(element).localname in _INLINE
        or bool((element.text or "").strip())
        or any((one.tail or "").strip() for one in children)
    )
    if inline:
        yield indent + _inline(element, known)
        return
    yield f"{indent}{_start(element, known)}>"
    for child in children:
        yield from _lines(child, dict(element.nsmap), indent + "  ")
    yield f"{indent}</{_name(element, element.tag)}>"


def _inline(element: etree._Element, known: dict[str | None, str]) -> str:
    start = _start(element, known)
    text = escape(element.text or "")
    inside = text + "".join(_inline(one, dict(element.nsmap)) + escape(one.tail or "") for one in element)
    return f"{start}>{inside}</{_name(element, element.tag)}>" if inside else f"{start}/>"


def _start(element: etree._Element, known: dict[str | None, str]) -> str:
    names = "".join(
        f" xmlns{':' + prefix if prefix else ''}={quoteattr(address)}"
        for prefix, address in element.nsmap.items()
        if known.get(prefix) != address
    )
    values = "".join(f" {_name(element, name)}={quoteattr(str(value))}" for name, value in element.attrib.items())
    return f"<{_name(element, element.tag)}{names}{values}"


def _name(element: etree._Element, tag: object) -> str:
    name = str(tag)
    if not name.startswith("{"):
        return name
    if name.startswith(_XML):
        return "xml:" + name.removeprefix(_XML)
    address, _, local = name[1:].partition("}")
    attribute = tag is not element.tag
    prefixes = [prefix for prefix, bound in element.nsmap.items() if bound == address and (prefix or not attribute)]
    prefix = prefixes[0] if prefixes else None
    return f"{prefix}:{local}" if prefix else local


def _pretty_json(text: str) -> str:
    """The tokens of a JSON text laid out anew; numbers and escapes stay as they were written."""
    made: list[str] = []
    depth = 0
    before = ""
    for token in (found[0] for found in _JSON_TOKEN.finditer(text)):
        if token in {"}", "]"}:
            depth -= 1
        if (
            (before in {"{", "["} and token not in {"}", "]"})
            or before == ","
            or (token in {"}", "]"} and before not in {"{", "["})
        ):
            made.append("\n" + "  " * depth)
        elif before == ":":
            made.append(" ")
        made.append(token)
        if token in {"{", "["}:
            depth += 1
        before = token
    return "".join(made)
