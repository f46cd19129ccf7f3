"""Halves, answers that wait and what is remembered, held to the rows that they are read from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routing.ledger import claims, halves
from routing.ledger.halves import CARRIES, REFERS
from routing.ledger.history import Answered
from routing.ledger.ledger import Ledger
from routing.ledger.records import micros
from routing.ledger.schema import CLAIMS, CONVERSIONS, DUE, HALVES, MESSAGES
from routing.pairing import Half, HalfState, Halves, Waiting
from tests.routing.ledger.rows import OTHER, RECEIVER, SENDER, head, put, receipt

PARTIES = (SENDER, RECEIVER)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


async def half(ledger: Ledger, role: str, objects: str, state: str = "held", parties: tuple[str, str] = PARTIES) -> int:
    """A message and the rows of its objects, one letter each."""
    key = await put(ledger, MESSAGES, state=state)
    for name in objects:
        await put(ledger, HALVES, message=key, role=role, object=name, sender=parties[0], receiver=parties[1])
    return key


async def test_halves_are_found_by_their_objects_between_the_same_parties(ledger: Ledger) -> None:
    """Letters and attachment letters apart, each with all of its objects; nobody else's, and no other object's."""
    letter = await half(ledger, REFERS, "ab", "converted")
    first = await half(ledger, CARRIES, "ax")
    second = await half(ledger, CARRIES, "a", "delivered")
    await half(ledger, CARRIES, "b")
    await half(ledger, CARRIES, "a", parties=(OTHER, RECEIVER))
    await half(ledger, CARRIES, "a", parties=(SENDER, OTHER))
    assert await halves.of_objects(ledger, PARTIES, ["a"]) == Halves(
        (Half(letter, frozenset("ab"), HalfState.JOINED),),
        (Half(first, frozenset("ax"), HalfState.HELD), Half(second, frozenset("a"), HalfState.LET_GO)),
    )


async def test_the_other_attachments_of_a_held_letter_are_found_with_it(ledger: Ledger) -> None:
    """Of a letter that is held, every attachment letter counts, also one that shares no object with what comes."""
    letter = await half(ledger, REFERS, "ab")
    other = await half(ledger, CARRIES, "b")
    assert await halves.of_objects(ledger, PARTIES, ["a"]) == Halves(
        (Half(letter, frozenset("ab"), HalfState.HELD),), (Half(other, frozenset("b"), HalfState.HELD),)
    )


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("held", HalfState.HELD),
        ("ordered", HalfState.JOINED),
        ("converted", HalfState.JOINED),
        ("delivered", HalfState.LET_GO),
        ("refused", HalfState.REFUSED),
        ("taken", None),
    ],
)
async def test_a_half_is_what_its_message_is(ledger: Ledger, state: str, told: HalfState | None) -> None:
    """Of a message that nothing is decided of yet there is no half."""
    key = await half(ledger, CARRIES, "ab", state)
    expected = (Half(key, frozenset("ab"), told), CARRIES) if told else None
    assert await halves.of_message(ledger, key) == expected
    found = await halves.of_objects(ledger, PARTIES, ["a"])
    assert found == (Halves((), (expected[0],)) if expected else Halves())


async def test_a_message_without_objects_is_no_half(ledger: Ledger) -> None:
    """A letter without attachments has no other half."""
    await half(ledger, REFERS, "a")
    assert await halves.of_message(ledger, await half(ledger, REFERS, "")) is None
    key = await half(ledger, REFERS, "b")
    assert await halves.of_message(ledger, key) == (Half(key, frozenset("b"), HalfState.HELD), REFERS)


async def test_halves_come_in_the_order_of_their_coming(ledger: Ledger) -> None:
    """The order of their keys, whenever their rows were written."""
    for key in (3, 1, 2):
        await put(ledger, MESSAGES, key=key, state="held")
        await put(ledger, HALVES, message=key, role=CARRIES, object="a")
    found = await halves.of_objects(ledger, PARTIES, ["a"])
    assert [one.key for one in found.attachments] == [1, 2, 3]


async def test_what_is_left_of_halves_that_go_on(ledger: Ledger) -> None:
    """What was due of these messages, and the meetings of these objects between these parties."""
    due = await put(ledger, DUE, message=1, at=1)
    await put(ledger, DUE, message=2, at=1)
    await put(ledger, DUE, message=1, at=1, kind="other")
    met = await put(ledger, CLAIMS, name=halves.meeting(PARTIES, "a"))
    for parties, name in ((PARTIES, "b"), ((OTHER, RECEIVER), "a"), ((SENDER, OTHER), "a")):
        await put(ledger, CLAIMS, name=halves.meeting(parties, name))
    assert await halves.leftovers(ledger, [1, 3], PARTIES, ["a", "c"]) == [(DUE, due), (CLAIMS, met)]


def test_claims_of_different_things_have_different_names() -> None:
    """What may happen once is told apart by its kind, its messages and its count."""
    names = [
        halves.meeting(("1", "2"), "a"),
        halves.meeting(("2", "1"), "a"),
        halves.meeting(("1", "2"), "b"),
        halves.release(1),
        halves.release(2),
        halves.joining(1, 2),
        halves.joining(2, 1),
        halves.joining(2, 2),
        claims.answer("message", 1, 2),
        claims.answer("receipt", 1, 2),
        claims.answer("message", 2, 1),
        claims.answer("message", 2, 2),
    ]
    assert len(set(names)) == len(names)


SOURCE, THIS, THAT = 5, 101, 102
ANSWER = {"way": "in", "relation": "answers-letter", "state": "held"}


async def conversion(ledger: Ledger) -> Answered:
    """A letter that was converted to two messages, of which the first is answered."""
    for key in (THIS, THAT):
        await put(ledger, MESSAGES, key=key, parent=SOURCE, way="made", relation="converted")
    await put(ledger, MESSAGES, key=103, parent=SOURCE, way="made", relation="refusal")
    await put(ledger, MESSAGES, key=104, parent=SOURCE, way="in", relation="converted")
    await put(ledger, MESSAGES, key=105, parent=6, way="made", relation="converted")
    return Answered(THIS, SOURCE, SOURCE)


async def test_an_answer_waits_for_those_to_the_others(ledger: Ledger) -> None:
    """As many answers are expected as messages were made; those that are held already are told, each once."""
    answered = await conversion(ledger)
    assert await halves.waiting(ledger, answered, head()) == Waiting(expected=2)
    await put(ledger, MESSAGES, parent=THAT, **ANSWER)
    first = await put(ledger, MESSAGES, key=110, parent=THAT, **ANSWER)
    for row in (
        ANSWER | {"way": "made"},
        ANSWER | {"relation": "repeat"},
        ANSWER | {"state": "refused"},
        ANSWER | {"layer": "receipt"},
    ):
        await put(ledger, MESSAGES, parent=THIS, **row)
    await put(ledger, MESSAGES, parent=105, **ANSWER)
    assert await halves.waiting(ledger, answered, head()) == Waiting(expected=2, held=(first,), place=2)


async def test_answers_of_each_layer_wait_for_their_own(ledger: Ledger) -> None:
    """An envelope receipt waits for envelope receipts, whatever has come of the letters' answers."""
    answered = await conversion(ledger)
    await put(ledger, MESSAGES, parent=THAT, **ANSWER)
    key = await put(ledger, MESSAGES, parent=THAT, **(ANSWER | {"relation": "answers-envelope", "layer": "receipt"}))
    assert await halves.waiting(ledger, answered, receipt("E1")) == Waiting(expected=2, held=(key,), place=1)


@pytest.mark.parametrize(("state", "over"), [("held", False), ("ordered", True), ("converted", True)])
async def test_an_answer_that_came_before_is_known(ledger: Ledger, state: str, over: bool) -> None:
    """One to the same message came already, and they may be over: converted, or ordered to be."""
    answered = await conversion(ledger)
    await put(ledger, MESSAGES, parent=THIS, **(ANSWER | {"state": state}))
    assert await halves.waiting(ledger, answered, head()) == Waiting(expected=2, again=True, over=over, place=1)
    await put(ledger, MESSAGES, parent=THAT, **(ANSWER | {"state": "ordered"}))
    assert await halves.waiting(ledger, answered, head()) == Waiting(expected=2, again=True, over=True, place=2)


async def test_a_conversion_is_remembered_until_its_time_is_over(ledger: Ledger) -> None:
    """To the last moment, under the key of its source, and then no more."""
    await put(ledger, CONVERSIONS, key=1, remembered='{"a": 1}', until=micros(NOW))
    assert await halves.remembered(ledger, 1, NOW) == '{"a": 1}'
    assert await halves.remembered(ledger, 1, NOW + timedelta(microseconds=1)) is None
    assert await halves.remembered(ledger, 2, NOW) is None
