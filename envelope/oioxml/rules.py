"""Everything that can be wrong with an OIOXML letter: its schema, and what a schema cannot say.

Official samples break some of the rules that FHIR messages are held to (check digits of location numbers, dates in
CPR numbers), so here these are warnings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from lxml import etree

from envelope.findings import Finding
from envelope.identities import cpr_is_plausible, gln_is_valid
from envelope.oioxml.errors import (
    CPR_IMPLAUSIBLE,
    DATE_OUT_OF_RANGE,
    LETTER_GLN,
    MORE_THAN_ONE_LETTER,
    OBJECT_NOT_BASE64,
    OBJECT_SIZE,
    OBJECT_TWICE,
    RECEIPT_WANTS_RECEIPT,
)
from envelope.oioxml.facts import object_key
from envelope.oioxml.reading import Letter, letters, shown, value
from envelope.oioxml.schema import location, schema_findings


def validate(letter: Letter) -> tuple[Finding, ...]:
    """All that is to be said about a letter: the warnings of its reading, its schema, and the rules beyond it.

    Args:
        letter: what `envelope.oioxml.reading.read_letter` gave.

    Returns:
        the findings; a letter without errors among them is valid. Values of the patient's are never in them.
    """
    by_schema = schema_findings(letter.root, letter.namespace)
    told = frozenset(finding.location for finding in by_schema)
    return (*letter.findings, *by_schema, *(each for each in _beyond_schema(letter) if each.location not in told))


def _beyond_schema(letter: Letter) -> Iterator[Finding]:
    found = letters(letter.root)
    if len(found) > 1:
        yield MORE_THAN_ONE_LETTER.at(location(found[1]), count=len(found))
    yield from _receipt(letter)
    for body in found:
        yield from _location_numbers(body)
    yield from _dates(letter)
    yield from _civil_registration_numbers(letter)
    yield from _objects(letter)


def _receipt(letter: Letter) -> Iterator[Finding]:
    if letter.kind.is_receipt and letter.text("Envelope/AcknowledgementCode") == "pluspositivkvitt":
        yield RECEIPT_WANTS_RECEIPT.at("/Emessage/Envelope/AcknowledgementCode")


def _location_numbers(body: etree._Element) -> Iterator[Finding]:
    # The sender of a negative VANS receipt is an operator, known by a name (DKKMDKMDNET).
    operator = etree.QName(body).localname == "NegativeVansReceipt"
    for element in _named(body, "EANIdentifier"):
        parent = element.getparent()
        if operator and parent is not None and parent.getparent() is body and etree.QName(parent).localname == "Sender":
            continue
        number = (element.text or "").strip()
        if number and not gln_is_valid(number):
            yield LETTER_GLN.at(location(element), value=shown(number, 40), element="EANIdentifier")


def _dates(letter: Letter) -> Iterator[Finding]:
    for element in _named(letter.root, "Date"):
        text = (element.text or "").strip()
        try:
            date.fromisoformat(text)
        except ValueError:
            # What is no date at all the schema has told; this is for what xs:date takes and calendars do not.
            yield DATE_OUT_OF_RANGE.at(location(element), value=shown(text, 40), element="Date")


def _civil_registration_numbers(letter: Letter) -> Iterator[Finding]:
    for element in _named(letter.root, "CivilRegistrationNumber"):
        number = element.text or ""
        if len(number) == 10 and number.isdecimal() and not cpr_is_plausible(number):  # noqa: PLR2004 (a CPR number)
            yield CPR_IMPLAUSIBLE.at(location(element), element="CivilRegistrationNumber")


def _objects(letter: Letter) -> Iterator[Finding]:
    objects = list(_named(letter.root, "BinaryObject"))
    if not objects:
        return
    identifiers = Counter(object_key(value(each, "ObjectIdentifier")) for each in objects)
    for each in objects:
        identifier = value(each, "ObjectIdentifier")
        name = shown(identifier, 40)
        if identifiers[object_key(identifier)] > 1:
            yield OBJECT_TWICE.at(location(each) + "/ObjectIdentifier", object=name)
        written = letter.attachments.read(value(each, "Object_Base64Encoded"))
        stated = value(each, "OriginalObjectSize").removeprefix("+")
        if written.problem is not None:
            yield OBJECT_NOT_BASE64.at(location(each) + "/Object_Base64Encoded", object=name)
        elif stated.isdecimal() and stated.lstrip("0") != str(written.size):
            yield OBJECT_SIZE.at(
                location(each) + "/OriginalObjectSize", object=name, found=written.size, stated=shown(stated, 40)
            )


def _named(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return element.iter(f"{str(element.tag).rpartition('}')[0]}}}{name}")
