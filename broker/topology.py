"""What has to be on the broker: exchange and fixed queues as soon as the connection comes up, inboxes when needed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ChannelPreconditionFailed

from broker.errors import BROKER_REFUSES, QUEUE_DIFFERS
from broker.loss import LOST, raise_own, words
from broker.port import CONVERT, DEAD, ROUTE, SUBMIT
from broker.silence import DECLARED, Silence
from envelope.findings import Refused

_FIRST_WITH_LIMIT = 4  # RabbitMQ's major version


class Topology:
    """Declares queues, and remembers which are known to be there.

    Args:
        open_channel: opens a channel; waits while the broker is away.
        silence: is told of a declaration that takes too long.

    Attributes:
        declared: queues known to be there.
    """

    def __init__(self, open_channel: Callable[[], Awaitable[AbstractChannel]], silence: Silence) -> None:
        self._open_channel = open_channel
        self._silence = silence
        self._control: AbstractChannel | None = None
        self._declaring = asyncio.Lock()
        self._arguments: dict[str, Any] = {}
        self.declared: set[str] = set()

    async def set_up(self, channel: AbstractChannel, version: str) -> None:
        """Declare the fixed topology on a connection that has just come up, whose other queues are not known.

        Args:
            channel: of the connection; inboxes are declared on it from now on.
            version: RabbitMQ's.

        Raises:
            Refused: VS-603, VS-604.
            Late: a declaration was not answered in time.
        """
        self._control, self._arguments = channel, queue_arguments(version)
        self.declared.clear()
        name = SUBMIT
        began, seconds = monotonic(), self._silence.seconds
        try:
            exchange = await channel.declare_exchange(
                SUBMIT, aio_pika.ExchangeType.FANOUT, durable=True, timeout=seconds
            )
            for name in (ROUTE, CONVERT, DEAD):
                began = monotonic()
                queue = await channel.declare_queue(name, durable=True, arguments=self._arguments, timeout=seconds)
                if name == ROUTE:
                    await queue.bind(exchange, routing_key="", timeout=seconds)
                self._known(name)
        except ChannelPreconditionFailed as error:
            raise Refused(QUEUE_DIFFERS.at(name, name=name, text=words(error))) from error
        except ChannelAccessRefused as error:
            raise Refused(BROKER_REFUSES.at(name, text=words(error))) from error
        except TimeoutError as error:
            raise self._silence.late(DECLARED, name, began) from error

    def lost(self) -> None:
        """The connection is gone, and the channel with it."""
        self._control = None

    async def declare(self, queue: str) -> None:
        """Make a queue when it is not known to be there; tries until the broker answers.

        Raises:
            Refused: VS-604, the broker does not let us.
            Closed: the link is closed.
        """
        began, seconds = 0.0, self._silence.seconds
        try:
            while queue not in self.declared:
                async with self._declaring:
                    if queue in self.declared:
                        return
                    if self._control is None or self._control.is_closed:
                        self._control = await self._open_channel()
                    began = began or monotonic()
                    try:
                        await self._declare(self._control, queue, seconds)
                    except TimeoutError:
                        self._silence.late(DECLARED, queue, began)
                        seconds = self._silence.longer(seconds)
                        self._control = None
                    except LOST as error:
                        raise_own(error)
                        self._control, began = None, 0.0
        finally:
            self._silence.over(DECLARED, queue)

    def forget(self, queue: str) -> None:
        """A queue turned out not to be there: the next `declare` makes it."""
        self.declared.discard(queue)

    async def _declare(self, channel: AbstractChannel, queue: str, seconds: float) -> None:
        try:
            await channel.declare_queue(queue, durable=True, arguments=self._arguments, timeout=seconds)
        except ChannelPreconditionFailed:
            # A participant's own program declared its inbox first, in its own way: it is the participant's.
            self._control = None
        except ChannelAccessRefused as error:
            self._control = None
            raise Refused(BROKER_REFUSES.at(queue, text=words(error))) from error
        self._known(queue)

    def _known(self, queue: str) -> None:
        self.declared.add(queue)
        self._silence.over(DECLARED, queue)


def queue_arguments(version: str) -> dict[str, Any]:
    """How queues are declared on a RabbitMQ of this version.

    RabbitMQ 4 drops a message after 20 deliveries unless told otherwise; 3.x has no limit, and does not take -1.
    """
    arguments: dict[str, Any] = {"x-queue-type": "quorum"}
    if int(version.split(".", maxsplit=1)[0] or 0) >= _FIRST_WITH_LIMIT:
        arguments["x-delivery-limit"] = -1
    return arguments
