"""The matrix of the rollout: it says what the decision does, day by day, and what changes at each boundary."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envelope.catalogue import document, find, transport
from envelope.findings import Refused
from envelope.model import Head, MetaInformation, Party
from routing.case import Arrival, History
from routing.decision import decide
from routing.directory import Directory
from routing.matrix import Way, boundaries, matrix, path, sends
from routing.network_file import DEFAULT_NETWORK, load
from routing.rules import Outcome

OLD, NEW, CHANGING, MUTE = "5790000121526", "5790000120314", "5790001382445", "5790000121441"
FILE = """
waves:
  pilot: 2026-03-02
  wave-1: 2026-09-07
conversion:
  until: 2028-01-01
participants:
  - {gln: 5790000121526, sor: 325251000016005, name: Old, kind: hospital, takes: [{type: XDIS91}, {type: XBIN01}]}
  - {gln: 5790000120314, sor: 325371000016006, name: New, kind: municipality, takes: [{type: CareCommunication}]}
  - gln: 5790001382445
    sor: 359001000016000
    name: Changing
    kind: gp-practice
    takes:
      - {type: XDIS91, until: pilot}
      - {type: CareCommunication, version: "4.0", from: pilot, until: wave-1}
      - {type: CareCommunication, version: "5.0", from: wave-1}
  - {gln: 5790000121441, sor: 328051000016008, name: Mute, kind: pharmacy, takes: []}
"""
DIRECTORY = load(FILE, "network.yaml")
BEFORE, AFTER, ENDED = date(2026, 3, 1), date(2026, 3, 2), date(2028, 1, 1)
DANISH = ZoneInfo("Europe/Copenhagen")


def way(sender: str, receiver: str, day: date) -> Way | None:
    """The way of a letter, None when none is written."""
    found = path(DIRECTORY, DIRECTORY.participants[sender], DIRECTORY.participants[receiver], day)
    return None if found is None else found.way


@pytest.mark.parametrize(
    ("sender", "receiver", "before", "after", "ended"),
    [
        (OLD, NEW, Way.TO_FHIR, Way.TO_FHIR, Way.REFUSED),
        (NEW, OLD, Way.TO_OIOXML, Way.TO_OIOXML, Way.REFUSED),
        (OLD, CHANGING, Way.AS_IS, Way.TO_FHIR, Way.REFUSED),
        (CHANGING, OLD, Way.AS_IS, Way.TO_OIOXML, Way.REFUSED),
        (CHANGING, NEW, Way.TO_FHIR, Way.AS_IS, Way.AS_IS),
        (NEW, NEW, Way.AS_IS, Way.AS_IS, Way.AS_IS),
        (OLD, MUTE, Way.REFUSED, Way.REFUSED, Way.REFUSED),
        (MUTE, OLD, None, None, None),
    ],
)
def test_a_way_changes_with_the_day(
    sender: str, receiver: str, before: Way | None, after: Way | None, ended: Way | None
) -> None:
    """Before and from a wave's day on, and when the conversion service has ended."""
    assert [way(sender, receiver, day) for day in (BEFORE, AFTER, ENDED)] == [before, after, ended]


def test_what_is_refused_names_its_rule() -> None:
    """A conversion that has ended is another reason than a receiver that takes no letters."""
    old = DIRECTORY.participants[OLD]
    found = [path(DIRECTORY, old, DIRECTORY.participants[gln], ENDED) for gln in (NEW, MUTE)]
    assert [one.rule for one in found if one is not None] == ["VS-417", "VS-412"]
    assert found[0] is not None
    assert "ended on 2028-01-01" in found[0].reason


def test_a_boundary_says_who_changes_and_which_ways() -> None:
    """Each day on which something changes, with its waves, in order; the days before and behind are left out."""
    found = boundaries(DIRECTORY)
    assert [(one.day, one.waves, one.conversion_ends) for one in found] == [
        (AFTER, ("pilot",), False),
        (date(2026, 9, 7), ("wave-1",), False),
        (ENDED, (), True),
    ]
    [change] = found[0].changes
    assert (change.gln, change.wave, change.before, change.after) == (
        CHANGING,
        "pilot",
        ("XDIS91",),
        ("CareCommunication 4.0",),
    )
    # Whoever takes every version writes the newest, which one that takes 4.0 alone does not take.
    assert found[0].paths == {Way.AS_IS: (2, 1), Way.REFUSED: (3, 4)}
    assert found[2].changes == ()
    assert found[2].paths == {Way.TO_FHIR: (2, 0), Way.TO_OIOXML: (2, 0), Way.REFUSED: (3, 7)}
    assert [one.day for one in boundaries(DIRECTORY, AFTER, ENDED)] == [AFTER, date(2026, 9, 7)]


