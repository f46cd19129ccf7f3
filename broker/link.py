"""The connection to RabbitMQ: kept up, named, and with the fixed topology declared each time it comes up.

aio-pika's robust connection restores channels behind its users' backs and swallows what goes wrong in doing so. Here a
lost connection is a state that everybody sees: who publishes does so again with what was not confirmed, who consumes
starts over with nothing in hand, and `health` says in words what the matter is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import aio_pika
import aiormq
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelPreconditionFailed,
    ConnectionNotAllowed,
    InvalidFrameError,
    ProbableAuthenticationError,
)

from broker.errors import BROKER_REFUSES, QUEUE_DIFFERS, Closed
from broker.port import CONVERT, DEAD, ROUTE, SUBMIT, Health
from envelope.findings import Refused
from routing.ledger.watchers import Watchers

_CONNECT_SECONDS = 10
_FIRST_PAUSE = 0.05
_LAST_PAUSE = 2.0
_FIRST_WITH_LIMIT = 4  # RabbitMQ's major version

LOST = (AMQPError, ChannelInvalidStateError, OSError, RuntimeError, asyncio.CancelledError)
"""What aiormq raises when a channel or its connection is gone; cancellation too, though nobody cancelled the task."""

_NOT_LET_IN = (AuthenticationError, ProbableAuthenticationError, ConnectionNotAllowed)


def raise_own(error: BaseException) -> None:
    """Raise an error again that is this task's own cancellation, rather than a lost channel's."""
    task = asyncio.current_task()
    if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
        raise error


def words(error: BaseException) -> str:
    """What an error says, in one line."""
    text = " ".join(str(part) for part in error.args) or type(error).__name__
    return next(iter(text.splitlines()), "")


async def written(channel: aiormq.Channel, writing: Coroutine[Any, Any, None]) -> None:
    """Wait for something to be written, for as long as there is a channel.

    The library's queue of what is to be written is never emptied once the connection is lost, and who waits for room in
    it waits for ever. As a task of the channel it ends with it.

    Raises:
        ChannelInvalidStateError: the channel is gone already; or what else `LOST` names.
    """
    if channel.is_closed:
        writing.close()
        raise ChannelInvalidStateError("The channel is closed.")
    if channel.write_queue.full():
        await channel.create_task(writing)
    else:
        await writing


class Link:
    """A connection that comes back.

    Args:
        url: `amqp://user:password@host:port/vhost`.
        name: what the connection is called in the broker's own tools.

    Attributes:
        declared: queues known to be there.
        changed: told each time the connection comes or goes, and when the link is closed.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: AbstractConnection | None = None
        self._control: AbstractChannel | None = None
        self._declaring = asyncio.Lock()
        self.declared: set[str] = set()
        self._arguments: dict[str, Any] = {}
        self._keeper: asyncio.Task[None] | None = None
        self._trouble = "The connection to RabbitMQ was not opened yet."
        self.closed = False
        self.changed = Watchers()

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
        if self._trouble:
            return Health(ok=False, text=self._trouble)
        if self._is_blocked():
            return Health(
                ok=False, text="RabbitMQ takes no messages at the moment: it is short of memory or of disk space."
            )
        return Health(ok=True, text="RabbitMQ answers.")

    async def wait_for_health(self, ok: bool) -> None:
        """Wait until the connection is there, or until it is not."""
        while (not self._trouble) is not ok and not self.closed:
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
                await channel.initialize(timeout=_CONNECT_SECONDS)
            except LOST as error:
                raise_own(error)
            else:
                return channel
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_PAUSE)

    async def declare(self, queue: str) -> None:
        """Make a queue when it is not known to be there.

        Raises:
            Refused: VS-604, the broker does not let us.
            Closed: the link is closed.
        """
        while queue not in self.declared:
            async with self._declaring:
                if queue in self.declared:
                    return
                if self._control is None or self._control.is_closed:
                    self._control = await self.channel()
                try:
                    await self._declare(self._control, queue)
                except LOST as error:
                    raise_own(error)
                else:
                    self.declared.add(queue)

    def forget(self, queue: str) -> None:
        """A queue turned out not to be there: the next `declare` makes it."""
        self.declared.discard(queue)

    async def _declare(self, channel: AbstractChannel, queue: str) -> None:
        try:
            await channel.declare_queue(queue, durable=True, arguments=self._arguments)
        except ChannelPreconditionFailed:
            # A participant's own program declared its inbox first, in its own way: it is the participant's.
            self._control = None
        except ChannelAccessRefused as error:
            self._control = None
            raise Refused(BROKER_REFUSES.at(queue, text=words(error))) from error

    async def _keep(self, up: asyncio.Future[None]) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                lost = await self._connect()
            except Refused as refused:
                if not up.done():
                    up.set_exception(refused)
                    return
                self._trouble = str(refused)
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
                    reason = await lost
                finally:
                    await self._disconnect()
                self._trouble = f"The connection to RabbitMQ was lost: {reason}"
            self.changed.tell()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LAST_PAUSE)

    async def _connect(self) -> asyncio.Future[str]:
        """Connect and declare; gives a future that says why the connection was lost, when it is."""
        lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def gone(_connection: object, error: BaseException | None) -> None:
            if not lost.done():
                lost.set_result(words(error) if error is not None else "closed")

        try:
            connection = await aio_pika.connect(
                self._url, timeout=_CONNECT_SECONDS, client_properties={"connection_name": self._name}
            )
        except _NOT_LET_IN as error:
            raise Refused(BROKER_REFUSES.at("", text=words(error))) from error
        except InvalidFrameError as error:
            # The broker closed instead of opening, and the library keeps its reason to itself.
            text = "the virtual host is not there, or is not this user's."
            raise Refused(BROKER_REFUSES.at("", text=text)) from error
        connection.close_callbacks.add(gone)
        self._connection = connection
        try:
            self._arguments = queue_arguments(_version(connection))
            self.declared.clear()
            self._control = await connection.channel().__aenter__()
            await self._topology(self._control)
        except BaseException:
            await self._disconnect()
            raise
        return lost

    async def _topology(self, channel: AbstractChannel) -> None:
        name = SUBMIT
        try:
            exchange = await channel.declare_exchange(SUBMIT, aio_pika.ExchangeType.FANOUT, durable=True)
            for name in (ROUTE, CONVERT, DEAD):
                queue = await channel.declare_queue(name, durable=True, arguments=self._arguments)
                if name == ROUTE:
                    await queue.bind(exchange, routing_key="")
                self.declared.add(name)
        except ChannelPreconditionFailed as error:
            raise Refused(QUEUE_DIFFERS.at(name, name=name, text=words(error))) from error
        except ChannelAccessRefused as error:
            raise Refused(BROKER_REFUSES.at(name, text=words(error))) from error

    async def _up(self) -> AbstractConnection:
        while True:
            if self.closed:
                raise Closed("The broker is closed.")
            if not self._trouble and self._connection is not None:
                return self._connection
            await self.changed.wait()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._control = None
        if connection is not None:
            try:
                await connection.close()
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 (it is given up either way)
                raise_own(error)

    def _is_blocked(self) -> bool:
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


def queue_arguments(version: str) -> dict[str, Any]:
    """How queues are declared on a RabbitMQ of this version.

    RabbitMQ 4 drops a message after 20 deliveries unless told otherwise; 3.x has no limit, and does not take -1.
    """
    arguments: dict[str, Any] = {"x-queue-type": "quorum"}
    if int(version.split(".", maxsplit=1)[0] or 0) >= _FIRST_WITH_LIMIT:
        arguments["x-delivery-limit"] = -1
    return arguments


def _version(connection: AbstractConnection) -> str:
    if connection.transport is None:
        return "0"
    properties = cast("aiormq.Connection", connection.transport.connection).server_properties or {}
    return str(properties.get("version", "0"))
