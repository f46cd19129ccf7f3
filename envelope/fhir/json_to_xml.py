"""FHIR JSON to FHIR XML: see `envelope.fhir.json_xml`."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from envelope import safe_xml
from envelope.fhir import errors, json_text
from envelope.fhir.elements import FHIR, PRIMITIVES, RESOURCE, XHTML_DIV, Element, Type, resource_named, type_named
from envelope.fhir.told import Findings
from envelope.findings import Refused

_ELEMENT: Final = type_named("Element")
_KINDS: Final = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", json_text.Number: "a number"}
_NSMAP: Final[Any] = {None: FHIR}
_WANTED: Final = {"string": str, "number": json_text.Number, "boolean": bool}


def xml_from_json(data: bytes) -> etree._Element:
    """The XML tree of a FHIR resource written in JSON.

    Args:
        data: UTF-8, with or without a byte order mark.

    Returns:
        The root, in the namespace `http://hl7.org/fhir`, its elements in the order of the specification.

    Raises:
        Refused: VS-300 to VS-311, all findings (at most 100).
    """
    value = json_text.parse(data)
    reader = _FromJson()
    root = reader.resource(value)
    if root is None or reader.findings:
        raise Refused(reader.findings)
    return root


class _FromJson(Findings):
    """Builds the tree; `place` is always the element under which something goes."""

    def resource(self, value: Any, parent: etree._Element | None = None, depth: int = 0) -> etree._Element | None:
        name = value.get("resourceType") if type(value) is dict else None
        kind = resource_named(name) if type(name) is str else None
        if kind is None:
            shown = name if type(name) is str else "what stands here"
            self.find(errors.RESOURCE_UNKNOWN, parent, name=shown[:40])
            return None
        tag = f"{{{FHIR}}}{kind.name}"
        made = etree.Element(tag, nsmap=_NSMAP) if parent is None else etree.SubElement(parent, tag)
        self.object(value, kind, made, depth)
        return made

    def object(self, value: dict[str, Any], kind: Type, into: etree._Element, depth: int) -> None:
        """Everything in one object, sorted into the order of XML."""
        if depth > json_text.DEPTH:
            self.find(errors.JSON_DEPTH, into, limit=json_text.DEPTH)
            return
        found: dict[Element, list[Any]] = {}
        for name, item in value.items():
            bare = name[1:] if name[:1] == "_" else name
            element = kind.by_name.get(bare)
            if element is None or (bare is not name and (element.type not in PRIMITIVES or element.attribute)):
                if name != "resourceType" or not kind.is_resource:
                    self.find(errors.ELEMENT_UNKNOWN, into, type=kind.name, name=name[:40])
                continue
            found.setdefault(element, [None, None])[bare is not name] = item
        last = -1
        for element in found:
            if element.rank < last:
                found = dict(sorted(found.items(), key=lambda pair: pair[0].rank))
                break
            last = element.rank
        for element, (item, extra) in found.items():
            if element.repeats:
                self.repeated(element, item, extra, into, depth)
            else:
                self.one(element, item, extra, into, depth)

    def repeated(self, element: Element, item: Any, extra: Any, into: etree._Element, depth: int) -> None:
        """An array, and the array of its extensions beside it."""
        for part in (item, extra):
            if part is not None and type(part) is not list:
                self.kind(element, part, "an array", into)
                return
        if not item and not extra:
            self.find(errors.EMPTY, into, f".{element.path}", name=element.name)
        elif extra is None:
            for one in item:
                self.one(element, one, None, into, depth)
        elif item is not None and len(item) != len(extra):
            self.find(errors.UNEVEN, into, f".{element.path}", name=element.name)
        else:
            for one, more in zip(item or [None] * len(extra), extra, strict=True):
                self.one(element, one, more, into, depth)

    def one(self, element: Element, item: Any, extra: Any, into: etree._Element, depth: int) -> None:
        """One occurrence of an element."""
        if element.type in PRIMITIVES:
            if element.attribute:
                self.attribute(element, item, into)
                return
            made = etree.SubElement(into, element.tag)
            if item is not None:
                self.value(element, item, made)
            if extra is not None:
                if type(extra) is not dict:
                    self.kind(element, extra, "an object", made, "")
                    return
                self.object(extra, _ELEMENT, made, depth + 1)
            if not extra and item is None:
                self.find(errors.EMPTY, made, name=element.name)
        elif element.type == "xhtml":
            self.narrative(item, into)
        elif type(item) is not dict:
            self.kind(element, item, "an object", into)
        elif element.type == RESOURCE:
            self.resource(item, etree.SubElement(into, element.tag), depth + 1)
        else:
            self.object(item, type_named(element.type), etree.SubElement(into, element.tag), depth + 1)

    def value(self, element: Element, item: Any, made: etree._Element) -> None:
        """The value of a primitive."""
        if type(item) is not _WANTED[element.type]:
            self.kind(element, item, f"a {element.type}", made, "")
            return
        try:
            made.set("value", str(item) if type(item) is not bool else "true" if item else "false")
        except ValueError:
            self.find(errors.CHARACTER, made, name=element.name)

    def attribute(self, element: Element, item: Any, into: etree._Element) -> None:
        """The id of an element, the url of an extension."""
        if type(item) is not str:
            self.kind(element, item, "a string", into)
            return
        try:
            into.set(element.name, item)
        except ValueError:
            self.find(errors.CHARACTER, into, name=element.name)

    def narrative(self, item: Any, into: etree._Element) -> None:
        """The div of a narrative, which JSON holds as a string."""
        try:
            div = safe_xml.parse(item.encode(), encoding="UTF-8") if type(item) is str else None
        except (Refused, UnicodeEncodeError):
            div = None
        if div is None or div.tag != XHTML_DIV:
            self.find(errors.NARRATIVE, into, ".div")
            return
        into.append(div)

    def kind(self, element: Element, item: Any, wanted: str, place: etree._Element, step: str | None = None) -> None:
        found = _KINDS.get(type(item), "null")
        where = f".{element.path}" if step is None else step
        self.find(errors.JSON_KIND, place, where, name=element.name, found=found, wanted=wanted)
