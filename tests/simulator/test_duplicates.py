"""What comes twice: forwarded where it was passed through, never converted twice, and never an accusation."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.model import ReceiptKind
from envelope.reading import payload
from envelope.writing import write
from routing.errors import DUPLICATE
from simulator.services.answers import answers_of
from simulator.services.outgoing import Outgoing
from simulator.wiring import Network
from tests.conversion.test_to_xdis91_samples import _samples
from tests.simulator.conftest import Running
from tests.simulator.post import (
    CITY,
    HOSPITAL,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    count,
    emptied,
    heads,
    idle,
    in_force,
    kinds,
    letters,
    message,
    network_file,
    send,
    story,
    told,
    wrapped,
    xdis91,
)

EXTERNAL = {gln: {"external": True} for gln in (PRACTICE, TOWN, CITY, HOSPITAL)}
OTHER = "2f6f4e5a-0b1c-4d2e-8f3a-4b5c6d7e8f90"


def again(outgoing: Outgoing, **changes: Any) -> Outgoing:
    """The same payload with parts of the head changed."""
    head = replace(outgoing.head, **changes)
    return replace(outgoing, head=head, body=write(head, payload(outgoing.body)))


def in_a_new_envelope(outgoing: Outgoing) -> Outgoing:
    """An unchanged resend: a new EnvelopeIdentifier and the same message."""
    return again(outgoing, identifier=OTHER)


def as_a_new_message(outgoing: Outgoing) -> Outgoing:
    """The same letter in a new envelope under a new message identifier."""
    assert outgoing.head.message is not None
    return again(outgoing, identifier=OTHER, message=replace(outgoing.head.message, identifier=OTHER))


async def test_a_duplicate_that_was_passed_through_is_forwarded_and_marked(running: Running) -> None:
    """The receiver gets the same bytes twice, and the timeline says which one is the duplicate."""
    letter = wrapped(xdis91(), PRACTICE, OWN_OIOXML)
    async with running() as network:
        await send(network, letter)
        await send(network, letter)
        assert await emptied(network, OWN_OIOXML) == [letter.body, letter.body]
        assert await emptied(network, PRACTICE) == []
        [first] = await story(network, letter.head.identifier)
        assert (first.duplicate, first.findings) == (False, [])
        [second] = first.children
        assert (second.relation, second.duplicate, second.rule) == ("repeat", True, "D-duplicate-forwarded")
        assert [finding["rule"] for finding in second.findings] == [DUPLICATE.id]


async def test_an_unchanged_resend_that_was_passed_through_is_forwarded(running: Running) -> None:
    """A new envelope around the message sent before is a duplicate too, forwarded byte for byte."""
    letter = wrapped(xdis91(), PRACTICE, OWN_OIOXML)
    resent = in_a_new_envelope(letter)
    async with running() as network:
        await send(network, letter)
        await send(network, resent)
        assert await emptied(network, OWN_OIOXML) == [letter.body, resent.body]


@pytest.mark.parametrize("repeated", [lambda one: one, in_a_new_envelope, as_a_new_message])
async def test_a_converted_duplicate_without_receipts_gets_nothing(
    running: Running, tmp_path: Path, repeated: Any
) -> None:
    """Whether envelope, message or letter is the same: it is not converted again, and nobody gets anything."""
    letter = wrapped(xdis91())
    async with running(network_file=network_file(tmp_path, EXTERNAL)) as network:
        await send(network, letter)
        await send(network, repeated(letter))
        assert kinds(await emptied(network, TOWN)) == ["MCM:FDIS91#other"]
        assert await emptied(network, PRACTICE) == []
        [root] = await story(network, letter.head.identifier)
        assert [(one.relation, one.state) for one in root.children] == [("converted", "made"), ("repeat", "ignored")]


async def receipted(network: Network, letter: Outgoing, receiver: str) -> list[bytes]:
    """Send a letter, answer it as its receiver does, and give the receipts that come back to its sender."""
    await send(network, letter)
    [arrived] = await emptied(network, receiver)
    await send(network, *answers_of(arrived, network.clock()))
    return await emptied(network, letter.head.sender.id)


@pytest.mark.parametrize("repeated", [lambda one: one, in_a_new_envelope, as_a_new_message])
@pytest.mark.parametrize(
    ("letter", "receiver"), [(xdis91(), TOWN), (message(), HOSPITAL)], ids=["XDIS91", "CareCommunication"]
)
async def test_a_converted_duplicate_gets_its_receipts_once_more(
    running: Running, tmp_path: Path, letter: bytes, receiver: str, repeated: Any
) -> None:
    """The receipts that the network has come again: the same content, each in a new envelope."""
    sent = wrapped(letter, CITY if receiver == HOSPITAL else PRACTICE, receiver)
    async with running(network_file=network_file(tmp_path, EXTERNAL)) as network:
        first = await receipted(network, sent, receiver)
        assert len(first) == 2
        await send(network, repeated(sent))
        second = await emptied(network, sent.head.sender.id)
        assert await emptied(network, receiver) == []
        assert_same_content(first, second)
        await send(network, repeated(sent))
        assert_same_content(first, await emptied(network, sent.head.sender.id))
        assert len(set(first) | set(second)) == 4


def assert_same_content(first: list[bytes], second: list[bytes]) -> None:
    """The envelopes differ in identifier and time of sending alone."""
    pairs = (
        sorted(zip(heads(first), first, strict=True), key=by_kind),
        sorted(zip(heads(second), second, strict=True), key=by_kind),
    )
    assert len(pairs[0]) == len(pairs[1])
    for (one, body), (other, again_) in zip(*pairs, strict=True):
        assert one.identifier != other.identifier
        assert replace(one, identifier="", sent="") == replace(other, identifier="", sent="")
        if one.message is not None:
            assert payload(body) == payload(again_)


def by_kind(pair: tuple[Any, bytes]) -> bool:
    """Receipts of the envelope before receipts of the letter."""
    return pair[0].message is not None


async def test_with_the_setting_off_a_converted_duplicate_gets_nothing(running: Running, tmp_path: Path) -> None:
    """MedCom's use cases read literally: a duplicate is ignored, receipts or not."""
    letter = wrapped(xdis91())
    file = network_file(tmp_path, EXTERNAL, repeat_receipts=False)
    async with running(network_file=file) as network:
        assert len(await receipted(network, letter, TOWN)) == 2
        await send(network, letter)
        assert await emptied(network, PRACTICE) == []
        assert await count(network, state="ignored") == 1


