"""Stories put together from the rows they are kept in; what real letters make of it stands in the simulator's tests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from envelope.model import Head
from envelope.writing import write
from routing.ledger import timeline as module
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES, EVENTS, IDENTIFIERS, MESSAGES
from routing.ledger.timeline import Node, Step, index_letters, timeline
from tests.routing.ledger.rows import OTHER, RECEIVER, SENDER, head, put

LETTERS = Path(__file__).parents[2] / "letters"
ANSWERING = {"sender": RECEIVER, "receiver": SENDER}


def told(nodes: tuple[Node, ...] | list[Node]) -> list[Any]:
    """Keys of a story: each root or child, with its own children behind it where it has any."""
    return [(node.key, told(node.children)) if node.children else node.key for node in nodes]


async def unread(ledger: Ledger, data: bytes, at: Head | None = None, **values: Any) -> int:
    """A message that was passed through unread, with its bytes."""
    body = await put(ledger, BODIES, data=write(at or head(), data))
    return await put(ledger, MESSAGES, body=body, indexed=False, **values)


async def test_a_node_tells_all_of_its_message(ledger: Ledger) -> None:
    """Every column that matters to a reader, its findings, and its steps by time and then by key."""
    names: dict[str, Any] = {"envelope_id": "E1", "message_id": "M1", "letter_id": "L1", "letter_envelope_id": "K1"}
    words: dict[str, Any] = {
        "type": "XDIS91",
        "version": "XD9134L",
        "name": "N",
        "rule": "D-as-is",
        "reason": "Because.",
    }
    rest: dict[str, Any] = {"size": 5, "state": "delivered", "duplicate": True, "accepted_at": 1_772_366_400_123_456}
    await put(ledger, MESSAGES, key=1, findings='[{"rule": "VS-100"}]', **names, **words, **rest)
    await put(ledger, EVENTS, key=13, message=1, at=1_000_000, rule="D-as-is", text="Third.")
    await put(ledger, EVENTS, key=11, message=1, at=1_000_000, place="worker", what="sent", text="Second.")
    await put(ledger, EVENTS, key=12, message=1, at=0, text="First.")
    await put(ledger, EVENTS, key=14, message=2, at=0)
    expected = Node(
        key=1,
        way="in",
        layer="message",
        sender=SENDER,
        receiver=RECEIVER,
        relation=None,
        findings=[{"rule": "VS-100"}],
        steps=[
            Step("1970-01-01T00:00:00.000Z", "router", "accepted", None, "First."),
            Step("1970-01-01T00:00:01.000Z", "worker", "sent", None, "Second."),
            Step("1970-01-01T00:00:01.000Z", "router", "accepted", "D-as-is", "Third."),
        ],
        **names,
        **words,
        **(rest | {"accepted_at": "2026-03-01T12:00:00.123Z"}),
    )
    for name in names.values():
        assert await timeline(ledger, name) == (expected,)
    assert await timeline(ledger, "E2") == ()


async def test_a_story_is_a_tree_in_the_order_of_its_keys(ledger: Ledger) -> None:
    """What was made of a message or answers it hangs on it; one whose parent is not there is a root."""
    for key, parent in ((5, 2), (3, 1), (2, 1), (1, None), (4, 99), (6, 6)):
        await put(ledger, MESSAGES, key=key, parent=parent, thread=1, relation="converted", envelope_id=f"E{key}")
    await put(ledger, MESSAGES, key=7, thread=7, parent=1)
    story = await timeline(ledger, "E3")
    assert told(story) == [(1, [(2, [5]), 3]), 4, 6]
    assert [node.key for node in story[0].walk()] == [1, 2, 5, 3]
    assert {node.relation for node in story[0].walk()} == {"converted"}
    assert story[0].findings == []


async def test_what_could_not_be_read_is_found_by_the_answer_to_it(ledger: Ledger) -> None:
    """The identifier that it called itself is kept with its refusal; a name of another kind is nobody's story."""
    key = await put(ledger, MESSAGES, way="made")
    await put(ledger, IDENTIFIERS, message=key, kind="refused", value="E1")
    await put(ledger, IDENTIFIERS, message=key, kind="order", value="E2")
    assert told(await timeline(ledger, "E1")) == [key]
    assert await timeline(ledger, "E2") == ()


async def test_a_letter_is_read_when_somebody_asks_for_it(ledger: Ledger) -> None:
    """Its own identifiers are then kept; what cannot be read, or is no known letter, is looked at once too."""
    letter = await unread(ledger, (LETTERS / "xdis91-minimal.xml").read_bytes())
    strange = await unread(ledger, b"<Emessage/>")
    broken = await put(ledger, MESSAGES, body=await put(ledger, BODIES, data=b"no envelope"), indexed=False)
    receipt = await put(
        ledger, MESSAGES, body=await put(ledger, BODIES, data=b"<a/>"), indexed=False, layer="receipt", letter_id="L1"
    )
    assert await timeline(ledger, "unknown") == ()
    rows = {row.key: row for row in await ledger.read(select(MESSAGES))}
    assert rows[letter].letter_id
    assert rows[letter].letter_envelope_id
    assert [rows[key].indexed for key in (letter, strange, broken, receipt)] == [True, True, True, False]
    assert [rows[key].letter_id for key in (strange, broken, receipt)] == [None, None, "L1"]
    assert told(await timeline(ledger, rows[letter].letter_id)) == [letter]
    assert told(await timeline(ledger, rows[letter].letter_envelope_id)) == [letter]


