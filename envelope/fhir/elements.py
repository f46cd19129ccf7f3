"""What the elements of FHIR R4B types are, looked up by type, by JSON name and by XML tag."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from lxml import etree

from envelope.fhir.element_types import TABLE

FHIR: Final = "http://hl7.org/fhir"
XHTML: Final = "http://www.w3.org/1999/xhtml"
RESOURCE: Final = "Resource"
PRIMITIVES: Final = frozenset({"string", "number", "boolean"})

_ROWS: Final = {line.split(" ", 1)[0]: line for line in TABLE.splitlines()}


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type: its names, its own type, whether it repeats, and its place in the order of XML.

    Attributes:
        name: as JSON writes it (`valueString`).
        path: as FHIRPath writes it (`value`).
        tag: as lxml writes it (`{http://hl7.org/fhir}valueString`); of an attribute, the bare name.
        type: a complex type, `Resource`, `string`, `number`, `boolean` or `xhtml`.
    """

    name: str
    path: str
    tag: str
    type: str
    repeats: bool
    attribute: bool
    rank: int


@dataclass(frozen=True, slots=True)
class Type:
    """A complex type or resource: its elements by JSON name and by XML tag."""

    name: str
    is_resource: bool
    by_name: dict[str, Element]
    by_tag: dict[str, Element]


@cache
def type_named(name: str) -> Type:
    """The type of this name.

    Raises:
        KeyError: FHIR R4B has no type of this name.
    """
    lineage = []
    row = _ROWS[name].split(" ")
    lineage.append(row[2:])
    while row[1] != "-":
        row = _ROWS[row[1]].split(" ")
        lineage.append(row[2:])
    parts = [part for level in reversed(lineage) for part in level]
    elements = [_element(part, rank) for rank, part in enumerate(parts)]
    return Type(
        name,
        row[0] == RESOURCE,
        {element.name: element for element in elements},
        {XHTML_DIV if element.type == "xhtml" else element.tag: element for element in elements},
    )


@cache
def resource_named(name: str) -> Type | None:
    """The resource type of this name, or None when FHIR R4B has none (`Resource` and `DomainResource` are abstract)."""
    if name in {RESOURCE, "DomainResource"} or name not in _ROWS:
        return None
    found = type_named(name)
    return found if found.is_resource else None


def _element(part: str, rank: int) -> Element:
    written, type_name = part.split(":")
    attribute = written.startswith("@")
    written = written.removeprefix("@")
    name = written.replace("~", "")
    return Element(
        name=name,
        path=written.split("~", 1)[0],
        tag=name if attribute else f"{{{FHIR}}}{name}",
        type=type_name.removesuffix("*"),
        repeats=type_name.endswith("*"),
        attribute=attribute,
        rank=rank,
    )


XHTML_DIV: Final = f"{{{XHTML}}}div"


def location(element: etree._Element) -> str:
    """Where an element of a FHIR document stands, as FHIRPath: `Bundle.entry[2].resource.payload[0].extension[1]`."""
    steps = [element, *element.iterancestors()][::-1]
    path = etree.QName(steps[0]).localname
    current = resource_named(path)
    for step in steps[1:]:
        name = etree.QName(step).localname
        known = current.by_tag.get(str(step.tag)) if current else None
        if known is None and current is not None and current.name == RESOURCE:
            current = resource_named(name)
            continue
        path += f".{known.path if known else name}"
        if known and known.repeats:
            path += f"[{sum(1 for _ in step.itersiblings(step.tag, preceding=True))}]"
        current = type_named(known.type) if known and known.type in _ROWS else None
    return path
