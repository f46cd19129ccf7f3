from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from routing.ledger.errors import LedgerClosed
from simulator import errors
from simulator.settings import Settings
from simulator.web.api import make_app
from simulator.wiring import Network
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import OWN_FHIR, PRACTICE, TOWN, idle, message, send, wrapped, xdis91

TRUNCATED = xdis91()[:900]


async def test_an_envelope_is_taken_in_and_its_story_told(running: Running) -> None:
    """What was accepted with 202 is found in the timeline by its EnvelopeIdentifier, receipts and all."""
    async with running() as network, calling(network) as http:
        sent = wrapped(xdis91())
        answer = await http.post("/api/messages", content=sent.body)
        assert (answer.status_code, answer.json()) == (202, {"id": sent.head.identifier})
        await idle(network)
        story = await http.get(f"/api/messages/{sent.head.identifier}/timeline")
    assert story.status_code == 200
    [root] = story.json()["roots"]
    assert (root["envelope_id"], root["state"]) == (sent.head.identifier, "converted")


async def test_a_bare_letter_is_wrapped(running: Running) -> None:
    """A letter and a bundle without an envelope are wrapped, with the query's parties before their own."""
    async with running() as network, calling(network) as http:
        letter = await http.post("/api/messages", content=xdis91())
        bundle = await http.post("/api/messages", params={"from": TOWN, "to": OWN_FHIR}, content=message())
        assert (letter.status_code, bundle.status_code) == (202, 202)
        await idle(network)
        [first] = (await http.get(f"/api/messages/{letter.json()['id']}/timeline")).json()["roots"]
        [second] = (await http.get(f"/api/messages/{bundle.json()['id']}/timeline")).json()["roots"]
    assert (first["sender"], first["receiver"]) == (PRACTICE, TOWN)
    assert (second["sender"], second["receiver"]) == (TOWN, OWN_FHIR)


@ON_ONE_BROKER
async def test_a_sender_that_is_not_there_is_refused(running: Running) -> None:
    """Nobody sends who is not a participant."""
    async with running() as network, calling(network) as http:
        answer = await http.post("/api/messages", params={"from": "5790000999999"}, content=xdis91())
    assert answer.status_code == 422


@ON_ONE_BROKER
@pytest.mark.parametrize("party", ["x", "", "57900001215260", "5790000121527", "\x00"])
async def test_a_query_that_is_no_gln_is_refused(party: str, running: Running) -> None:
    """What the query gives for a party has to be a GLN; an empty one is the letter's own."""
    async with running() as network, calling(network) as http:
        answer = await http.post("/api/messages", params={"from": party}, content=xdis91())
    assert answer.status_code == (422 if party else 202)


@pytest.mark.parametrize(
    "junk",
    [b"", b"hello", b"\x00\xff\xfe", b"<a/>", b'<?xml version="1.0"?><a xmlns="urn:x"/>', b"{}", b"[]", b'{"a": 1'],
    ids=repr,
)
async def test_what_is_no_message_is_refused_and_kept(junk: bytes, running: Running) -> None:
    """Junk is refused with findings, and its bytes are in the dead letters under the same rule."""
    async with running() as network, calling(network) as http:
        answer = await http.post("/api/messages", content=junk)
        assert answer.status_code == 422
        await idle(network)
        [dead] = (await http.get("/api/dead")).json()["dead"]
        assert (dead["rule"], dead["size"]) == (rules(answer)[0], len(junk))
        kept = await http.get(f"/api/dead/{dead['key']}")
    assert (kept.status_code, kept.content) == (200, junk)


async def test_a_letter_that_cannot_be_read_is_kept_too(running: Running) -> None:
    """A bare letter that was cut short is refused with its place, and kept."""
    async with running() as network, calling(network) as http:
        answer = await http.post("/api/messages", params={"from": PRACTICE, "to": TOWN}, content=TRUNCATED)
        assert (answer.status_code, rules(answer)) == (422, ["VS-109"])
        [dead] = (await http.get("/api/dead")).json()["dead"]
        assert (await http.get(f"/api/dead/{dead['key']}")).content == TRUNCATED
    assert (dead["queue"], dead["rule"]) == ("api", "VS-109")


async def test_an_unreadable_envelope_gets_its_receipt(running: Running) -> None:
    """Where the sender of a broken envelope can be read, it gets NegativeVans, as over AMQP."""
    body = wrapped(message(), OWN_FHIR, TOWN).body
    broken = body[: body.index(b"</Data>")] if b"</Data>" in body else body[:-40]
    async with running() as network, calling(network) as http:
        answer = await http.post("/api/messages", content=broken)
        assert answer.status_code == 422
        await idle(network)
        receipt = await http.get(f"/api/participants/{OWN_FHIR}/inbox")
    assert b"NegativeVans" in receipt.content


