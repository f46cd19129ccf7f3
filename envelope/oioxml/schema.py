"""Our own schemas of the OIOXML releases, and what they find, in our words.

The schemas give the same verdict as MedCom's official ones (a conformance test holds them to it). A finding names the
element and its place; the value is shown only where it is a code or an identifier, never where it could be the
patient's.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, cast

from lxml import etree

from envelope.findings import Finding, Rule
from envelope.oioxml.errors import (
    ATTRIBUTE_UNEXPECTED,
    CONTENT_UNEXPECTED,
    ELEMENT_MISSING,
    ELEMENT_UNEXPECTED,
    NO_SCHEMA,
    SCHEMA_ERRORS_LEFT_OUT,
    SCHEMA_OTHERWISE_BROKEN,
    TEXT_UNEXPECTED,
    VALUE_MALFORMED,
    VALUE_NOT_LISTED,
    VALUE_TOO_LONG,
    VALUE_TOO_SHORT,
)
from envelope.oioxml.letters import SCHEMA_FILES
from envelope.oioxml.reading import shown
from envelope.safe_xml import COMPILING

MOST_ERRORS = 200
"""Of a letter that breaks its schema more often than this, the first errors are told and the rest counted."""

_SCHEMAS = Path(__file__).parent / "schemas"

# Elements whose value is a code, a date or an identifier of the message: shown in a finding. All others may hold what
# belongs to the patient.
_SHOWN = frozenset(
    {
        "Date",
        "Time",
        "AcknowledgementCode",
        "VersionCode",
        "StatisticalCode",
        "TypeCode",
        "StatusCode",
        "EANIdentifier",
        "IdentifierCode",
        "MedicalSpecialityCode",
        "Priority",
        "ObjectIdentifier",
        "ObjectCode",
        "ObjectExtensionCode",
        "OriginalObjectSize",
        "RefuseCode",
        "OriginalEnvelopeIdentifier",
        "OriginalLetterIdentifier",
        "OriginalVersionCode",
        "SystemInformation",
        "SUP",
    }
)

# What a value must look like, where its schema says so by a pattern or a type.
_FORMS = {
    "Date": ": YYYY-MM-DD, without a zone",
    "Time": ": HH:MM, without seconds or a zone",
    "CivilRegistrationNumber": ": ten digits",
    "ObjectIdentifier": ": a UUID with hyphens",
    "OriginalObjectSize": ": a whole number, at least 1",
    "SystemInformation": ": true",
    "SUP": ": true",
}

_KINDS: dict[str, Rule] = {
    "SCHEMAV_CVC_ENUMERATION_VALID": VALUE_NOT_LISTED,
    "SCHEMAV_CVC_PATTERN_VALID": VALUE_MALFORMED,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": VALUE_MALFORMED,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": TEXT_UNEXPECTED,
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": CONTENT_UNEXPECTED,
    "SCHEMAV_CVC_TYPE_3_1_2": CONTENT_UNEXPECTED,
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": ATTRIBUTE_UNEXPECTED,
    "SCHEMAV_CVC_TYPE_3_1_1": ATTRIBUTE_UNEXPECTED,
}
_LENGTHS = frozenset({"SCHEMAV_CVC_MAXLENGTH_VALID", "SCHEMAV_CVC_MINLENGTH_VALID", "SCHEMAV_CVC_LENGTH_VALID"})
_NUMBERS = re.compile(r"'(\d+)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_NAME = re.compile(r"(?:\{[^}]*\})?([^\s,{}]+)")

_compiled = threading.local()


class LogEntry(Protocol):
    """What libxml2 says of one error."""

    type_name: str
    message: str
    path: str | None
    line: int


def schema(namespace: str) -> etree.XMLSchema:
    """The schema of a release, compiled once a thread: a validator keeps the errors of its last document."""
    cache: dict[str, etree.XMLSchema] = _compiled.__dict__
    if namespace not in cache:
        document = etree.parse(_SCHEMAS / SCHEMA_FILES[namespace])
        with COMPILING:
            cache[namespace] = etree.XMLSchema(document)
    return cache[namespace]


def schema_findings(root: etree._Element, namespace: str) -> tuple[Finding, ...]:
    """What an Emessage breaks of its release's schema, in the order of the document; empty when it is valid.

    A release whose schema is not held here gives one warning that says so.
    """
    if namespace not in SCHEMA_FILES:
        return (NO_SCHEMA.at("", namespace=namespace),)
    validator = schema(namespace)
    if validator.validate(root):
        return ()
    errors = [*cast("Iterable[LogEntry]", validator.error_log)]
    findings = tuple(_findings(root, errors[:MOST_ERRORS]))
    if len(errors) <= MOST_ERRORS:
        return findings
    return (*findings, SCHEMA_ERRORS_LEFT_OUT.at("", count=len(errors) - MOST_ERRORS))


def location(element: etree._Element) -> str:
    """The XPath of an element in local names, counted where it has siblings of its name."""
    steps = []
    for each in (element, *element.iterancestors()):
        parent = each.getparent()
        same = [] if parent is None else list(parent.iterchildren(each.tag))
        number = f"[{same.index(each) + 1}]" if len(same) > 1 else ""
        steps.append(shown(etree.QName(each).localname) + number)
    return "/" + "/".join(reversed(steps))


def _findings(root: etree._Element, errors: list[LogEntry]) -> Iterator[Finding]:
    bound = {(prefix, uri) for each in root.iter(etree.Element) for prefix, uri in each.nsmap.items() if prefix}
    uses = Counter(prefix for prefix, _ in bound)
    prefixes = {prefix: uri for prefix, uri in bound if uses[prefix] == 1}
    told: set[tuple[str, str]] = set()
    for error in errors:
        element = _element_at(root, prefixes, error)
        place = location(element) if element is not None else f"line {error.line}"
        finding = _finding(element, place, error)
        # One wrong value breaks a facet and, as a consequence, its type: told once.
        key = (place, "value" if error.type_name in _VALUE_ERRORS else error.message)
        if key not in told:
            told.add(key)
            yield finding


_VALUE_ERRORS = (
    frozenset(kind for kind, rule in _KINDS.items() if rule in (VALUE_NOT_LISTED, VALUE_MALFORMED)) | _LENGTHS
)


def _finding(element: etree._Element | None, place: str, error: LogEntry) -> Finding:
    name = _name(element)
    if error.type_name == "SCHEMAV_ELEMENT_CONTENT":
        rule = ELEMENT_MISSING if "Missing child" in error.message else ELEMENT_UNEXPECTED
        return rule.at(place, element=name, expected=_expected(error.message))
    shown_value = _shown_value(element, name)
    if error.type_name in _LENGTHS:
        return _length(place, name, shown_value, error)
    rule = _KINDS.get(error.type_name, SCHEMA_OTHERWISE_BROKEN)
    code = error.type_name.removeprefix("SCHEMAV_")
    return rule.at(place, element=name, value=shown_value, form=_FORMS.get(name, ""), code=code)


def _name(element: etree._Element | None) -> str:
    """An element's name as a finding shows it: with its namespace where that is not the letter's."""
    if element is None:
        return "(unknown)"
    name = etree.QName(element)
    parent = element.getparent()
    if parent is None or name.namespace == etree.QName(parent).namespace:
        return shown(name.localname)
    return f"{shown(name.localname)} of the namespace {shown(name.namespace or '')}"


def _length(place: str, name: str, shown_value: str, error: LogEntry) -> Finding:
    *_, length, limit = _NUMBERS.findall(error.message)
    rule = VALUE_TOO_SHORT if int(length) < int(limit) else VALUE_TOO_LONG
    return rule.at(place, element=name, value=shown_value, length=length, limit=limit)


def _shown_value(element: etree._Element | None, name: str) -> str:
    if element is None or name not in _SHOWN or not (element.text or "").strip():
        return ""
    return f" {shown((element.text or '').strip(), 40)}"


def _expected(message: str) -> str:
    match = _EXPECTED.search(message)
    if match is None:
        return ""
    listed = _NAME.findall(match.group(1))
    if len(listed) == 1:
        return f": {listed[0]} is expected"
    return f": one of {', '.join(listed)} is expected"


def _element_at(root: etree._Element, prefixes: dict[str, str], error: LogEntry) -> etree._Element | None:
    """The element that an error speaks of: its path counts elements, or names them by the prefixes in use.

    None where a prefix means several namespaces: then the path could lead to another element.
    """
    path = (error.path or "/*").partition("/@")[0]
    try:
        found = root.getroottree().xpath(path, namespaces=prefixes)
    except etree.XPathError:
        return None
    return found[0] if isinstance(found, list) and found and etree.iselement(found[0]) else None
