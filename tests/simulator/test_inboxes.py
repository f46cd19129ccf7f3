from __future__ import annotations

import asyncio

import httpx
import pytest

from broker.port import Send, Settlement, inbox
from routing.ledger.unit import Unit
from simulator import errors
from simulator.web.leases import Leases
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import OWN_FHIR, TOWN, message, send, wrapped

INBOX = f"/api/participants/{OWN_FHIR}/inbox"


async def test_an_envelope_is_taken_acked_and_gone(running: Running) -> None:
    """A lease comes with the envelope's bytes; after the ack the inbox is empty and the timeline says who took it."""
    async with running() as network, calling(network) as http:
        sent = wrapped(message(), TOWN, OWN_FHIR)
        await send(network, sent)
        taken = await http.get(INBOX)
        assert (taken.status_code, taken.content) == (200, sent.body)
        assert taken.headers["X-Vans-Id"] == sent.head.identifier
        assert taken.headers["Content-Type"] == "application/xml"
        assert (await http.get(INBOX)).status_code == 204
        lease = taken.headers["X-Vans-Lease"]
        assert (await http.post(f"{INBOX}/{lease}/ack")).status_code == 204
        again = await http.post(f"{INBOX}/{lease}/ack")
        assert (again.status_code, rules(again)) == (404, [errors.NO_LEASE.id])
        story = (await http.get(f"/api/messages/{sent.head.identifier}/timeline")).text
    assert f"taken by {OWN_FHIR} over HTTP" in story


async def test_what_was_acked_stays_gone_after_a_restart(running: Running) -> None:
    """The next process of the network gives out only what was not acked."""
    first, second = wrapped(message(1), TOWN, OWN_FHIR), wrapped(message(2), TOWN, OWN_FHIR)
    async with running() as network, calling(network) as http:
        await send(network, first)
        await send(network, second)
        taken = await http.get(INBOX)
        await http.post(f"{INBOX}/{taken.headers['X-Vans-Lease']}/ack")
        await http.get(INBOX)  # leased, and never acked
    async with running() as network, calling(network) as http:
        left = await http.get(INBOX, params={"wait": 10})
        assert left.content == second.body
        await http.post(f"{INBOX}/{left.headers['X-Vans-Lease']}/ack")
        assert (await http.get(INBOX)).status_code == 204


async def test_what_is_returned_is_there_again(running: Running) -> None:
    """A returned envelope is given to the next who asks, byte for byte the same; the lease is over."""
    async with running() as network, calling(network) as http:
        await send(network, wrapped(message(), TOWN, OWN_FHIR))
        first = await http.get(INBOX)
        lease = first.headers["X-Vans-Lease"]
        assert (await http.post(f"{INBOX}/{lease}/return")).status_code == 204
        second = await http.get(INBOX, params={"wait": 10})
        assert second.content == first.content
        assert second.headers["X-Vans-Lease"] != lease
        assert (await http.post(f"{INBOX}/{lease}/ack")).status_code == 404


async def test_a_lease_runs_out(running: Running) -> None:
    """An envelope that is neither acked nor returned in time is in the inbox again, and its lease is worth nothing."""
    async with running() as network, calling(network, lease_seconds=0.01) as http:
        await send(network, wrapped(message(), TOWN, OWN_FHIR))
        first = await http.get(INBOX)
        second = await http.get(INBOX, params={"wait": 10})
        assert (second.status_code, second.content) == (200, first.content)
        assert (await http.post(f"{INBOX}/{first.headers['X-Vans-Lease']}/ack")).status_code == 404


async def test_peeking_uses_nothing_up(running: Running) -> None:
    """Looking gives the oldest envelope without a lease, as often as one likes."""
    async with running() as network, calling(network) as http:
        assert (await http.get(INBOX, params={"peek": "true"})).status_code == 204
        sent = wrapped(message(1), TOWN, OWN_FHIR)
        await send(network, sent)
        await send(network, wrapped(message(2), TOWN, OWN_FHIR))
        for _ in range(3):
            seen = await http.get(INBOX, params={"peek": "true"})
            assert (seen.content, seen.headers["X-Vans-Id"]) == (sent.body, sent.head.identifier)
            assert "X-Vans-Lease" not in seen.headers
        assert (await http.get(INBOX)).content == sent.body


