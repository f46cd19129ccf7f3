"""Receipts of mocks and their way back: as a well-behaved system of each kind answers, in the sender's own format."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from conversion.answers import Reason, negative_receipt
from conversion.identifiers import Identifiers
from envelope.fhir import rules as fhir_rules
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.model import Receipt, ReceiptKind
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter
from envelope.reading import payload
from simulator.services.outgoing import Outgoing, receipt_envelope
from tests.simulator.conftest import Running
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    emptied,
    heads,
    kinds,
    letters,
    message,
    network_file,
    send,
    wrapped,
    xdis91,
)
from tests.simulator.test_refusals import carrying

QUIET = {"pluspositivkvitt": "minuspositivkvitt"}
INVALID_LETTER = xdis91().replace(b"<StatusCode>nytbrev</StatusCode>", b"<StatusCode>gammelt</StatusCode>")
INVALID_MESSAGE = message(1, {"<status value='unknown'/>": "<status value='completed'/>"})
BROKEN_LETTER = xdis91()[:-200]


async def receipts(running: Running, sent: Outgoing, file: Path | None = None) -> list[bytes]:
    """What comes back to an external sender of one envelope."""
    async with running(network_file=file) as network:
        await send(network, sent)
        return await emptied(network, sent.head.sender.id)


@pytest.mark.parametrize(
    ("letter", "receiver", "expected"),
    [
        (xdis91(), HOSPITAL, ["MCM:XCTL03", "PositiveMessage"]),
        (xdis91(1, QUIET), HOSPITAL, ["PositiveMessage"]),
        (xdis91(), TOWN, ["MCM:XCTL03", "PositiveMessage"]),
        (xdis91(1, QUIET), TOWN, ["MCM:XCTL03", "PositiveMessage"]),
        (INVALID_LETTER, HOSPITAL, ["MCM:XCTL02", "PositiveMessage"]),
        (BROKEN_LETTER, HOSPITAL, ["NegativeMessage"]),
    ],
    ids=["asked", "not asked", "converted", "converted, not asked", "invalid", "unreadable"],
)
async def test_a_letter_of_oioxml_is_answered(
    running: Running, letter: bytes, receiver: str, expected: list[str]
) -> None:
    """XCTL03 when it was asked for (always across a conversion, as MedCom's flow), XCTL02 for what is not valid."""
    sent = carrying(wrapped(xdis91(), OWN_OIOXML, receiver), letter)
    bodies = await receipts(running, sent)
    assert sorted(kinds(bodies)) == expected
    [receipt] = [head.receipt for head in heads(bodies) if head.receipt is not None]
    assert (receipt.original_envelope, receipt.original) == (sent.head.identifier, sent.head.message)
    for xctl in letters(bodies, "MCM:XCTL"):
        answers = letter_facts(read_letter(xctl)).answers
        assert answers is not None
        assert sent.facts is not None
        assert (answers.envelope_id, answers.letter_ids) == (sent.facts.envelope_id, (sent.facts.letter_id,))
        assert answers.code == ("negative" if expected[0] == "MCM:XCTL02" else "positive")
    if expected == ["NegativeMessage"]:
        assert "line " in (receipt.description or "")


async def test_the_letters_wish_is_followed_where_the_setting_says_so(running: Running, tmp_path: Path) -> None:
    """Across a conversion an XCTL03 is made only when asked for, if the network file says so."""
    file = network_file(tmp_path, follow_receipt_wish=True)
    bodies = await receipts(running, wrapped(xdis91(1, QUIET), OWN_OIOXML, TOWN), file)
    assert kinds(bodies) == ["PositiveMessage"]


@pytest.mark.parametrize(
    ("bundle", "receiver", "expected"),
    [
        (message(), CITY, ["MCM:FCTL#ok", "PositiveMessage"]),
        (message(), HOSPITAL, ["MCM:FCTL#ok", "PositiveMessage"]),
        (INVALID_MESSAGE, CITY, ["MCM:FCTL#fatal-error", "PositiveMessage"]),
        (message()[:-200], CITY, ["NegativeMessage"]),
    ],
    ids=["as it is", "converted", "invalid", "unreadable"],
)
async def test_a_message_of_fhir_is_answered(
    running: Running, bundle: bytes, receiver: str, expected: list[str]
) -> None:
    """An Acknowledgement always: ok, or fatal-error for what is not valid; it names the MessageHeader."""
    sent = carrying(wrapped(message(), OWN_FHIR, receiver), bundle)
    bodies = await receipts(running, sent)
    assert sorted(kinds(bodies)) == expected
    for one in letters(bodies, "MCM:FCTL"):
        receipt = read_bundle(one)
        assert [str(finding) for finding in fhir_rules.validate(receipt, structure=True) if finding.is_error] == []
        answers = bundle_facts(receipt).answers
        assert answers is not None
        assert sent.facts is not None
        assert answers.letter_ids == (sent.facts.letter_id,)


@pytest.mark.parametrize(
    ("letter", "sender", "receiver", "expected"),
    [(xdis91(), PRACTICE, TOWN, "MCM:XCTL02"), (message(), CITY, HOSPITAL, "MCM:FCTL#fatal-error")],
    ids=["Acknowledgement to XCTL02", "XCTL02 to Acknowledgement"],
)
async def test_a_refusal_by_the_receiver_comes_back_in_the_senders_format(
    running: Running, tmp_path: Path, letter: bytes, sender: str, receiver: str, expected: str
) -> None:
    """Its words come along, and a NegativeMessage answers the sender's own envelope with the receiver's words."""
    systems: dict[str, dict[str, Any]] = {gln: {"external": True} for gln in (sender, receiver)}
    sent = wrapped(letter, sender, receiver)
    async with running(network_file=network_file(tmp_path, systems)) as network:
        await send(network, sent)
        [arrived] = await emptied(network, receiver)
        await send(network, *refusals(arrived, network.clock()))
        bodies = await emptied(network, sender)
        assert sorted(kinds(bodies)) == sorted([expected, "NegativeMessage"])
        [receipt] = [head.receipt for head in heads(bodies) if head.receipt is not None]
        assert (receipt.kind, receipt.original_envelope) == (ReceiptKind.NEGATIVE_MESSAGE, sent.head.identifier)
        assert receipt.description == WORDS
        [back] = letters(bodies, expected)
        assert WORDS in back.decode("latin-1" if expected.startswith("MCM:XCTL") else "utf-8")


WORDS = "Afdelingen findes ikke"


def refusals(arrived: bytes, now: datetime) -> list[Outgoing]:
    """Both receipts of a system that will not have the letter."""
    head = heads([arrived])[0]
    back = (head.receiver, head.sender)
    receipt = Receipt(ReceiptKind.NEGATIVE_MESSAGE, head.identifier, head.message, WORDS, 7)
    made = negative_receipt(payload(arrived), Reason(text=WORDS), now, Identifiers("0" * 32))
    return [receipt_envelope(receipt, back, str(uuid4()), now), wrapped(made, back[0].id, back[1].id)]
