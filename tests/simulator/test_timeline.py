"""The whole story of a letter, from whatever identifier of either end somebody has at hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from routing.ledger.timeline import Node
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    PRACTICE,
    TOWN,
    message,
    send,
    story,
    told,
    wrapped,
    xdis91,
)
from tests.simulator.test_refusals import ENVELOPE, UNKNOWN, truncated

NAMES = {PRACTICE: "practice", TOWN: "town", CITY: "city", HOSPITAL: "hospital", UNKNOWN: "nowhere"}


def morning() -> datetime:
    """A day on which everybody takes what they take today."""
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def read(network: Network, identifier: str) -> str:
    """A story as text, with names for GLNs."""
    return re.sub(r"\b5\d{12}\b", lambda found: NAMES[found[0]], told(await story(network, identifier)))


def nodes(roots: tuple[Node, ...]) -> list[Node]:
    """Every envelope of a story."""
    return [node for root in roots for node in root.walk()]


CONVERTED = """
XDIS91 practice -> town: converted
  . router: The receiver takes CareCommunication on 2026-03-02 and not XDIS91: converted. [D-convert]
  . router: conversion ordered [D-convert]
  . worker: converted to CareCommunication [D-convert]
    converted CareCommunication practice -> town: made
      . worker: CareCommunication made: converted from XDIS91 [D-convert]
      . worker: put on inbox.town
      . participants: taken by town
        answers-envelope PositiveMessage town -> practice: converted
          . router: The envelope receipt answers an envelope that a conversion made: rewritten to answer the sender's \
own envelope. [D-convert-envelope-receipt]
          . router: conversion ordered [D-convert-envelope-receipt]
          . worker: rewritten to answer the sender's own envelope [D-convert-envelope-receipt]
            converted PositiveMessage town -> practice: made
              . worker: PositiveMessage made: rewritten from PositiveMessage [D-convert-envelope-receipt]
              . worker: put on inbox.practice
              . participants: taken by practice
        answers-letter Acknowledgement town -> practice: converted
          . router: The receipt answers a converted letter: converted back to XCTL. [D-convert-receipt]
          . router: conversion ordered [D-convert-receipt]
          . worker: converted to XCTL03 [D-convert-receipt]
            converted XCTL03 town -> practice: made
              . worker: XCTL03 made: converted from Acknowledgement [D-convert-receipt]
              . worker: put on inbox.practice
              . participants: taken by practice
                answers-envelope PositiveMessage practice -> town: converted
                  . router: The envelope receipt answers an envelope that a conversion made: rewritten to answer the \
sender's own envelope. [D-convert-envelope-receipt]
                  . router: conversion ordered [D-convert-envelope-receipt]
                  . worker: rewritten to answer the sender's own envelope [D-convert-envelope-receipt]
                    converted PositiveMessage practice -> town: made
                      . worker: PositiveMessage made: rewritten from PositiveMessage [D-convert-envelope-receipt]
                      . worker: put on inbox.town
                      . participants: taken by town
"""

PASSED = """
CareCommunication hospital -> city: delivered
  . router: The receiver takes CareCommunication on 2026-03-02: delivered untouched. [D-as-is]
  . router: put on inbox.city
  . participants: taken by city
    answers-envelope PositiveMessage city -> hospital: delivered
      . router: The envelope receipt goes back to the sender untouched. [D-envelope-receipt]
      . router: put on inbox.hospital
      . participants: taken by hospital
    answers-letter Acknowledgement city -> hospital: delivered
      . router: The receipt answers nothing that the network converted: delivered untouched. [D-receipt-unpaired]
      . router: put on inbox.hospital
      . participants: taken by hospital
        answers-envelope PositiveMessage hospital -> city: delivered
          . router: The envelope receipt goes back to the sender untouched. [D-envelope-receipt]
          . router: put on inbox.city
          . participants: taken by city
"""

REFUSED = """
XDIS91 practice -> nowhere: refused
  . router: VS-411 at /VANSEnvelope/ReceiverID: The receiver nowhere is not a participant of this network. [D-refuse]
  ! VS-411
    refusal NegativeVans VANSIM -> practice: made
      . router: NegativeVans made: refused: VS-411 [D-refuse]
      . router: put on inbox.practice
      . participants: taken by practice
    refusal XCTL01 VANSIM -> practice: made
      . router: XCTL01 made: refused: VS-411 [D-refuse]
      . router: put on inbox.practice
      . participants: taken by practice
