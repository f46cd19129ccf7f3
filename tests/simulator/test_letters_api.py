"""Letters over HTTP: listed, searched, one with every hop, bytes, sent again, deleted; and waiting for them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from envelope.reading import payload
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import (
    LETTERS,
    OWN_FHIR,
    OWN_OIOXML,
    PRACTICE,
    TOWN,
    idle,
    message,
    send,
    wrapped,
    xdis91,
)


async def test_the_list_has_the_letters_and_the_search_finds_one(running: Running) -> None:
    """The latest first, each with what became of it on either side; a search and a page size are kept to."""
    converted, as_is = wrapped(xdis91()), wrapped(message(), sender=TOWN, receiver=OWN_FHIR)
    async with running() as network, calling(network) as http:
        await send(network, converted)
        await send(network, as_is)
        whole = (await http.get("/api/messages")).json()
        found = (await http.get("/api/messages", params={"q": f"to:{TOWN} state:converted"})).json()
        first = (await http.get("/api/messages", params={"limit": 1})).json()
        second = (await http.get("/api/messages", params={"limit": 1, "below": first["next"]})).json()
        wrong = await http.get("/api/messages", params={"q": "colour:red"})
    assert [one["id"] for one in whole["messages"]] == [as_is.head.identifier, converted.head.identifier]
    assert whole["next"] is None
    [one] = found["messages"]
    assert one == whole["messages"][1]
    assert {name: one[name] for name in ("sender", "receiver", "type", "made", "state", "receipt", "positive")} == {
        "sender": PRACTICE,
        "receiver": TOWN,
        "type": "XDIS91",
        "made": ["CareCommunication"],
        "state": "converted",
        "receipt": "XCTL03",
        "positive": True,
    }
    assert [one["id"] for one in first["messages"] + second["messages"]] == [one["id"] for one in whole["messages"]]
    assert second["next"] is None
    assert (wrong.status_code, rules(wrong)) == (422, ["VS-796"])


async def test_one_letter_has_every_hop_and_its_bytes(running: Running) -> None:
    """What came in is byte for byte what was sent; the letter in it is given decoded; what was made is there too."""
    sent = wrapped(xdis91())
    async with running() as network, calling(network) as http:
        await send(network, sent)
        answer = (await http.get(f"/api/messages/{sent.head.identifier}")).json()
        hops = {hop["key"]: hop for hop in answer["hops"]}
        first = answer["hops"][0]
        made = next(hop for hop in answer["hops"] if hop["relation"] == "converted" and hop["layer"] == "message")
        envelope = await http.get(first["body"])
        letter = await http.get(first["body"], params={"letter": True})
        bundle = await http.get(made["body"], params={"letter": True})
        missing = await http.get("/api/bodies/12")
        never = await http.get("/api/bodies/99999999999999999999")
    assert answer["message"]["id"] == sent.head.identifier
    assert {hop["relation"] for hop in hops.values()} == {None, "converted", "answers-letter", "answers-envelope"}
    assert made["of"] == first["key"]
    assert envelope.content == sent.body
    assert letter.content == payload(sent.body)
    assert b"<Bundle" in bundle.content
    assert envelope.headers["content-security-policy"].startswith("sandbox")
    assert (missing.status_code, rules(missing), never.status_code) == (404, ["VS-474"], 404)


@ON_ONE_BROKER
async def test_a_message_in_json_is_given_as_json(running: Running) -> None:
    """The letter's own form says what it is."""
    async with running() as network, calling(network) as http:
        sent = await http.post("/api/messages", content=xdis91(), params={"to": OWN_FHIR})
        await idle(network)
        hops = (await http.get(f"/api/messages/{sent.json()['id']}")).json()["hops"]
        made = next(hop for hop in hops if hop["relation"] == "converted")
        bundle = await http.get(made["body"], params={"letter": True})
    assert bundle.headers["content-type"] == "application/fhir+json"
    assert bundle.json()["resourceType"] == "Bundle"


async def test_a_letter_is_sent_again(running: Running) -> None:
    """Unchanged it is a duplicate of itself; new it is another letter; somebody else may get it."""
    sent = wrapped(xdis91())
    async with running() as network, calling(network) as http:
        await send(network, sent)
        place = f"/api/messages/{sent.head.identifier}/resend"
        same = await http.post(place, json={})
        other = await http.post(place, json={"how": "new", "receiver": OWN_OIOXML})
        await idle(network)
        rows = (await http.get("/api/messages")).json()["messages"]
        nobody = await http.post(place, json={"receiver": "5790000999996"})
        never = await http.post("/api/messages/nothing/resend", json={})
        strange = await http.post(place, json={"how": "loudly"})
    assert (same.status_code, same.json()["id"]) == (202, sent.head.identifier)
    assert [(one["receiver"], one["duplicate"]) for one in rows] == [(OWN_OIOXML, False), (TOWN, True), (TOWN, False)]
    assert rows[0]["id"] == other.json()["id"]
    assert (nobody.status_code, rules(nobody)) == (404, ["VS-476"])
    assert (never.status_code, strange.status_code, rules(strange)) == (404, 422, ["VS-488"])


