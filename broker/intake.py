"""Taking from RabbitMQ: a consumer keeps what the broker pushes until it is taken, and acks in as few frames as can be.

After a lost channel everything unacked is the broker's again: what was not yet taken is forgotten here, and what was is
a delivery whose channel is closed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, cast

import aiormq
from aiormq.abc import DeliveredMessage
from pamqp import commands as spec

from broker.errors import Closed
from broker.link import Link
from broker.loss import LOST, raise_own, written
from broker.port import REPEATED, Consumer, Delivery
from broker.steps import RabbitmqStep, reach
from routing.ledger.watchers import Watchers

_NO_HEADERS: dict[str, str] = {}
_PAUSE = 0.1


class Unacked:
    """What one channel has delivered and nobody has acked.

    Args:
        wide: whether all that the channel delivers is noted here, so that one ack may stand for several.
    """

    __slots__ = ("acking", "tags", "wide")

    def __init__(self, *, wide: bool) -> None:
        self.wide = wide
        self.tags: set[int] = set()
        self.acking = asyncio.Lock()  # a wide ack that overtook a narrower one would name what is acked already


class Token:
    """What acks a delivery: the channel it came by, and its number there."""

    __slots__ = ("channel", "tag", "unacked")

    def __init__(self, channel: aiormq.Channel, tag: int, unacked: Unacked) -> None:
        self.channel = channel
        self.tag = tag
        self.unacked = unacked


def delivery(queue: str, message: DeliveredMessage, unacked: Unacked) -> Delivery:
    """A delivery as the rest of vansim knows it."""
    properties = message.header.properties
    frame = cast("spec.Basic.Deliver", message.delivery)
    redelivered = bool(frame.redelivered)
    headers = properties.headers or _NO_HEADERS
    unacked.tags.add(cast("int", frame.delivery_tag))
    return Delivery(
        queue,
        message.body,
        properties.message_id,
        Token(cast("aiormq.Channel", message.channel), cast("int", frame.delivery_tag), unacked),
        None,
        redelivered,
        redelivered or REPEATED in headers,
        properties.user_id,
        # The broker's own (`x-delivery-count`) are left out.
        {name: str(value) for name, value in headers.items() if name[:2] != "x-"} if headers else _NO_HEADERS,
    )


class RabbitConsumer(Consumer):
    """Takes from one queue, on a channel of its own that is opened again when it is lost.

    Attributes:
        closed: nothing is taken any more.
    """

    def __init__(self, link: Link, queue: str, prefetch: int) -> None:
        self._link = link
        self._queue = queue
        self._prefetch = prefetch
        self._here: deque[DeliveredMessage] = deque()
        self._unacked = Unacked(wide=True)
        self._changed = Watchers()
        self.closed = False
        self._stop = asyncio.Event()  # the broker has cancelled the consumer, or it is closed
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when the broker delivers; waits while it is away."""
        started = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(started))
        await started

    async def take(self, most: int) -> list[Delivery]:
        """Wait for at least one delivery, then return all that are here, `most` at the most."""
        while not self._here:
            if self.closed or self._link.closed:
                raise Closed("The consumer is closed.")
            await self._changed.wait()
        here, queue, unacked = self._here, self._queue, self._unacked
        if len(here) <= most:
            taken = [delivery(queue, message, unacked) for message in here]
            here.clear()
        else:
            taken = [delivery(queue, here.popleft(), unacked) for _ in range(most)]
        reach(RabbitmqStep.TAKEN, queue)
        return taken

    async def close(self) -> None:
        """Stop taking; what is unacked is there again for others."""
        # Said as well as cancelled: Python 3.11 can lose a cancellation that comes together with an answer waited for.
        self.closed = True
        self._stop.set()
        self._changed.tell()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, started: asyncio.Future[None]) -> None:
        while not self.closed:
            try:
                await self._consume(started)
            except LOST as error:
                raise_own(error)
            except Closed:
                return
            except Exception as error:  # noqa: BLE001 (refused: whoever starts the consumer is told)
                if not started.done():
                    started.set_exception(error)
                    return
            await asyncio.sleep(_PAUSE)

    async def _consume(self, started: asyncio.Future[None]) -> None:
        await self._link.topology.declare(self._queue)
        holder = await self._link.channel()
        channel = cast("aiormq.Channel", await holder.get_underlay_channel())
        here: deque[DeliveredMessage] = deque()
        gone = asyncio.Event()

        def cancelled(_frame: object) -> None:
            gone.set()
            self._stop.set()

        async def arrived(message: DeliveredMessage) -> None:
            unacked.tags.add(cast("int", message.delivery_tag))
            here.append(message)
            self._changed.tell()

        unacked = Unacked(wide=True)
        self._here, self._unacked = here, unacked
        ended = channel.closing
        channel.on_consumer_cancel_callbacks.add(cancelled)
        try:
            await channel.basic_qos(prefetch_count=self._prefetch)
            await channel.basic_consume(self._queue, arrived)
            if not started.done():
                started.set_result(None)
            waiting = asyncio.ensure_future(self._stop.wait())
            try:
                await asyncio.wait((ended, waiting), return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
            if gone.is_set():
                self._link.topology.forget(self._queue)
                if not self.closed:
                    self._stop.clear()
        finally:
            here.clear()
            await holder.close()


async def ack(tokens: Iterable[Token]) -> set[Token]:
    """Ack deliveries, those that are next to one another in one frame; gives those whose channel is lost."""
    lost: set[Token] = set()
    channels: dict[aiormq.Channel, list[Token]] = {}
    for token in tokens:
        channels.setdefault(token.channel, []).append(token)
    for channel, here in channels.items():
        try:
            async with here[0].unacked.acking:
                await _ack(channel, here)
        except LOST as error:
            raise_own(error)
            lost.update(here)
    return lost


async def _ack(channel: aiormq.Channel, tokens: list[Token]) -> None:
    unacked = tokens[0].unacked
    tags = {token.tag for token in tokens}
    unacked.tags -= tags
    last = 0
    if unacked.wide:
        others = min(unacked.tags, default=max(tags) + 1)
        last = max((tag for tag in tags if tag < others), default=0)
        if last:
            await written(channel, channel.basic_ack(last, multiple=True))
    for tag in sorted(tags):
        if tag > last:
            await written(channel, channel.basic_ack(tag))


async def reject(token: Token) -> None:
    """Give one delivery back; a lost channel has done so already."""
    try:
        async with token.unacked.acking:
            token.unacked.tags.discard(token.tag)
            await written(token.channel, token.channel.basic_reject(token.tag, requeue=True))
    except LOST as error:
        raise_own(error)


def is_open(token: Any) -> bool:
    """Whether a delivery can still be acked: neither settled nor given back, and its channel is there."""
    return isinstance(token, Token) and not token.channel.is_closed and token.tag in token.unacked.tags
