from __future__ import annotations

import threading
from collections import Counter

import pytest
from lxml import etree

from conversion import stylesheet
from conversion.rows import taken_out
from envelope.findings import Refused
from envelope.oioxml.letters import R2006
from tests.conversion.rows.case import Case
from tests.conversion.rows.cases import CASES
from tests.conversion.rows.test_rows import STYLESHEETS


def _ids() -> list[str]:
    return sorted({case.row for case in CASES})


@pytest.mark.parametrize("row", _ids())
def test_taking_a_row_out_breaks_its_case(row: str) -> None:
    """Without its template or function no case of a row holds any longer, and nothing else is in the way."""
    cases = [case for case in CASES if case.row == row]
    with taken_out(row):
        assert [case for case in cases if _holds(case)] == []
    assert all(_holds(case) for case in cases)


def _marked(root: etree._Element) -> list[tuple[str, etree._Element]]:
    return [(row, element) for element in root.iter("*") for row in element.get(stylesheet.ROW_ID, "").split()]


def _shared() -> list[tuple[str, str, int]]:
    """Each place where a row's id stands, of the rows whose ids stand in several."""
    counts = {name: Counter(row for row, _ in _marked(stylesheet._read(name))) for name in STYLESHEETS}
    return [
        (name, row, place)
        for name, rows in sorted(counts.items())
        for row, count in rows.items()
        if count > 1
        for place in range(count)
    ]


@pytest.mark.parametrize(("name", "row", "place"), _shared())
def test_each_instruction_of_a_row_is_missed(name: str, row: str, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where several instructions carry a row together, a case of it breaks without any one of them."""
    read = stylesheet._read

    def without(sheet: str, release: str = R2006) -> etree._Element:
        root = read(sheet, release)
        if sheet == name:
            element = [element for id_, element in _marked(root) if id_ == row][place]
            above = element.getparent()
            assert above is not None
            above.remove(element)
        return root

    monkeypatch.setattr(stylesheet, "_read", without)
    monkeypatch.setattr(stylesheet, "_compiled", threading.local())
    assert not all(_holds(case) for case in CASES if case.row == row)


def _holds(case: Case) -> bool:
    try:
        return case.found() == list(case.expected)
    except Refused:
        return False