"""

REPEATED = """
    repeat XDIS91 practice -> town: repeated
      . router: Received before and converted then: not converted again; the receipts are sent again in new envelopes. \
[D-repeat]
        repeat PositiveMessage town -> practice: made
          . router: PositiveMessage made: sent once more, as the letter was [D-repeat]
          . router: put on inbox.practice
          . participants: taken by practice
        repeat XCTL03 town -> practice: made
          . router: XCTL03 made: sent once more, as the letter was [D-repeat]
          . router: put on inbox.practice
          . participants: taken by practice
            answers-envelope PositiveMessage practice -> town: ignored
              . router: The envelope receipt answers an envelope of the network's own: it has reached whom it is for. \
[D-answers-network]
"""

STORIES = {
    "converted": (wrapped(xdis91(1)), CONVERTED),
    "passed through": (wrapped(message(2), HOSPITAL, CITY), PASSED),
    "refused": (wrapped(xdis91(3), PRACTICE, UNKNOWN), REFUSED),
}


@pytest.mark.parametrize("name", STORIES)
async def test_the_whole_story_is_told_from_every_identifier_of_either_end(running: Running, name: str) -> None:
    """Envelopes, messages, letters and bundles, before and after conversion, and the receipts' own identifiers."""
    sent, expected = STORIES[name]
    assert sent.facts is not None
    async with running(clock=morning) as network:
        await send(network, *(one for one, _ in STORIES.values()))
        assert await read(network, sent.facts.letter_id) == expected.strip()
        roots = await story(network, sent.facts.letter_id)
        told_by = {
            identifier
            for node in nodes(roots)
            for identifier in (node.envelope_id, node.message_id, node.letter_id, node.letter_envelope_id)
            if identifier
        }
        assert {sent.head.identifier, sent.facts.envelope_id, sent.facts.letter_id} <= told_by
        for identifier in told_by:
            assert await story(network, identifier) == roots, identifier


async def test_a_story_is_found_by_a_receipt_alone_before_its_letter_was_read(running: Running) -> None:
    """Whoever asks for the answer to a receipt of a letter that was passed through gets the letter too."""
    sent, expected = STORIES["passed through"]
    async with running(clock=morning) as network:
        await send(network, sent)
        [receipt] = [row for row in nodes(await story(network, sent.head.identifier)) if row.type == "Acknowledgement"]
    async with running(clock=morning, data="another") as network:
        await send(network, sent)
        assert await read(network, receipt.envelope_id) == expected.strip()


async def test_a_repetition_hangs_on_the_letter_that_it_repeats(running: Running) -> None:
    """The duplicate, the receipts sent once more, and what answers those."""
    sent, expected = STORIES["converted"]
    async with running(clock=morning) as network:
        await send(network, sent)
        await send(network, sent)
        assert await read(network, sent.head.identifier) == (expected + REPEATED.lstrip("\n")).strip()


async def test_an_envelope_that_could_not_be_read_is_found_by_what_it_called_itself(running: Running) -> None:
    """Its story is the answer that its sender got, with position and reason."""
    async with running(clock=morning) as network:
        await network.submit(truncated(ENVELOPE.body))
        await send(network)
        [root] = await story(network, ENVELOPE.head.identifier)
        assert (root.name, root.relation, root.rule) == ("NegativeVans", "refusal", "D-refuse")
        assert re.search(r"VS-1\d\d at line \d+", root.steps[0].text)


async def test_two_senders_letters_of_one_identifier_are_two_stories(running: Running) -> None:
    """Fourteen characters are unique for their sender alone: each root keeps its own receipts."""
    one, other = wrapped(xdis91(), PRACTICE, HOSPITAL), wrapped(xdis91(), HOSPITAL, PRACTICE)
    async with running(clock=morning) as network:
        await send(network, one, other)
        assert one.facts is not None
        roots = await story(network, one.facts.letter_id)
        assert {root.envelope_id for root in roots} == {one.head.identifier, other.head.identifier}
        for root in roots:
            receipts = {node.type or node.name: (node.sender, node.receiver) for node in root.children}
            assert receipts == dict.fromkeys(("PositiveMessage", "XCTL03"), (root.receiver, root.sender))


async def test_nothing_is_told_of_what_nobody_sent(running: Running) -> None:
    """An unknown identifier has no story."""
    async with running(clock=morning) as network:
        assert await story(network, "unknown") == ()
