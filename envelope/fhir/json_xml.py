"""FHIR XML to FHIR JSON and back, driven by the type table, so that nothing is lost or rewritten.

Rules of the two forms: FHIR R4, "XML representation" and "JSON representation of resources". Values are kept as they
are written: numbers, dates, zones, fractions and text. What is dropped: comments, processing instructions, white space
between elements, and `xsi:` attributes, which speak of the syntax and not of the message.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from json.encoder import encode_basestring
from typing import Any, Final

from lxml import etree

from envelope import safe_xml
from envelope.fhir import errors, json_text
from envelope.fhir.elements import (
    FHIR,
    PRIMITIVES,
    RESOURCE,
    XHTML_DIV,
    Element,
    Type,
    location,
    resource_named,
    type_named,
)
from envelope.findings import Finding, Refused, Rule

FINDINGS: Final = 100
"""After so many findings a conversion stops: a document of another kind breaks every rule there is."""

_ELEMENT: Final = type_named("Element")
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
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


def json_from_xml(root: etree._Element) -> bytes:
    """The JSON of a FHIR resource given as an XML tree, in UTF-8, without white space, names in the order of the XML.

    Raises:
        Refused: VS-302 to VS-315, all findings (at most 100).
    """
    writer = _FromXml()
    written = writer.resource(root, 0)
    if writer.findings:
        raise Refused(writer.findings)
    return written.encode()


class _Findings:
    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def find(self, rule: Rule, place: etree._Element | None, step: str = "", **values: Any) -> None:
        where = location(place) if place is not None else ""
        self.findings.append(rule.at(where + step, **values))
        if len(self.findings) >= FINDINGS:
            raise Refused(self.findings)


class _FromJson(_Findings):
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


class _FromXml(_Findings):
    """Writes JSON text; children of one element are grouped as they come, for XML has them in order."""

    def resource(self, node: etree._Element, depth: int) -> str:
        name = str(node.tag)
        kind = resource_named(name.removeprefix(f"{{{FHIR}}}")) if name.startswith(f"{{{FHIR}}}") else None
        if kind is None:
            self.find(errors.RESOURCE_UNKNOWN, node, name=etree.QName(node).localname[:40])
            return ""
        members = [f'"resourceType":"{kind.name}"']
        self.members(node, kind, members, depth)
        return "{" + ",".join(members) + "}"

    def members(self, node: etree._Element, kind: Type, into: list[str], depth: int) -> None:
        """All members of the object that an element is."""
        if depth > json_text.DEPTH:
            self.find(errors.JSON_DEPTH, node, limit=json_text.DEPTH)
            return
        if node.keys():
            self.attributes(node, kind, into)
        for element, group in self.groups(node, kind):
            self.member(element, group, into, depth)

    def groups(self, node: etree._Element, kind: Type) -> Iterator[tuple[Element, list[etree._Element]]]:
        """The children of an element, all occurrences of one element together; what is no element is dropped."""
        current: Element | None = None
        group: list[etree._Element] = []
        texts = [node.text]
        for child in node:
            if child.tail is not None:
                texts.append(child.tail)
            element = kind.by_tag.get(child.tag)
            if element is None:
                if _is_element(child):
                    self.find(errors.ELEMENT_UNKNOWN, node, type=kind.name, name=_local(child))
            elif current is None or element.rank > current.rank:
                if current is not None:
                    yield current, group
                current, group = element, [child]
            elif element is current and element.repeats:
                group.append(child)
            else:
                self.find(errors.ORDER, child, name=element.name, type=kind.name)
        if any(text and not text.isspace() for text in texts):
            self.find(errors.TEXT, node, name=_local(node))
        if current is not None:
            yield current, group

    def attributes(self, node: etree._Element, kind: Type, into: list[str]) -> None:
        """The attributes that are members: the id of an element, the url of an extension."""
        for key, written in node.items():
            name, text = str(key), str(written)
            element = kind.by_name.get(name)
            if element is not None and element.attribute:
                into.append(f'"{name}":{encode_basestring(text)}')
            elif (name != "value" or kind is not _ELEMENT) and not name.startswith(_XSI):
                self.find(errors.ATTRIBUTE_UNKNOWN, node, name=_local(node), attribute=name[:40])

    def member(self, element: Element, group: list[etree._Element], into: list[str], depth: int) -> None:
        """One member of an object: all occurrences of one element."""
        if element.type in PRIMITIVES:
            self.primitives(element, group, into, depth)
            return
        written = [self.complex(element, node, depth) for node in group]
        into.append(f'"{element.name}":' + (f"[{','.join(written)}]" if element.repeats else written[0]))

    def complex(self, element: Element, node: etree._Element, depth: int) -> str:
        if element.type == "xhtml":
            return encode_basestring(_div_text(node))
        if element.type == RESOURCE:
            inner = [child for child in node if _is_element(child)]
            if len(inner) != 1:
                self.find(errors.RESOURCE_UNKNOWN, node, name=f"a {element.name} with {len(inner)} resources")
                return ""
            return self.resource(inner[0], depth + 1)
        members: list[str] = []
        self.members(node, type_named(element.type), members, depth + 1)
        return "{" + ",".join(members) + "}"

    def primitives(self, element: Element, group: list[etree._Element], into: list[str], depth: int) -> None:
        """Values, and beside them ids and extensions under the name with an underscore."""
        values = []
        extras = []
        for node in group:
            value = node.get("value")
            extra = "null"
            if len(node) or len(node.keys()) > (value is not None) or node.text:
                members: list[str] = []
                self.members(node, _ELEMENT, members, depth + 1)
                extra = "{" + ",".join(members) + "}" if members else extra
            if value is None and extra == "null":
                self.find(errors.EMPTY, node, name=element.name)
            values.append("null" if value is None else self.literal(element, value, node))
            extras.append(extra)
        for name, items in ((element.name, values), (f"_{element.name}", extras)):
            if any(item != "null" for item in items):
                into.append(f'"{name}":' + (f"[{','.join(items)}]" if element.repeats else items[0]))

    def literal(self, element: Element, value: str, node: etree._Element) -> str:
        if element.type == "string":
            return encode_basestring(value)
        if element.type == "boolean":
            if value not in {"true", "false"}:
                self.find(errors.LEXICAL, node, name=element.name, wanted="true or false")
        elif len(value) > json_text.NUMBER_LENGTH or not json_text.NUMBER.fullmatch(value):
            self.find(errors.LEXICAL, node, name=element.name, wanted="a number")
        return value


def _is_element(node: etree._Element) -> bool:
    """Whether it is an element, not a comment or a processing instruction, whose tag is a function."""
    tag: Any = node.tag
    return isinstance(tag, str)


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname[:40]


def _div_text(node: etree._Element) -> str:
    """The div as text, with no namespace declarations but those that it uses."""
    if len(node.nsmap) > 1:
        node = copy.deepcopy(node)
        etree.cleanup_namespaces(node)
    return etree.tostring(node, encoding="unicode", with_tail=False)