async def test_an_answer_to_a_repeated_receipt_goes_no_further(running: Running, tmp_path: Path) -> None:
    """What the network sent once more in its own name is answered to the network, not to the letter's receiver."""
    letter = wrapped(xdis91())
    async with running(network_file=network_file(tmp_path, EXTERNAL)) as network:
        await receipted(network, letter, TOWN)
        await send(network, letter)
        [xctl] = [body for body in await emptied(network, PRACTICE) if kinds([body]) == ["MCM:XCTL03"]]
        await send(network, *answers_of(xctl, network.clock()))
        assert await emptied(network, TOWN) == []
        assert "D-answers-network" in told(await story(network, letter.head.identifier))


@pytest.mark.reference
async def test_medcoms_duplicates_among_the_samples(running: Running, reference: Path, tmp_path: Path) -> None:
    """J sent twice, and K with L: one letter each; M with N, both invalid: refused each time it comes."""
    found = {sample.name[7:14]: wrapped(sample.read_bytes()) for sample in _samples(reference)}
    one, two, three, four, five = (found[f"R-Tek-{name}"] for name in "JKLMN")
    sender, receiver = one.head.sender.id, one.head.receiver.id
    systems: dict[str, dict[str, Any]] = {
        sender: {"external": True},
        receiver: {"external": True, "takes": [{"type": "XDIS91"}]},
    }
    async with running(network_file=network_file(tmp_path, systems)) as network:
        for sample in (one, one, two, three, four, five):
            await send(network, sample)
        arrived = await emptied(network, receiver)
        assert kinds(arrived) == ["MCM:XDIS91"] * 2
        assert kinds(await emptied(network, sender)) == ["NegativeVans"] * 2
        await send(network, *(answer for body in arrived for answer in answers_of(body, network.clock())))
        back = letters(await emptied(network, sender), "MCM:FCTL#ok")
        said = [bundle_facts(read_bundle(one)).answers for one in back]
        # Two receipts are converted side by side, and either may be ready first.
        assert {answers.letter_ids[0] for answers in said if answers} == {
            sample.facts.letter_id for sample in (one, two) if sample.facts
        }
        assert len(said) == 2