async def test_only_the_letters_of_the_story_are_read_when_it_is_known(ledger: Ledger) -> None:
    """Asked for by its envelope, a story's own letters are read, and nobody else's."""
    data = (LETTERS / "xdis91-minimal.xml").read_bytes()
    mine = await unread(ledger, data, envelope_id="E1")
    await unread(ledger, data, envelope_id="E2")
    [root] = await timeline(ledger, "E1")
    assert root.letter_id
    rows = await ledger.read(select(MESSAGES.c.key).where(MESSAGES.c.indexed.is_(True)))
    assert [row.key for row in rows] == [mine]


async def test_letters_are_read_by_the_page(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, each is read once and all of them are."""
    monkeypatch.setattr(module, "_PAGE", 2)
    data = (LETTERS / "xdis91-minimal.xml").read_bytes()
    keys = [await unread(ledger, data) for _ in range(5)]
    before = ledger.changes
    await index_letters(ledger)
    assert ledger.changes == before + 3
    await index_letters(ledger)
    assert ledger.changes == before + 3
    rows = await ledger.read(select(MESSAGES.c.key).where(MESSAGES.c.indexed.is_(True), MESSAGES.c.letter_id != ""))
    assert sorted(row.key for row in rows) == keys


@pytest.mark.parametrize(
    ("letter", "answer", "joined"),
    [
        ({}, {}, True),
        ({"letter_id": "L2"}, {}, False),
        ({"sender": OTHER}, {}, False),
        ({"receiver": OTHER}, {}, False),
        ({}, {"sender": OTHER}, False),
        ({}, {"receiver": OTHER}, False),
        ({}, {"kind": "refused"}, False),
    ],
)
async def test_a_receipt_that_came_before_its_letter_was_read_joins_its_story(
    ledger: Ledger, letter: dict[str, Any], answer: dict[str, Any], joined: bool
) -> None:
    """From either end: it quotes the letter, and went back between the same two parties."""
    await put(ledger, MESSAGES, key=1, envelope_id="E1", **({"letter_id": "L1"} | letter))
    kind = answer.get("kind", "answers")
    parties = ANSWERING | {name: value for name, value in answer.items() if name != "kind"}
    await put(ledger, MESSAGES, key=2, envelope_id="E2", **parties)
    await put(ledger, MESSAGES, key=3, thread=2, parent=2, relation="answers-envelope")
    await put(ledger, IDENTIFIERS, message=2, kind=kind, value="L1")
    await put(ledger, MESSAGES, key=9)
    for name in ("E1", "E2"):
        story = await timeline(ledger, name)
        if joined:
            assert told(story) == [(1, [(2, [3])])]
            assert [node.relation for node in story[0].walk()] == [None, "answers-letter", "answers-envelope"]
        else:
            assert told(story) == ([1] if name == "E1" else [(2, [3])])


async def test_of_letters_of_one_identifier_a_receipt_joins_the_first(ledger: Ledger) -> None:
    """And never itself, though it may have the identifier that it quotes."""
    for key in (3, 2):
        await put(ledger, MESSAGES, key=key, letter_id="L1", thread=2, envelope_id=f"E{key}")
    await put(ledger, MESSAGES, key=4, letter_id="L1", sender=SENDER, receiver=SENDER, envelope_id="E4")
    await put(ledger, MESSAGES, key=5, envelope_id="E5", **ANSWERING)
    for message in (4, 5):
        await put(ledger, IDENTIFIERS, message=message, kind="answers", value="L1")
    assert told(await timeline(ledger, "E5")) == [(2, [5]), 3]
    [root] = await timeline(ledger, "E4")
    assert (root.key, root.relation, root.children) == (4, None, [])


async def test_a_receipt_joins_the_letter_that_it_quotes(ledger: Ledger) -> None:
    """Of two letters of one story between the same parties it is the one under that identifier."""
    for key, letter in ((2, "L1"), (3, "L2")):
        await put(ledger, MESSAGES, key=key, letter_id=letter, thread=2, envelope_id=f"E{key}")
    await put(ledger, MESSAGES, key=4, envelope_id="E4", **ANSWERING)
    await put(ledger, IDENTIFIERS, message=4, kind="answers", value="L2")
    assert told(await timeline(ledger, "E2")) == told(await timeline(ledger, "E4")) == [2, (3, [4])]


async def test_a_letter_is_read_when_somebody_asks_for_the_answer_to_it(ledger: Ledger) -> None:
    """A receipt that quotes a letter nobody has read yet is told with that letter."""
    data = (LETTERS / "xdis91-minimal.xml").read_bytes()
    letter = await unread(ledger, data)
    key = await put(ledger, MESSAGES, envelope_id="E1", **ANSWERING)
    await put(ledger, IDENTIFIERS, message=key, kind="answers", value="B4")
    assert told(await timeline(ledger, "E1")) == [(letter, [key])]


async def test_a_letter_without_identifiers_has_no_name(ledger: Ledger) -> None:
    """It is read, and nothing is kept that an empty name would find."""
    data = (LETTERS / "xdis91-minimal.xml").read_bytes()
    await unread(ledger, re.sub(rb"<Identifier>[BK]4</Identifier>", b"", data), envelope_id="E1")
    [root] = await timeline(ledger, "E1")
    assert (root.letter_id, root.letter_envelope_id) == (None, None)
    assert await timeline(ledger, "") == ()
