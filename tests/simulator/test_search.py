from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from envelope.findings import Refused
from routing.ledger.search import Wanted
from routing.network_file import DEFAULT_NETWORK, load
from simulator.search import TERMS, parse

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
DIRECTORY = load(DEFAULT_NETWORK.read_text("utf-8"), "network.yaml")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Wanted()),
        ("   ", Wanted()),
        ("to:5790 from:57999", Wanted(receiver="5790", sender="57999")),
        ("type:XDIS91 state:refused rule:D-refuse", Wanted(type="XDIS91", state="refused", rule="D-refuse")),
        ("receipt:negative", Wanted(receipt="negative")),
        ("after:10:00", Wanted(after=datetime(2026, 11, 27, 9, 0, tzinfo=UTC))),
        ("before:10:00:30", Wanted(before=datetime(2026, 11, 27, 9, 0, 30, tzinfo=UTC))),
        ("after:2026-06-01", Wanted(after=datetime(2026, 5, 31, 22, 0, tzinfo=UTC))),
        ("after:2026-06-01T08:00Z", Wanted(after=datetime(2026, 6, 1, 8, 0, tzinfo=UTC))),
        ("after:90m", Wanted(after=NOW - timedelta(minutes=90))),
        ("nobody", Wanted(words=("nobody",), parties=((),))),
        ('"two words" three', Wanted(words=("two words", "three"), parties=((), ()))),
        ('state:"being worn', Wanted(state="being worn")),
        ("urn:uuid:1", Wanted(words=("urn:uuid:1",), parties=((),))),
    ],
)
def test_a_search_is_read(text: str, wanted: Wanted) -> None:
    """Terms in any order, words for all else, times by the Danish clock or so long ago."""
    assert parse(text, DIRECTORY, NOW) == wanted


def test_a_word_may_be_a_participants_name() -> None:
    """A word is looked up among the names of the directory, in either case."""
    [parties] = parse("AALBORG", DIRECTORY, NOW).parties
    assert "5790000121786" in parties


@pytest.mark.parametrize(
    ("text", "rule"),
    [("too:5790", "VS-796"), ("receipt:maybe", "VS-796"), ("after:soon", "VS-701"), ("after:25:00", "VS-701")],
)
def test_what_cannot_be_asked_for_is_refused(text: str, rule: str) -> None:
    """A term that there is not, or no time, is told by its rule."""
    with pytest.raises(Refused) as refused:
        parse(text, DIRECTORY, NOW)
    assert refused.value.findings[0].rule.id == rule


@pytest.mark.parametrize("term", TERMS)
def test_every_example_can_be_read(term: str) -> None:
    """The examples that the help shows are searches."""
    assert parse(f"{term}:{TERMS[term][1]}", DIRECTORY, NOW) != Wanted()