async def test_an_envelope_identifier_used_for_another_message_is_refused(running: Running) -> None:
    """The second message gets NegativeVans however often it comes, and the first is not touched."""
    first = wrapped(xdis91(1), OWN_OIOXML, HOSPITAL)
    second = wrapped(xdis91(2), OWN_OIOXML, HOSPITAL, names=(first.head.identifier, OTHER))
    async with running() as network:
        await send(network, first)
        await emptied(network, OWN_OIOXML)
        for _ in range(2):
            await send(network, second)
            bodies = await emptied(network, OWN_OIOXML)
            assert sorted(kinds(bodies)) == ["MCM:XCTL01", "NegativeVans"]
            [receipt] = [head.receipt for head in heads(bodies) if head.receipt is not None]
            assert (receipt.kind, receipt.code) == (ReceiptKind.NEGATIVE_VANS, 415)
            assert (receipt.original_envelope, receipt.original) == (first.head.identifier, second.head.message)
        await send(network, first)
        assert "PositiveMessage" in kinds(await emptied(network, OWN_OIOXML))


async def test_what_was_refused_may_be_sent_again_in_a_new_envelope(running: Running, tmp_path: Path) -> None:
    """Refused, then accepted in a new envelope, then sent once more: converted exactly once."""
    file = network_file(tmp_path, EXTERNAL | {TOWN: {"external": True, "takes": [{"type": "XDIS22"}]}})
    letter = wrapped(xdis91())
    async with running(network_file=file) as network:
        await send(network, letter)
        assert sorted(kinds(await emptied(network, PRACTICE))) == ["MCM:XCTL01", "NegativeVans"]
        network_file(tmp_path, EXTERNAL)
        await in_force(network, lambda directory: directory.participant(TOWN).takes[0].type == "CareCommunication")
        await send(network, in_a_new_envelope(letter))
        await send(network, again(letter, identifier=OTHER.replace("2f", "3f")))
        await send(network, letter)
        assert kinds(await emptied(network, TOWN)) == ["MCM:FDIS91#other"]
        [receipt] = [head.receipt for head in heads(await emptied(network, PRACTICE)) if head.receipt is not None]
        assert receipt.code == 420


@pytest.mark.parametrize("repeated", [lambda one: one, in_a_new_envelope, as_a_new_message])
async def test_duplicates_of_the_same_instant_are_converted_once(
    running: Running, tmp_path: Path, repeated: Any
) -> None:
    """Many copies handed in at once, in one batch and across the router's lanes, make one letter each."""
    originals = [wrapped(xdis91(number)) for number in range(1, 9)]
    copies = [one for letter in originals for one in (letter, repeated_uniquely(repeated(letter), letter), letter)]
    async with running(network_file=network_file(tmp_path, EXTERNAL)) as network:
        await asyncio.gather(*(network.submit(one.body, one.head.identifier) for one in copies * 3))
        await idle(network)
        arrived = await emptied(network, TOWN)
        assert Counter(kinds(arrived)) == {"MCM:FDIS91#other": len(originals)}
        assert await count(network, way="in", state="converted") == len(originals)
        assert await count(network, way="in") == len(copies) * 3


def repeated_uniquely(repeated: Outgoing, original: Outgoing) -> Outgoing:
    """The same, under identifiers that no other letter's copy has."""
    if repeated.head.identifier == original.head.identifier:
        return repeated
    own = OTHER[:-12] + original.head.identifier[-12:]
    meta = repeated.head.message
    assert meta is not None
    if meta.identifier == OTHER:
        meta = replace(meta, identifier=own)
    return again(repeated, identifier=own, message=meta)


async def test_fhir_for_fhir_is_passed_through_twice_too(running: Running) -> None:
    """A duplicate bundle goes on byte for byte, whatever its format."""
    sent = wrapped(message(), CITY, OWN_FHIR)
    async with running() as network:
        await send(network, sent)
        await send(network, sent)
        assert await emptied(network, OWN_FHIR) == [sent.body, sent.body]
