from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from broker.port import inbox
from conversion.answers import Reason, negative_receipt, positive_receipt
from conversion.identifiers import Identifiers
from envelope.payload_facts import letter_facts
from envelope.reading import payload, read
from routing.ledger.schema import BODIES, DUE, MESSAGES, SENDS
from simulator.services.directory_file import DirectoryFile
from simulator.services.outgoing import known_type
from simulator.wiring import Network
from tests.conformance.cases import case
from tests.conformance.letters import pair
from tests.conformance.moments import Clock, find, idle, send
from tests.conversion.messages import File, Message
from tests.simulator.conftest import Running
from tests.simulator.post import (
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    emptied,
    heads,
    kinds,
    letters,
    network_file,
    story,
    wrapped,
)

PDF = "JVBERi0xLjQKJSBpbnZlbnRlZAo="


def bundle(attachments: int = 1, receiver: str = OWN_OIOXML) -> bytes:
    """A CareCommunication with attachments, from the external FHIR system."""
    files = tuple(File(f"Bilag {number}.pdf", data=PDF) for number in range(attachments))
    return Message(
        payloads=(*Message().payloads, *files),
        sender_identifiers=_identifiers(OWN_FHIR),
        receiver_identifiers=_identifiers(receiver),
    ).xml()


def _identifiers(gln: str) -> tuple[tuple[str, str], ...]:
    participant = DirectoryFile().current.participant(gln)
    assert participant is not None
    return (("https://www.gs1.org/gln", gln), ("urn:oid:1.2.208.176.1.1", participant.sor))


async def made(network: Network, kind: str) -> list[bytes]:
    """The payloads of this type that the network has made, oldest first."""
    rows = await network.ledger.read(
        select(BODIES.c.data)
        .join(MESSAGES, MESSAGES.c.body == BODIES.c.key)
        .where(MESSAGES.c.way == "made", MESSAGES.c.type == kind)
        .order_by(MESSAGES.c.key)
    )
    return [payload(row.data) for row in rows]


def answer(letter: bytes, network: Network, *, positive: bool, name: str = "") -> bytes:
    """The XCTL03 or XCTL02 on a letter."""
    said = letter_facts(letter, known_type("XDIS91"))
    identifiers = Identifiers(sha256(f"{name} {said.letter_id}".encode()).hexdigest()[:32])
    if positive:
        return positive_receipt(letter, network.clock(), identifiers)
    return negative_receipt(letter, Reason("syntaksfejl", "Kan ikke læses"), network.clock(), identifiers)


async def crossed(network: Network, sent: bytes) -> Sequence[bytes]:
    """Send a bundle to the external OIOXML system, and take what arrives there."""
    await send(network, wrapped(sent, OWN_FHIR, OWN_OIOXML))
    return [payload(body) for body in await emptied(network, OWN_OIOXML)]


@pytest.mark.parametrize(
    "types",
    [
        pytest.param(("XDIS91",), marks=case("R1.A1-no-xbin01")),
        pytest.param(("XDIS91", "BIN01"), marks=case("R1.A1-no-xbin01", "R1-medbin01")),
    ],
    ids=" and ".join,
)
async def test_r1_a1_a_receiver_without_xbin01(
    running: Running, clock: Clock, tmp_path: Path, types: tuple[str, ...]
) -> None:
    """R1.A1: both letters are sent all the same; the receiver's XCTL03 and XCTL02 become one negative answer."""
    receiver = PRACTICE
    file = network_file(tmp_path, {receiver: {"takes": [{"type": one} for one in types]}})
    async with running(clock=clock, network_file=file) as network:
        await send(network, wrapped(bundle(1, receiver), OWN_FHIR, receiver))
        bodies = await emptied(network, OWN_FHIR)
        (acknowledgement,) = letters(bodies, "MCM:FCTL")
        assert b'"code":"fatal-error"' in acknowledgement
        assert kinds(bodies).count("PositiveMessage") == 1


@case("R1-medbin01")
async def test_r1_a_receiver_of_medbin01_gets_the_letter_without_its_xbin01(
    running: Running, clock: Clock, tmp_path: Path
) -> None:
    """No agreement on EDIFACT is simulated: the letter is delivered, and its XBIN01 refused by name to its sender."""
    receiver = PRACTICE
    file = network_file(tmp_path, {receiver: {"takes": [{"type": "XDIS91"}, {"type": "BIN01"}]}})
    letter, attachment = sent = pair("medbin", receiver=receiver)
    async with running(clock=clock, network_file=file) as network:
        await send(network, *sent)
        bodies = await emptied(network, OWN_OIOXML)
        states = [node.state for one in sent for node in await story(network, one.head.identifier)]
    assert states == ["delivered", "refused"]
    assert sorted(kinds(bodies)) == ["MCM:XCTL01", "MCM:XCTL03", "NegativeVans", "PositiveMessage"]
    [negative] = [head.receipt for head in heads(bodies) if head.receipt is not None and head.sender.type == "VANS"]
    assert (negative.original_envelope, negative.code) == (attachment.head.identifier, 424)
    assert f"{receiver} takes BIN01 on " in (negative.description or "")
    for kind, answered in (("MCM:XCTL01", attachment), ("MCM:XCTL03", letter)):
        [receipt] = [letter_facts(one, known_type(kind[4:])) for one in letters(bodies, kind)]
        assert receipt.answers is not None
        assert answered.facts is not None
        assert receipt.answers.letter_ids == (answered.facts.letter_id,)
        assert receipt.answers.refuse_code == ("problem_med_version" if answered is attachment else "")