async def test_waiting_ends_when_an_envelope_comes(running: Running) -> None:
    """Who waits is given the envelope when it comes, not at the end of the wait."""
    async with running() as network, calling(network) as http, asyncio.timeout(30):
        waiting = asyncio.create_task(http.get(INBOX, params={"wait": 60}))
        sent = wrapped(message(), TOWN, OWN_FHIR)
        await network.submit(sent.body, sent.head.identifier)
        assert (await waiting).content == sent.body


async def test_an_empty_inbox_is_waited_for_no_longer_than_asked(running: Running) -> None:
    """When none came in time, the answer is 204."""
    async with running() as network, calling(network) as http:
        assert (await http.get(INBOX, params={"wait": 0.05})).status_code == 204


async def test_nobody_acks_for_another(running: Running) -> None:
    """A lease is its participant's alone."""
    async with running() as network, calling(network) as http:
        await send(network, wrapped(message(), TOWN, OWN_FHIR))
        lease = (await http.get(INBOX)).headers["X-Vans-Lease"]
        assert (await http.post(f"/api/participants/{TOWN}/inbox/{lease}/ack")).status_code == 404
        assert (await http.post(f"{INBOX}/{lease}/ack")).status_code == 204


@ON_ONE_BROKER
@pytest.mark.parametrize("gln", ["5790000999999", "x", "%00"])
async def test_an_inbox_of_nobody_is_not_found(gln: str, running: Running) -> None:
    """Only participants have inboxes."""
    async with running() as network, calling(network) as http:
        answer = await http.get(f"/api/participants/{gln}/inbox")
    assert (answer.status_code, rules(answer)) == (404, [errors.NO_PARTICIPANT.id])


async def test_a_duplicate_that_its_sender_made_is_given_too(running: Running) -> None:
    """An envelope that was sent twice and passed on twice is taken twice: its receiver is to see the duplicate."""
    async with running() as network, calling(network) as http:
        sent = wrapped(message(), TOWN, OWN_FHIR)
        await send(network, sent)
        await send(network, sent)
        for _ in range(2):
            taken = await http.get(INBOX)
            assert taken.content == sent.body
            await http.post(f"{INBOX}/{taken.headers['X-Vans-Lease']}/ack")
        assert (await http.get(INBOX)).status_code == 204


async def test_what_a_crash_has_put_there_twice_is_given_once(running: Running) -> None:
    """The same envelope published again by a router that died between publish and ack is acked and not given again."""
    async with running() as network, calling(network) as http:
        sent, other = wrapped(message(1), TOWN, OWN_FHIR), wrapped(message(2), TOWN, OWN_FHIR)
        await send(network, sent)
        await put_twice(network)
        await send(network, other)
        bodies = []
        while (taken := await http.get(INBOX)).status_code == 200:
            bodies.append(taken.content)
            await http.post(f"{INBOX}/{taken.headers['X-Vans-Lease']}/ack")
    assert bodies == [sent.body, other.body]


async def test_an_ack_counts_though_the_broker_lost_the_delivery(running: Running) -> None:
    """When the delivery was lost under the lease, what was acked is kept, and not given when it comes again."""
    async with running() as network, calling(network) as http:
        sent = wrapped(message(), TOWN, OWN_FHIR)
        await send(network, sent)
        taken = await http.get(INBOX)
        [lease] = leases_of(http)._leases.values()
        await network.broker.give_back(lease.delivery)
        assert (await http.post(f"{INBOX}/{taken.headers['X-Vans-Lease']}/ack")).status_code == 204
        assert (await http.get(INBOX, params={"wait": 0.2})).status_code == 204


async def put_twice(network: Network) -> None:
    """Make two of the envelope in the inbox, as a router does that dies between publish and ack."""
    delivery = await network.broker.receive(inbox(OWN_FHIR), 10)
    assert delivery is not None
    copy = Send(delivery.queue, delivery.body, delivery.body_key, delivery.message_id or "")
    assert await network.broker.settle([Settlement(delivery, Unit(), (copy, copy))]) == [None]


def leases_of(http: httpx.AsyncClient) -> Leases:
    """The leases behind a client."""
    transport = http._transport
    assert isinstance(transport, httpx.ASGITransport)
    state = transport.app.state  # type: ignore[attr-defined]
    leases: Leases = state.leases[state.networks.default]
    return leases
