"""Messages, orders to convert, and what is sent, as the services ask for them."""

from __future__ import annotations

from typing import Any

import pytest

from routing.ledger import dispatches, messages, orders
from routing.ledger.ledger import Ledger
from routing.ledger.orders import Ordered
from routing.ledger.schema import BODIES, IDENTIFIERS, MESSAGES, ORDERS, SENDS
from tests.routing.ledger.rows import OTHER, RECEIVER, SENDER, put

INBOX = f"inbox.{RECEIVER}"


async def test_bodies_come_in_the_order_asked_for(ledger: Ledger) -> None:
    """What was pruned is left out, and the others stand where their keys stand."""
    for key, data in ((1, b"one"), (2, b"two"), (3, b"three")):
        await put(ledger, BODIES, key=key, data=data)
    assert await messages.bodies(ledger, [3, 9, 1]) == [b"three", b"one"]


async def test_messages_come_with_their_bytes_in_the_order_of_their_keys(ledger: Ledger) -> None:
    """A message is read with its own body, and without one not at all."""
    await put(ledger, BODIES, key=1, data=b"one")
    await put(ledger, BODIES, key=2, data=b"two")
    await put(ledger, MESSAGES, key=12, body=1, envelope_id="E2", thread=5)
    await put(ledger, MESSAGES, key=11, body=2, envelope_id="E1", thread=6)
    await put(ledger, MESSAGES, key=13, body=3)
    await put(ledger, MESSAGES, key=14, body=1)
    rows = await messages.kept(ledger, [12, 11, 13])
    assert [tuple(row) for row in rows] == [
        (11, 6, SENDER, RECEIVER, "E1", 2, b"two"),
        (12, 5, SENDER, RECEIVER, "E2", 1, b"one"),
    ]


async def test_a_message_tells_its_rule_and_its_names(ledger: Ledger) -> None:
    """The rule it was handled by, and the messages that have a name of a kind."""
    key = await put(ledger, MESSAGES, rule="D-convert")
    await put(ledger, MESSAGES, rule="D-as-is")
    await put(ledger, IDENTIFIERS, value="E1", kind="refused", message=key)
    await put(ledger, IDENTIFIERS, value="E1", kind="order", message=2)
    await put(ledger, IDENTIFIERS, value="E2", kind="refused", message=3)
    assert await messages.rule_of(ledger, key) == "D-convert"
    assert await messages.rule_of(ledger, 1) is None
    assert await messages.named(ledger, "refused", "E1") == [key]


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ({}, True),
        ({"parent": 8}, False),
        ({"way": "in"}, False),
        ({"relation": "repeat"}, False),
    ],
)
async def test_what_was_made_of_a_message_is_what_converting_it_made(
    ledger: Ledger, values: dict[str, Any], made: bool
) -> None:
    """Its conversions, in the order they were made; no answers, and nothing that was made in the network's name."""
    row = {"way": "made", "relation": "converted", "parent": 7}
    await put(ledger, MESSAGES, key=22, body=102, **row)
    await put(ledger, MESSAGES, key=21, body=101, **row)
    await put(ledger, MESSAGES, key=23, body=103, **(row | values))
    assert await messages.bodies_made_of(ledger, 7) == [101, 102] + [103] * made


async def test_receipts_come_in_the_order_they_were_made(ledger: Ledger) -> None:
    """Those of the stories asked for, the oldest first."""
    for key, thread in ((32, 7), (31, 7), (33, 8), (34, 9)):
        await put(ledger, MESSAGES, key=key, thread=thread, way="made", relation="converted", layer="receipt", body=key)
    rows = await ledger.read(messages.receipts_made([8, 7]))
    assert [(row.key, row.thread, row.receiver, row.type, row.body) for row in rows] == [
        (31, 7, RECEIVER, None, 31),
        (32, 7, RECEIVER, None, 32),
        (33, 8, RECEIVER, None, 33),
    ]


async def test_an_order_is_read_with_its_sources_in_its_own_order(ledger: Ledger) -> None:
    """The letter first and then its attachments, as the order lists them, whatever their keys are."""
    await put(ledger, BODIES, key=1, data=b"one")
    await put(ledger, BODIES, key=2, data=b"two")
    await put(ledger, MESSAGES, key=41, body=1, thread=5, type="XBIN01", rule="D-hold", findings="[]")
    await put(ledger, MESSAGES, key=42, body=2, thread=6, type="XDIS91", name="XD9134L", rule="D-release")
    await put(ledger, MESSAGES, key=43, body=2)
    key = await put(ledger, ORDERS, sources="[42, 41]", target="CareCommunication", facts='{"a": 1}', state="made")
    assert await orders.find(ledger, key) == Ordered(
        key,
        "CareCommunication",
        '{"a": 1}',
        "made",
        (42, 41),
        6,
        (2, 1),
        "XDIS91",
        "D-release",
        (None, "[]"),
    )
    assert await orders.find(ledger, 1) is None


