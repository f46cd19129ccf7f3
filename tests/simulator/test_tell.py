from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from envelope.findings import Fault, Rule, Severity
from simulator import tell

NAMES = {"5790000121526": "Lægerne", "5790000120314": "Kommunen [x]"}
DOUBT = Rule("VS-999", Fault.SENDER, "A doubtful text.", "Look at it.", "vansim", Severity.WARNING)


def node(**values: Any) -> dict[str, Any]:
    """An envelope of a story as the API gives it."""
    return {
        "way": "in",
        "layer": "message",
        "type": "XDIS91",
        "version": "XD9134L",
        "name": "XDIS91",
        "envelope_id": "0b6f3f0e-0000-4000-8000-000000000001",
        "letter_id": "BREV1",
        "sender": "5790000121526",
        "receiver": "5790000120314",
        "state": "delivered",
        "relation": None,
        "findings": [],
        "steps": [],
        "children": [],
    } | values


def step(at: str, what: str, text: str, rule: str | None = None) -> dict[str, Any]:
    """A step of it."""
    return {"at": at, "place": "router", "what": what, "text": text, "rule": rule}


def receipt(name: str, *whats: str, **values: Any) -> dict[str, Any]:
    """An envelope receipt on its way back."""
    parties = {"sender": "5790000120314", "receiver": "5790000121526"}
    steps = [step("2024-11-22T12:00:01Z", what, what) for what in whats]
    base = {"layer": "receipt", "type": None, "name": name, "letter_id": None, "relation": "answers-envelope"}
    return node(**base, **parties, steps=steps, **values)


def told(*roots: dict[str, Any], width: int = 80, encoding: str = "utf-8") -> list[str]:
    """The story as it stands on a terminal."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    tell.story(roots, NAMES, Console(file=file, width=width))
    file.seek(0)
    return [line.rstrip() for line in file.read().splitlines()]


def test_what_came_back_stands_first() -> None:
    """The first line tells which receipts reached the sender, which wait for it, and which are negative."""
    story = node(
        children=[
            receipt("PositiveMessage", "sent", "taken"),
            receipt("NegativeVans", "sent"),
            receipt("PositiveMessage"),
        ]
    )
    assert told(story)[0].split("  ") == [
        "Receipts to Lægerne: ✓ PositiveMessage",
        "✗ NegativeVans (waits in the inbox)",
    ]
    assert told(node())[0] == "Receipts to Lægerne: none yet"


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        ({"type": "XCTL03", "name": "XCTL03"}, True),
        ({"type": "XCTL02", "name": "XCTL02"}, False),
        ({"type": "XCTL01", "name": "XCTL01"}, False),
        ({"type": "Acknowledgement", "name": "Acknowledgement#ok"}, True),
        ({"type": "Acknowledgement", "name": "Acknowledgement#fatal-error"}, False),
        ({"layer": "receipt", "type": None, "name": "NegativeMessage"}, False),
    ],
)
def test_a_receipt_says_whether_all_is_well(values: dict[str, Any], positive: bool) -> None:
    """Types that are negative by themselves, and acknowledgements by their envelope's name."""
    assert tell.is_positive(node(**values)) is positive


def test_times_are_danish_and_the_date_stands_where_it_changes() -> None:
    """An instant is told in Danish time, summer and winter, and a date once until the next."""
    steps = [
        step("2024-11-22T22:59:59.999Z", "decided", "one", "D-as-is"),
        step("2024-11-22T23:00:00.000Z", "sent", "two", "D-as-is"),
        step("2024-11-22T23:00:01.000Z", "taken", "three"),
    ]
    lines = [line.split(" ", 1)[1] for line in told(node(steps=steps))[4:]]
    assert lines == ["2024-11-22 23:59:59 one [D-as-is]", "2024-11-23 00:00:00 two", "00:00:01 three"]


def test_every_line_fits_the_terminal() -> None:
    """Long words wrap beside their time, at the terminal's width."""
    story = node(steps=[step("2024-11-22T12:00:00Z", "decided", "word " * 60)])
    for width in (80, 160):
        lines = told(story, width=width)
        assert max(map(len, lines)) <= width
        assert any("word word" in line and ":" not in line for line in lines)


def test_findings_that_no_step_tells_are_told() -> None:
    """Warnings stand below the steps, and what a step has told is not told again."""
    finding = DOUBT.at("").as_dict()
    assert any("VS-999 warning: A doubtful text." in line for line in told(node(findings=[finding])))
    steps = [step("2024-11-22T12:00:00Z", "refused", "VS-999: A doubtful text.")]
    assert sum("VS-999" in line for line in told(node(findings=[finding], steps=steps))) == 1


def test_a_plain_terminal_gets_plain_signs() -> None:
    """Where UTF-8 is not understood, plus and x stand for the signs."""
    lines = told(
        node(children=[receipt("PositiveMessage", "sent"), receipt("NegativeVans", "sent")]), encoding="latin-1"
    )
    assert "+ PositiveMessage" in lines[0]
    assert "x NegativeVans" in lines[0]


def test_findings_fit_eighty_columns() -> None:
    """Rule, severity and place on one line; words and what to do below, indented."""
    file = io.StringIO()
    tell.findings_list([DOUBT.at("/a/b[1]")], Console(file=file, width=80))
    assert [line.rstrip() for line in file.getvalue().splitlines()] == [
        "VS-999 warning  /a/b[1]",
        "    A doubtful text.",
        "    Look at it.",
    ]
