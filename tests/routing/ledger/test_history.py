"""What a decision is told of the past, held to the rows that it is read from."""

from __future__ import annotations

from typing import Any

import pytest

from envelope.facts import Answers, LetterFacts
from routing.case import History, Seen
from routing.ledger import history
from routing.ledger.history import Answered, Found
from routing.ledger.ledger import Ledger
from routing.ledger.schema import MESSAGES
from tests.routing.ledger.rows import OTHER, RECEIVER, SENDER, head, put, receipt


def facts(letter_id: str = "L1", answers: Answers | None = None) -> LetterFacts:
    """The facts of a letter, or of what answers one."""
    return LetterFacts("XDIS91", "XD9134L", letter_id, "", SENDER, RECEIVER, wants_receipt=True, answers=answers)


def answering(*letter_ids: str, envelope_id: str | None = None) -> LetterFacts:
    """The facts of a receipt."""
    return facts("receipt", Answers(envelope_id, letter_ids, "positive", ""))


async def test_nothing_is_known_of_what_never_came(ledger: Ledger) -> None:
    """Heads of which the ledger has no row have an empty history, one each."""
    assert await history.of_heads(ledger, [head("E1"), head("E2"), receipt("E3")]) == [Found(), Found(), Found()]


async def test_what_came_is_found_by_its_envelope_and_its_message(ledger: Ledger) -> None:
    """Each of several heads is told of its own earlier row: key, state, story, and the very same when both agree."""
    first = await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", state="converted", thread=7)
    other = await put(ledger, MESSAGES, envelope_id="E2", message_id="M2", state="delivered", thread=8)
    found = await history.of_heads(ledger, [head("E1", "M1"), head("E2", "M9"), head("E8", "M8")])
    one, two = Seen(first, "converted"), Seen(other, "delivered")
    assert found == [
        Found(History(envelope=one, message=one), earlier_thread=7, same=first),
        Found(History(envelope=two), earlier_thread=8),
        Found(),
    ]
    assert await history.of_heads(ledger, [head("E9", "M2")]) == [Found(History(message=two), earlier_thread=8)]


@pytest.mark.parametrize("values", [{"sender": OTHER}, {"way": "made"}], ids=["another sender's", "made"])
async def test_only_what_the_same_sender_sent_is_its_past(ledger: Ledger, values: dict[str, Any]) -> None:
    """Identifiers are unique for their sender: another's row, and one that the network made, tell nothing."""
    await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", letter_id="L1", state="converted", **values)
    [found] = await history.of_heads(ledger, [head()])
    assert found == Found()
    assert await history.of_letter(ledger, found, head(), facts()) == Found()


@pytest.mark.parametrize(
    ("states", "earlier"),
    [
        (("converted", "converted"), 0),
        (("delivered", "delivered"), 0),
        (("delivered", "converted"), 1),
        (("refused", "delivered"), 1),
        (("refused", "converted"), 1),
        (("delivered", "refused"), 0),
        (("refused", "refused"), 0),
    ],
)
async def test_what_was_converted_goes_before_what_was_passed_on_before_what_was_refused(
    ledger: Ledger, states: tuple[str, str], earlier: int
) -> None:
    """Of several rows of one envelope the one that counts is told, and of equals the first."""
    keys = [
        await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", state=state, duplicate=number > 0)
        for number, state in enumerate(states)
    ]
    [found] = await history.of_heads(ledger, [head()])
    assert found.history.envelope == found.history.message == Seen(keys[earlier], states[earlier])
    assert found.same == found.earlier_thread == keys[earlier]


@pytest.mark.parametrize("state", ["refused", "ignored", "repeated"])
async def test_what_was_not_taken_makes_no_claim_on_its_message(ledger: Ledger, state: str) -> None:
    """A message that was refused, ignored or only repeated another may come again in a new envelope."""
    key = await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", letter_id="L1", state=state)
    new, same = await history.of_heads(ledger, [head("E2", "M1"), head("E1", "M1")])
    assert new == Found()
    assert await history.of_letter(ledger, new, head("E2", "M1"), facts("L1")) == Found()
    assert same.history == History(envelope=Seen(key, state), message=Seen(key, state))


