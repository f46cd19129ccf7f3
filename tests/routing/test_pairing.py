from __future__ import annotations

import pytest

from routing.pairing import (
    PAIRING_RULES,
    WAIT,
    Half,
    HalfState,
    Halves,
    Pair,
    Pairing,
    of_arriving,
    of_attachment,
    of_letter,
)


def half(key: int, *objects: str, state: HalfState = HalfState.HELD) -> Half:
    """One half with its objects."""
    return Half(key, frozenset(objects), state)


HELD, JOINED, LET_GO, REFUSED = HalfState.HELD, HalfState.JOINED, HalfState.LET_GO, HalfState.REFUSED


@pytest.mark.parametrize(
    ("references", "attachments", "overdue", "rule", "joined", "missing"),
    [
        ("a", [half(1, "a")], False, "S1.A1-complete", (1,), ""),
        ("ab", [half(1, "a"), half(2, "b")], False, "S1.A1-complete", (1, 2), ""),
        ("ab", [half(1, "a", "b")], False, "S1.A1-complete", (1,), ""),
        ("a", [half(1, "a", "x")], False, "S1.A1-complete", (1,), ""),
        ("a", [half(1, "a"), half(2, "x")], False, "S1.A1-complete", (1,), ""),
        ("a", [half(1, "a", state=LET_GO), half(2, "a")], False, "S1.A1-complete", (2,), ""),
        ("a", [], False, "S1.A1-letter-waits", (), "a"),
        ("ab", [half(1, "a")], False, "S1.A1-letter-waits", (), "b"),
        ("ab", [half(1, "a", state=REFUSED)], False, "S1.A1-letter-waits", (), "b"),
        ("a", [], True, "S1.A2-timeout", (), "a"),
        ("ab", [half(1, "a")], True, "S1.A2-timeout", (1,), "b"),
        ("a", [half(1, "a", state=LET_GO)], False, "S1.A3-late-letter", (), "a"),
        ("a", [half(1, "a", state=JOINED)], False, "S1.A3-late-letter", (), "a"),
        ("ab", [half(1, "a", state=LET_GO), half(2, "b")], False, "S1.A3-late-letter", (2,), "a"),
        ("ab", [half(1, "a", state=LET_GO), half(2, "b", state=REFUSED)], False, "S1.A3-late-letter", (), "ab"),
        ("a", [half(1, "a", state=REFUSED)], False, "R1.A2-xbin-invalid", (), "a"),
        ("ab", [half(1, "a", state=REFUSED), half(2, "b")], False, "R1.A2-xbin-invalid", (2,), "a"),
        ("a", [half(1, "a", state=REFUSED)], True, "R1.A2-xbin-invalid", (), "a"),
    ],
)
def test_a_letter_goes_when_each_of_its_attachments_is_here_or_will_not_come(
    references: str, attachments: list[Half], overdue: bool, rule: str, joined: tuple[int, ...], missing: str
) -> None:
    """A letter is released complete, released incomplete when nothing more can come, or held."""
    pairing = of_letter(list(references), attachments, overdue=overdue)
    assert (pairing.rule.id, pairing.joined, pairing.missing) == (rule, joined, frozenset(missing))


@pytest.mark.parametrize(
    ("letters", "from_hotel", "overdue", "rule"),
    [
        ([], False, False, "S1.A1-attachment-waits"),
        ([], False, True, "S1.A3-timeout"),
        ([], True, False, "S1-referral-hotel"),
        ([half(1)], True, False, "S1-referral-hotel"),
        ([half(1)], False, False, None),
        ([half(1)], False, True, None),
        ([half(1, state=JOINED)], False, False, "S1.A2-late-attachment"),
        ([half(1, state=REFUSED)], False, False, "R1.A2-xdis-invalid"),
        ([half(1, state=REFUSED), half(2)], False, False, None),
        ([half(1, state=REFUSED), half(2, state=JOINED)], False, False, "S1.A2-late-attachment"),
    ],
)
def test_an_attachment_goes_with_its_letter_or_on_its_own(
    letters: list[Half], from_hotel: bool, overdue: bool, rule: str | None
) -> None:
    """An attachment letter waits for its letter, leaves the word to one that is held, or goes on unconverted."""
    pairing = of_attachment(letters, from_hotel=from_hotel, overdue=overdue)
    assert (pairing.rule.id if pairing else None) == rule


def test_every_rule_is_said_in_words_without_naming_objects() -> None:
    """Each row has an id of its own, an outcome and a sentence; missing objects are counted."""
    assert len({rule.id for rule in PAIRING_RULES}) == len(PAIRING_RULES)
    assert {rule.outcome for rule in PAIRING_RULES} == set(Pair)
    assert [Pairing(rule, missing=frozenset("a")).reason for rule in PAIRING_RULES]
    assert "1 attachment did" in Pairing(PAIRING_RULES[2], missing=frozenset("a")).reason
    assert "2 attachments" in Pairing(PAIRING_RULES[2], missing=frozenset("ab")).reason
    assert WAIT.total_seconds() == 3600
    assert Pairing(PAIRING_RULES[0]).outcome is Pair.RELEASE


@pytest.mark.parametrize(
    ("letters", "attachments", "from_hotel", "rule", "joined", "letter"),
    [
        ((half(4, "a"),), (), False, "S1.A1-complete", (0,), 4),
        ((half(3, "a", state=REFUSED), half(4, "a", "b")), (half(5, "b"),), False, "S1.A1-complete", (5, 0), 4),
        ((half(4, "a", "b"),), (), False, "S1.A1-letter-waits", (), 4),
        ((half(4, "a"),), (), True, "S1-referral-hotel", (), None),
        ((), (), False, "S1.A1-attachment-waits", (), None),
    ],
)
def test_an_attachment_that_comes_releases_the_letter_that_is_held_for_it(
    letters: tuple[Half, ...],
    attachments: tuple[Half, ...],
    from_hotel: bool,
    rule: str,
    joined: tuple[int, ...],
    letter: int | None,
) -> None:
    """The first letter that is held is decided about with the one that comes (key 0), except from the hotel."""
    pairing = of_arriving(is_letter=False, objects=["a"], halves=Halves(letters, attachments), from_hotel=from_hotel)
    assert (pairing.rule.id, pairing.joined, pairing.letter) == (rule, joined, letter)
