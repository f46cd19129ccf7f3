"""The conversion record: what was kept, defaulted, shortened or dropped, value by value, and by which row.

Made only where it is asked for, of the marks that the annotating stylesheets leave (`conversion.annotating`) and of the
functions that were called. A row says where its value comes from; whether the value that stands there came through is
seen in what was made, so that nothing is told as kept that is not there. Each value of the sources is in the record at
least once: a value that no row carried is told as dropped. No value stands in the record, only paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from lxml import etree

from conversion.displays import CATEGORIES, ROLES
from conversion.rows import ROWS, Notes, Row
from conversion.rows.places import elements
from conversion.times import local
from envelope.cutting import Slim
from envelope.fhir.bundle import read_bundle
from envelope.fhir.elements import XHTML_DIV
from envelope.fhir.elements import location as fhir_location
from envelope.findings import Refused
from envelope.oioxml.formatted_text import plain_text
from envelope.oioxml.reading import read_letter
from envelope.oioxml.reading import value as letter_value
from envelope.oioxml.schema import location as letter_location

What = Literal["kept", "defaulted", "shortened", "dropped"]

FORMATTED: Final = {"Text01", "RefuseText"}
_FORMATS: Final = {"Bold", "Italic", "Underline", "Right", "Center", "FixedFont"}

NEW: Final = frozenset(
    {
        *("XC-envelope-id", "XC-letter-id", "XC-event", "XC-activity"),
        *("CX-envelope-identifier", "CX-letter-identifier", "CX-type-code", "CX-status-code"),
        *("CX-xbin-envelope-identifier", "CX-xbin-letter-identifier", "CX-xbin-type-code", "CX-xbin-status-code"),
        *("CX-attachment-identifier-new", "CX-attachment-untitled", "CX-patient-surname-unknown"),
        *("RA-envelope-identifier", "RA-letter-identifier", "RA-event-code"),
        *("AR-envelope-identifier", "AR-letter-identifier", "AR-statistical-code", "AR-version-code"),
    }
)
"""Rows with a source whose target gets a value of the network's own; what came in is not in it."""

CHOSEN: Final = frozenset(
    {
        *("XC-sender-identifier-code", "XC-receiver-identifier-code", "XC-version-code", "XC-priority"),
        *("XC-episode-class", "XC-episode-status", "XC-deceased", "XC-attachment-type", "XC-supplement"),
        *("XC-attachment-content", "XC-attachment-data"),
        *("CX-status-doed", "CX-status-indlagt", "CX-status-ambulant", "CX-status-inaktiv"),
        *("CX-priority-asap", "CX-priority-routine", "CX-activity", "CX-remark-reply", "CX-remark-forward"),
        *("CX-newest-segment", "CX-attachment-type", "CX-attachment-extension", "CX-attachment-size"),
        *("CX-attachment-suffix", "CX-xbin-object-code", "CX-xbin-object-extension", "CX-xbin-object-size"),
        *("RA-original-envelope-identifier", "RA-original-letter-identifier-positive"),
        *("RA-original-letter-identifier-negative", "RA-refuse-code", "RA-details-code"),
        *("RA-original-sender", "RA-original-receiver"),
        *("AR-receipt-kind", "AR-original-letter-identifier", "AR-refuse-code"),
    }
)
"""Rows whose value is written in another form, or chooses one: what was made is not compared with what came in."""

PRESENT: Final = frozenset({"RA-response-code", "RA-response-details", "RA-refuse-envelope", "RA-refuse-letter"})
"""Rows that carry that an element is there, not what stands in it."""

CUT: Final = {"CX-topic": 70, "AR-refuse-text": 0, "AR-refuse-text-cut": 0}
"""Rows that do not say to how much they cut, or are cut afterwards, and to how much that is; 0 for what is set."""

_LEAST_SHOWN: Final = 8
_MOMENT: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CUT: Final = re.compile("cut to ([0-9]+)")
_NEAR: Final = 3  # characters that a cut text may have less than it could: blanks at its end, or the dots of a cut
_LOOKUPS: Final = ("-", "(directory)")
_ELSEWHERE: Final = ("(finding)", "(refusal)", "newline", "-")
_PREFIX: Final[Mapping[tuple[bool, bool], str]] = {
    (True, False): "CX-",
    (False, False): "XC-",
    (True, True): "AR-",
    (False, True): "RA-",
}