async def test_a_body_that_is_too_large_is_refused(running: Running) -> None:
    """The bound is told with 413, and nothing is kept."""
    async with running() as network, calling(network) as http:
        network.settings = network.settings.model_copy(update={"largest_upload": 10})
        answer = await http.post("/api/messages", content=b"x" * 11)
        at_the_bound = await http.post("/api/messages", content=b"x" * 10)
    assert (answer.status_code, rules(answer)) == (413, [errors.UPLOAD_TOO_LARGE.id])
    assert at_the_bound.status_code == 422


async def test_the_conversions_of_a_story_are_told_value_by_value(running: Running) -> None:
    """The record is made again of what is kept: of the letter and of its receipt, by either one's identifier."""
    async with running() as network, calling(network) as http:
        sent = wrapped(xdis91())
        await send(network, sent)
        answer = await http.get(f"/api/messages/{sent.head.identifier}/record")
        missing = await http.get("/api/messages/nothing/record")
    assert (missing.status_code, rules(missing)) == (404, [errors.NOT_FOUND.id])
    letter, receipt = answer.json()["conversions"]
    assert (letter["sources"], letter["target"]) == ([sent.head.identifier], "CareCommunication")
    assert {one["what"] for one in letter["record"]} == {"kept", "defaulted", "dropped"}
    kept = {"source": "/Emessage/Envelope/Sent/Date", "rule": "XC-sent", "target": "Bundle.timestamp", "what": "kept"}
    assert kept in letter["record"]
    assert (receipt["target"], {one["rule"][:3] for one in receipt["record"]}) == ("XCTL", {"AR-", ""})


@ON_ONE_BROKER
@pytest.mark.parametrize("name", ["nothing", "%00", "a%2Fb", "%ff%fe", "%F0%9F%90%BA", "'", "%27%20OR%201=1"])
async def test_what_has_no_story_is_not_found(name: str, running: Running) -> None:
    """An identifier that nothing has is answered 404, whatever its signs."""
    async with running() as network, calling(network) as http:
        answer = await http.get(f"/api/messages/{name}/timeline")
    assert (answer.status_code, rules(answer)) == (404, [errors.NOT_FOUND.id])


async def test_a_story_is_found_by_the_letters_own_identifier(running: Running) -> None:
    """The letter's identifier leads to the same story as its envelope's."""
    async with running() as network, calling(network) as http:
        await http.post("/api/messages", content=xdis91(0))
        await idle(network)
        story = await http.get("/api/messages/BREV0000000000/timeline")
    assert story.json()["roots"][0]["letter_id"] == "BREV0000000000"


@ON_ONE_BROKER
@pytest.mark.parametrize("key", ["x", "1", "-1", "9" * 40, "²"])
async def test_a_dead_letter_that_is_not_there(key: str, running: Running) -> None:
    """There is nothing under a key that was never given."""
    async with running() as network, calling(network) as http:
        answer = await http.get(f"/api/dead/{key}")
    assert (answer.status_code, rules(answer)) == (404, [errors.NO_DEAD_LETTER.id])


@ON_ONE_BROKER
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/nope"), ("DELETE", "/api/messages")])
async def test_calls_that_are_not_there(method: str, path: str, running: Running) -> None:
    """A path or method that the API has not is told so with a finding."""
    async with running() as network, calling(network) as http:
        answer = await http.request(method, path)
    assert answer.status_code in {404, 405}
    assert rules(answer) == [errors.NO_CALL.id]


@ON_ONE_BROKER
async def test_the_directory_is_listed(running: Running) -> None:
    """Every participant is listed with what it takes."""
    async with running() as network, calling(network) as http:
        listed = (await http.get("/api/participants")).json()["participants"]
    assert {one["gln"] for one in listed} == {one.gln for one in network.directory}


async def test_idle_answers_when_all_is_done(running: Running) -> None:
    """The call comes back when every receipt is where it belongs."""
    async with running() as network, calling(network) as http:
        sent = (await http.post("/api/messages", content=xdis91())).json()["id"]
        assert (await http.get("/api/idle")).json() == {"idle": True}
        story = (await http.get(f"/api/messages/{sent}/timeline")).text
    assert "XCTL03" in story


async def test_all_is_well(running: Running) -> None:
    """A running network says so."""
    async with running() as network, calling(network) as http:
        answer = await http.get("/health")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)


async def test_before_it_is_ready_a_network_says_so(tmp_path: Path) -> None:
    """While broker and ledger are waited for, calls get 503 with the reason, and health the same."""
    network = Network(Settings(data=tmp_path))
    async with calling(network) as http:
        health, call = await http.get("/health"), await http.get("/api/participants")
    assert (health.status_code, health.json()["broker"]["text"]) == (503, "The network is starting.")
    assert (call.status_code, rules(call)) == (503, [errors.NOT_READY.id])
    assert call.headers["Retry-After"] == "1"


