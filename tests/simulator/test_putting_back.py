"""A dead letter is put back to where it was given up, and is done with once it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.services import participants, router, worker
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import (
    TOWN,
    idle,
    send,
    send_bytes,
    wrapped,
    xdis91,
)


class Fuse:
    """Stands in for a function, and fails in its place until it is mended."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.mended = False

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """What the function does, or an error."""
        if not self.mended:
            raise ValueError("of this letter")
        return self.function(*arguments, **named)


@pytest.mark.parametrize(
    ("module", "name", "queue"),
    [
        (router, "opened", "vans.route"),
        (worker, "carry_out", "vans.convert"),
        (participants, "answers_of", f"inbox.{TOWN}"),
    ],
)
async def test_what_crashed_goes_on_where_it_was_given_up(
    module: Any, name: str, queue: str, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the cause is mended it is converted and receipted, and lies with the dead no more."""
    fuse = Fuse(getattr(module, name))
    monkeypatch.setattr(module, name, fuse)
    sent = wrapped(xdis91())
    async with running() as network, calling(network) as http:
        await send(network, sent)
        [dead] = (await http.get("/api/dead")).json()["dead"]
        fuse.mended = True
        answer = await http.post(f"/api/dead/{dead['key']}/put-back")
        await idle(network)
        left = (await http.get("/api/dead")).json()["dead"]
        told = (await http.get(f"/api/messages/{sent.head.identifier}")).json()
        again = await http.post(f"/api/dead/{dead['key']}/put-back")
    assert (dead["queue"], dead["rule"]) == (queue, "VS-470")
    assert answer.status_code == 202
    assert left == []
    assert (told["message"]["state"], told["message"]["receipt"]) == ("converted", "XCTL03")
    assert [hop["relation"] for hop in told["hops"] if hop["relation"] == "converted" and hop["layer"] == "message"]
    assert (again.status_code, rules(again)) == (404, ["VS-490"])


async def test_what_was_refused_goes_in_a_new_envelope(running: Running) -> None:
    """The sender was told under the old EnvelopeIdentifier; under a new one the same message is decided anew."""
    broken = wrapped(xdis91(texts={"<Subject>": "<Subjekt>", "</Subject>": "</Subjekt>"}))
    async with running() as network, calling(network) as http:
        await send(network, broken)
        [dead] = (await http.get("/api/dead")).json()["dead"]
        answer = await http.post(f"/api/dead/{dead['key']}/put-back")
        await idle(network)
        rows = (await http.get("/api/messages")).json()["messages"]
        left = (await http.get("/api/dead")).json()["dead"]
    assert answer.json()["id"] != broken.head.identifier
    assert [(row["id"], row["state"]) for row in rows] == [
        (answer.json()["id"], "refused"),
        (broken.head.identifier, "refused"),
    ]
    assert [one["id"] for one in left] == [answer.json()["id"]]


async def test_what_is_no_envelope_goes_as_it_is(running: Running) -> None:
    """It is refused again, and lies there again, once."""
    async with running() as network, calling(network) as http:
        await send_bytes(network, b"<not an envelope")
        [dead] = (await http.get("/api/dead")).json()["dead"]
        answer = await http.post(f"/api/dead/{dead['key']}/put-back")
        await idle(network)
        [left] = (await http.get("/api/dead")).json()["dead"]
    assert (answer.status_code, answer.json()) == (202, {"id": None})
    assert left["key"] != dead["key"]


@ON_ONE_BROKER
@pytest.mark.parametrize("key", ["0", "7", "x", "99999999999999999999"])
async def test_a_dead_letter_that_is_not_there_is_not_put_back(key: str, running: Running) -> None:
    """VS-490, whatever is asked for."""
    async with running() as network, calling(network) as http:
        answer = await http.post(f"/api/dead/{key}/put-back")
    assert (answer.status_code, rules(answer)) == (404, ["VS-490"])