@dataclass(frozen=True, slots=True)
class Carried:
    """One value of a source, or one that the network added, and what became of it.

    Attributes:
        source: XPath with positions, or FHIRPath; "" for a value that no source has.
        rule: id of the row; "" when no row speaks of the value.
        target: likewise in what was made, or a word in brackets for another place; "" when dropped.
        what: became of it.
    """

    source: str
    rule: str
    target: str
    what: What

    def as_dict(self) -> dict[str, str]:
        """The same as JSON takes it."""
        return {"source": self.source, "rule": self.rule, "target": self.target, "what": self.what}


def record(sources: Sequence[Slim], notes: Notes, to: str, made: Sequence[str]) -> tuple[Carried, ...]:
    """The record of a conversion that was noted.

    Args:
        sources: what was converted.
        notes: of its run.
        to: what it was converted to.
        made: the identifiers of the letters' envelopes, or of the bundle, in the order that they leave in.
    """
    back = to in {"XCTL", "XDIS91"}
    roots = [read_bundle(slim).root if back else read_letter(slim).root for slim in sources]
    return tuple(_Record(roots, notes, _PREFIX[back, to in {"XCTL", "Acknowledgement"}], made).told())


class _Record:
    """One record in the making."""

    def __init__(self, roots: Sequence[etree._Element], notes: Notes, prefix: str, made: Sequence[str]) -> None:
        self._roots = roots
        self._made = made
        self._rows = [row for row in ROWS if row.id.startswith(prefix)]
        self._written = self._targets(notes)
        self._told: dict[tuple[str, str, str], Carried] = {}
        self._carried: set[etree._Element] = set()
        self._places = _Places()

    def told(self) -> Iterator[Carried]:
        """Everything that was carried, then everything that was not, each in the sources' order."""
        for row in self._rows:
            if row.id in self._written:
                self._tell(row, self._written[row.id])
        yield from self._told.values()
        # What a value of the network's own stands in place of is dropped by that row.
        dropping = {
            leaf: row.id for row in self._rows[::-1] if row.target == "-" or row.id in NEW for leaf in self._leaves(row)
        }
        for root in self._roots:
            for leaf in leaves(root):
                if leaf not in self._carried:
                    yield Carried(self._source(leaf), dropping.get(leaf, ""), "", "dropped")
                elif _is_formatted(leaf):
                    for format_ in leaf.iterdescendants("*"):
                        if etree.QName(format_).localname in _FORMATS:
                            yield Carried(self._source(format_), "", "", "dropped")

    def _targets(self, notes: Notes) -> dict[str, list[etree._Element | str]]:
        """What each row wrote: elements, or words for a place outside of what was made."""
        written: dict[str, list[etree._Element | str]] = {}
        for id_, element in notes.written:
            if "xhtml" not in str(element.tag):  # a narrative repeats what its resource says
                written.setdefault(id_, []).append(element)
        for row in self._rows:
            if row.id in written or row.target in _ELSEWHERE or "newline" in row.source:
                continue
            if row.id in notes.called or (notes.unmarked and row.source not in _LOOKUPS):
                found = [element for made in notes.made for element in elements(row.target, made)]
                if found or row.id in notes.called:
                    written[row.id] = [*found] or [row.target]
        return written

    def _tell(self, row: Row, targets: list[etree._Element | str]) -> None:
        if row.id in PRESENT:
            sources = [element for root in self._roots for element in elements(row.source, root)]
            for source, target in zip(sources, targets * len(sources), strict=False):
                self._add(source, row, target, "kept")
            return
        leaves_ = [] if row.id in NEW else self._leaves(row)
        pairs = self._pairs(row, leaves_, targets)
        for leaf, target, what in pairs:
            self._add(leaf, row, target, what)
        reached = {id(target) for _, target, _ in pairs}
        if not pairs:
            for target in targets:
                if id(target) not in reached and not isinstance(target, str):
                    self._add(None, row, target, "defaulted")

    def _pairs(
        self, row: Row, leaves_: list[etree._Element], targets: list[etree._Element | str]
    ) -> list[tuple[etree._Element, etree._Element | str, What]]:
        if row.id in CHOSEN or all(isinstance(target, str) for target in targets):
            if len(leaves_) == len(targets) and len({leaf.tag for leaf in leaves_}) == 1:
                return [(leaf, target, "kept") for leaf, target in zip(leaves_, targets, strict=True)]
            return [(leaf, target, "kept") for leaf in leaves_ for target in targets]
        limit = _CUT.search(row.rule)
        cut = int(limit[1]) if limit is not None else CUT.get(row.id)
        places = [target for target in targets if not isinstance(target, str)]
        # Of values of one kind the first is the first's as a rule; a date and a time go to the same places both.
        if len(leaves_) == len(places) and len({leaf.tag for leaf in leaves_}) == 1:
            found = [self._places.fates(leaf, place, cut=cut) for leaf, place in zip(leaves_, places, strict=True)]
            if all(found):
                return [(leaf, *fates[0]) for leaf, fates in zip(leaves_, found, strict=True)]
        return [
            (leaf, place, what)
            for target in places
            for leaf in leaves_
            for place, what in self._places.fates(leaf, target, cut=cut)
        ]

    def _add(self, source: etree._Element | None, row: Row, target: etree._Element | str, what: What) -> None:
        path = "" if source is None else self._source(source)
        place = target if isinstance(target, str) else self._target(target)
        if source is not None:
            self._carried.add(source)
        self._told.setdefault((path, row.id, place), Carried(path, row.id, place, what))

    def _leaves(self, row: Row) -> list[etree._Element]:
        return [leaf for root in self._roots for above in elements(row.source, root) for leaf in leaves(above)]

    def _source(self, element: etree._Element) -> str:
        number = self._roots.index(element.getroottree().getroot()) + 1
        return (f"{number}:" if len(self._roots) > 1 else "") + _location(element)

    def _target(self, element: etree._Element) -> str:
        root = element.getroottree().getroot()
        name = letter_value(root, "Envelope/Identifier") if len(self._made) > 1 else ""
        return (f"{self._made.index(name) + 1}:" if name in self._made else "") + _location(element)


