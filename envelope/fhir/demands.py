"""What a line of a profile is, and how a message is held to it: literal lines in `profile_lines`, each made a row here.

A line names its elements as XPath under `f:entry/f:resource`, so that the whole message is asked once a line and not
once a resource: a message of 20 KB is asked all of them in less than a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple, cast

from lxml import etree

from envelope.fhir import demand_errors as errors
from envelope.fhir import message_errors
from envelope.fhir.bundle import value
from envelope.fhir.code_lists import Codings
from envelope.fhir.elements import FHIR, location
from envelope.fhir.message import Broken, Check, Message, Row, broken, type_of
from envelope.findings import Rule

_NAMESPACES: Final = {"f": FHIR, "h": "http://www.w3.org/1999/xhtml"}
_STEP: Final = re.compile(r"f:([A-Za-z]+?)(?:\[|$)")
_SHOWN: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")

Places = Callable[[Message], "Iterator[Any]"]


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


def rows(lines: Iterable[Cardinality | Codes | CodingOf | Target | Invariant]) -> tuple[Row, ...]:
    """A row for each line."""
    return tuple(_row(line) for line in lines)


def _row(line: Cardinality | Codes | CodingOf | Target | Invariant) -> Row:
    match line:
        case Cardinality():
            return Row(errors.CARDINALITY, _cardinality(line))
        case Codes():
            return Row(errors.CODE, _codes(line))
        case CodingOf():
            return Row(_rule_of(line), _coding(line))
        case Target():
            return Row(message_errors.REFERENCE_TYPE, _target(line))
        case Invariant():
            return Row(errors.INVARIANT, _invariant(line))


def _rule_of(line: CodingOf) -> Rule:
    return errors.CODE_DOUBT if line.why else errors.CODE


def places(path: str) -> Places:
    """What finds the elements at an XPath from the Bundle on.

    Args:
        path: with `f:` before FHIR's names and `h:` before XHTML's.
    """
    found = etree.XPath(path, namespaces=_NAMESPACES)
    return lambda message: iter(cast("list[Any]", found(message.root)))


def resources(path: str) -> Places:
    """What finds the elements at an XPath that begins with a resource's type."""
    return places(f"f:entry/f:resource/{path}")


def _cardinality(line: Cardinality) -> Check:
    wrong = [f"count({line.child}) < {line.least}"] if line.least else []
    wrong += [f"count({line.child}) > {line.most}"] if line.most is not None else []
    find = resources(f"{line.under}[{' or '.join(wrong)}]")
    count: Any = etree.XPath(f"count({line.child})", namespaces=_NAMESPACES)
    step = _STEP.match(line.child)
    name = step[1] if step else ""
    allowed = f"{line.least}..{'*' if line.most is None else line.most}"

    def check(message: Message) -> Iterator[Broken]:
        for place in find(message):
            shown = {"element": line.element, "profile": line.profile, "allowed": allowed}
            yield broken(place, f".{name}", count=int(count(place)), **shown)

    return check


def _codes(line: Codes) -> Check:
    find = resources(line.path)

    def check(message: Message) -> Iterator[Broken]:
        for place in find(message):
            # A code without value has a reason why, as an extension.
            if (found := place.get("value")) is not None and found not in line.codes:
                yield broken(place, element=line.element, code=_shown(line.element, found), list=line.list)

    return check


def _coding(line: CodingOf) -> Check:
    find = resources(line.path)

    def check(message: Message) -> Iterator[Broken]:
        for place in find(message):
            code, system = value(place, "code"), value(place, "system")
            if (code or system) and not listed(line.codes, system, code):
                shown = _shown(line.element, code or "missing")
                told = {"why": line.why} if line.why else {"list": line.list}
                yield broken(place, element=line.element, code=shown, **told)

    return check


def listed(codes: Codings, system: str | None, code: str | None) -> bool:
    """Whether a value set has this code of this system."""
    known: Collection[str] = codes.get(system or "", ())
    return code in known


def _shown(element: str, code: str) -> str:
    """A code as a finding may tell it: nothing that is a patient's, and nothing that is no code."""
    return "another code" if element.startswith("Patient") or not _SHOWN.fullmatch(code) or code.isdigit() else code


def _target(line: Target) -> Check:
    find = resources(f"{line.path}/f:reference")

    def check(message: Message) -> Iterator[Broken]:
        for place in find(message):
            found = message.index.resource(place.get("value"))
            if found is not None and type_of(found) not in line.types:
                yield broken(place, element=line.element, found=type_of(found), wanted=" or ".join(line.types))

    return check


def _invariant(line: Invariant) -> Check:
    find = places(line.path)

    def check(message: Message) -> Iterator[Broken]:
        for place in find(message):
            yield broken(place, what=line.what, invariant=line.id)

    return check


def shown_place(element: etree._Element) -> str:
    """Where an element stands, without the numbers: `Bundle.entry.resource.name`."""
    return re.sub(r"\[\d+\]", "", location(element))
