"""Whole conversion records, line by line, as they stand in `records/`.

There is one of each letter of the rows' cases, and what each case changes in it, where that is not another letter.
`python -m tests.conversion.test_records` writes them anew; what has changed in them is to be read before it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conversion import convert
from envelope.findings import Refused
from tests.conversion.rows.case import Case
from tests.conversion.rows.cases import CASES

MOST = 16
"""Lines that a change may change to be read by anybody; what makes several letters of one changes every line."""

RECORDS = Path(__file__).parent / "records"


def _letter(case: Case) -> str:
    """What a case begins with, as the name of a file."""
    names = [name.removesuffix(".xml") for name in (case.letter, *case.others)]
    version = case.facts.fhir_version if case.to == "CareCommunication" else ""
    return "+".join([*names, *(["incomplete"] if case.facts.incomplete else ())]) + f" to {case.to} {version}".rstrip()


def _lines(case: Case) -> list[str]:
    """The record of a case's conversion, a line a value."""
    record = convert(case.sources(), case.facts, case.to, profile=False, record=True).record
    return [f"{one.what:10}{one.rule or '-':38} {one.source or '-'} -> {one.target or '-'}" for one in record]


_PLAIN: dict[str, Case] = {}
for _case in CASES:
    if not _case.row.startswith("receipts-") and not _case.replacing and _case.letter != "receipt-vans.xml":
        _PLAIN.setdefault(_letter(_case), _case)


def _changed() -> Iterator[tuple[str, Case]]:
    """The cases that replace something, under a name each."""
    seen: dict[str, int] = {}
    for case in CASES:
        if case.replacing and _letter(case) in _PLAIN:
            number = seen[case.row] = seen.get(case.row, 0) + 1
            yield f"{case.row} {number}", case


def _differences(case: Case) -> list[str]:
    """What a case changes in the record of its letter; the reason where it is refused."""
    plain = _lines(replace(case, replacing=()))
    try:
        changed = _lines(case)
    except Refused as refused:
        return [f"refused: {refused.findings[0].rule.id}"]
    gone = [f"- {line}" for line in plain if line not in changed]
    return [*gone, *(f"+ {line}" for line in changed if line not in plain)]


def _sections() -> dict[str, list[str]]:
    """The differences that are kept, by the case's name."""
    sections: dict[str, list[str]] = {}
    for line in (RECORDS / "changes.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            sections[line[2:]] = []
        else:
            sections[list(sections)[-1]].append(line)
    return sections


@pytest.mark.parametrize("letter", _PLAIN)
def test_a_letters_record_is_what_was_read_and_kept(letter: str) -> None:
    """Every value of the letter has the fate that somebody has read and found right, and no other line is told."""
    assert _lines(_PLAIN[letter]) == (RECORDS / f"{letter}.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(("name", "case"), [(name, case) for name, case in _changed() if name in _sections()])
def test_what_a_change_does_to_a_record_is_what_was_read_and_kept(name: str, case: Case) -> None:
    """A changed value changes its own lines of the record, and those alone that it has to."""
    assert _differences(case) == _sections()[name]


if __name__ == "__main__":
    for _name, _case in _PLAIN.items():
        (RECORDS / f"{_name}.txt").write_text("\n".join(_lines(_case)) + "\n", encoding="utf-8")
    _kept = {name: lines for name, case in _changed() if len(lines := _differences(case)) <= MOST}
    _text = "".join(f"# {name}\n" + "".join(f"{one}\n" for one in lines) for name, lines in _kept.items())
    (RECORDS / "changes.txt").write_text(_text, encoding="utf-8")