@ON_ONE_BROKER
async def test_health_tells_what_is_away(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 and the words of what does not answer, while it does not."""
    async with running() as network, calling(network) as http:
        with monkeypatch.context() as patch:
            patch.setattr(network.ledger, "health", lambda: (False, "The disk is full."))
            answer = await http.get("/health")
    assert (answer.status_code, answer.json()["ledger"]) == (503, {"ok": False, "text": "The disk is full."})


@ON_ONE_BROKER
async def test_a_network_that_ends_says_so(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that meets the end of the network gets 503."""
    async with running() as network, calling(network) as http:

        async def closed(*_: object) -> None:
            raise LedgerClosed

        monkeypatch.setattr(network.broker, "submit", closed)
        answer = await http.post("/api/messages", content=xdis91())
    assert (answer.status_code, rules(answer)) == (503, [errors.NOT_READY.id])


@ON_ONE_BROKER
async def test_our_own_errors_are_told_by_their_kind(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the network's own gives 500 and its kind, never its text, which may quote a message."""
    async with running() as network, calling(network) as http:

        async def broken(*_: object) -> None:
            raise RuntimeError("Nancy Ann")

        monkeypatch.setattr(network.broker, "submit", broken)
        answer = await http.post("/api/messages", content=xdis91())
    assert (answer.status_code, rules(answer)) == (500, [errors.INTERNAL.id])
    assert "Nancy" not in answer.text


TOKEN = "Æble-token"  # noqa: S105 (no secret)


@ON_ONE_BROKER
@pytest.mark.parametrize(
    ("given", "status"),
    [
        (None, 401),
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        ("Bearer wrong", 401),
        ("Bearer", 401),
        (TOKEN, 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer \xff", 401),
    ],
)
async def test_the_token_is_demanded_where_there_is_one(given: str | None, status: int, running: Running) -> None:
    """With a token set, the API is for those who give it; health is for everybody."""
    async with running() as network, calling(network) as http:
        network.settings = network.settings.model_copy(update={"token": TOKEN})
        headers = {b"Authorization": given.encode("utf-8" if TOKEN in given else "latin-1")} if given else {}
        answer = await http.get("/api/participants", headers=headers)
        health = await http.get("/health")
    assert (answer.status_code, health.status_code) == (status, 200)


@ON_ONE_BROKER
async def test_a_token_that_nobody_asked_for_is_accepted(running: Running) -> None:
    """Clients may send a token from the start."""
    async with running() as network, calling(network, Authorization="Bearer x") as http:
        assert (await http.get("/api/participants")).status_code == 200


@ON_ONE_BROKER
@pytest.mark.parametrize("query", ["wait=-1", "wait=61", "wait=nan", "wait=inf", "wait=x", "peek=perhaps"])
async def test_parameters_that_cannot_be_used(query: str, running: Running) -> None:
    """A parameter out of its range is refused by name."""
    async with running() as network, calling(network) as http:
        answer = await http.get(f"/api/participants/{TOWN}/inbox?{query}")
    assert (answer.status_code, rules(answer)) == (422, [errors.PARAMETER.id])
    assert query.partition("=")[0] in answer.json()["findings"][0]["text"]


def test_the_description_is_whole(tmp_path: Path) -> None:
    """Every call is described with what it answers; refusals with the form of findings."""
    described = make_app(Network(Settings(data=tmp_path))).openapi()
    assert "HTTPValidationError" not in described["components"]["schemas"]
    for path, calls in described["paths"].items():
        for method, call in calls.items():
            assert call["description"], path
            for status, answer in call["responses"].items():
                assert answer["description"], (path, method, status)
                assert re.fullmatch(r"[A-Z].*", answer["description"]), (path, method, status)
                if int(status) >= 400 and path != "/health":
                    assert "Findings" in str(answer["content"]), (path, method, status)


async def test_no_junk_is_the_networks_fault(running: Running) -> None:
    """Whatever is sent, damaged letters and envelopes among it, the answer is never a 5xx."""
    chance = random.Random(20241122)
    whole = [xdis91(), message(), wrapped(xdis91()).body, wrapped(message()).body]
    statuses: Counter[int] = Counter()
    async with running() as network, calling(network) as http:
        for _ in range(150):
            body = bytearray(chance.choice(whole))
            for _ in range(chance.randrange(1, 8)):
                body[chance.randrange(min(len(body), 3000))] = chance.randrange(256)
            sender = "".join(chance.choice("5790\x00Æ\ud800 &/") for _ in range(chance.randrange(14)))
            query = {"from": sender.encode("utf-8", "replace")} if chance.random() < 0.2 else {}
            statuses[(await http.post("/api/messages", content=bytes(body), params=query)).status_code] += 1
        await idle(network)
    assert set(statuses) == {202, 422}
