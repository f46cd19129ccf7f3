from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from envelope.findings import Refused
from simulator.client import Client, Taken
from simulator.errors import NO_LEASE, NO_NETWORK, NO_TOKEN, NOT_READY, CouldNotRun
from simulator.web.errors import NOT_IDLE

Answer = Callable[[httpx.Request], httpx.Response]
GLN = "5799900000016"


def client(answer: Answer, token: str | None = None) -> Client:
    """A client of a network that answers so."""
    return Client("http://vansim", token, httpx.MockTransport(answer))


def refusing(status: int, content: object) -> Answer:
    """A network that answers everything alike."""
    return lambda _: httpx.Response(status, content=json.dumps(content))


def test_findings_come_back_as_they_were() -> None:
    """What the network refuses is told with its own rule, severity, place and words."""
    finding = NO_LEASE.at("here", lease="x")
    with pytest.raises(Refused) as refused:
        client(refusing(404, {"findings": [finding.as_dict()]})).ack(GLN, "x")
    assert not isinstance(refused.value, CouldNotRun)
    assert [one.as_dict() for one in refused.value.findings] == [finding.as_dict()]


@pytest.mark.parametrize("rule", [NO_TOKEN, NOT_READY], ids=lambda rule: rule.id)
def test_a_network_that_lets_nobody_in_could_not_run(rule: object) -> None:
    """Neither a missing token nor a network that is not ready says anything of a message."""
    finding = NO_TOKEN.at("") if rule is NO_TOKEN else NOT_READY.at("", reason="x")
    with pytest.raises(CouldNotRun):
        client(refusing(401, {"findings": [finding.as_dict()]})).participants()


@pytest.mark.parametrize("content", [{}, [], {"findings": []}, {"findings": [{}]}, {"findings": [1]}, "no"])
def test_what_is_no_network_is_told_so(content: object) -> None:
    """Something else that answers at the address is not taken for a network."""
    with pytest.raises(CouldNotRun, match="what is there says 500") as refused:
        client(refusing(500, content)).timeline("x")
    assert refused.value.findings[0].rule is NO_NETWORK


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://host", "http://[", "http://127.0.0.1:1", "http://host:99999"])
def test_an_address_where_nothing_answers(url: str) -> None:
    """A wrong address and a silent one are told alike, without a stack trace."""
    with pytest.raises(CouldNotRun) as refused:
        Client(url).participants()
    assert refused.value.findings[0].rule is NO_NETWORK


def test_a_network_that_takes_too_long() -> None:
    """A call that is not answered in time is told as such."""

    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    with pytest.raises(CouldNotRun, match="ReadTimeout"):
        client(late).participants()


def test_long_waits_are_asked_for_a_minute_at_a_time() -> None:
    """The network waits 60 seconds at the most; the client asks again until its own wait is over."""
    waits: list[str] = []

    def empty(request: httpx.Request) -> httpx.Response:
        waits.append(request.url.params["wait"])
        return httpx.Response(204)

    assert client(empty).take(GLN, 130.0) is None
    assert waits == ["60.0", "60.0", "10.0"]


def test_names_are_quoted_on_their_way() -> None:
    """Identifiers keep their signs, whatever they are."""
    paths: list[bytes] = []

    def seen(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(200, json={"roots": []})

    client(seen).timeline("a/b?c æ")
    assert paths == [b"/api/messages/a%2Fb%3Fc%20%C3%A6/timeline"]


def test_the_token_goes_with_every_call() -> None:
    """A token outside ASCII is sent as its UTF-8 bytes."""

    def seen(request: httpx.Request) -> httpx.Response:
        assert dict(request.headers.raw)[b"Authorization"] == "Bearer æ".encode()
        return httpx.Response(200, content=b"<x/>", headers={"X-Vans-Id": "1"})

    assert client(seen, "æ").take(GLN, 0, peek=True) == Taken("1", None, b"<x/>")


def test_rest_is_waited_for_so_long_and_no_longer() -> None:
    """A network that does not come to rest in time is no network that is away; one that is away is told as ever."""
    busy = refusing(408, {"findings": [NOT_IDLE.at("", seconds="1", left="2 in work").as_dict()]})
    other = refusing(422, {"findings": [NO_LEASE.at("", lease="x").as_dict()]})

    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone", request=request)

    assert client(refusing(200, {"idle": True})).wait_until_idle(1) is True
    assert client(busy).wait_until_idle(1) is False
    with pytest.raises(Refused, match="VS-477"):
        client(other).wait_until_idle(1)
    with pytest.raises(CouldNotRun, match="nothing listens there"):
        client(away).wait_until_idle(1)
