"""`make compose`: bring docker-compose.yml up for real, and hold it to what the README says of it.

It builds the image, brings everything up with passwords and ports of its own, and then shows, step by step: health in
order, who the processes are and that they can write nothing, the demonstration, a participant over AMQP that may do
what it may and nothing else, two routers and four workers, everything kept over `down` and `up`, and nothing over a
reset. Each step prints what it saw; the first that fails ends it with 1. At the end all is taken down.

It uses the Docker that answers. Where none does, it starts one in namespaces of its own (`tests/compose/engine.py`; it
needs root) and makes stand-ins for the images that cannot be pulled there (`tests/compose/stand_ins.py`).
It takes about six minutes on two busy cores, and is no part of `make test`.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any

from tests.compose import stand_ins
from tests.compose.engine import Engine, engine
from tests.compose.stand_ins import told
from tests.servers.processes import free_port
from tests.simulator.post import CITY, LETTERS, OWN_FHIR, OWN_OIOXML

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "vansim-rehearsal"
STORES, SERVICES = ("rabbitmq", "postgres"), ("router", "worker", "participants")


@dataclass(frozen=True)
class Rehearsal:
    """The file, brought up under a name of its own."""

    engine: Engine

    @cached_property
    def variables(self) -> dict[str, str]:
        """Ports and passwords that nothing else has."""
        passwords = ("VANSIM_AMQP_PASSWORD", "VANSIM_PARTICIPANT_PASSWORD", "VANSIM_DATABASE_PASSWORD", "VANSIM_TOKEN")
        ports = ("VANSIM_PORT", "VANSIM_AMQP_PORT", "VANSIM_MANAGEMENT_PORT")
        return {name: secrets.token_hex(16) for name in passwords} | {name: str(free_port()) for name in ports}

    def compose(self, *command: str) -> str:
        """Run Compose on the file."""
        file = ("--project-name", PROJECT, "--file", str(ROOT / "docker-compose.yml"), "--ansi", "never")
        return told(self.engine, *self.engine.compose, *file, *command, **self.variables)

    def vansim(self, *command: str) -> str:
        """Run our own command line against the published port."""
        at = {"VANSIM_URL": f"http://127.0.0.1:{self.variables['VANSIM_PORT']}"}
        vansim = str(Path(sys.executable).with_name("vansim"))
        return told(self.engine, vansim, *command, **at, VANSIM_TOKEN=self.variables["VANSIM_TOKEN"])

    def participant(self, act: str, gln: str) -> str:
        """Be a participant, over AMQP on the published port."""
        password, port = self.variables["VANSIM_PARTICIPANT_PASSWORD"], self.variables["VANSIM_AMQP_PORT"]
        address = f"amqp://{gln}:{password}@127.0.0.1:{port}/"
        return told(self.engine, sys.executable, "-m", "tests.compose.participant", act, VANSIM_BROKER=address)

    def page(self, port: str, path: str = "/") -> str:
        """What a browser gets at a published port; redirects are followed."""
        code = "import sys, urllib.request as web; sys.stdout.write(web.urlopen(sys.argv[1]).read().decode())"
        return told(self.engine, sys.executable, "-c", code, f"http://127.0.0.1:{self.variables[port]}{path}")

    def up(self, *options: str) -> None:
        """Bring everything up, until all is healthy, and say what is there."""
        began = monotonic()
        self.compose("up", "--wait", "--wait-timeout", "180", *options)
        say(f"all healthy after {monotonic() - began:.0f} s")
        say(self.compose("ps", "--format", "{{.Name}}\t{{.Status}}\t{{.Ports}}"))

    def inside(self, service: str, *command: str) -> str:
        """Run a command in a service's container."""
        return self.compose("exec", "-T", service, *command)


def say(text: str) -> None:
    """Print what was seen."""
    sys.stdout.write("".join(f"    {line}\n" for line in text.splitlines()))
    sys.stdout.flush()


