"""What docker-compose.yml says, held to the code: `make compose` brings it up for real."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.port import SUBMIT, inbox
from broker.topology import queue_arguments
from routing.network_file import DEFAULT_NETWORK
from simulator.settings import Settings
from tests.compose import plugin
from tests.servers.processes import missing

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"

OWN = ("router", "worker", "participants", "api")


@pytest.fixture(scope="module")
def file() -> dict[str, Any]:
    """The file as it is with nothing set in the environment."""
    text = re.sub(r"\$\{\w+(?::-([^}]*)|:\+[^}]*)\}", lambda found: found[1] or "", FILE.read_text("utf-8"))
    read: dict[str, Any] = yaml.safe_load(text.replace("$$", "$"))
    return read


@pytest.fixture(scope="module")
def definitions(file: dict[str, Any]) -> dict[str, Any]:
    """What RabbitMQ has from the first moment."""
    read: dict[str, Any] = json.loads(file["configs"]["definitions"]["content"])
    return read


@pytest.fixture(scope="module")
def external() -> set[str]:
    """The GLNs of the default network that are not the network's to answer for."""
    people = yaml.safe_load(DEFAULT_NETWORK.read_text("utf-8"))["participants"]
    return {one["gln"] for one in people if one.get("external")}


@pytest.fixture
def compose() -> list[str]:
    """How Compose is called here; without it, the test skips."""
    command = plugin.found()
    if command is None:
        missing("compose", f"no Docker Compose {'.'.join(map(str, plugin.FIRST_VERSION))} or newer")
    return command


def test_compose_understands_the_file(compose: list[str]) -> None:
    """`docker compose config` takes the file as it is and asks for nothing in the environment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VANSIM_")}
    command = [*compose, "-f", str(FILE), "config", "--quiet"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_nothing_is_published_beyond_loopback(file: dict[str, Any]) -> None:
    """Each published port says the loopback address, whatever number it is given."""
    ports = [port for service in file["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 3
    assert {port.split(":")[0] for port in ports} == {"127.0.0.1"}


@pytest.mark.parametrize("name", OWN)
def test_our_services_may_write_nothing_and_do_nothing(name: str, file: dict[str, Any]) -> None:
    """The root file system is read-only, every capability is dropped, and none can be won back."""
    service = file["services"][name]
    assert service["image"] == "vansim"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {mount.split(":")[0] for mount in service["tmpfs"]} == {"/tmp", "/data"}  # noqa: S108 (a container's own)
    assert all(mount.endswith(":ro") for mount in service["volumes"])


@pytest.mark.parametrize("name", OWN)
def test_our_services_are_set_as_they_can_be(name: str, file: dict[str, Any]) -> None:
    """Each variable is one that the settings know, or a client's."""
    known = {f"VANSIM_{field.upper()}" for field in Settings.model_fields} | {"VANSIM_URL"}
    assert set(file["services"][name]["environment"]) <= known


def test_services_start_in_order(file: dict[str, Any]) -> None:
    """Services wait for a healthy broker and database, and the API for healthy services."""
    needs = {name: service.get("depends_on", {}) for name, service in file["services"].items()}
    conditions = {need["condition"] for one in needs.values() for need in one.values()}
    assert conditions == {"service_healthy"}
    for name in OWN:
        assert {"rabbitmq", "postgres"} <= set(needs[name])
    assert {"router", "worker", "participants"} <= set(needs["api"])
    for name in ("rabbitmq", "postgres"):
        assert file["services"][name]["healthcheck"]["test"]
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text("utf-8")


def test_external_participants_are_users_that_reach_their_own_inbox_alone(
    definitions: dict[str, Any], external: set[str]
) -> None:
    """Each may write to the one exchange, read the one queue, and make nothing."""
    assert {user["name"] for user in definitions["users"]} == external | {"vansim"}
    tags = {user["name"]: user["tags"] for user in definitions["users"]}
    assert tags == {"vansim": ["administrator", "impersonator"], **{gln: [] for gln in external}}
    may = {one["user"]: (one["configure"], one["write"], one["read"]) for one in definitions["permissions"]}
    for gln in external:
        assert may[gln] == ("^$", f"^{re.escape(SUBMIT)}$", f"^{re.escape(inbox(gln))}$")


def test_what_is_there_from_the_first_moment_is_what_the_network_declares(
    definitions: dict[str, Any], external: set[str]
) -> None:
    """A participant that may declare nothing finds its inbox, and the network finds nothing that differs."""
    queues = {queue["name"]: (queue["durable"], queue["arguments"]) for queue in definitions["queues"]}
    assert queues == {inbox(gln): (True, queue_arguments("4.0.0")) for gln in external}
    [exchange] = definitions["exchanges"]
    assert (exchange["name"], exchange["type"], exchange["durable"]) == (SUBMIT, "fanout", True)


def test_messages_may_be_as_large_as_rabbitmq_takes(file: dict[str, Any]) -> None:
    """512 MiB is RabbitMQ's own ceiling."""
    assert f"max_message_size = {512 * 1024 * 1024}\n" in file["configs"]["rabbitmq"]["content"]
