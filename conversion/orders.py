"""What the receipts' stylesheets read: one small document with everything that a receipt is made of.

Stylesheets take strings as parameters, but a receipt needs a second document (the Provenance that an Acknowledgement
repeats) and lists (the refusals' table, the lines of a text): they all stand in one order, in a namespace of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy

from lxml import etree

from conversion.facts import Organisation
from conversion.kinds import Kind
from conversion.refusals import REFUSALS

NAMESPACE = "urn:vansim:receipt"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def order(kind: Kind, response: str, values: Mapping[str, str], parts: Iterable[etree._Element]) -> etree._Element:
    """An order for one receipt.

    Args:
        kind: of the receipt that is read or written.
        response: the response code that it has in FHIR, "" where it has none.
        values: attributes of the order.
        parts: what else stands in it, in any order; copied.
    """
    root = part("order", values)
    said = {"type": kind.type, "element": kind.element, "version": kind.version, "response": response}
    root.append(part("kind", said | ({"refuses": "true"} if kind.refuses else {})))
    root.extend(deepcopy(child) for child in parts)
    return root


def part(name: str, values: Mapping[str, str]) -> etree._Element:
    """One element of an order, with the values that are there as attributes; what XML cannot hold is U+FFFD."""
    there = {key: _NOT_XML.sub("\ufffd", value) for key, value in values.items() if value}
    return etree.Element(f"{{{NAMESPACE}}}{name}", there)


def organization(role: str, id_: str, party: Organisation) -> etree._Element:
    """A party of the receipt, under the id that its Organization gets."""
    return part("organization", {"role": role, "id": id_, "sor": party.sor, "name": party.name})


def refusals() -> list[etree._Element]:
    """The table of RefuseCodes and issues, a row an element."""
    return [
        part("refusal", {"refuse-code": row.refuse_code, "type": row.type, "system": row.system, "code": row.code})
        for row in REFUSALS
    ]
