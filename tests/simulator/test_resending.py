from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from envelope.catalogue import find
from envelope.findings import Refused
from envelope.payload_facts import letter_facts
from envelope.reading import payload, read
from envelope.validation import validate
from routing.ledger.keys import new_key
from routing.ledger.removal import remove
from routing.ledger.schema import (
    BODIES,
    CLAIMS,
    CONVERSIONS,
    DEAD,
    DUE,
    EVENTS,
    HALVES,
    IDENTIFIERS,
    MESSAGES,
    ORDERS,
    SENDS,
)
from simulator.resending import resend
from simulator.settings import EMBEDDED
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER
from tests.simulator.post import (
    LETTERS,
    NOBODY,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    count,
    emptied,
    idle,
    message,
    send,
    story,
    wrapped,
    xdis91,
)


async def test_an_unchanged_letter_is_known_again(running: Running) -> None:
    """The same envelope, byte for byte, is a duplicate."""
    async with running() as network:
        sent = wrapped(xdis91(), PRACTICE, OWN_OIOXML)
        await send(network, sent)
        assert await resend(network, sent.body, "unchanged") == sent.head.identifier
        await idle(network)
        [root] = await story(network, sent.head.identifier)
        assert [one.duplicate for one in root.walk()] == [False, True]
        assert await emptied(network, OWN_OIOXML) == [sent.body, sent.body]


@pytest.mark.parametrize(
    "letter", [xdis91(), message(), (LETTERS / "bundle-new.json").read_bytes()], ids=["oio", "xml", "json"]
)
@ON_ONE_BROKER
async def test_a_letter_under_new_identifiers_is_another(letter: bytes, running: Running) -> None:
    """Envelope, message and letter get names of their own, the content stays, and what was valid is valid."""
    async with running() as network:
        sent = wrapped(letter, TOWN, OWN_FHIR)
        await send(network, sent)
        again = await resend(network, sent.body, "new")
        await idle(network)
        assert again != sent.head.identifier
        assert await count(network, way="in", layer="message") == 2
        bodies = {read(body).head.identifier: body for body in await emptied(network, OWN_FHIR)}
        roots = await story(network, again)
        assert not roots[0].duplicate
    if sent.type is not None and sent.type.family == "FHIR":
        made = payload(bodies[again])
        old, new = (letter_facts(one, sent.type) for one in (letter, made))
        assert {old.letter_id, old.envelope_id}.isdisjoint({new.letter_id, new.envelope_id})
        assert len(made) == len(letter)
        assert validate(made).valid


@ON_ONE_BROKER
async def test_a_letter_goes_to_somebody_else(running: Running) -> None:
    """Another receiver gets it in an envelope to him; who is no participant gets nothing."""
    async with running() as network:
        sent = wrapped(xdis91(), PRACTICE, OWN_FHIR)
        await resend(network, sent.body, "unchanged", OWN_OIOXML)
        await idle(network)
        [body] = await emptied(network, OWN_OIOXML)
        for nobody in (NOBODY, "5799999999994", "x"):
            with pytest.raises(Refused):
                await resend(network, sent.body, "new", nobody)
    assert read(body).head.receiver.id == OWN_OIOXML
    type_ = find("XDIS91")
    assert type_ is not None
    assert letter_facts(payload(body), type_).letter_id != "BREV0000000001"


@ON_ONE_BROKER
async def test_a_short_identifier_is_not_taken_for_what_only_looks_so(running: Running) -> None:
    """A letter called 1 gets a new name without any other 1 in it being touched."""
    letter = re.sub(rb"BREV0000000001", b"1", xdis91())
    async with running() as network:
        await resend(network, wrapped(letter, PRACTICE, OWN_OIOXML).body, "new")
        await idle(network)
        [body] = await emptied(network, OWN_OIOXML)
    made = payload(body)
    assert b"<Identifier>1</Identifier>" not in made
    assert b"5790000121526" in made
    assert len(made) == len(letter)


async def test_a_story_that_is_over_is_removed_whole(running: Running) -> None:
    """Nothing is left of it in any table, and the same letter may come again as if for the first time."""
    async with running() as network:
        kept = wrapped(xdis91(7))
        sent = [wrapped(xdis91(1)), wrapped(xdis91(2), PRACTICE, NOBODY)]
        await send(network, kept)
        before = await _rows(network)
        await send(network, *sent)
        roots = [(await story(network, one.head.identifier))[0] for one in sent]
        assert await remove(network.ledger, [root.key for root in roots]) == []
        assert await _rows(network) == before
        await send(network, sent[0])
        [again] = await story(network, sent[0].head.identifier)
        assert (again.state, again.duplicate) == ("converted", False)
        assert await story(network, kept.head.identifier)


async def _rows(network: Network) -> dict[str, int]:
    """How many rows there are of what a story is made of."""
    found = {}
    for table in (MESSAGES, IDENTIFIERS, EVENTS, SENDS, ORDERS, CONVERSIONS, HALVES, DUE, DEAD, CLAIMS):
        [[found[table.name]]] = await network.ledger.read(select(func.count()).select_from(table))
    # Over RabbitMQ mocks keep what they publish once more, which no row of the story knows of.
    if network.settings.broker == EMBEDDED:
        [[found["bodies"]]] = await network.ledger.read(select(func.count()).select_from(BODIES))
    return found


@ON_ONE_BROKER
async def test_a_story_that_is_not_over_is_left(running: Running) -> None:
    """What waits in an inbox, or for its other half, stays; what is unknown is nobody's."""
    async with running() as network:
        waiting = wrapped(xdis91(1), PRACTICE, OWN_OIOXML)
        held = wrapped((LETTERS / "xdis91-attachments.xml").read_bytes())
        await send(network, waiting, held)
        keys = [(await story(network, one.head.identifier))[0].key for one in (waiting, held)]
        assert sorted(await remove(network.ledger, [*keys, new_key()])) == sorted(keys)
        assert len(await emptied(network, OWN_OIOXML)) == 1
        assert await remove(network.ledger, keys) == [keys[1]]
