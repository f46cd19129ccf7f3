"""The connection to RabbitMQ: kept up, named, and with the fixed topology declared each time it comes up.

aio-pika's robust connection restores channels behind its users' backs and swallows what goes wrong in doing so. Here a
lost connection is a state that everybody sees: who publishes does so again with what was not confirmed, who consumes
starts over with nothing in hand, and `health` says in words what the matter is.
"""

from __future__ import annotations

import asyncio
from typing import cast

import aio_pika
import aiormq
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import (
    AuthenticationError,
    ConnectionNotAllowed,
    InvalidFrameError,
    ProbableAuthenticationError,
)

from broker.errors import BROKER_REFUSES, Closed
from broker.loss import LOST, raise_own, words
from broker.port import Health
from broker.silence import Late, Silence
from broker.topology import Topology
from envelope.findings import Refused
from routing.ledger.watchers import Watchers

_CONNECT_SECONDS = 10
_FIRST_PAUSE = 0.05
_LAST_PAUSE = 2.0

_NOT_LET_IN = (AuthenticationError, ProbableAuthenticationError, ConnectionNotAllowed)


class Link:
    """A connection that comes back.

    Args:
        url: `amqp://user:password@host:port/vhost`.
        name: what the connection is called in the broker's own tools.
        answer_seconds: how long a confirm or a declaration may take before `health` tells of it.

    Attributes:
        changed: told each time the connection comes or goes, a queue is late or has answered, and when the link is
            closed.
        silence: what RabbitMQ has not answered in time.
        topology: what has to be on the broker.
    """

    def __init__(self, url: str, name: str, answer_seconds: float) -> None:
        self._url = url
        self._name = name
        self._connection: AbstractConnection | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._trouble = "The connection to RabbitMQ was not opened yet."
        self.closed = False
        self.changed = Watchers()
        self.silence = Silence(answer_seconds, self.changed)
        self.topology = Topology(self.channel, self.silence)

    async def open(self) -> None:
        """Connect and declare the fixed topology; waits while the broker is away.

        Raises:
            Refused: VS-603, VS-604.
        """
        up = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(up))
        await up

    async def close(self) -> None:
        """Disconnect for good."""
        self.closed = True
        self._trouble = "The connection to RabbitMQ is closed."
        self.changed.tell()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    def health(self) -> Health:
        """Whether the broker can be used at this moment."""
        late = self.silence.findings
        if self._trouble:
            return Health(ok=False, text=self._trouble, findings=late)
        if self.is_blocked:
            text = "RabbitMQ takes no messages at the moment: it is short of memory or of disk space."
            return Health(ok=False, text=text, findings=late)
        if late:
            return Health(ok=False, text="; ".join(map(str, late)), findings=late)
        return Health(ok=True, text="RabbitMQ answers.")

    async def wait_for_health(self, ok: bool) -> None:
        """Wait until the connection is there and no queue is late, or until that is not so."""
        while (not self._trouble and not self.silence) is not ok and not self.closed:
            await self.changed.wait()

    async def channel(self, *, confirms: bool = False) -> AbstractChannel:
        """Open a channel; waits while the broker is away.

        Raises:
            Closed: the link is closed.
        """
        pause = _FIRST_PAUSE
        while True:
            connection = await self._up()
            try:
                channel = connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
                async with asyncio.timeout(_CONNECT_SECONDS):  # the library takes a time limit and leaves it at that
                    await channel.initialize()
            except LOST as error:
                raise_own(error)
            else:
                return channel
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_PAUSE)

    async def _keep(self, up: asyncio.Future[None]) -> None:
        pause = _FIRST_PAUSE
        while not self.closed:
            try:
                lost = await self._connect()
            except Refused as refused:
                if not up.done():
                    up.set_exception(refused)
                    return
                self._trouble = str(refused)
            except Late as late:
                self._trouble = str(late)
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 (nobody but this task brings it back)
                raise_own(error)
                self._trouble = f"RabbitMQ cannot be reached: {words(error)}"
            else:
                pause = _FIRST_PAUSE
                self._trouble = ""
                self.changed.tell()
                if not up.done():
                    up.set_result(None)
                try:
                    reason = await self._until_gone(lost)
                finally:
                    await self._disconnect()
                self._trouble = f"The connection to RabbitMQ was lost: {reason}"
            self.changed.tell()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_PAUSE)

    async def _until_gone(self, lost: asyncio.Future[str]) -> str:
        """Wait for the end of the connection; not when it was closed while it was being made."""
        return "closed" if self.closed else await lost

    async def _connect(self) -> asyncio.Future[str]:
        """Connect and declare; gives a future that says why the connection was lost, when it is."""
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def gone(_connection: object, error: BaseException | None) -> None:
            if not lost.done():
                lost.set_result(words(error) if error is not None else "closed")

        # Made here: one that the library made and could not open is nobody's to close, and it complains when another
        # thread happens to collect it.
        connection = aio_pika.Connection(
            aio_pika.connection.make_url(self._url), client_properties={"connection_name": self._name}
        )
        connection.close_callbacks.add(gone)
        self._connection = connection
        try:
            await self._open(connection)
            async with asyncio.timeout(_CONNECT_SECONDS):
                channel = await connection.channel().__aenter__()
            await self.topology.set_up(channel, _version(connection))
        except BaseException:
            await self._disconnect()
            raise
        return lost

    async def _open(self, connection: AbstractConnection) -> None:
        try:
            await connection.connect(timeout=_CONNECT_SECONDS)
        except _NOT_LET_IN as error:
            raise Refused(BROKER_REFUSES.at("", text=words(error))) from error
        except InvalidFrameError as error:
            # The broker closed instead of opening, and the library keeps its reason to itself.
            text = "the virtual host is not there, or is not this user's."
            raise Refused(BROKER_REFUSES.at("", text=text)) from error

    async def _up(self) -> AbstractConnection:
        while True:
            if self.closed:
                raise Closed("The broker is closed.")
            if not self._trouble and self._connection is not None:
                return self._connection
            await self.changed.wait()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self.topology.lost()
        if connection is not None:
            try:
                await connection.close()
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 (it is given up either way)
                # Nothing is left but the library's own note that it is closed, which it complains of missing later.
                await connection.close()
                raise_own(error)

    @property
    def is_blocked(self) -> bool:
        """Whether RabbitMQ has said that it takes nothing for the time being."""
        if self._connection is None or self._connection.transport is None:
            return False
        # The library says so only to who waits for it: take one step of waiting, and see whether that was all.
        ready = self._connection.transport.connection.ready()
        try:
            ready.send(None)
        except StopIteration:
            return False
        else:
            return True
        finally:
            ready.close()


def _version(connection: AbstractConnection) -> str:
    if connection.transport is None:
        return "0"
    properties = cast("aiormq.Connection", connection.transport.connection).server_properties or {}
    return str(properties.get("version", "0"))
