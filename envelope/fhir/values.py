"""Values of FHIR elements by the path of their names, and the few that are not where their name says."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from lxml import etree

from envelope.fhir.elements import FHIR
from envelope.fhir.vocabulary import DESTINATION_USE, EARLY_IDENTIFIER, GLN_SYSTEMS, IDENTIFIER

NS: Final = f"{{{FHIR}}}"


def compiled(path: str) -> Callable[[etree._Element], Any]:
    """An XPath in which `f:` is FHIR."""
    return etree.XPath(path, namespaces={"f": FHIR}, smart_strings=False)


def value(element: etree._Element, path: str) -> str | None:
    """The value of the first primitive at a path of element names (`category/coding/code`), or None."""
    found = _values(path)(element)
    return found[0] if found else None


def extended(element: etree._Element, url: str, path: str) -> str | None:
    """The value at a path in an element's first extension of an address, or None."""
    found = _values(path, f"f:extension[@url='{url}'][1]/")(element)
    return found[0] if found else None


@cache
def _values(path: str, start: str = "") -> Callable[[etree._Element], list[str]]:
    """A path of `value`, compiled once: a letter asks for a hundred values, all by paths that stand in the code."""
    return compiled(start + "/".join(f"f:{name}[1]" for name in path.split("/")) + "/@value")


def gln(organization: etree._Element | None) -> str | None:
    """The GLN of an Organization, or None."""
    return identifier(organization, *GLN_SYSTEMS)


def identifier(resource: etree._Element | None, *systems: str) -> str | None:
    """The first identifier of a resource in one of the systems, the first system first; None without one."""
    if resource is None:
        return None
    found: dict[str | None, str | None] = {}
    for item in resource.iterfind(f"{NS}identifier"):
        found.setdefault(value(item, "system"), value(item, "value"))
    return next((known for system in systems if (known := found.get(system))), None)


def primary_destination(header: etree._Element | None) -> etree._Element | None:
    """The destination marked primary; the only one there is when none is marked."""
    if header is None:
        return None
    destinations = header.findall(f"{NS}destination")
    marked = [item for item in destinations if destination_use(item) == "primary"]
    if marked:
        return marked[0]
    return destinations[0] if len(destinations) == 1 else None


def destination_use(destination: etree._Element) -> str | None:
    """The code of a destination's use, primary or cc."""
    return extended(destination, DESTINATION_USE, "valueCoding/code")


def payload_id(payload: etree._Element) -> str:
    """The identifier of a payload in lower case, without `urn:uuid:` and hyphens; "" without one."""
    for extension in payload.iterfind(f"{NS}extension"):
        if extension.get("url") in {IDENTIFIER, EARLY_IDENTIFIER}:
            written = value(extension, "valueIdentifier/value") or value(extension, "valueString") or ""
            return written.lower().removeprefix("urn:uuid:").replace("-", "")
    return ""
