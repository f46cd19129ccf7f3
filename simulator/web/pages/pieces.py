"""The text of a document in pieces: what is a name, what a value and of which place, and what is masked.

Of a text as it stands, so that what is shown as raw is what came; of one laid out anew for what is shown as pretty.
A text that is cut short or broken is taken as far as it goes; what cannot be placed is masked like a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from simulator.web.pages.masks import MASK, is_open
from simulator.web.pages.places import Key, fhir_name

Kind = Literal["mark", "name", "value", "note"]

_TAG = re.compile(
    r"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<![^>]*>|<(?:[^<>"']|"[^"]*"|'[^']*')+>|[^<]+""", re.DOTALL
)
_IN_TAG = re.compile(r"""(\s+)|([^\s=/>"']+)(\s*=\s*)("[^"]*"|'[^']*')|([/?]?>)""")
_OPENING = re.compile(r"<([^\s/>]+)")
_JSON = re.compile(r'("(?:[^"\\]|\\.)*")|([-+.\w]+)|([{}\[\],:])|(\s+)', re.DOTALL)
_RESOURCE_HOLDERS = frozenset({"resource", "contained"})
_EXTENSIONS = frozenset({"extension", "modifierExtension"})
_FHIR_ROOT = "Bundle"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text.

    Attributes:
        kind: what it is: a mark of the syntax, a name, a value, or what was put in its place.
        text: as it is shown.
        key: the place of a value; None for all else.
    """

    kind: Kind
    text: str
    key: Key | None = None


class _Masker:
    """Makes the pieces of values, masked or not."""

    def __init__(self, *, masked: bool) -> None:
        self._masked = masked

    def value(self, text: str, key: Key, resource: str) -> Piece:
        """A value; what is only white space is no value."""
        if self._masked and not is_open(key, resource):
            return Piece("value", MASK, key)
        return Piece("value", text, key)

    def unplaced(self, text: str) -> Piece:
        """What stands nowhere."""
        return Piece("note", MASK if self._masked else text)


@dataclass(slots=True)
class _Open:
    """An element that is open: its place, its resource, and how many children of a name it has had."""

    name: str
    key: Key
    resource: str
    seen: dict[str, int]


def xml_pieces(text: str, *, masked: bool) -> Iterator[Piece]:
    """The pieces of an XML document."""
    masker = _Masker(masked=masked)
    stack = [_Open("", (), "", {})]
    at = 0
    for token in _TAG.finditer(text):
        if token.start() != at:
            break
        at = token.end()
        yield from _xml_token(token[0], stack, masker)
    if at < len(text):
        yield masker.unplaced(text[at:])


def _xml_token(token: str, stack: list[_Open], masker: _Masker) -> Iterator[Piece]:
    top = stack[-1]
    if not token.startswith("<"):
        yield Piece("mark", token) if not token.strip() else masker.value(token, top.key, top.resource)
    elif token.startswith("<![CDATA["):
        yield masker.value(token, top.key, top.resource)
    elif token.startswith("<!") or (token.startswith("<?") and not token.startswith("<?xml ")):
        yield masker.unplaced(token)
    elif token.startswith("<?"):
        yield Piece("mark", token)
    elif token.startswith("</"):
        if len(stack) > 1:
            stack.pop()
        yield Piece("mark", "</")
        yield Piece("name", token[2:-1])
        yield Piece("mark", ">")
    else:
        name = opening[1] if (opening := _OPENING.match(token)) else ""
        inside = _opened(name.rpartition(":")[2], top)
        yield Piece("mark", "<")
        yield Piece("name", name)
        yield from _attributes(token[1 + len(name) :], inside, masker)
        if not token.endswith("/>"):
            stack.append(inside)


def _opened(name: str, parent: _Open) -> _Open:
    fhir = bool(parent.key) and parent.key[0][0] == _FHIR_ROOT
    if fhir and parent.name in _RESOURCE_HOLDERS:
        return _Open(name, parent.key, name, {})  # FHIRPath does not name the resource's own element
    step = fhir_name(name) if fhir else name
    number = parent.seen.get(step, 0)
    parent.seen[step] = number + 1
    resource = parent.resource if parent.key else (name if name == _FHIR_ROOT else "")
    return _Open(name, (*parent.key, (step, number)), resource, {})


def _attributes(text: str, inside: _Open, masker: _Masker) -> Iterator[Piece]:
    at = 0
    for found in _IN_TAG.finditer(text):
        if found.start() != at:
            break
        at = found.end()
        blank, name, sign, value, end = found.groups()
        if blank or end:
            yield Piece("mark", found[0])
            continue
        yield Piece("name", name)
        yield Piece("mark", sign)
        if name.startswith("xmlns"):
            yield Piece("mark", value)
            continue
        # FHIR writes an element's value, and an extension's address, as attributes: their place is the element's.
        own = name in {"value", "url", "id"} and inside.key[:1] == ((_FHIR_ROOT, 0),)
        key = inside.key if own else (*inside.key, (name.rpartition(":")[2], 0))
        seen = (*inside.key, ("url", 0)) if own and name == "url" else key
        yield Piece("mark", value[:1])
        made = masker.value(value[1:-1], seen, inside.resource)
        yield Piece(made.kind, made.text, key)
        yield Piece("mark", value[-1:])
    if at < len(text):
        yield masker.unplaced(text[at:])


def json_pieces(text: str, *, masked: bool) -> Iterator[Piece]:
    """The pieces of a JSON document that is a FHIR resource."""
    walk = _JsonWalk(_Masker(masked=masked))
    at = 0
    for token in _JSON.finditer(text):
        if token.start() != at:
            break
        at = token.end()
        yield from walk.token(*token.groups())
    if at < len(text):
        yield walk.masker.unplaced(text[at:])


@dataclass(slots=True)
class _Level:
    """An object or an array that is open."""

    key: Key
    resource: str
    array: bool
    number: int = 0
    name: str | None = None
    expects_name: bool = True


class _JsonWalk:
    def __init__(self, masker: _Masker) -> None:
        self.masker = masker
        self._levels: list[_Level] = []

    def token(self, string: str | None, word: str | None, sign: str | None, blank: str | None) -> Iterator[Piece]:
        level = self._levels[-1] if self._levels else None
        if blank is not None:
            yield Piece("mark", blank)
        elif sign is not None:
            self._sign(sign, level)
            yield Piece("mark", sign)
        elif string is not None and level is not None and not level.array and level.expects_name:
            level.name, level.expects_name = string[1:-1], False
            yield Piece("name", string)
        else:
            yield self._value(string if string is not None else word or "", level)

    def _value(self, text: str, level: _Level | None) -> Piece:
        key, resource = self._place(level)
        if level is not None and level.name == "resourceType":
            level.resource = text.strip('"')
            if len(self._levels) == 1:
                level.key = ((level.resource, 0),)
            return Piece("value", text)
        shown = self.masker.value(text, key, resource)
        if level is not None and level.name == "url" and key[-2][0] in _EXTENSIONS:
            key = key[:-1]
        return Piece(shown.kind, f'"{shown.text}"' if shown.text == MASK and text.startswith('"') else shown.text, key)

    def _place(self, level: _Level | None) -> tuple[Key, str]:
        if level is None:
            return (), ""
        if level.array:
            name = level.key[-1][0] if level.key else ""
            return (*level.key[:-1], (name, level.number)), level.resource
        name = (level.name or "").removeprefix("_")  # a primitive's extensions stand beside it
        return (*level.key, (fhir_name(name), 0)), level.resource

    def _sign(self, sign: str, level: _Level | None) -> None:
        if sign in "{[":
            key, resource = self._place(level)
            if level is None and sign == "{":
                key = ((_FHIR_ROOT, 0),)  # named first or not, it is what these pages show
                resource = _FHIR_ROOT
            self._levels.append(_Level(key, resource, sign == "["))
        elif sign in "}]" and self._levels:
            self._levels.pop()
        elif sign == "," and level is not None:
            level.number += 1
            level.expects_name = True
