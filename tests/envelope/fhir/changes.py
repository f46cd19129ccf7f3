"""Changes to a good message that make it break a rule, and the good messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from lxml import etree

from envelope import safe_xml

Letter = Callable[[str], bytes]
Change = Callable[[etree._Element], None]

NEW = "bundle-new.xml"
REPLY = "bundle-reply.xml"
FORWARD = "bundle-forward.xml"
OK = "bundle-acknowledgement-ok.xml"
FATAL = "bundle-acknowledgement-fatal-error.xml"


NAMESPACES = {"f": "http://hl7.org/fhir", "h": "http://www.w3.org/1999/xhtml"}


def at(element: etree._Element, path: str) -> list[etree._Element]:
    """The elements at an XPath, with `f:` for FHIR and `h:` for XHTML."""
    return cast("list[Any]", element.xpath(path, namespaces=NAMESPACES))


def found(root: etree._Element, path: str) -> list[etree._Element]:
    """Every element at a path of names, wherever it starts: `Patient/identifier[1]`."""
    if path == "Bundle":
        return [root]
    elements = root.findall(".//" + "/".join(f"{{*}}{step}" for step in path.split("/")))
    assert elements, path
    return elements


def drop(*paths: str) -> Change:
    """Take every element at the paths out."""

    def change(root: etree._Element) -> None:
        for path in paths:
            for element in found(root, path):
                parent = element.getparent()
                assert parent is not None
                parent.remove(element)

    return change


def put(path: str, value: str, attribute: str = "value") -> Change:
    """Give every element at the path another value."""

    def change(root: etree._Element) -> None:
        for element in found(root, path):
            element.set(attribute, value)

    return change


def add(path: str, xml: str, index: int | None = None) -> Change:
    """Put new elements into the first element at the path, at its end or at an index."""

    def change(root: etree._Element) -> None:
        parent = found(root, path)[0]
        for made in safe_xml.parse(f'<x xmlns="http://hl7.org/fhir">{xml}</x>'.encode()):
            parent.insert(len(parent) if index is None else index, made)

    return change


def only(index: int, change: Callable[[str], Change], path: str) -> Change:
    """A change to one of the elements at the path instead of to all."""

    def changed(root: etree._Element) -> None:
        element = found(root, path)[index]
        name = element.tag
        element.tag = "{http://hl7.org/fhir}marked"
        change("marked")(root)
        element.tag = name

    return changed


def repeat(path: str) -> Change:
    """Write the first element at the path once more, after itself."""

    def change(root: etree._Element) -> None:
        element = found(root, path)[0]
        parent = element.getparent()
        assert parent is not None
        parent.insert(parent.index(element), safe_xml.parse(etree.tostring(element, with_tail=False)))

    return change


def drop_entry(kind: str) -> Change:
    """Take every entry with a resource of this type out."""

    def change(root: etree._Element) -> None:
        for entry in root.findall("{*}entry"):
            if entry.find(f"{{*}}resource/{{*}}{kind}") is not None:
                root.remove(entry)

    return change


def move_header(root: etree._Element) -> None:
    """Put the first entry last."""
    root.append(root.findall("{*}entry")[0])


def all_of(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def change(root: etree._Element) -> None:
        for each in changes:
            each(root)

    return change


def text(path: str, written: str) -> Change:
    """Give the elements at an XPath another text instead of all that they hold."""

    def change(root: etree._Element) -> None:
        for element in at(root, path):
            for child in list(element):
                element.remove(child)
            element.text = written

    return change


def take(path: str) -> Change:
    """Take the elements at an XPath out."""

    def change(root: etree._Element) -> None:
        elements = at(root, path)
        assert elements, path
        for element in elements:
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

    return change


def write(path: str, value: str) -> Change:
    """Give the elements at an XPath another value."""

    def change(root: etree._Element) -> None:
        elements = at(root, path)
        assert elements, path
        for element in elements:
            element.set("value", value)

    return change


def put_in(path: str, xml: str) -> Change:
    """Put FHIR elements into the first element at an XPath."""

    def change(root: etree._Element) -> None:
        for made in safe_xml.parse(f'<x xmlns="http://hl7.org/fhir">{xml}</x>'.encode()):
            at(root, path)[0].append(made)

    return change
