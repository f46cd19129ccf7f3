"""What a network file can do wrong: each mistake is named with line, column, participant and reason, all at once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envelope.findings import Fault, Finding, Refused
from routing import errors, marked_yaml
from routing.directory import Takes
from routing.network_file import load
from routing.network_takes import days_in_words

ONE = """\
participants:
  - gln: 5799900000016
    sor: 99000011000016003
    name: Prøvesystem
    kind: test-system
"""
WHO = "participant 5799900000016 Prøvesystem"


def findings(text: str) -> tuple[Finding, ...]:
    """What is found wrong with a file, errors or warnings alone."""
    try:
        return load(text, "net.yaml").warnings
    except Refused as refused:
        return refused.findings


def told(text: str) -> list[tuple[str, str]]:
    """Rule ids and places of what is found wrong."""
    return [(one.rule.id, one.location.removeprefix("net.yaml, ")) for one in findings(text)]


class Mistake(NamedTuple):
    """A file with one mistake, the rule it breaks, where, and a part of the words."""

    text: str
    rule: str
    place: str
    words: str


def changeover(until: str, since: str) -> str:
    """A file whose participant changes from OIOXML to FHIR."""
    return f"{ONE}    takes:\n      - {{type: XDIS91, until: {until}}}\n      - {{type: FDIS91, from: {since}}}\n"


MISTAKES = {
    "settings are a text": Mistake("settings: hello\n" + ONE, "VS-436", "line 1, column 11", "settings"),
    "unknown setting": Mistake(
        "settings: {a: b}\n" + ONE,
        "VS-434",
        "line 1, column 12",
        "In settings, the key a is not known (known are operator, ",
    ),
    "a limit that the network's sentence does not fit": Mistake(
        "settings: {refuse_text_limit: 119}\n" + ONE, "VS-436", "line 1, column 31", "0 or a whole number from 120 on"
    ),
    "a limit in words": Mistake(
        "settings: {refuse_text_limit: none}\n" + ONE, "VS-436", "line 1, column 31", "refuse_text_limit"
    ),
    "null gln": Mistake(
        "participants: [{gln: , sor: 99000011000016003, name: x, kind: hospital}]",
        "VS-436",
        "line 1, column 22",
        "In participant x, gln must be a text",
    ),
    "top is no mapping": Mistake("- a\n", "VS-436", "line 1, column 1", "In the file, this must be a mapping"),
    "nothing at all": Mistake("", "VS-435", "line 1, column 1", "the key participants is missing"),
    "a text at the top": Mistake("hello\n", "VS-436", "line 1, column 1", "not 'hello'"),
    "unknown top key": Mistake("participant: []\n" + ONE, "VS-434", "line 1, column 1", "did you mean participants?"),
    "unknown key": Mistake(
        ONE + "    phone: 1\n", "VS-434", "line 6, column 5", f"In {WHO}, the key phone is not known (did"
    ),
    "misspelt key": Mistake(ONE + "    Telefone: 1\n", "VS-434", "line 6, column 5", "did you mean telephone?"),
    "merge key": Mistake(ONE + "    <<: {a: b}\n", "VS-434", "line 6, column 5", "the key << is not known"),
    "key twice": Mistake(ONE + "    name: b\n", "VS-433", "line 6, column 5", "stood on line 4"),
    "key with a list twice": Mistake(
        ONE + "    takes:\n      - {type: XDIS91}\n    takes: []\n", "VS-433", "line 8, column 5", "stood on line 6"
    ),
    "participants no list": Mistake(
        "participants: {a: b}\n", "VS-436", "line 1, column 15", "must be a list, not a map"
    ),
    "participant no mapping": Mistake("participants: [a]\n", "VS-436", "line 1, column 16", "participant number 1"),
    "nameless participant": Mistake(
        "participants: [{gln: [], sor: 99000011000016003, name: x, kind: hospital}]",
        "VS-436",
        "line 1, column 22",
        "In participant x, gln must be a text, not a list",
    ),
    "gln missing": Mistake(
        ONE.replace("  - gln: 5799900000016\n    sor", "  - sor"), "VS-435", "line 2, column 5", "the key gln"
    ),
    "sor missing": Mistake(
        ONE.replace("    sor: 99000011000016003\n", ""), "VS-435", "line 2, column 5", "the key sor"
    ),
    "name empty": Mistake(ONE.replace("Prøvesystem", '" "'), "VS-436", "line 4, column 11", "not nothing"),
    "name null": Mistake(ONE.replace("Prøvesystem", ""), "VS-436", "line 4, column 10", "not nothing"),
    "kind missing": Mistake(ONE.replace("    kind: test-system\n", ""), "VS-435", "line 2, column 5", "the key kind"),
    "kind unknown": Mistake(ONE.replace("test-system", "pharmasy"), "VS-437", "line 5, column 11", "kind pharmasy is"),
    "kind far off": Mistake(
        ONE.replace("test-system", "q"), "VS-437", "line 5, column 11", "referral-hotel, test-system."
    ),
    "gln short": Mistake(ONE.replace("5799900000016", "57999"), "VS-440", "line 2, column 10", "GLN 57999 does not"),
    "gln wrong": Mistake(ONE.replace("0016", "0017"), "VS-441", "line 2, column 10", "5799900000016 would be right"),
    "sor short": Mistake(
        ONE.replace("99000011000016003", "9900001100"), "VS-442", "line 3, column 10", "11 to 18 digits"
    ),
    "telephone": Mistake(ONE + "    telephone: ring\n", "VS-436", "line 6, column 16", "telephone number, not 'ring'"),
    "external": Mistake(ONE + "    external: maybe\n", "VS-436", "line 6, column 15", "true or false, not 'maybe'"),
    "external quoted": Mistake(
        ONE + '    external: "true"\n', "VS-436", "line 6, column 15", "true or false, not 'true'"
    ),
    "external list": Mistake(ONE + "    external: []\n", "VS-436", "line 6, column 15", "true or false, not a list"),
    "format": Mistake(
        ONE + "    format: jsn\n",
        "VS-437",
        "line 6, column 13",
        "format jsn is not one of xml, json (did you mean json?)",
    ),
    "identifiers": Mistake(ONE + "    identifiers: 7\n", "VS-436", "line 6, column 18", "must be a mapping"),
    "identifier unknown": Mistake(
        ONE + "    identifiers: {ydernumer: 001234}\n", "VS-434", "line 6, column 19", "did you mean ydernummer?"
    ),
    "identifier form": Mistake(
        ONE + "    identifiers: {ydernummer: 1234}\n", "VS-436", "line 6, column 31", "6 digits, not '1234'"
    ),
    "takes no list": Mistake(ONE + "    takes: XDIS91\n", "VS-436", "line 6, column 12", "takes must be a list"),
    "takes of texts": Mistake(ONE + "    takes: [XDIS91]\n", "VS-436", "line 6, column 13", "a mapping (key: value)"),
    "type missing": Mistake(ONE + "    takes: [{version: 5.0}]\n", "VS-435", "line 6, column 13", "the key type"),
    "takes key": Mistake(
        ONE + "    takes: [{type: XDIS91, since: 2026-01-01}]\n",
        "VS-434",
        "line 6, column 28",
        "key since is not known",
    ),
    "date form": Mistake(
        ONE + "    takes: [{type: XDIS91, from: 1/3-2026}]\n", "VS-436", "line 6, column 34", "a date (YYYY-MM-DD)"
    ),
    "date that is none": Mistake(
        ONE + "    takes: [{type: XDIS91, until: 2026-02-29}]\n", "VS-436", "line 6, column 35", "that the calendar has"
    ),
    "version unknown": Mistake(
        ONE + "    takes: [{type: CareCommunication, version: 6.0}]\n",
        "VS-455",
        "line 6, column 48",
        "2.0, 3.0, 4.0, 5.0",
    ),
    "type misspelt": Mistake(
        ONE + "    takes: [{type: xdis91}]\n", "VS-453", "line 6, column 20", "must be written XDIS91"
    ),
    "type with prefix": Mistake(
        ONE + "    takes: [{type: MCM:XDIS91}]\n", "VS-453", "line 6, column 20", "MCM:XDIS91 must be written XDIS91"
    ),
    "type spelt apart": Mistake(
        ONE + "    takes: [{type: care-communication}]\n", "VS-453", "line 6, column 20", "written CareCommunication"
    ),
    "type near": Mistake(
        ONE + "    takes: [{type: CareComunication}]\n", "VS-454", "line 6, column 20", "close to CareCommunication"
    ),
    "from after until": Mistake(
        ONE + "    takes: [{type: XDIS91, from: 2026-03-02, until: 2026-03-01}]\n",
        "VS-450",
        "line 6, column 53",
        "XDIS91 is taken from 2026-03-02 until 2026-03-01",
    ),
    "from is until": Mistake(
        ONE + "    takes: [{type: XDIS91, from: 2026-03-01, until: 2026-03-01}]\n",
        "VS-450",
        "line 6, column 53",
        "no day",
    ),
    "both formats": Mistake(
        ONE + "    takes:\n      - {type: FDIS91}\n      - {type: XDIS91}\n",
        "VS-451",
        "line 8, column 9",
        f"In {WHO}, both CareCommunication (FDIS91) (line 7) and XDIS91 are taken on every day",
    ),
    "both formats on one day": Mistake(
        changeover("2026-03-02", "2026-03-01"),
        "VS-451",
        "line 8, column 9",
        "and CareCommunication (FDIS91) are taken on 2026-03-01;",
    ),
    "a day between": Mistake(
        changeover("2026-02-28", "2026-03-01"),
        "VS-452",
        "line 8, column 9",
        "neither XDIS91 (line 7) nor CareCommunication (FDIS91) is taken on 2026-02-28;",
    ),
    "settings no mapping": Mistake(
        "settings: []\n" + ONE, "VS-436", "line 1, column 11", "settings, this must be a map"
    ),
    "setting unknown": Mistake(
        "settings: {lpr3_frst: true}\n" + ONE, "VS-434", "line 1, column 12", "did you mean lpr3_first?"
    ),
    "setting type": Mistake(
        "settings: {lpr3_first: 1}\n" + ONE, "VS-436", "line 1, column 24", "true or false, not '1'"
    ),
    "operator": Mistake(
        f"settings: {{operator: {'x' * 19}}}\n" + ONE, "VS-436", "line 1, column 22", "1 to 18 characters"
    ),
    "code": Mistake(
        "settings: {xctl02_code: AE}\n" + ONE,
        "VS-437",
        "line 1, column 25",
        "xctl02_code AE is not one of fatal-error,",
    ),
    "conversion no mapping": Mistake(
        "conversion: a\n" + ONE, "VS-436", "line 1, column 13", "In conversion, this must be a mapping"
    ),
    "stylesheets no mapping": Mistake(
        "conversion: {stylesheets: a}\n" + ONE, "VS-436", "line 1, column 27", "In conversion.stylesheets, this must"
    ),
    "value in a value": Mistake("participants: a: b\n", "VS-431", "line 1, column 16", "read here: mapping values are"),
    "not yaml": Mistake("participants: [\n", "VS-431", "line 2, column 1", "while parsing"),
    "tab": Mistake("a:\n\t- b\n", "VS-431", "line 2, column 1", "cannot start any token"),
    "control character": Mistake("participants:\n - æ\x07\n", "VS-431", "line 2, column 5", "U+0007"),
    "tag": Mistake("participants: !!python/object/apply:os.system [ls]\n", "VS-431", "line 1, column 15", "os.system"),
    "second document": Mistake(ONE + "---\na: b\n", "VS-431", "line 6, column 1", "a second document"),
    "list as key": Mistake("[a]: b\n", "VS-431", "line 1, column 1", "a key must be a text"),
    "no anchor": Mistake("participants: *p\n", "VS-431", "line 1, column 15", "no anchor p stands before"),
    "alias of itself": Mistake("participants: &p [*p]\n", "VS-431", "line 1, column 19", "inside its own anchor"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_place(mistake: Mistake) -> None:
    """One mistake gives one finding: its rule, line and column, and words that name the participant and the reason."""
    found = findings(mistake.text)
    assert [(one.rule.id, one.location) for one in found] == [(mistake.rule, f"net.yaml, {mistake.place}")]
    assert mistake.words in found[0].text
    assert found[0].rule.fault is Fault.NETWORK


def test_every_rule_of_the_file_has_an_example() -> None:
    """Each rule about the network file is broken by an example in the tests."""
    shown = {mistake.rule for mistake in MISTAKES.values()}
    elsewhere = {
        errors.NETWORK_UNREADABLE.id,
        errors.NETWORK_TOO_LARGE.id,
        errors.PARTICIPANT_TWICE.id,
        errors.STYLESHEET_UNREADABLE.id,
    }
    assert shown | elsewhere == {rule.id for rule in errors.DIRECTORY_RULES}


@pytest.mark.parametrize("name", ["XDIS90", "XDIS22", "XREF01", "HomeCareObservation", "CareCoordination", "FREMTID1"])
def test_unknown_types_are_allowed(name: str) -> None:
    """A code that differs in a digit, or a name like no other, is a type of its own and needs no warning."""
    directory = load(ONE + f"    takes: [{{type: {name}, version: 1.2}}]\n", "net.yaml")
    assert directory.warnings == ()
    assert directory.participants["5799900000016"].takes == (Takes(name, "1.2"),)


@pytest.mark.parametrize(("limit", "allowed"), [(0, True), (1, False), (120, True), (121, True)])
def test_a_limit_is_none_or_leaves_room_for_a_sentence(limit: int, allowed: bool) -> None:
    """No limit, and the least that there may be, are taken as they are."""
    text = f"settings: {{refuse_text_limit: {limit}}}\n{ONE}"
    assert told(text) == ([] if allowed else [("VS-436", "line 1, column 31")])
    if allowed:
        assert load(text, "net.yaml").settings.refuse_text_limit == limit


def test_all_mistakes_are_named_at_once() -> None:
    """Seven mistakes in a file give seven findings, from its top to its end."""
    text = ONE.replace("0016\n", "0017\n").replace("test-system", "tst") + (
        "    takes: [{type: XDIS91}, {type: CareCommunication}]\n"
        "  - {gln: 5799900000023, sor: 99, name: y, kind: hospital, colour: red}\n"
        "  - {gln: 5799900000023, sor: 99000011000016003, name: z, kind: hospital}\n"
    )
    assert told(text) == [
        ("VS-441", "line 2, column 10"),
        ("VS-437", "line 5, column 11"),
        ("VS-451", "line 6, column 29"),
        ("VS-442", "line 7, column 31"),
        ("VS-434", "line 7, column 60"),
        ("VS-443", "line 8, column 11"),
        ("VS-443", "line 8, column 31"),
    ]


def test_warnings_come_with_the_errors() -> None:
    """A file that is refused names its warnings too, so that one look is enough."""
    assert [rule for rule, _ in told(ONE + "    takes: [{type: CareComunication}]\n    format: pdf\n")] == [
        "VS-454",
        "VS-437",
    ]


def test_a_participant_without_gln_and_name_is_counted() -> None:
    """A participant that has neither GLN nor name is told by its place in the list."""
    found = findings("participants:\n- {gln: [], name: {}, sor: 99000011000016003, kind: hospital}\n")
    assert [one.text.partition(",")[0] for one in found] == ["In participant number 1"] * 2


def test_twice_names_the_first() -> None:
    """A GLN or SOR code that is used twice is found at the second place, and the first is named with its line."""
    text = ONE + "  - {gln: 5799900000016, sor: 99000021000016007, name: y, kind: hospital}\n"
    (finding,) = findings(text)
    assert finding.text == (
        f"In participant 5799900000016 y, the GLN 5799900000016 is used before, by {WHO} on line 2."
    )


def test_an_aliased_participant_is_there_twice() -> None:
    """A participant that an alias brings again is a duplicate, and a mistake inside an alias is told once."""
    text = "participants:\n - &p {gln: 5799900000016, sor: 99000011000016003, name: x, kind: hospital, up: 1}\n - *p\n"
    assert [rule for rule, _ in told(text)] == ["VS-443", "VS-443", "VS-434"]


def test_a_gap_that_something_fills_is_none() -> None:
    """Days between two formats are no gap when another line covers them, and none between lines that do not touch."""
    text = ONE + (
        "    takes:\n"
        "      - {type: XDIS91, until: 2026-01-01}\n"
        "      - {type: XDIS91, from: 2026-01-01, until: 2026-02-01}\n"
        "      - {type: CareCommunication, from: 2026-02-01, until: 2026-04-01}\n"
        "      - {type: XDIS91, from: 2026-05-01}\n"
    )
    (finding,) = findings(text)
    assert finding.rule is errors.FORMATS_GAP
    assert "from 2026-04-01 to 2026-04-30, both included" in finding.text


def test_a_gap_is_told_where_it_is_and_no_further() -> None:
    """Between two formats with the first one again in between, only the days up to the other format are a gap."""
    text = ONE + (
        "    takes:\n"
        "      - {type: XDIS91, until: 2026-01-01}\n"
        "      - {type: XDIS91, from: 2026-02-01, until: 2026-03-01}\n"
        "      - {type: CareCommunication, from: 2026-04-01}\n"
    )
    (finding,) = findings(text)
    assert "from 2026-03-01 to 2026-03-31, both included" in finding.text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x" * (marked_yaml.MAX_CHARACTERS + 1), "8000000 characters"),
        ("[" * 100_000, "16 levels"),
        ("- " * 50_000 + "a", "16 levels"),
        ("participants: [&a x" + ", *a" * 1001 + "]", "1000 aliases"),
        ("[" + "a," * 1_000_001 + "]", "1000000 values"),
    ],
    ids=["characters", "flow levels", "block levels", "aliases", "values"],
)
def test_bombs_are_refused(text: str, what: str) -> None:
    """Input beyond a limit is refused by name, however deep, wide or folded it is."""
    (finding,) = findings(text)
    assert finding.rule is errors.NETWORK_TOO_LARGE
    assert finding.text == f"The network file has more than {what}."


@pytest.mark.parametrize(
    ("limit", "most", "text"),
    [
        ("MAX_CHARACTERS", 11, "[a, [b], c]"),
        ("MAX_DEPTH", 2, "[a, [b], c]"),
        ("MAX_ALIASES", 2, "[&a x, *a, *a]"),
        ("MAX_NODES", 5, "[a, [b], c]"),
    ],
)
def test_what_reaches_a_limit_is_read(monkeypatch: pytest.MonkeyPatch, limit: str, most: int, text: str) -> None:
    """The last character, level, alias and value that are allowed are read, and the next is not."""
    monkeypatch.setattr(marked_yaml, limit, most)
    root, _ = marked_yaml.compose(text, "net.yaml")
    assert isinstance(root, marked_yaml.Items)
    monkeypatch.setattr(marked_yaml, limit, most - 1)
    with pytest.raises(Refused, match=f"more than {most - 1} "):
        marked_yaml.compose(text, "net.yaml")


@pytest.mark.parametrize("nothing", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_nothing_without_quotes(nothing: str) -> None:
    """Where a list may be left out it may be nothing; a name may not, unless quotes make a word of it."""
    assert told(f"settings: {nothing}\nconversion: {nothing}\n{ONE}    takes: {nothing}\n") == []
    (finding,) = findings(ONE.replace("Prøvesystem", nothing))
    assert finding.text == "In participant 5799900000016, name must be a text, not nothing."
    if nothing:
        directory = load(ONE.replace("Prøvesystem", f'"{nothing}"'), "net.yaml")
        assert directory.participants["5799900000016"].name == nothing


def test_the_laughing_bomb_does_not_unfold() -> None:
    """Nine levels of nine aliases each are read as what they are: one list with something in it that is no mapping."""
    lines = ["l0: &l0 [a,a,a,a,a,a,a,a,a]"]
    lines += [f"l{n}: &l{n} [{','.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    found = findings("\n".join(lines) + "\nparticipants: *l9\n")
    assert {one.rule.id for one in found} == {"VS-434", "VS-436"}


def test_without_libyaml_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML's own reader, where the C one is missing, finds the same rules in the same lines."""
    with_c = {name: told(mistake.text) for name, mistake in MISTAKES.items()}
    monkeypatch.setattr(marked_yaml, "LOADER", yaml.SafeLoader)
    without = {name: told(mistake.text) for name, mistake in MISTAKES.items()}
    line = re.compile(r", column \d+")
    assert {name: [(rule, line.sub("", place)) for rule, place in found] for name, found in without.items()} == {
        name: [(rule, line.sub("", place)) for rule, place in found] for name, found in with_c.items()
    }


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (None, None, "on every day"),
        (date(2026, 3, 1), None, "from 2026-03-01 on"),
        (None, date(2026, 3, 1), "on every day up to and including 2026-02-28"),
        (date(2026, 3, 1), date(2026, 3, 2), "on 2026-03-01"),
        (date(2026, 3, 1), date(2026, 3, 3), "from 2026-03-01 to 2026-03-02, both included"),
    ],
)
def test_days_are_told_as_people_count_them(since: date | None, until: date | None, words: str) -> None:
    """A run of days is told with its last day in it, though the file writes the first day after."""
    assert days_in_words(since, until) == words


DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(10)]
PERIODS = st.tuples(
    st.sampled_from(["XDIS91", "CareCommunication"]),
    st.none() | st.sampled_from(DAYS),
    st.none() | st.sampled_from(DAYS),
)


@given(st.lists(PERIODS, max_size=5))
def test_overlaps_are_exactly_the_days_that_both_are_taken(periods: list[tuple[str, date | None, date | None]]) -> None:
    """Over any lines, the file is refused for two formats if and only if some day of the calendar has both."""
    periods = [period for period in periods if period[1] is None or period[2] is None or period[1] < period[2]]
    lines = "".join(
        f"      - {{type: {name}"
        + (f", from: {since}" if since else "")
        + (f", until: {until}" if until else "")
        + "}\n"
        for name, since, until in periods
    )
    days = [DAYS[0] - timedelta(days=1), *DAYS]
    both = any(
        {name for name, since, until in periods if (since or date.min) <= day < (until or date.max)}
        == {"XDIS91", "CareCommunication"}
        for day in days
    )
    clashes = [one for one in findings(f"{ONE}    takes:\n{lines}") if one.rule is errors.FORMATS_CLASH]
    assert bool(clashes) is both


def test_a_file_with_a_mistake_gives_no_directory() -> None:
    """Errors refuse the whole file; warnings alone do not."""
    with pytest.raises(Refused) as refusal:
        load(ONE + "    phone: 1\n", "net.yaml")
    assert [one.rule.id for one in refusal.value.findings] == ["VS-434"]
    assert len(load(changeover("2026-03-01", "2026-03-03"), "net.yaml")) == 1


def test_what_follows_a_mistake_is_read_too() -> None:
    """A participant that is none hides no mistake of the next one, and a missing GLN no SOR code used twice."""
    assert [rule for rule, _ in told("participants: [a, b]\n")] == ["VS-436", "VS-436"]
    nameless = "participants:\n" + 2 * "- {gln: , sor: 99000011000016003, name: x, kind: hospital}\n"
    assert [rule for rule, _ in told(nameless)] == ["VS-436", "VS-436", "VS-443"]
    assert "SOR code" in findings(nameless)[2].text
