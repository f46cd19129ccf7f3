"""What a line of a profile is, and how a message is held to it: literal lines in `profile_lines`, each made a row here.

A line names its elements as XPath under `f:entry/f:resource`, so that the whole message is asked all lines of a rule at
once, and not each line of each resource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from lxml import etree

from envelope.fhir import demand_errors as errors
from envelope.fhir import message_errors
from envelope.fhir.code_lists import Codings
from envelope.fhir.elements import FHIR, location
from envelope.fhir.message import Broken, Check, Message, Row, broken, type_of
from envelope.fhir.values import value
from envelope.findings import Rule

_NAMESPACES: Final = {"f": FHIR, "h": "http://www.w3.org/1999/xhtml"}
_SHOWN: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")

_RESOURCE: Final = "f:entry/f:resource"

OF_ONE_LINE: Final = 20
"""So often one line is told of one message."""


class Cardinality(NamedTuple):
    """How often an element stands under another: `most` is None for any number."""

    element: str
    under: str
    child: str
    least: int
    most: int | None
    profile: str


class Codes(NamedTuple):
    """The values that a code may have."""

    element: str
    path: str
    codes: frozenset[str]
    list: str


class CodingOf(NamedTuple):
    """The systems and codes that a Coding may have; `why` makes it a warning, for a list that does not bind."""

    element: str
    path: str
    codes: Codings
    list: str
    why: str = ""


class Target(NamedTuple):
    """The resource types that a Reference may point at."""

    element: str
    path: str
    types: tuple[str, ...]


class Invariant(NamedTuple):
    """An invariant of FHIR's, under its published id; the path finds what breaks it, from the Bundle on."""

    id: str
    path: str
    what: str


Line = Cardinality | Codes | CodingOf | Target | Invariant


class _Held(NamedTuple):
    """A line made ready: where it may be broken as an XPath from the Bundle on, and what is broken there."""

    rule: Rule
    path: str
    tell: Callable[[Message, etree._Element], Broken | None]


def rows(*lines: Line) -> tuple[Row, ...]:
    """A row for each rule of some lines.

    All lines of a row are asked together first, by one XPath, and one by one only when one of them is broken.
    """
    by_rule: dict[str, list[_Held]] = {}
    for line in lines:
        held = _held(line)
        by_rule.setdefault(held.rule.id, []).append(held)
    return tuple(Row(group[0].rule, _check(group)) for group in by_rule.values())


def _check(group: list[_Held]) -> Check:
    asked: Any = etree.XPath(f"boolean({' | '.join(held.path for held in group)})", namespaces=_NAMESPACES)
    each: list[tuple[_Held, Any]] = [(held, etree.XPath(held.path, namespaces=_NAMESPACES)) for held in group]

    def check(message: Message) -> Iterator[Broken]:
        if asked(message.root):
            for held, find in each:
                told = (held.tell(message, place) for place in find(message.root))
                yield from islice((item for item in told if item is not None), OF_ONE_LINE)

    return check


def _held(line: Line) -> _Held:
    match line:
        case Cardinality():
            return _cardinality(line)
        case Codes():
            return _codes(line)
        case CodingOf():
            return _coding(line)
        case Target():
            return _target(line)
        case Invariant():
            return _invariant(line)


def _cardinality(line: Cardinality) -> _Held:
    wrong = [f"count({line.child}) < {line.least}"] if line.least else []
    wrong += [f"count({line.child}) > {line.most}"] if line.most is not None else []
    count: Any = etree.XPath(f"count({line.child})", namespaces=_NAMESPACES)
    name = line.child.removeprefix("f:").split("[", 1)[0].split("/", 1)[0]
    allowed = f"{line.least}..{'*' if line.most is None else line.most}"
    shown = {"element": line.element, "profile": line.profile, "allowed": allowed}

    def tell(_: Message, place: etree._Element) -> Broken:
        return broken(place, f".{name}", count=int(count(place)), **shown)

    return _Held(errors.CARDINALITY, f"{_RESOURCE}/{line.under}[{' or '.join(wrong)}]", tell)


def _codes(line: Codes) -> _Held:
    known = " or ".join(f"@value='{code}'" for code in sorted(line.codes))

    def tell(_: Message, place: etree._Element) -> Broken:
        return broken(place, element=line.element, code=_shown(line.element, place.get("value", "")), list=line.list)

    # A code without value has a reason why, as an extension.
    return _Held(errors.CODE, f"{_RESOURCE}/{line.path}[@value and not({known})]", tell)


def _coding(line: CodingOf) -> _Held:
    def tell(_: Message, place: etree._Element) -> Broken | None:
        code, system = value(place, "code"), value(place, "system")
        if not (code or system) or listed(line.codes, system, code):
            return None
        told = {"why": line.why} if line.why else {"list": line.list}
        return broken(place, element=line.element, code=_shown(line.element, code or "missing"), **told)

    return _Held(errors.CODE_DOUBT if line.why else errors.CODE, f"{_RESOURCE}/{line.path}", tell)


def _target(line: Target) -> _Held:
    def tell(message: Message, place: etree._Element) -> Broken | None:
        found = message.index.resource(place.get("value"))
        if found is None or type_of(found) in line.types:
            return None
        return broken(place, element=line.element, found=type_of(found), wanted=" or ".join(line.types))

    return _Held(message_errors.REFERENCE_TYPE, f"{_RESOURCE}/{line.path}/f:reference", tell)


def _invariant(line: Invariant) -> _Held:
    def tell(_: Message, place: etree._Element) -> Broken:
        return broken(place, what=line.what, invariant=line.id)

    return _Held(errors.INVARIANT, line.path, tell)


def listed(codes: Codings, system: str | None, code: str | None) -> bool:
    """Whether a value set has this code of this system."""
    known: Collection[str] = codes.get(system or "", ())
    return code in known


def _shown(element: str, code: str) -> str:
    """A code as a finding may tell it: nothing that is a patient's, and nothing that is no code."""
    return "another code" if element.startswith("Patient") or not _SHOWN.fullmatch(code) or code.isdigit() else code


def shown_place(element: etree._Element) -> str:
    """Where an element stands, without the numbers: `Bundle.entry.resource.name`."""
    return re.sub(r"\[\d+\]", "", location(element))