@case("S2.A1-several-pairs")
async def test_several_pairs_are_answered_by_one_acknowledgement(running: Running, clock: Clock) -> None:
    """S2.A1: more than ten attachments travel in pairs; their receipts are joined, whatever their order."""
    async with running(clock=clock) as network:
        await send(network, wrapped(bundle(23, PRACTICE), OWN_FHIR, PRACTICE))
        assert (len(await made(network, "XDIS91")), len(await made(network, "XBIN01"))) == (3, 3)
        bodies = await emptied(network, OWN_FHIR)
        (acknowledgement,) = letters(bodies, "MCM:FCTL")
        assert b"ok" in acknowledgement
        assert kinds(bodies).count("PositiveMessage") == 1


@case("memory-over")
async def test_a_receipt_after_three_months_goes_on_unconverted(running: Running, clock: Clock) -> None:
    """What is remembered of a conversion is forgotten; a receipt that comes then is delivered as it is."""
    async with running(clock=clock) as network:
        pair = await crossed(network, bundle(0))
        clock.advance(days=93)
        receipt = wrapped(answer(pair[0], network, positive=True), OWN_OIOXML, OWN_FHIR)
        await send(network, receipt)
        arrived = await emptied(network, OWN_FHIR)
        assert receipt.body in arrived


@case("memory-over-held")
async def test_a_receipt_that_waits_when_three_months_are_over_goes_on_unconverted(
    running: Running, clock: Clock
) -> None:
    """On the last day it waits still; afterwards it is delivered as it came, and its story is over."""
    async with running(clock=clock) as network:
        pair = await crossed(network, bundle(1))
        held = wrapped(answer(pair[0], network, positive=True), OWN_OIOXML, OWN_FHIR)
        await send(network, held)
        [due] = await network.ledger.read(select(DUE.c.at, DUE.c.kind))
        clock.advance(days=91)
        await idle(network)
        assert (await find(network, held.head.identifier)).state == "held"
        clock.advance(days=2)
        await idle(network)
        assert held.body in await emptied(network, OWN_FHIR)
        node = await find(network, held.head.identifier)
        assert (node.state, node.rule, node.steps[-2].what) == ("delivered", "D-held-receipt-over", "let go")
        late = wrapped(answer(pair[1], network, positive=True), OWN_OIOXML, OWN_FHIR)
        await send(network, late)
        assert late.body in await emptied(network, OWN_FHIR)
        assert await network.ledger.read(select(DUE.c.key)) == []
    assert due.kind == "receipt"


@case("memory-over-held")
async def test_a_receipt_that_waits_no_longer_is_not_due(running: Running, clock: Clock) -> None:
    """The others came in time: what was due of it is gone with its waiting."""
    async with running(clock=clock) as network:
        pair = await crossed(network, bundle(1))
        for letter in pair:
            await send(network, wrapped(answer(letter, network, positive=True), OWN_OIOXML, OWN_FHIR))
        assert letters(await emptied(network, OWN_FHIR), "MCM:FCTL")
        assert await network.ledger.read(select(DUE.c.key)) == []


@case("receipts-again")
async def test_a_duplicate_receipt_gives_the_same_answer_again(running: Running, clock: Clock) -> None:
    """The same receipt in a new envelope: what was made of it is sent again, the same bytes in a new envelope."""
    async with running(clock=clock) as network:
        pair = await crossed(network, bundle(0))
        receipt = answer(pair[0], network, positive=True)
        await send(network, wrapped(receipt, OWN_OIOXML, OWN_FHIR))
        once = letters(await emptied(network, OWN_FHIR), "MCM:FCTL")
        await send(network, wrapped(receipt, OWN_OIOXML, OWN_FHIR))
        again = letters(await emptied(network, OWN_FHIR), "MCM:FCTL")
        assert once == again
        assert len(once) == 1


@case("receipts-second-answer")
async def test_a_second_answer_changes_nothing(running: Running, clock: Clock) -> None:
    """A negative receipt after the positive one was converted is taken in, and goes nowhere."""
    async with running(clock=clock) as network:
        pair = await crossed(network, bundle(0))
        await send(network, wrapped(answer(pair[0], network, positive=True), OWN_OIOXML, OWN_FHIR))
        await emptied(network, OWN_FHIR)
        second = wrapped(answer(pair[0], network, positive=False, name="other"), OWN_OIOXML, OWN_FHIR)
        await send(network, second)
        assert letters(await emptied(network, OWN_FHIR), "MCM:") == []


@case("error-nothing-half-sent")
async def test_both_letters_of_a_pair_leave_or_neither(running: Running, clock: Clock) -> None:
    """A pair is published together: whatever is due for the receiver, it is two letters."""
    async with running(clock=clock) as network:
        await send(network, wrapped(bundle(), OWN_FHIR, OWN_OIOXML))
        rows = await network.ledger.read(select(SENDS.c.state).where(SENDS.c.queue == inbox(OWN_OIOXML)))
        assert [row.state for row in rows] == ["sent", "sent"]
        first, second = [read(body).head for body in await emptied(network, OWN_OIOXML)]
        assert first.identifier != second.identifier