@pytest.mark.parametrize(
    ("state", "rule", "told"),
    [
        ("taken", "D-as-is", "delivered"),
        ("ordered", "D-as-is", "delivered"),
        ("taken", "D-refuse", "refused"),
        ("taken", "D-convert", "taken"),
        ("ordered", "D-convert", "ordered"),
        ("taken", None, "taken"),
        ("held", "D-as-is", "held"),
    ],
)
async def test_an_unfinished_message_is_told_as_it_will_end(
    ledger: Ledger, state: str, rule: str | None, told: str
) -> None:
    """The rule says what has become of a message whose settlement is under way; of others their state does."""
    key = await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", state=state, rule=rule)
    [found] = await history.of_heads(ledger, [head()])
    assert found.history.envelope == Seen(key, told)
    assert found.unfinished == (key if state == "taken" else None)


async def test_an_unfinished_row_is_found_behind_a_finished_one(ledger: Ledger) -> None:
    """A duplicate whose settlement was cut short is finished, not the first that was settled."""
    first = await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", state="delivered")
    repeating = {"state": "taken", "rule": "D-duplicate-forwarded", "duplicate": True}
    again = await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", **repeating)
    await put(ledger, MESSAGES, envelope_id="E1", message_id="M2", **repeating)
    [found] = await history.of_heads(ledger, [head()])
    assert (found.same, found.unfinished) == (first, again)


@pytest.mark.parametrize(
    ("values", "answered"),
    [
        ({"way": "made", "relation": "converted", "parent": 5}, (5, False)),
        ({"way": "made", "relation": "refusal", "parent": 5}, (None, True)),
        ({"way": "made", "relation": "repeat", "parent": 5}, (None, True)),
        ({}, (None, False)),
        ({"sender": OTHER}, None),
        ({"receiver": OTHER}, None),
        ({"envelope_id": "E2"}, None),
    ],
    ids=["conversion", "refusal", "repetition", "letter", "another sender's", "another receiver's", "another"],
)
async def test_a_receipt_is_told_what_it_answers(
    ledger: Ledger, values: dict[str, Any], answered: tuple[int | None, bool] | None
) -> None:
    """What went the other way between the two parties: made by a conversion, by the network itself, or sent."""
    row = {"envelope_id": "E1", "letter_id": "L1", "letter_envelope_id": "K1", "thread": 3} | values
    key = await put(ledger, MESSAGES, **row)
    expected = Answered(key, 3, *answered) if answered else None
    [found] = await history.of_heads(ledger, [receipt("E1")])
    assert found == Found(
        History(
            answers_conversion=expected is not None and expected.source is not None,
            answers_network=expected is not None and expected.by_network,
        ),
        expected,
    )


@pytest.mark.parametrize(
    ("receipt_facts", "answers"),
    [
        (answering("L0", "L1"), True),
        (answering("L1", envelope_id="K0"), True),
        (answering(envelope_id="K1"), True),
        (answering("L0", envelope_id="K1"), False),
        (answering("L0"), False),
        (answering(), False),
        (facts("L1"), False),
    ],
    ids=[
        "letter",
        "letter in another envelope",
        "envelope alone",
        "another letter",
        "unknown",
        "nothing",
        "no receipt",
    ],
)
async def test_a_letters_receipt_is_told_what_it_answers(
    ledger: Ledger, receipt_facts: LetterFacts, answers: bool
) -> None:
    """The letter that it names, or, where it names none, the transmission."""
    values = {"way": "made", "relation": "converted", "parent": 5, "thread": 3}
    key = await put(ledger, MESSAGES, letter_id="L1", letter_envelope_id="K1", **values)
    await put(ledger, MESSAGES, letter_id="L2", letter_envelope_id=None, **values)
    found = await history.of_letter(ledger, Found(), head(sender=RECEIVER, receiver=SENDER), receipt_facts)
    answered = Answered(key, 3, 5) if answers else None
    assert found == Found(History(answers_conversion=answers), answered)


async def test_each_receipt_is_told_of_its_own_original(ledger: Ledger) -> None:
    """Receipts that are asked about together answer one envelope each."""
    keys = [await put(ledger, MESSAGES, envelope_id=name) for name in ("E1", "E2")]
    found = await history.of_heads(ledger, [receipt("E2", "R2"), receipt("E1", "R1")])
    assert [one.answered.key if one.answered else None for one in found] == keys[::-1]


