"""There and back, over generated letters and messages: what both records call kept is there at the end as it was.

What is compared is derived from the conversion records, row by row: a row more in the tables is a row more here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from conversion import convert
from conversion.record import CHOSEN, Carried, _bare, _forms, _location, _value, leaves
from conversion.rows import ROWS
from conversion.times import DENMARK
from envelope.fhir.bundle import read_bundle
from envelope.oioxml.reading import read_letter
from tests.conversion.letters import letters
from tests.conversion.messages import Message
from tests.conversion.rows.case import FACTS, LETTERS
from tests.conversion.test_to_xdis91_properties import MESSAGES

BACK = replace(FACTS, seed="f" * 32)
slow = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NOT_READ_BACK: Final[Mapping[str, str]] = {
    "XC-version-code": "remembered for the receipt, and in no message",
    "XC-sender-identifier": "the directory's number stands in the letter that is made",
    "XC-sender-identifier-code": "likewise",
    "XC-receiver-identifier": "likewise",
    "XC-receiver-identifier-code": "likewise",
    "XC-occurred": "a letter has one time of sending, the message's",
    "XC-recorded": "likewise",
    "XC-episode-class": "class and status are read together, under the status's row",
    "XC-deceased": "likewise",
    "XC-episode-of-care": "stands in the address of its resource too, which is not read",
    "CX-author-contact": "a telephone in words is no number that the message could have",
    "CX-newest-segment": "its date is the letter's, its identifier nobody's",
}
"""Rows with a target that the way back has no row for, and why; other targets of theirs are compared."""

WITHIN: Final[frozenset[str]] = frozenset(
    {
        *("XC-text", "XC-priority", "XC-subject", "XC-sender-organisation", "XC-sender-department", "XC-sender-unit"),
        *("CX-text", "CX-text-break", "CX-thread", "CX-newest-segment", "CX-url", "CX-url-title"),
        *("CX-attachment-note", "CX-url-text", "CX-patient-extra-identifiers", "CX-category", "CX-topic", "CX-subject"),
        *("CX-author-role", "CX-author-name", "CX-activity", "CX-remark-forward", "CX-remark-reply", "CX-sender-name"),
        *("CX-receiver-name", "CX-author-contact", "CX-patient-given"),
        *("CX-patient-street", "CX-specific-sender", "CX-specific-recipient"),
    }
)
"""Rows whose value comes back within a longer text, a name of several parts, or a subject with its category."""

ELSEWHERE: Final[Mapping[str, str]] = {
    "XC-url-date": "a link has a date in a message alone: the letter's, which comes back as the letter's",
    "CX-authorisation-date": "of several texts of one day no record can tell whose it is; its row has a case",
    "CX-authorisation-time": "likewise, of several of one minute",
    "CX-attachment-pairs": "a pair repeats what the rows of the whole say",
}
"""Rows whose value is another row's too, and comes back by that one."""


def places(root: etree._Element) -> dict[str, etree._Element]:
    """Every element that says something, by its place."""
    return {_location(leaf): leaf for leaf in leaves(root)}


def broken(
    source: Mapping[str, etree._Element],
    there: Sequence[Carried],
    back: Sequence[Carried],
    end: Mapping[str, etree._Element],
) -> list[tuple[str, str, str]]:
    """What both records call kept and is not at the end as it was: row, source, and where it went.

    A value that stands within another's is found at that place too: by one of its ways it has to come back.
    """
    returns: dict[str, list[Carried]] = defaultdict(list)
    for one in back:
        if one.what != "dropped":
            returns[one.source].append(one)
    ways: dict[tuple[str, str], list[Carried]] = defaultdict(list)
    for one in there:
        if one.what == "kept" and one.source in source and one.rule not in CHOSEN and one.rule not in ELSEWHERE:
            ways[one.rule, one.source].append(one)
    found = []
    for (rule, name), ones in ways.items():
        on = [other for one in ones for other in returns[one.target]]
        if not on and rule in NOT_READ_BACK:
            continue
        ends = [end[other.target] for other in on if other.target in end]
        shortened = any(other.what == "shortened" for other in on)
        if not shortened and not any(_same(rule, source[name], place) for place in ends):
            found.append((rule, name, ones[0].target))
    return found


def _same(rule: str, leaf: etree._Element, place: etree._Element) -> bool:
    before, after = _value(leaf), _value(place)
    forms = _forms(leaf)
    if rule in WITHIN:
        return any(form in _bare(after) for form in forms)
    return _bare(after) in forms or _minute(before) == _minute(after) != ""


def _minute(text: str) -> str:
    """A moment to the minute by the Danish clock, for a letter has no seconds; "" for what is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return f"{moment.astimezone(DENMARK):%Y-%m-%d %H:%M}" if moment.tzinfo else ""


def of_letter(letter: bytes) -> list[tuple[str, str, str]]:
    """The trip of a letter, and what it broke."""
    there = convert([letter], FACTS, "CareCommunication", profile=False, record=True)
    back = convert([there.outputs[0].payload], BACK, "XDIS91", profile=False, record=True)
    end = read_letter(back.outputs[0].payload).root
    return broken(places(read_letter(letter).root), there.record, back.record, places(end))


def of_message(message: bytes) -> list[tuple[str, str, str]]:
    """The trip of a message that becomes one letter."""
    there = convert([message], FACTS, "XDIS91", profile=False, record=True)
    if len(there.outputs) > 1:
        return []
    back = convert([there.outputs[0].payload], BACK, "CareCommunication", profile=False, record=True)
    end = read_bundle(back.outputs[0].payload).root
    return broken(places(read_bundle(message).root), there.record, back.record, places(end))


@slow
@given(letters())
def test_what_a_letter_says_comes_back(letter: bytes) -> None:
    """Letter to message to letter."""
    assert of_letter(letter) == []


@slow
@given(MESSAGES)
def test_what_a_message_says_comes_back(message: Message) -> None:
    """Message to letter to message."""
    assert of_message(message.xml()) == []


def test_the_letters_of_the_tests_come_back() -> None:
    """Those that have every element, so that each row is on its way at least once."""
    for name in ("xdis91-every-element.xml", "xdis91-minimal.xml"):
        assert of_letter((LETTERS / name).read_bytes()) == []
    assert of_message((LETTERS / "carecommunication-reply.xml").read_bytes()) == []


@pytest.mark.parametrize("rule", ["XC-patient-family", "XC-text", "XC-sent", "XC-url-title"])
def test_a_value_that_is_another_at_the_end_is_found(rule: str) -> None:
    """The comparison can fail: with one value of the source written otherwise, its row is named."""
    letter = (LETTERS / "xdis91-every-element.xml").read_bytes()
    there = convert([letter], FACTS, "CareCommunication", profile=False, record=True)
    back = convert([there.outputs[0].payload], BACK, "XDIS91", profile=False, record=True)
    source = places(read_letter(letter).root)
    for one in there.record:
        if one.rule == rule and one.source in source:
            source[one.source].text = "noget andet"
    end = places(read_letter(back.outputs[0].payload).root)
    assert rule in {row for row, _, _ in broken(source, there.record, back.record, end)}


def test_the_rows_named_here_are_rows() -> None:
    """And none is excused twice."""
    ids = {row.id for row in ROWS}
    assert (NOT_READ_BACK.keys() | WITHIN | ELSEWHERE.keys()) - ids == set()
