from __future__ import annotations

from pathlib import Path

import pytest

import broker.errors
import conversion.errors
import envelope.errors
import routing.errors
import simulator.errors
import simulator.services.errors
import simulator.web.errors
from envelope.fhir.errors import BUNDLE_RULES
from envelope.findings import Rule
from envelope.oioxml.errors import LETTER_RULES
from simulator.error_list import error_list

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"

HUNDREDS = {
    "envelope": (envelope.errors.RULES, range(100, 200)),
    "envelope/oioxml": (LETTER_RULES, range(200, 300)),
    "envelope/fhir": (BUNDLE_RULES, range(300, 400)),
    "routing": (routing.errors.RULES, range(400, 470)),
    "simulator": (simulator.errors.RULES, range(470, 500)),
    "conversion": (conversion.errors.RULES, range(500, 600)),
    "broker": (broker.errors.RULES, range(600, 700)),
    "services": (simulator.services.errors.RULES, range(700, 750)),
    "web": (simulator.web.errors.RULES, range(750, 800)),
}


def every_rule() -> list[Rule]:
    """The rules of all folders."""
    return [rule for rules, _ in HUNDREDS.values() for rule in rules]


def test_the_page_is_what_the_code_says() -> None:
    """The list of errors in the documentation is the one that the code raises."""
    assert PAGE.read_text("utf-8") == error_list(), "python -m simulator.error_list > docs/errors.md"


def test_every_rule_is_on_the_page_once() -> None:
    """No rule is left out of the list and none stands there twice."""
    listed = [line.split(" | ")[0].removeprefix("| ") for line in error_list().splitlines() if line.startswith("| VS-")]
    assert sorted(listed) == sorted(rule.id for rule in every_rule())


def test_ids_are_unique() -> None:
    """An id means one thing."""
    ids = [rule.id for rule in every_rule()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("folder", HUNDREDS)
def test_ids_stand_in_their_hundred(folder: str) -> None:
    """The hundred of an id names the layer that finds the error."""
    rules, hundred = HUNDREDS[folder]
    assert [rule.id for rule in rules if int(rule.id.removeprefix("VS-")) not in hundred] == []


@pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.id)
def test_a_rule_says_what_to_do(rule: Rule) -> None:
    """Each has whole sentences for what is wrong and what to do, and names its source."""
    assert rule.text
    assert rule.action.endswith(".")
    assert rule.source