async def test_a_receipt_of_a_letter_that_was_passed_on_answers_no_conversion(ledger: Ledger) -> None:
    """The letter is found, and nothing has to be converted back; what the receiver sent itself is no repetition."""
    key = await put(ledger, MESSAGES, letter_id="L1", thread=3)
    await put(ledger, MESSAGES, letter_id="L1", sender=RECEIVER, receiver=OTHER, state="converted")
    found = await history.of_letter(ledger, Found(), head(sender=RECEIVER, receiver=SENDER), answering("L1"))
    assert found == Found(History(answers_conversion=False), Answered(key, 3, None))


async def test_letters_without_an_identifier_are_not_alike(ledger: Ledger) -> None:
    """A sender's receipt of its own transmission is no repetition of that, though neither letter has an identifier."""
    await put(ledger, MESSAGES, letter_id="", letter_envelope_id="K1", state="converted")
    for answers in (Answers("K1", (), "negative", ""), Answers(None, ("",), "negative", ""), None):
        assert await history.of_letter(ledger, Found(), head(), facts("", answers)) == Found()
    back = head(sender=RECEIVER, receiver=SENDER)
    found = await history.of_letter(ledger, Found(), back, answering(""))
    assert found.answered is None
    found = await history.of_letter(ledger, Found(), back, answering("", envelope_id="K1"))
    assert found.answered is not None


async def test_of_what_a_receipt_may_answer_the_conversions_goes_first(ledger: Ledger) -> None:
    """What was made goes before what was sent, and the older before the younger."""
    await put(ledger, MESSAGES, letter_id="L1")
    made = [
        await put(ledger, MESSAGES, letter_id="L1", way="made", relation="converted", parent=parent)
        for parent in (5, 6)
    ]
    found = await history.of_letter(ledger, Found(), head(sender=RECEIVER, receiver=SENDER), answering("L1"))
    assert found.answered is not None
    assert (found.answered.key, found.answered.source) == (made[0], 5)


async def test_an_earlier_letter_is_found_where_head_and_message_are_new(ledger: Ledger) -> None:
    """The letter identifier tells of a repetition only where the envelope and the message tell of none."""
    await put(ledger, MESSAGES, letter_id="L1", state="delivered", thread=6)
    key = await put(ledger, MESSAGES, letter_id="L1", state="converted", thread=7)
    await put(ledger, MESSAGES, letter_id="L2", state="converted")
    found = await history.of_letter(ledger, Found(), head(), facts("L1"))
    assert found == Found(History(letter=Seen(key, "converted")), earlier_thread=7)
    for known in (History(envelope=Seen(1, "converted")), History(message=Seen(1, "converted"))):
        assert await history.of_letter(ledger, Found(known), head(), facts("L1")) == Found(known)
    assert await history.of_letter(ledger, Found(), head(), facts("")) == Found()


RECEIPTS = [
    ({"layer": "receipt"}, True),
    ({"type": "XCTL01"}, True),
    ({"type": "XCTL02"}, True),
    ({"type": "XCTL03"}, True),
    ({"type": "Acknowledgement"}, True),
    ({"type": "XDIS91"}, False),
    ({"layer": "receipt", "relation": "repeat"}, False),
    ({"layer": "receipt", "way": "in"}, False),
    ({"layer": "receipt", "receiver": OTHER}, False),
    ({"layer": "receipt", "thread": 8}, False),
]


@pytest.mark.parametrize(("values", "has_receipts"), RECEIPTS)
async def test_what_repeats_is_told_whether_the_network_has_receipts(
    ledger: Ledger, values: dict[str, Any], has_receipts: bool
) -> None:
    """Receipts of either layer that the network made for this sender in the earlier story, not those it sent again."""
    await put(ledger, MESSAGES, envelope_id="E1", message_id="M1", letter_id="L1", state="converted", thread=7)
    row = {"way": "made", "relation": "converted", "sender": RECEIVER, "receiver": SENDER, "thread": 7} | values
    await put(ledger, MESSAGES, **row)
    same, new = await history.of_heads(ledger, [head("E1", "M1"), head("E2", "M2")])
    assert same.history.envelope is not None
    assert same.history.message is not None
    assert same.history.envelope.has_receipts is same.history.message.has_receipts is has_receipts
    assert new == Found()
    found = await history.of_letter(ledger, new, head("E2", "M2"), facts("L1"))
    assert found.history.letter is not None
    assert found.history.letter.has_receipts is has_receipts
