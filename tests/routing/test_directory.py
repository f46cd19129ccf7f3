"""The directory's values: what is taken on a day, and how a participant is named."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from envelope.findings import Rule
from routing import errors
from routing.directory import (
    IMPLIED,
    OIOXML_IDENTIFIERS,
    Directory,
    Kind,
    Participant,
    Settings,
    StylesheetFile,
    Takes,
    versions_agree,
)

CHANGE = date(2026, 3, 1)
DAY = timedelta(days=1)


def participant(*takes: Takes, **identifiers: str) -> Participant:
    """A participant that takes these lines and has these other identifiers."""
    return Participant(
        gln="5799900000016",
        sor="99000011000016003",
        name="Prøvesystem",
        kind=Kind.TEST_SYSTEM,
        identifiers=identifiers,
        takes=takes,
    )


def names(one: Participant, day: date) -> list[str]:
    """The types that it takes on a day."""
    return [taken.type for taken in one.takes_on(day)]


def test_from_counts_and_until_does_not() -> None:
    """On the day of a changeover the new format is taken and the old one is not; the day before it is the reverse."""
    one = participant(Takes("XDIS91", until=CHANGE), Takes("CareCommunication", since=CHANGE))
    assert names(one, CHANGE - DAY) == ["XDIS91", "XCTL01", "XCTL02", "XCTL03"]
    assert names(one, CHANGE) == ["CareCommunication", "Acknowledgement"]


def test_a_line_without_dates_holds_always() -> None:
    """Without from and until a type is taken on the first and on the last day of the calendar."""
    one = participant(Takes("XDIS22"))
    assert names(one, date.min) == names(one, date.max) == ["XDIS22"]


@pytest.mark.parametrize(("letter", "receipts"), IMPLIED.items())
def test_a_letter_brings_its_receipts(letter: str, receipts: tuple[str, ...]) -> None:
    """Who takes a letter takes its receipts, after what is listed, and attachments never come by themselves."""
    assert names(participant(Takes(letter)), CHANGE) == [letter, *receipts]


def test_receipts_come_once() -> None:
    """Two letters with the same receipts, or a receipt that is listed, do not name a receipt twice."""
    one = participant(Takes("XCTL02", version="XC0230Q"), Takes("XDIS91"), Takes("XBIN01"))
    assert names(one, CHANGE) == ["XCTL02", "XDIS91", "XBIN01", "XCTL01", "XCTL03"]


def test_a_day_is_worked_out_once() -> None:
    """The same day gives the very same tuple, however many other days are asked for in between."""
    one = participant(Takes("XDIS91"))
    assert one.takes_on(CHANGE) is one.takes_on(CHANGE)
    for number in range(200):
        one.takes_on(CHANGE + number * DAY)
        assert len(one._days) <= 64


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [("5", "5.0", True), ("5.0", "5.0.2", True), ("5.0", "5", True), ("5", "50.0", False), ("4.0", "5.0", False)],
)
def test_short_versions_agree_with_long_ones(one: str, other: str, agree: bool) -> None:
    """Two versions agree when one is the other's beginning, part by part."""
    assert versions_agree(one, other) is agree
    assert versions_agree(other, one) is agree


@pytest.mark.parametrize(
    ("version", "asked", "taken"),
    [(None, "5.0", True), ("5.0", None, True), ("5.0", "5.0", True), ("5.0", "4.0", False)],
)
def test_a_version_narrows_what_is_taken(version: str | None, asked: str | None, taken: bool) -> None:
    """A line with a version takes that version only; a line without takes every one."""
    one = participant(Takes("CareCommunication", version))
    assert one.takes_type("CareCommunication", asked, CHANGE) is taken
    assert not one.takes_type("XDIS91", asked, CHANGE)


@pytest.mark.parametrize(
    ("identifiers", "named"),
    [
        ({}, ("99000011000016003", "sorkode")),
        ({"sygehusafdelingsnummer": "9999010"}, ("99000011000016003", "sorkode")),
        ({"kommunenummer": "999"}, ("999", "kommunenummer")),
        ({"kommunenummer": "999", "ydernummer": "001234"}, ("001234", "ydernummer")),
    ],
)
def test_oioxml_names_a_receiver_by_its_own_number(identifiers: dict[str, str], named: tuple[str, str]) -> None:
    """A ydernummer goes before a kommunenummer, and that before the SOR code; a department number is not written."""
    assert participant(**identifiers).identifier_for_oioxml() == named
    assert set(OIOXML_IDENTIFIERS) == {"ydernummer", "kommunenummer"}


def test_lookups_are_by_gln() -> None:
    """A directory finds a participant by its GLN, says who is in it, and counts and lists in the file's order."""
    one = participant(Takes("XDIS91"))
    directory = Directory({one.gln: one}, source="here")
    assert directory.participant(one.gln) is one
    assert directory.participant("5790000120314") is None
    assert one.gln in directory
    assert list(directory) == [one]
    assert len(directory) == 1


def test_a_stylesheet_is_found_by_what_it_converts_to() -> None:
    """The stylesheet of a direction is the one that names its target, and there need be none."""
    one, other = StylesheetFile("XDIS91", "a.xsl", "line 2"), StylesheetFile("CareCommunication", "b.xsl", "line 3")
    directory = Directory({}, stylesheets=(one, other))
    assert directory.stylesheet("XDIS91") is one
    assert directory.stylesheet("CareCommunication") is other
    assert directory.stylesheet("XCTL") is None


def test_participants_are_values() -> None:
    """Two participants written alike are equal and hash alike, whichever days were asked for."""
    one, other = participant(Takes("XDIS91"), ydernummer="001234"), participant(Takes("XDIS91"), ydernummer="001234")
    one.takes_on(CHANGE)
    assert one == other
    assert hash(one) == hash(other)


def test_the_directory_is_json() -> None:
    """The view for the API holds everything under the file's own keys, and what is taken on a day when one is given."""
    one = participant(
        Takes("XDIS91", until=CHANGE), Takes("CareCommunication", "5.0", since=CHANGE), ydernummer="001234"
    )
    warning = errors.TYPE_DOUBTFUL.at("here, line 1, column 1", where="it", found="a", type="b")
    view = json.loads(json.dumps(Directory({one.gln: one}, Settings(), "here", (warning,)).as_dict(CHANGE)))
    assert view["source"] == "here"
    assert view["settings"]["operator"] == "VANSIM"
    assert view["warnings"][0]["rule"] == "VS-454"
    assert view["participants"] == [
        {
            "gln": "5799900000016",
            "sor": "99000011000016003",
            "name": "Prøvesystem",
            "kind": "test-system",
            "telephone": None,
            "identifiers": {"ydernummer": "001234"},
            "external": False,
            "format": "xml",
            "takes": [
                {"type": "XDIS91", "version": None, "from": None, "until": "2026-03-01", "wave": None},
                {"type": "CareCommunication", "version": "5.0", "from": "2026-03-01", "until": None, "wave": None},
            ],
            "takes_on_day": [
                {"type": "CareCommunication", "version": "5.0"},
                {"type": "Acknowledgement", "version": None},
            ],
        }
    ]
    assert "takes_on_day" not in one.as_dict()


def test_every_rule_of_the_directory_is_in_the_table() -> None:
    """Each rule of the module stands in RULES once, under an id of its own in the four hundreds."""
    there = {value.id for value in vars(errors).values() if isinstance(value, Rule)}
    listed = [rule.id for rule in errors.RULES]
    assert sorted(listed) == sorted(there)
    assert all(one.startswith("VS-4") for one in listed)
