"""Places in documents as the panes compare them: every step with its number, FHIR's elements by their FHIRPath names.

A conversion record names a place by XPath in a letter and by FHIRPath in a bundle, whichever form the bundle has; the
panes walk the text of either form. Both come to the same key here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

Key = tuple[tuple[str, int], ...]
"""Steps with their numbers among siblings of one name, counted from 0."""

_STEP = re.compile(r"([A-Za-z_][\w-]*)(?:\[(\d+)\])?")
_DOCUMENT = re.compile(r"(\d+):")
_TYPES = (
    "Address|Annotation|Attachment|Base64Binary|Boolean|Canonical|Code|CodeableConcept|Coding|ContactPoint|Date|"
    "DateTime|Decimal|HumanName|Id|Identifier|Instant|Integer|Markdown|Oid|Period|PositiveInt|Quantity|Range|Ratio|"
    "Reference|String|Time|UnsignedInt|Uri|Url|Uuid"
)
_CHOICE = re.compile(rf"(value|content|event|occurred|deceased|multipleBirth|effective|onset|performed)(?:{_TYPES})")


def key_of(location: str) -> tuple[int, Key]:
    """The document that a record's location names, counted from 1, and the key of the place in it."""
    numbered = _DOCUMENT.match(location)
    document = int(numbered[1]) if numbered else 1
    path = location[numbered.end() :] if numbered else location
    from_one = path.startswith("/")
    steps = ((match[1], int(match[2] or 0)) for match in _STEP.finditer(path))
    if from_one:
        return document, tuple((name, max(number - 1, 0)) for name, number in steps)
    # Below a primitive's extension a FHIRPath location keeps the type in the name.
    return document, tuple((fhir_name(name), number) for name, number in steps)


def fhir_name(name: str) -> str:
    """An element's name as FHIRPath has it: `value` for `valueString`."""
    choice = _CHOICE.fullmatch(name)
    return choice[1] if choice else name


def nearest(key: Key, known: Iterable[Key]) -> Key | None:
    """A key, or the nearest above it, that is known; a text's marks and a narrative's parts have none of their own."""
    among = known if isinstance(known, (set, frozenset, dict)) else set(known)
    while key:
        if key in among:
            return key
        key = key[:-1]
    return None