def test_the_matrix_can_be_narrowed() -> None:
    """One sender and one receiver give one cell, and JSON says the same."""
    one = matrix(DIRECTORY, AFTER, lambda each: each.gln == OLD, lambda each: each.gln == CHANGING)
    [((sender, receiver), found)] = one.paths.items()
    assert (one.groups[sender].glns, one.groups[receiver].glns, found.way) == ((OLD,), (CHANGING,), Way.TO_FHIR)
    view = json.loads(json.dumps(one.as_dict()))
    assert view["day"] == "2026-03-02"
    assert view["paths"] == [
        {"from": sender, "to": receiver, "way": "to-fhir", "rule": "D-convert", "reason": found.reason}
    ]
    assert [group["name"] for group in view["groups"]] == ["CareCommunication 4.0", "XDIS91 + XBIN01"]


PACKAGED = load(DEFAULT_NETWORK.read_text("utf-8"), "network.yaml")
GLNS = st.sampled_from(sorted(PACKAGED.participants))
DAYS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


@settings(max_examples=300, deadline=None)
@given(GLNS, GLNS, DAYS)
def test_the_matrix_says_what_the_router_does(sender: str, receiver: str, day: date) -> None:
    """The cell of two participants' groups is the decision on a letter from the one to the other."""
    one = matrix(PACKAGED, day)
    places = {gln: place for place, group in enumerate(one.groups) for gln in group.glns}
    letter = sends(PACKAGED.participants[sender], day)
    cell = one.paths.get((places[sender], places[receiver]))
    if letter is None:
        assert cell is None
        return
    assert cell is not None
    type_ = find(letter.type, letter.version)
    assert type_ is not None
    meta = MetaInformation("m", document(type_, 10, ""), transport=transport(type_))
    arrival = Arrival(Head(Party(sender), Party(receiver), "e", "", message=meta), type_)
    noon = datetime.combine(day, time(12), DANISH)
    decision = decide(arrival, None, History(), PACKAGED, noon)
    assert (cell.way is Way.REFUSED) == (decision.outcome is Outcome.REFUSE)
    assert (cell.way is Way.AS_IS) == (decision.outcome is Outcome.DELIVER)
    if decision.outcome is Outcome.CONVERT:
        assert cell.way == {"CareCommunication": Way.TO_FHIR, "XDIS91": Way.TO_OIOXML}[decision.target or ""]


def test_every_day_between_two_boundaries_is_alike() -> None:
    """Nothing changes but at a boundary."""
    days = [one.day for one in boundaries(PACKAGED)]
    for day, following in pairwise(days):
        one, other = matrix(PACKAGED, day), matrix(PACKAGED, following - timedelta(days=1))
        assert one.groups == other.groups
        assert {place: cell.way for place, cell in one.paths.items()} == {
            place: cell.way for place, cell in other.paths.items()
        }


def test_a_wave_moves_everybody_in_it() -> None:
    """One date moves all lines that name it; each line says which wave it follows."""
    moved = load(FILE.replace("pilot: 2026-03-02", "pilot: 2026-05-04"), "network.yaml").participants[CHANGING]
    assert [(line.since, line.until, line.as_dict()["wave"]) for line in moved.takes][:2] == [
        (None, date(2026, 5, 4), "pilot"),
        (date(2026, 5, 4), date(2026, 9, 7), "pilot"),
    ]
    assert moved.waves == ("pilot", "wave-1")
    assert DIRECTORY.as_dict()["waves"] == {"pilot": "2026-03-02", "wave-1": "2026-09-07"}
    assert DIRECTORY.as_dict()["conversion_until"] == "2028-01-01"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("until: pilot}", "until: pilto}", "or a wave (pilot, wave-1)"),
        ("pilot: 2026-03-02", "pilot: soon", "In waves, pilot must be a date"),
        ("pilot: 2026-03-02", "pilot: 2026-02-30", "a date that the calendar has"),
        ("until: 2028-01-01", "until: never", "In conversion, until must be a date (YYYY-MM-DD), or a wave"),
        ("until: pilot}", "until: [pilot]}", "a date"),
    ],
)
def test_a_mistake_in_waves_is_named_with_its_line(old: str, new: str, words: str) -> None:
    """The file is refused, and whoever wrote it reads where and what would be right."""
    assert old in FILE
    with pytest.raises(Refused) as refusal:
        load(FILE.replace(old, new, 1), "network.yaml")
    line = FILE[: FILE.index(old)].count("\n") + 1
    told = [str(finding) for finding in refusal.value.findings]
    assert any(f"line {line}," in one and words in one for one in told), told


@pytest.mark.parametrize("waves", ["waves: [pilot]", "waves: pilot"])
def test_waves_are_a_mapping(waves: str) -> None:
    """A list or a word in their place is named."""
    with pytest.raises(Refused, match="mapping"):
        load(f"{waves}\nparticipants: []\n", "network.yaml")