def hold(that: object, words: str) -> None:
    """End everything where something does not hold."""
    if not that:
        raise SystemExit(f"DOES NOT HOLD: {words}")


@contextmanager
def step(words: str) -> Iterator[None]:
    """Say what is shown next."""
    sys.stdout.write(f"\n== {words}\n")
    sys.stdout.flush()
    began = monotonic()
    yield
    say(f"({monotonic() - began:.0f} s)")


@contextmanager
def watched(run: Rehearsal) -> Iterator[list[dict[str, Any]]]:
    """What the engine tells of starts and health while the block runs, in the list afterwards."""
    seen: list[dict[str, Any]] = []
    filters = ("label=com.docker.compose.project=" + PROJECT, "event=start", "event=health_status")
    command = ["docker", "events", "--format", "{{json .}}", *(f"--filter={one}" for one in filters)]
    with run.engine.process(*command) as events:
        yield seen
        events.terminate()
        seen += map(json.loads, events.communicate()[0].splitlines())


def healthy_in_order(events: list[dict[str, Any]]) -> None:
    """Nobody was started before what it needs was healthy."""
    healthy: dict[str, int] = {}
    started: dict[str, int] = {}
    for event in events:
        service, at = event["Actor"]["Attributes"]["com.docker.compose.service"], event["timeNano"]
        if event["Action"] == "start":
            started.setdefault(service, at)
        elif event["Action"].endswith(" healthy"):
            healthy[service] = at
    first = min(started.values())
    for needed, who in ((STORES, SERVICES), (SERVICES, ("api",))):
        ready, began = max(healthy[one] for one in needed), min(started[one] for one in who)
        after = [f"{(at - first) / 1e9:.1f} s" for at in (ready, began)]
        say(f"{', '.join(needed)}: all healthy after {after[0]}; {', '.join(who)}: the first started after {after[1]}")
        hold(ready <= began, f"{who} waited for {needed}")


def can_write_nothing(run: Rehearsal) -> None:
    """Our processes are nobody, with no rights, in a file system that cannot be written to."""
    size = int(told(run.engine, "docker", "image", "inspect", "--format", "{{.Size}}", "vansim"))
    base = int(told(run.engine, "docker", "image", "inspect", "--format", "{{.Size}}", "python:3.13-slim"))
    say(f"image vansim: {size / 1e6:.0f} MB, of which {(size - base) / 1e6:.0f} MB on python:3.13-slim")
    look = "id; grep -E '^(CapBnd|CapEff|NoNewPrivs)' /proc/1/status; touch /here /opt/vansim/here 2>&1 || true"
    for service in (*SERVICES, "api"):
        seen = run.inside(service, "sh", "-c", look)
        say(f"{service}: {'; '.join(seen.split(chr(10)))}")
        hold("uid=10001" in seen and "root" not in seen, f"{service} is not root")
        hold(seen.count("Read-only file system") == len(("/here", "/opt/vansim/here")), "nothing can be written to")
        hold("CapBnd:\t0000000000000000" in seen and "NoNewPrivs:\t1" in seen, "it can do nothing, and never will")


def broker_as_said(run: Rehearsal) -> None:
    """RabbitMQ 4 with our users, their rights, its management page and its ceiling."""
    say(run.inside("rabbitmq", "rabbitmqctl", "-q", "version"))
    say(run.inside("rabbitmq", "rabbitmqctl", "-q", "eval", "application:get_env(rabbit, max_message_size)."))
    say(run.inside("rabbitmq", "rabbitmqctl", "-q", "list_users"))
    permissions = run.inside("rabbitmq", "rabbitmqctl", "-q", "list_permissions")
    say(permissions)
    hold("guest" not in permissions, "there is no guest")
    hold("RabbitMQ Management" in run.page("VANSIM_MANAGEMENT_PORT"), "the management page is there")
    say("the management page answers at its published port")


