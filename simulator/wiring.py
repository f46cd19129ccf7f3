"""Where the parts meet: a network made of its settings, started, stopped, and asked whether it is idle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from broker.embedded import EmbeddedBroker
from broker.port import REPEATED, Broker, Health
from broker.silence import ANSWER_SECONDS
from envelope.findings import Refused
from envelope.reading import read
from routing.directory import Directory
from routing.ledger.keys import new_key
from routing.ledger.ledger import Ledger
from routing.ledger.records import Page
from simulator.errors import DIRECTORY_ELSEWHERE
from simulator.services.clock import NetworkClock, real_time
from simulator.services.clockkeeper import Clockkeeper
from simulator.services.directory_file import DirectoryFile
from simulator.services.participants import Participants
from simulator.services.rest import Rest
from simulator.services.router import Router
from simulator.services.timekeeper import Timekeeper
from simulator.services.traffic import Traffic
from simulator.services.tries import Tries
from simulator.services.worker import Worker
from simulator.settings import Settings

_API = "api"
_NOT_YET = "The network is starting."

OWN_FILE = "network.yaml"
"""In the data folder: the directory that was put in place of the one in the package."""

ALL_SERVICES = frozenset({"router", "worker", "participants"})


class Network:
    """One VANS network in this process.

    Args:
        settings: what it is made of.
        services: which services run here; all of them, unless others run elsewhere.
        real: gives real time, which the network clock follows until it is moved.
        shared_file: whether the settings' network file is another network's too: it is not written then.
    """

    def __init__(
        self,
        settings: Settings,
        services: frozenset[str] = ALL_SERVICES,
        real: Callable[[], datetime] = real_time,
        *,
        shared_file: bool = False,
    ) -> None:
        self.settings = settings
        self.clock = NetworkClock(real)
        self._services = services
        own = settings.data / OWN_FILE
        if settings.network is None:
            self._directory = DirectoryFile(own if own.exists() else None, copy=None if own.exists() else own)
        else:
            self._directory = DirectoryFile(settings.network, copy=own if shared_file else None)
        self.traffic: Traffic
        self.rest: Rest
        self.ledger: Ledger
        self.broker: Broker
        self.timekeeper: Timekeeper
        self.clockkeeper: Clockkeeper
        self._participants: Participants | None = None
        self._started = False
        self.ready = False  # whether it takes messages; before, it waits for ledger and broker

    @property
    def directory(self) -> Directory:
        """The directory in force: the last edit of the network file that could be read."""
        self._look_for_edits()
        return self._directory.current

    def directory_text(self) -> str:
        """The network file in force, as it is written.

        Raises:
            Refused: it is not there, or cannot be read.
        """
        return self._directory.text()

    def put_directory(self, text: str) -> None:
        """Put a directory in place of the one in force: written to the network file, or to one of the network's own.

        Args:
            text: of a network file.

        Raises:
            Refused: VS-757, services run elsewhere and read a file that this process cannot write for them; VS-486; or
                what is wrong with it, and all is as before.
        """
        if self._services != ALL_SERVICES:
            raise Refused(DIRECTORY_ELSEWHERE.at(""))
        before = self._directory.current
        self._directory.put(text)
        if self._participants is not None:
            self._participants.wake_new(before)

    def _look_for_edits(self) -> None:
        before = self._directory.current
        if self._directory.check() and self._participants is not None:
            self._participants.wake_new(before)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Network]:
        """The network, from the moment it takes messages to the moment it has let go of everything."""
        self.settings.data.mkdir(parents=True, exist_ok=True)
        self.ledger = Ledger(self.settings.database_url)
        self.broker = make_broker(self.settings.broker, self.ledger, self.settings.answer_seconds)
        self.traffic = Traffic(None if self._services == ALL_SERVICES else self.ledger)
        self.rest = Rest(self.ledger, self.traffic, self._in_force)
        self._started = True
        try:
            await self.ledger.start()
            await self.clock.start(self.ledger, shared=not self.ledger.is_sqlite)
            try:
                if not self._services:
                    await self.traffic.forget(_API)
                await self.broker.open()
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(service) for service in self._runs()]
                    self.ready = True
                    try:
                        yield self
                    finally:
                        self.ready = False
                        for task in tasks:
                            task.cancel()
            finally:
                await self.broker.close()
        finally:
            await self.ledger.close()

    async def submit(self, body: bytes, envelope_id: str | None = None, *, again: bool = False) -> None:
        """Hand an envelope in, as a participant does.

        Args:
            body: the envelope.
            envelope_id: its EnvelopeIdentifier, where it is known.
            again: it may have been handed in before, by a process that died.
        """
        name = envelope_id or uuid4().hex
        page = Page(new_key, self.clock(), _API)
        headers = self.traffic.expecting(name, page)
        if again:
            headers = {**headers, REPEATED: "true"}
        if page.unit:
            await self.ledger.commit(page.unit)
        await self.broker.submit(body, name, headers)

    async def submit_envelope(self, body: bytes) -> str:
        """Hand an envelope in by what its head says.

        Returns:
            its EnvelopeIdentifier.

        Raises:
            Refused: it is no envelope.
        """
        identifier = read(body).head.identifier
        await self.submit(body, identifier)
        return identifier

    def health(self) -> dict[str, object]:
        """What can be used at this moment, and in words why not."""
        self._look_for_edits()  # whoever is asked for health takes an edit up, though no letter comes
        broker, (ledger_ok, ledger_text) = Health(ok=False, text=_NOT_YET), (False, _NOT_YET)
        if self._started:
            broker, (ledger_ok, ledger_text) = self.broker.health(), self.ledger.health()
        directory = [finding.as_dict() for finding in self._directory.findings]
        return {
            "ok": broker.ok and ledger_ok,
            "broker": {"ok": broker.ok, "text": broker.text, "findings": [one.as_dict() for one in broker.findings]},
            "ledger": {"ok": ledger_ok, "text": ledger_text},
            "directory": {"ok": not directory, "findings": directory},
        }

    def _in_force(self) -> Directory:
        return self.directory

    def _runs(self) -> list[Coroutine[Any, Any, None]]:
        directory = self._in_force
        runs: list[Coroutine[Any, Any, None]] = []
        tries = Tries(self.ledger, self.clock)
        self.timekeeper = Timekeeper(self.broker, self.ledger, directory, self.clock, self.arrived)
        self.clockkeeper = Clockkeeper(self.clock, self.ledger, self.timekeeper, self.rest.wait)
        everybody = "router" not in self._services or "worker" not in self._services
        if "participants" in self._services:
            self._participants = Participants(
                self.broker, self.ledger, directory, self.clock, self.traffic, tries=tries
            )
            runs.append(self._participants.run(everybody=everybody))
        if "router" in self._services:
            router = Router(self.broker, self.ledger, directory, self.clock, self.arrived, self.traffic, tries=tries)
            runs.append(router.run())
            runs.append(self.timekeeper.run())
        if "worker" in self._services:
            runs.append(Worker(self.broker, self.ledger, directory, self.clock, self.arrived, tries=tries).run())
        return runs

    def arrived(self, queue: str) -> None:
        """Something was published to a queue: the mock whose inbox it is looks there."""
        if self._participants is not None:
            self._participants.wake(queue.removeprefix("inbox."))


def make_broker(address: str, ledger: Ledger, answer_seconds: float = ANSWER_SECONDS) -> Broker:
    """The broker that an address names."""
    if address == "embedded":
        return EmbeddedBroker(ledger)
    from broker.rabbitmq import RabbitBroker  # noqa: PLC0415 (the embedded network starts without an AMQP client)

    return RabbitBroker(address, ledger, answer_seconds=answer_seconds)