async def test_a_story_is_deleted_whole_once_it_is_over(running: Running) -> None:
    """What waits in an inbox keeps its story; afterwards nothing is found of it."""
    sent = wrapped(xdis91(), receiver=OWN_OIOXML)
    async with running() as network, calling(network) as http:
        await send(network, sent)
        place = f"/api/messages/{sent.head.identifier}"
        early = await http.delete(place)
        taken = await http.get(f"/api/participants/{OWN_OIOXML}/inbox", params={"wait": 10})
        await http.post(f"/api/participants/{OWN_OIOXML}/inbox/{taken.headers['x-vans-lease']}/ack")
        done = await http.delete(place)
        again = await http.delete(place)
    assert (early.status_code, rules(early)) == (409, ["VS-754"])
    assert (done.status_code, again.status_code) == (204, 404)


async def test_a_wait_ends_when_the_letter_is_as_asked_for(running: Running) -> None:
    """It was asked before anything was sent, and answers with the letter."""
    async with running() as network, calling(network) as http:
        wait = asyncio.create_task(http.get("/api/wait", params={"q": f"to:{TOWN} receipt:positive", "timeout": 60}))
        sent = wrapped(xdis91())
        await send(network, sent)
        answer = await wait
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()["messages"]] == [sent.head.identifier]


@pytest.mark.parametrize(
    ("q", "differs"),
    [
        ("{id} state:refused", [("state", "refused", "converted")]),
        ("{id} type:XDIS91 receipt:negative", [("receipt", "negative", "positive")]),
        ("to:5790009 receipt:positive", [("to", "5790009", TOWN)]),
        (
            "to:5790009 state:refused rule:D-convert",
            [("state", "refused", "converted"), ("to", "5790009", TOWN)],
        ),
        ("no-such-letter state:converted", [("text", "no-such-letter", "{id}")]),
        ("{id} type:FDIS91", [("type", "FDIS91", "XDIS91 CareCommunication")]),
    ],
)
@ON_ONE_BROKER
async def test_a_wait_in_vain_says_what_came_nearest(
    q: str, differs: list[tuple[str, str, str]], running: Running
) -> None:
    """The fewest terms are left out for which there is a letter, those first that say what became of it."""
    async with running() as network, calling(network) as http:
        sent = wrapped(xdis91())
        await send(network, sent)
        id_ = sent.head.identifier
        answer = await http.get("/api/wait", params={"q": q.format(id=id_), "timeout": 0})
    said = answer.json()
    assert (answer.status_code, rules(answer)) == (408, ["VS-755"])
    assert said["nearest"]["id"] == id_
    assert [(one["term"], one["wanted"], one["found"]) for one in said["differs"]] == [
        (term, wanted, found.format(id=id_)) for term, wanted, found in differs
    ]
    assert said["messages"] == []


@ON_ONE_BROKER
async def test_a_wait_in_vain_where_there_is_no_letter_says_so(running: Running) -> None:
    """And one for more letters than there are says how many there are; a search for nothing is refused."""
    async with running() as network, calling(network) as http:
        none = await http.get("/api/wait", params={"q": "state:converted", "timeout": 0})
        await send(network, wrapped(xdis91()))
        few = await http.get("/api/wait", params={"q": "state:converted", "timeout": 0, "count": 2})
        empty = await http.get("/api/wait", params={"q": ""})
    assert none.json()["nearest"] is None
    assert "no letter was taken in" in none.json()["findings"][0]["text"]
    assert (len(few.json()["messages"]), few.status_code) == (1, 408)
    assert "there are 1 of 2" in few.json()["findings"][0]["text"]
    assert (empty.status_code, rules(empty)) == (422, ["VS-488"])


async def test_idle_waits_for_what_is_due_before_a_time(running: Running) -> None:
    """A half that waits for its other half is due in an hour: before that time is at rest, after it is not."""
    async with running() as network, calling(network) as http:
        await send(network, wrapped((LETTERS / "xdis91-attachments.xml").read_bytes()))
        now = network.clock()
        soon, later = (now + timedelta(minutes=minutes) for minutes in (30, 90))
        rested = await http.get("/api/idle", params={"until": soon.isoformat(), "timeout": 60})
        busy = await http.get("/api/idle", params={"until": later.isoformat(), "timeout": 0})
        await http.post("/api/clock/advance", json={"by": "61m"})
        done = await http.get("/api/idle", params={"until": later.isoformat(), "timeout": 60})
        wrong = await http.get("/api/idle", params={"until": "soon"})
    assert (rested.status_code, done.status_code) == (200, 200)
    assert (busy.status_code, rules(busy)) == (408, ["VS-756"])
    assert busy.json()["left"]["due"] is not None
    assert (wrong.status_code, rules(wrong)) == (422, ["VS-701"])
