"""Isolated networks: each has its own directory, clock, queues and ledger, and is gone without a trace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from simulator.settings import Settings
from simulator.web.api import make_app
from simulator.wiring import Network
from tests.servers.rabbitmq import RabbitMQ
from tests.simulator.conftest import Running
from tests.simulator.http import ON_ONE_BROKER, calling, rules
from tests.simulator.post import PRACTICE, TOWN, wrapped, xdis91

TWO = """
participants:
  - gln: "5790000121526"
    sor: "325251000016005"
    name: MedCom XDIS91
    kind: gp-practice
    external: true
    takes:
      - type: XDIS91
      - type: XCTL
  - gln: "5790000120314"
    sor: "325371000016006"
    name: MedCom FDIS91
    kind: municipality
    takes:
      - type: CareCommunication
      - type: Acknowledgement
"""


@asynccontextmanager
async def within(network: Network, name: str, directory: str = "") -> AsyncIterator[httpx.AsyncClient]:
    """A client of an isolated network's API, made for the while."""
    async with calling(network) as http:
        (await http.put(f"/api/networks/{name}", content=directory.encode())).raise_for_status()
        http.base_url = httpx.URL(f"http://vansim/api/networks/{name}")
        yield http
        http.base_url = httpx.URL("http://vansim")
        (await http.delete(f"/api/networks/{name}")).raise_for_status()


@ON_ONE_BROKER
async def test_what_happens_in_one_network_is_seen_in_no_other(running: Running) -> None:
    """The same letter goes through two networks; neither takes it for a duplicate, and a clock moves alone."""
    sent = wrapped(xdis91(), PRACTICE, TOWN)
    async with running() as network, within(network, "one") as http:
        (await http.post("/messages", content=sent.body)).raise_for_status()
        (await http.post("/clock/set", json={"at": "2031-05-04T08:00", "frozen": True})).raise_for_status()
        assert (await http.get("/idle")).json() == {"idle": True}
        [root] = (await http.get(f"/messages/{sent.head.identifier}/timeline")).json()["roots"]
        assert (root["state"], root["duplicate"]) == ("converted", False)
        assert (await http.get("http://vansim/api/clock")).json()["mode"] == "real"
        missing = await http.get(f"http://vansim/api/messages/{sent.head.identifier}/timeline")
        assert missing.status_code == 404


@ON_ONE_BROKER
async def test_a_network_has_a_directory_of_its_own(running: Running) -> None:
    """Given a network.yaml it has those participants and nobody else."""
    async with running() as network, within(network, "two", TWO) as http:
        listed = (await http.get("/participants")).json()["participants"]
        assert [one["gln"] for one in listed] == ["5790000121526", "5790000120314"]
        assert (await http.get("http://vansim/api/networks")).json() == {"networks": ["two"]}


@ON_ONE_BROKER
async def test_a_network_that_is_dropped_leaves_nothing(running: Running) -> None:
    """Dropped and made again it is empty; and nothing of it is left on the disk."""
    sent = wrapped(xdis91(), PRACTICE, TOWN)
    async with running() as network:
        for _ in range(2):
            async with within(network, "again") as http:
                (await http.post("/messages", content=sent.body)).raise_for_status()
                await http.get("/idle")
                [root] = (await http.get(f"/messages/{sent.head.identifier}/timeline")).json()["roots"]
                assert not root["duplicate"]
            assert list((network.settings.data / "networks").iterdir()) == []


@ON_ONE_BROKER
@pytest.mark.parametrize(
    ("method", "path", "status", "rule"),
    [
        ("PUT", "/api/networks/UPPER", 422, "VS-751"),
        ("PUT", "/api/networks/..", 404, "VS-487"),
        ("PUT", "/api/networks/%2e%2e%2fx", 404, "VS-487"),
        ("PUT", f"/api/networks/{'x' * 64}", 422, "VS-751"),
        ("DELETE", "/api/networks/none", 404, "VS-750"),
        ("GET", "/api/networks/none/messages/x/timeline", 404, "VS-750"),
    ],
)
async def test_a_network_that_cannot_be_is_refused(
    method: str, path: str, status: int, rule: str, running: Running
) -> None:
    """A name has letters, digits, hyphens and underscores; what was not made is not there."""
    async with running() as network, calling(network) as http:
        answer = await http.request(method, path)
        assert (answer.status_code, rules(answer)) == (status, [rule])


@ON_ONE_BROKER
async def test_a_name_is_given_once(running: Running) -> None:
    """A second network of the same name is refused, and so is a broken directory, which leaves the name free."""
    async with running() as network, calling(network) as http:
        broken = await http.put("/api/networks/mine", content=b"participants: [")
        assert broken.status_code == 422
        assert (await http.put("/api/networks/mine")).status_code == 201
        second = await http.put("/api/networks/mine")
        assert (second.status_code, rules(second)) == (409, ["VS-752"])
        (await http.delete("/api/networks/mine")).raise_for_status()


@pytest.mark.rabbitmq
async def test_on_rabbitmq_a_network_is_a_virtual_host(rabbitmq: RabbitMQ, amqp_url: str, tmp_path: Path) -> None:
    """It is made with the network and goes with it; without a management API the network is refused."""
    sent = wrapped(xdis91(), PRACTICE, TOWN)
    settings = Settings(broker=amqp_url, data=tmp_path / "data", management=rabbitmq.management)
    async with Network(settings).running() as network, within(network, "hosted") as http:
        assert "vansim-hosted" in rabbitmq.hosts()
        (await http.post("/messages", content=sent.body)).raise_for_status()
        await http.get("/idle")
        [root] = (await http.get(f"/messages/{sent.head.identifier}/timeline")).json()["roots"]
        assert root["state"] == "converted"
    assert "vansim-hosted" not in rabbitmq.hosts()


@pytest.mark.rabbitmq
async def test_without_a_management_api_it_is_refused(amqp_url: str, tmp_path: Path) -> None:
    """No virtual host can be made when nothing says where to ask for one."""
    network = Network(Settings(broker=amqp_url, data=tmp_path / "data"))
    async with network.running(), calling(network) as http:
        answer = await http.put("/api/networks/hosted")
        assert (answer.status_code, rules(answer)) == (422, ["VS-753"])


def test_every_call_of_a_network_is_described_twice(tmp_path: Path) -> None:
    """The description has each call for the default network and for an isolated one."""
    paths = set(make_app(Network(Settings(data=tmp_path))).openapi()["paths"])
    default = {path.removeprefix("/api") for path in paths if path.startswith("/api/") and "/networks" not in path}
    isolated = {path.removeprefix("/api/networks/{network}") for path in paths if "{network}" in path}
    assert default == isolated
    assert default