async def test_an_order_to_convert_an_envelope_receipt_is_of_its_kind(ledger: Ledger) -> None:
    """A receipt has no type; its kind stands where a message's type does."""
    await put(ledger, BODIES, key=1, data=b"one")
    await put(ledger, MESSAGES, key=41, body=1, layer="receipt", name="PositiveMessage", rule="D-convert")
    key = await put(ledger, ORDERS, sources="[41]")
    ordered = await orders.find(ledger, key)
    assert ordered is not None
    assert ordered.type == "PositiveMessage"


async def test_a_messages_order_is_found_by_the_message(ledger: Ledger) -> None:
    """The order that was written of it, and none of another message's or another kind."""
    await put(ledger, IDENTIFIERS, message=1, kind="order", value="51")
    await put(ledger, IDENTIFIERS, message=1, kind="answers", value="letter")
    await put(ledger, IDENTIFIERS, message=2, kind="answers", value="52")
    assert await orders.open_of(ledger, 1) == 51
    assert await orders.open_of(ledger, 2) is None


async def test_what_is_due_of_a_message_is_its_own_and_what_was_made_of_it(ledger: Ledger) -> None:
    """Oldest first, with the bytes; neither what was sent already nor another message's."""
    await put(ledger, BODIES, key=1, data=b"one")
    await put(ledger, MESSAGES, key=61)
    await put(ledger, MESSAGES, key=62, parent=61)
    await put(ledger, MESSAGES, key=63, parent=62)
    await put(ledger, SENDS, key=73, message=61, envelope_id="E1")
    await put(ledger, SENDS, key=72, message=62, envelope_id="E2")
    await put(ledger, SENDS, key=71, message=63)
    await put(ledger, SENDS, key=74, message=61, state="sent")
    rows = await dispatches.due(ledger, 61)
    assert [tuple(row) for row in rows] == [
        (72, INBOX, "E2", 1, "due", b"one"),
        (73, INBOX, "E1", 1, "due", b"one"),
    ]


async def test_what_was_sent_is_found_by_queue_and_envelope(ledger: Ledger) -> None:
    """All of it oldest first, or only what nobody took."""
    await put(ledger, SENDS, key=82, message=2, envelope_id="E1", state="sent")
    await put(ledger, SENDS, key=81, message=1, envelope_id="E1", state="taken", taken_at=9)
    await put(ledger, SENDS, key=83, message=3, envelope_id="E2", state="sent")
    await put(ledger, SENDS, key=84, message=4, envelope_id="E1", state="sent", queue="inbox.other")
    assert [tuple(row) for row in await dispatches.of_envelope(ledger, INBOX, "E1")] == [
        (81, 1, "taken", 9),
        (82, 2, "sent", None),
    ]
    assert [tuple(row) for row in await dispatches.not_taken(ledger, INBOX, "E1")] == [(82, 2)]


@pytest.mark.parametrize(
    ("states", "taken"), [((), False), (("taken",), True), (("taken", "sent"), False), (("due",), False)]
)
async def test_an_envelope_is_taken_when_nothing_of_it_waits(
    ledger: Ledger, states: tuple[str, ...], taken: bool
) -> None:
    """Each time that it was sent counts, and neither another queue nor another envelope does."""
    await put(ledger, SENDS, envelope_id="E1", state="taken" if not taken else "due", queue="inbox.other")
    await put(ledger, SENDS, envelope_id="E2", state="taken" if not taken else "due")
    for state in states:
        await put(ledger, SENDS, envelope_id="E1", state=state)
    assert await dispatches.is_taken(ledger, INBOX, "E1") is taken


async def test_inboxes_with_something_in_them_are_each_told_once(ledger: Ledger) -> None:
    """Of participants with anything due or sent; a queue that is nobody's inbox is none."""
    for receiver, state in ((RECEIVER, "due"), (RECEIVER, "sent"), (SENDER, "sent"), (OTHER, "taken"), (None, "due")):
        await put(ledger, SENDS, receiver=receiver, state=state)
    assert sorted(await dispatches.waiting_inboxes(ledger)) == [SENDER, RECEIVER]
    await put(ledger, SENDS, receiver=OTHER, state="due")
    assert sorted(await dispatches.waiting_inboxes(ledger)) == [SENDER, RECEIVER, OTHER]


async def test_an_inbox_is_looked_into_from_its_oldest(ledger: Ledger) -> None:
    """At most as many as asked for, of this inbox, that nobody took."""
    for key in (1, 2, 3, 4):
        await put(ledger, BODIES, key=key, data=b"%d" % key)
    await put(ledger, SENDS, key=94, body=4, envelope_id="E4")
    await put(ledger, SENDS, key=92, body=2, envelope_id="E2", state="sent")
    await put(ledger, SENDS, key=91, body=1, envelope_id="E1", state="taken")
    await put(ledger, SENDS, key=93, body=3, envelope_id="E3", queue="inbox.other")
    assert [tuple(row) for row in await dispatches.inbox_bodies(ledger, INBOX, 9)] == [("E2", b"2"), ("E4", b"4")]
    assert [row.envelope_id for row in await dispatches.inbox_bodies(ledger, INBOX, 1)] == ["E2"]
