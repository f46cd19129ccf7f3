"""What a participant's `takes` says: types, versions and dates, and whether its lines go together.

MedCom, CareCommunication, illustrations of conversion scenarios: a receiver must not be registered for both XDIS91 and
FDIS91 (CareCommunication).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from envelope.catalogue import TYPES, find
from routing import errors
from routing.directory import Takes
from routing.marked_yaml import Node, Pairs, Text
from routing.network_values import Values

SOR_NAMES: Mapping[str, str] = {row.name.removeprefix("MCM:"): row.type for row in TYPES if row.family == "FHIR"}
"""SOR's names of the FHIR messages (FDIS91, FDIS20, FCTL), which envelopes carry too, read as the catalogue's."""

ONE_OF: tuple[tuple[str, str], ...] = (("XDIS91", "CareCommunication"),)
"""Types of which a receiver takes one on a day."""

_WORDS: Mapping[str, str] = {"CareCommunication": "CareCommunication (FDIS91)"}
_CODE = re.compile(r"[A-Z]+[0-9]+", re.ASCII)
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of `takes`, and where it stands."""

    takes: Takes
    node: Node


def read_takes(values: Values, pairs: Pairs, where: str) -> tuple[Takes, ...]:
    """The lines of a participant's `takes` that are right; what is wrong becomes findings."""
    lines = [line for node in values.items(pairs, where, "takes") if (line := _read_line(values, node, where))]
    for one, other in ONE_OF:
        ones = [line for line in lines if line.takes.type == one]
        others = [line for line in lines if line.takes.type == other]
        _find_clashes(values, where, ones, others)
        _find_gaps(values, where, ones, others)
    return tuple(line.takes for line in lines)


def _read_line(values: Values, node: Node, where: str) -> Line | None:
    pairs = values.mapping(node, where, ("type", "version", "from", "until"))
    if pairs is None:
        return None
    type_node = values.required(pairs, where, "type")
    since, since_wave = values.day(pairs, where, "from")
    until, until_wave = values.day(pairs, where, "until")
    version_node = values.text(pairs, where, "version")
    if type_node is None:
        return None
    name = _read_type(values, type_node, where)
    version = None if version_node is None else _read_version(values, version_node, where, name)
    if since is not None and until is not None and since >= until:
        _, place = pairs.pairs["until"]
        values.find(place, errors.PERIOD_EMPTY, where=where, type=name, since=since, until=until)
        return None
    return Line(Takes(name, version, since, until, since_wave, until_wave), node)


def _read_version(values: Values, node: Text, where: str, type_name: str) -> str:
    """The catalogue's version that the text spells; of an unknown type, the text."""
    row = find(type_name, node.text)
    if row is not None:
        return row.version
    known = [row.version for row in TYPES if row.type == type_name]
    if known:
        shown = ", ".join(known)
        values.find(node, errors.VERSION_UNKNOWN, where=where, type=type_name, version=node.text, known=shown)
    return node.text


def _read_type(values: Values, node: Text, where: str) -> str:
    """The catalogue's name, or an unknown one as it is, after a look at whether a known one is meant."""
    name = SOR_NAMES.get(node.text, node.text)
    if find(name) is not None:
        return name
    spellings = {_bare(known): known for known in (*(row.type for row in TYPES), *SOR_NAMES)}
    meant = spellings.get(_bare(name))
    if meant is not None:
        values.find(node, errors.TYPE_MISSPELT, where=where, found=name, type=meant)
    elif not _CODE.fullmatch(name):
        # Codes differ in a digit because they are different types (XDIS90, XDIS91); names do not.
        near = difflib.get_close_matches(_bare(name), spellings, cutoff=_NEAR)
        if near:
            values.find(node, errors.TYPE_DOUBTFUL, where=where, found=name, type=spellings[near[0]])
    return name


def _bare(name: str) -> str:
    """A type's name as far as a misspelling leaves it: letters and digits, small, without envelope prefix."""
    return re.sub(r"[^a-z0-9]", "", name.lower().removeprefix("mcm:"))


def _find_clashes(values: Values, where: str, ones: list[Line], others: list[Line]) -> None:
    for one, other in product(ones, others):
        since = max((line.takes.since for line in (one, other) if line.takes.since), default=None)
        until = min((line.takes.until for line in (one, other) if line.takes.until), default=None)
        if since is None or until is None or since < until:
            earlier, later = sorted((one, other), key=lambda line: (line.node.line, line.node.column))
            values.find(
                later.node,
                errors.FORMATS_CLASH,
                where=where,
                one=_words(earlier.takes.type),
                line=earlier.node.line,
                other=_words(later.takes.type),
                days=days_in_words(since, until),
            )


def _find_gaps(values: Values, where: str, ones: list[Line], others: list[Line]) -> None:
    """Days between the end of one format and the beginning of the other, when nothing else covers them."""
    for ending, beginning in (*product(ones, others), *product(others, ones)):
        until, since = ending.takes.until, beginning.takes.since
        if until is None or since is None or until >= since:
            continue
        covered = any(line.takes.holds_on(until) for line in (*ones, *others))
        if not covered and not any(until < (line.takes.since or date.min) < since for line in (*ones, *others)):
            values.find(
                beginning.node,
                errors.FORMATS_GAP,
                where=where,
                one=_words(ending.takes.type),
                line=ending.node.line,
                other=_words(beginning.takes.type),
                days=days_in_words(until, since),
            )


def _words(type_name: str) -> str:
    return _WORDS.get(type_name, type_name)


def days_in_words(since: date | None, until: date | None) -> str:
    """A run of days in words, from `since` to the day before `until`."""
    last = None if until is None else until - timedelta(days=1)
    if since is None and last is None:
        return "on every day"
    if since is None:
        return f"on every day up to and including {last}"
    if last is None:
        return f"from {since} on"
    return f"on {since}" if since == last else f"from {since} to {last}, both included"