def leaves(root: etree._Element) -> list[etree._Element]:
    """The elements of a document that hold a value: a text of their own, or attributes; a narrative counts as one."""
    found: list[etree._Element] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag == XHTML_DIV or _is_formatted(element):
            found.append(element)
            continue
        if element.attrib or _own(element).strip():
            found.append(element)
        waiting += [*element.iterchildren("*", reversed=True)]
    return found


def _is_formatted(element: etree._Element) -> bool:
    return etree.QName(element).localname in FORMATTED


def _location(element: etree._Element) -> str:
    root = element.getroottree().getroot()
    return (fhir_location if "hl7.org/fhir" in str(root.tag) else letter_location)(element)


def _value(leaf: etree._Element) -> str:
    if _is_formatted(leaf):
        return plain_text(leaf)
    return str(leaf.get("value") or leaf.get("url") or _own(leaf))


def _own(element: etree._Element) -> str:
    """The text that stands in an element itself, comments left out."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _forms(leaf: etree._Element) -> set[str]:
    """A value as the other side may write it: as it is, its Danish display, a moment by the Danish clock."""
    value = _value(leaf)
    forms = {value, ROLES.get(value, ""), CATEGORIES.get(value, "")}
    if _MOMENT.match(value):
        with suppress(Refused):
            date, time = local(value)
            forms |= {date, time, "-".join(date.split("-")[::-1])}
    return {_bare(form) for form in forms} - {""}


def _bare(text: str) -> str:
    """A text without what the two sides write differently: white space, hyphens, prefixes and case of identifiers."""
    return re.sub(r"\s|-|urn:uuid:|%20", "", text).lower()


class _Places:
    """The values among those that a row wrote; each is read once, for what is long is asked after by many."""

    def __init__(self) -> None:
        self._read: dict[etree._Element, list[tuple[etree._Element, str, int]]] = {}

    def fates(
        self, leaf: etree._Element, target: etree._Element, *, cut: int | None
    ) -> list[tuple[etree._Element, What]]:
        """Where a value is in a target, and what became of it; nothing when it is not there.

        Args:
            leaf: holds the value.
            target: what its row wrote.
            cut: to how many characters that is cut, where it is; 0 when nobody knows.
        """
        places = self._read.get(target)
        if places is None:
            places = self._read[target] = [
                (place, _bare(_value(place)), len(_value(place))) for place in leaves(target) if place.tag != XHTML_DIV
            ]
        forms = _forms(leaf)
        for place, there, _ in places:
            if any(form in there for form in forms):
                return [(place, "kept")]
        value = _bare(_value(leaf))
        for place, there, length in places if cut is not None else ():
            if cut and length < cut - _NEAR:
                continue  # there was room for more: what is not there was not cut off
            # What is cut is no longer than what is there.
            if any(_ends_with(there, value[:end]) for end in range(min(len(value) - 1, len(there)), 0, -1)):
                return [(place, "shortened")]
        return []


def _ends_with(there: str, beginning: str) -> bool:
    return there.removesuffix("...").endswith(beginning) or (len(beginning) >= _LEAST_SHOWN and beginning in there)
