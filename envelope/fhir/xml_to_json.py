"""FHIR XML to FHIR JSON: see `envelope.fhir.json_xml`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring
from typing import Any, Final

from lxml import etree

from envelope.fhir import errors, json_text
from envelope.fhir.elements import FHIR, PRIMITIVES, RESOURCE, Element, Type, resource_named, type_named
from envelope.fhir.told import Findings
from envelope.findings import Finding, Refused

_ELEMENT: Final = type_named("Element")
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


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


def misfits(root: etree._Element) -> tuple[Finding, ...]:
    """What keeps a tree from having a JSON form: unknown elements, wrong order, stray text; at most 100 findings."""
    reader = _FromXml(writing=False)
    try:
        reader.resource(root, 0)
    except Refused as refused:
        return refused.findings
    return tuple(reader.findings)


class _FromXml(Findings):
    """Writes JSON text; children of one element are grouped as they come, for XML has them in order.

    With `writing` off the text of values is left out: what is wanted are the findings.
    """

    def __init__(self, *, writing: bool = True) -> None:
        super().__init__()
        self.writing = writing
        self.string: Callable[[str], str] = encode_basestring if writing else _left_out

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
                into.append(f'"{name}":{self.string(text)}')
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
            return self.string(_div_text(node) if self.writing else "")
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
            return self.string(value)
        if element.type == "boolean":
            if value not in {"true", "false"}:
                self.find(errors.LEXICAL, node, name=element.name, wanted="true or false")
        elif len(value) > json_text.NUMBER_LENGTH or not json_text.NUMBER.fullmatch(value):
            self.find(errors.LEXICAL, node, name=element.name, wanted="a number")
        return value


def _left_out(_: str) -> str:
    return '""'


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
