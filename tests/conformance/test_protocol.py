"""The protocol's table and the tests that play it: none without the other, on both brokers."""

from __future__ import annotations

from pathlib import Path

import pytest

from conversion.rows.receipts import RECEIPTS
from routing.pairing import PAIRING_RULES
from routing.rules import DECISIONS, LETTER_CONVERSIONS, MADE_VERSIONS
from simulator.proof.protocol import BY_ID, USE_CASES
from tests.conformance.cases import case, played
from tests.played import BROKERS, is_whole, missing

FOLDER = Path(__file__).parent


def cases(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """The tests of this folder that this run has, but for these."""
    return [one for one in request.session.items if one.path.parent == FOLDER and one.path != Path(__file__)]


def test_every_use_case_is_played_on_both_brokers(request: pytest.FixtureRequest) -> None:
    """Each id of the table has a test on each broker, wherever the whole folder is run."""
    if not is_whole(request.config):
        pytest.skip("only a run of the whole folder can tell")
    found = {one for item in cases(request) for one in played(item)}
    assert {(id_, broker) for id_ in BY_ID for broker in BROKERS} - found == set()


def test_every_test_plays_a_use_case(request: pytest.FixtureRequest) -> None:
    """None of this folder is without an id."""
    assert [item.nodeid for item in cases(request) if not played(item)] == []


def test_a_use_case_that_is_not_in_the_table_is_no_mark() -> None:
    """A test cannot claim what the protocol does not list."""
    with pytest.raises(LookupError, match="S9"):
        case("S1-converted", "S9")


def test_ids_are_used_once() -> None:
    """And every row has a sentence and a source."""
    assert len(BY_ID) == len(USE_CASES)
    assert [one.id for one in USE_CASES if not one.sentence.endswith(".") or not one.source] == []


def test_the_rules_of_code_are_in_the_table() -> None:
    """Pairing and the table of receipts decide by ids that the protocol has too."""
    decided = {rule.id for rule in PAIRING_RULES} | {row.id for row in RECEIPTS}
    assert decided - BY_ID.keys() == set()


DECIDED = {
    "D-as-is": "R1-as-is",
    "D-listed": "R1-edifact",
    "D-duplicate-forwarded": "duplicate-as-is",
    "D-receipt-unpaired": "R1-receipt-as-is",
    "D-envelope-receipt": "R1-receipt-as-is",
    "D-convert": "R1-converted",
    "D-convert-receipt": "receipts-ok",
    "D-convert-envelope-receipt": "envelope-positive",
    "D-repeat": "duplicate-receipts",
    "D-ignore": "S1-duplicate",
    "D-answers-network": "envelope-findings",
    "D-hold": "S1.A1-letter-waits",
    "D-release": "S1.A1-complete",
    "D-alone": "S1.A3-timeout",
    "D-hold-receipt": "receipts-5",
    "D-held-receipt-over": "memory-over-held",
    "D-answered-before": "receipts-second-answer",
    "D-repeat-answer": "receipts-again",
    "D-refuse": "R1-refused",
}
"""The use case that plays each decision."""


def test_every_decision_is_played() -> None:
    """No row of the table of decisions is without a use case."""
    assert set(DECIDED) == {rule.id for rule in DECISIONS}
    assert set(DECIDED.values()) - BY_ID.keys() == set()


def test_every_version_is_played() -> None:
    """Each version that the network converts or makes has a use case of its own, or is the one of all the others."""
    taken = {version for one in LETTER_CONVERSIONS for version in one.versions[1:]}
    assert {f"version-{one}.0-in" if one.isdigit() else f"version-{one}-in" for one in taken} - BY_ID.keys() == set()
    made = {version for versions in MADE_VERSIONS.values() for version in versions[1:]}
    assert {f"version-{one}-out" for one in made} - BY_ID.keys() == set()


def test_what_was_not_played_is_missing() -> None:
    """A use case that passed on one broker alone is named with the other; one that passed on both is not."""
    passed = {(id_, broker) for id_ in BY_ID for broker in BROKERS} - {("S1-converted", "rabbitmq")}
    assert missing(passed) == ["S1-converted on rabbitmq"]