def pages_are_there(run: Rehearsal) -> None:
    """The API's process serves the pages, and the image holds what they are made of."""
    page = run.page("VANSIM_PORT")
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    hold("vansim" in page and styles, "the pages are served")
    say(f"{len(page)} bytes of HTML, and {styles[0]} of {len(run.page('VANSIM_PORT', styles[0]))} bytes")


def demonstrated(run: Rehearsal) -> str:
    """The demonstration; gives the identifier of a letter of it."""
    document = json.loads(run.vansim("demo", "--json"))
    for letter in document["letters"]:
        say(f"{letter['title']}: {'every receipt is back' if letter['complete'] else 'A RECEIPT IS MISSING'}")
    say(run.vansim("demo").splitlines()[-1])
    return str(document["letters"][2]["id"])


def consumers(run: Rehearsal) -> dict[str, int]:
    """How many consume from each of the network's work queues."""
    listed = run.inside("rabbitmq", "rabbitmqctl", "-q", "--no-table-headers", "list_queues", "name", "consumers")
    rows = (line.split("\t") for line in listed.splitlines())
    return {name: int(count) for name, count in rows if name.startswith("vans.")}


def rehearse(run: Rehearsal) -> None:
    """All of it."""
    with step("docker compose build, and up"):
        run.compose("build")
        with watched(run) as events:
            run.up()
        healthy_in_order(events)
    with step("not root, nothing to write"):
        can_write_nothing(run)
    with step("RabbitMQ"):
        broker_as_said(run)
    with step("vansim demo, over the published port"):
        demonstrated(run)
    with step("the pages"):
        pages_are_there(run)
    with step("a participant over AMQP"):
        say(run.participant("send", OWN_OIOXML))
    with step("docker compose up --scale router=2 --scale worker=4"):
        run.up("--scale", "router=2", "--scale", "worker=4")
        seen = consumers(run)
        say(f"consumers: {seen}")
        hold(seen["vans.route"] == 2 and seen["vans.convert"] == 4, "two routers and four workers compete")
        letter = demonstrated(run)
    with step("docker compose down, and up: everything is kept"):
        run.vansim("send", str(LETTERS / "bundle-new.json"), "--from", CITY, "--to", OWN_FHIR)
        run.vansim("demo", "--json")  # which ends when the network is idle: the letter is in the inbox
        before = run.vansim("timeline", letter, "--json")
        run.compose("down")
        run.up()
        hold(run.vansim("timeline", letter, "--json") == before, "the story is the same")
        say(f"the story of {letter} is the same, {len(before)} bytes")
        say(run.participant("take", OWN_FHIR))
    with step("docker compose down --volumes, and up: nothing is kept"):
        run.compose("down", "--volumes")
        run.up()
        address = f"http://127.0.0.1:{run.variables['VANSIM_PORT']}"
        ask = (str(Path(sys.executable).with_name("vansim")), "timeline", letter, "--url", address, "--json")
        gone = run.engine.command(*ask, VANSIM_TOKEN=run.variables["VANSIM_TOKEN"])
        say(f"{json.loads(gone.stdout)['findings'][0]['text']} (exit code {gone.returncode})")
        hold(gone.returncode == 1 and "VS-474" in gone.stdout, "the story is forgotten")
        demonstrated(run)


def main() -> None:
    """Rehearse, and take all down whatever happens."""
    began = monotonic()
    with engine() as there:
        if there.own:
            with step("no Docker answers: one of our own, and stand-ins for the images that cannot be pulled"):
                stand_ins.make(there)
                say(told(there, "docker", "images", "--format", "{{.Repository}}:{{.Tag}}\t{{.Size}}"))
        run = Rehearsal(there)
        try:
            rehearse(run)
        finally:
            run.compose("down", "--volumes", "--remove-orphans")
    sys.stdout.write(f"\nEverything holds, after {monotonic() - began:.0f} s.\n")


if __name__ == "__main__":
    main()