def test_no_waves_and_no_end_are_the_rule() -> None:
    """A file without them converts for good."""
    plain = load("waves:\nparticipants: []\n", "network.yaml")
    assert isinstance(plain, Directory)
    assert (dict(plain.waves), plain.conversion_until, plain.converts_on(date(2999, 1, 1))) == ({}, None, True)


def test_a_day_is_told_whole() -> None:
    """As JSON takes it: groups by what they take, with what they send, and each path by the places of two."""
    told = matrix(DIRECTORY, AFTER).as_dict()
    assert told["day"] == "2026-03-02"
    assert told["groups"] == [
        {"name": "nothing", "sends": None, "participants": [MUTE]},
        {"name": "CareCommunication", "sends": "CareCommunication", "participants": [NEW]},
        {"name": "CareCommunication 4.0", "sends": "CareCommunication", "participants": [CHANGING]},
        {"name": "XDIS91 + XBIN01", "sends": "XDIS91", "participants": [OLD]},
    ]
    assert {(cell["from"], cell["to"], cell["way"], cell["rule"]) for cell in told["paths"]} == {
        *((sender, 0, "refused", "VS-412") for sender in (1, 2, 3)),
        *((1, 1, "as-is", "D-as-is"), (1, 2, "refused", "VS-413"), (1, 3, "to-oioxml", "D-convert")),
        *((2, 1, "as-is", "D-as-is"), (2, 2, "as-is", "D-as-is"), (2, 3, "to-oioxml", "D-convert")),
        *((3, 1, "to-fhir", "D-convert"), (3, 2, "to-fhir", "D-convert"), (3, 3, "as-is", "D-as-is")),
    }


def test_senders_and_receivers_are_chosen_apart() -> None:
    """Who is asked about as a receiver alone writes nothing here."""
    one = matrix(DIRECTORY, AFTER, lambda each: each.gln == OLD, lambda each: each.gln == NEW)
    assert [group.glns for group in one.groups] == [(NEW,), (OLD,)]
    assert list(one.paths) == [(1, 0)]


def test_a_boundary_is_told_whole() -> None:
    """Each change with its wave, whether it begins or ends a line; nobody's is made up for who names a date."""
    text = FILE.replace("takes: [{type: CareCommunication}]", "takes: [{type: CareCommunication, from: 2026-03-02}]")
    pilot, wave_1, end = (boundary.as_dict() for boundary in boundaries(load(text, "network.yaml")))
    assert (pilot["day"], pilot["waves"], pilot["conversion_ends"]) == ("2026-03-02", ["pilot"], False)
    assert pilot["changes"] == [
        {"gln": NEW, "name": "New", "wave": None, "before": [], "after": ["CareCommunication"]},
        {
            "gln": CHANGING,
            "name": "Changing",
            "wave": "pilot",
            "before": ["XDIS91"],
            "after": ["CareCommunication 4.0"],
        },
    ]
    assert pilot["paths"]["as-is"] == {"before": 2, "after": 1}
    assert [change["wave"] for change in wave_1["changes"]] == ["wave-1"]
    assert wave_1["paths"] == {
        "as-is": {"before": 1, "after": 2},  # New's letters are of 5.0, and were not taken before
        "refused": {"before": 4, "after": 3},
    }
    assert (end["conversion_ends"], end["changes"], set(end["paths"])) == (
        True,
        [],
        {"to-fhir", "to-oioxml", "refused"},
    )


def test_who_only_stops_follows_its_wave_too() -> None:
    """A line that ends with a wave, and nothing in its place."""
    text = FILE.replace('      - {type: CareCommunication, version: "4.0", from: pilot, until: wave-1}\n', "").replace(
        '      - {type: CareCommunication, version: "5.0", from: wave-1}\n', ""
    )
    [change] = boundaries(load(text, "network.yaml"))[0].changes
    assert (change.gln, change.wave, change.after) == (CHANGING, "pilot", ())


@pytest.mark.parametrize(
    ("line", "type_", "version"),
    [
        ("{type: XDIS91, version: XD9133L}", "XDIS91", "XD9133L"),
        ("{type: XDIS91}", "XDIS91", "XD9134L"),
        ('{type: CareCommunication, version: "4.0.1"}', "CareCommunication", "4.0"),
        ('{type: CareCommunication, version: "5"}', "CareCommunication", "5.0"),
    ],
)
def test_who_takes_a_version_writes_it(line: str, type_: str, version: str) -> None:
    """And who names none, the current one."""
    letter = sends(load(FILE.replace("{type: XDIS91},", f"{line},"), "x").participants[OLD], AFTER)
    assert letter is not None
    assert (letter.type, letter.version) == (type_, version)
