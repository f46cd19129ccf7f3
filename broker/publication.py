"""A message on its way to RabbitMQ, as aiormq's channel writes and confirms it, many in one write.

Messages are written to aiormq's channel below aio-pika's. A batch goes out as one write and waits on one future, where
`Exchange.publish` takes a lock, three futures and a drain for each message: measured on a relay of 6 KB messages, 85
instead of 225 microseconds of processor time a message, taking and acking included.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any, cast

import aiormq
from aiormq.abc import ChannelFrame
from aiormq.channel import Returning
from aiormq.exceptions import PublishError
from pamqp import commands as spec
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from broker.loss import written
from broker.port import ROUTE, SUBMIT

_BEHIND = {SUBMIT: ROUTE}
_WRITE_BYTES = 1_000_000
_PERSISTENT = 2


class Publication:
    """One message on its way: to a queue by name, or to an exchange.

    Attributes:
        confirmed: the broker has it.
        failure: why it never will have it.
    """

    __slots__ = (
        "_batch",
        "body",
        "confirmed",
        "exchange",
        "failure",
        "headers",
        "message_id",
        "returned",
        "routing_key",
    )

    def __init__(
        self, routing_key: str, body: bytes, message_id: str | None, headers: Any = None, exchange: str = ""
    ) -> None:
        self.exchange = exchange
        self.routing_key = routing_key
        self.body = body
        self.message_id = message_id or uuid.uuid4().hex
        self.headers = headers
        self.confirmed = False
        self.returned = False
        self.failure: Exception | None = None
        self._batch: Batch | None = None

    @property
    def queue(self) -> str:
        """The queue that has to confirm it: that of its name, or the one behind its exchange."""
        return _BEHIND.get(self.exchange, self.routing_key)

    def sent_in(self, batch: Batch) -> None:
        """Note which batch it was written in."""
        self._batch = batch
        self.returned = False

    def withdraw(self, channel: aiormq.Channel) -> None:
        """Wait no longer for this channel to confirm it."""
        tag = channel.message_id_delivery_tag.get(self.message_id, 0)
        if channel.confirmations.get(tag) is cast("Any", self):
            # A late confirm may name this number and stand for all before it: it must be known to the library.
            channel.confirmations[tag] = Returning()
        self._answered()

    async def answered_before(self, channel: aiormq.Channel) -> None:
        """Wait until another message with the same id is answered."""
        earlier: Any = channel.confirmations.get(channel.message_id_delivery_tag[self.message_id])
        batch = earlier._batch if isinstance(earlier, Publication) else None  # noqa: SLF001 (the same class)
        if batch is None:
            await asyncio.sleep(0)
        else:
            await asyncio.wait((batch.over,))

    # What follows is how aiormq speaks to the future that it keeps for each unconfirmed message: a publication stands
    # in for it.

    def done(self) -> bool:
        """Whether it was answered already."""
        return self._batch is None

    def cancelled(self) -> bool:
        """Nobody cancels a publication."""
        return False

    def set_result(self, _frame: object) -> None:
        """The broker has confirmed."""
        self.confirmed = True
        self._answered()

    def set_exception(self, error: Exception) -> None:
        """The broker has returned it, because no queue takes it, or could not keep it."""
        self.returned = isinstance(error, PublishError)
        self._answered()

    def _answered(self) -> None:
        batch, self._batch = self._batch, None
        if batch is not None:
            batch.one_less(self.message_id)


class Batch:
    """Counts confirms down; `over` is aiormq's own future, so that a lost channel ends the wait."""

    __slots__ = ("_ids", "_left", "over")

    def __init__(self, channel: aiormq.Channel, size: int) -> None:
        self.over: asyncio.Future[None] = channel.create_future()
        self._ids = channel.message_id_delivery_tag
        self._left = size

    def one_less(self, message_id: str) -> None:
        """One of the batch was answered."""
        self._ids.pop(message_id, None)
        self._left -= 1
        if self._left == 0 and not self.over.done():
            self.over.set_result(None)


def distinct(channel: aiormq.Channel, rest: list[Publication]) -> tuple[list[Publication], list[Publication]]:
    """Cut into what can be on its way at once, each under an id of its own, and the rest."""
    taken = channel.message_id_delivery_tag
    ids = {publication.message_id for publication in rest}
    if len(ids) == len(rest) and (not taken or taken.keys().isdisjoint(ids)):
        return rest, []
    now: dict[str, Publication] = {}
    later: list[Publication] = []
    for publication in rest:
        if publication.message_id in now or publication.message_id in taken:
            later.append(publication)
        else:
            now[publication.message_id] = publication
    return list(now.values()), later


def groups(publications: list[Publication]) -> list[list[Publication]]:
    """Cut into writes of about a megabyte."""
    groups: list[list[Publication]] = []
    size = _WRITE_BYTES
    for publication in publications:
        if size >= _WRITE_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(publication)
        size += len(publication.body)
    return groups


async def write(channel: aiormq.Channel, group: list[Publication], batch: Batch) -> None:
    """Write a group at once; returns when the connection has it.

    Raises:
        ChannelInvalidStateError: the channel is gone; or what else `LOST` names.
    """
    if sum(len(publication.body) for publication in group) <= 2 * _WRITE_BYTES:
        await _write(channel, group, batch)
    else:
        # Several writes: who is cancelled between them must not leave half a message on the channel.
        await asyncio.shield(channel.create_task(_write(channel, group, batch)))


async def _write(channel: aiormq.Channel, group: list[Publication], batch: Batch) -> None:
    confirmations = cast("dict[int, Any]", channel.confirmations)
    async with channel.lock:
        first = channel.delivery_tag
        parts = _parts(channel, group)
        part = next(parts)
        for publication in group:
            channel.delivery_tag += 1
            publication.sent_in(batch)
            confirmations[channel.delivery_tag] = publication
            channel.message_id_delivery_tag[publication.message_id] = channel.delivery_tag
        try:
            await written(channel, channel.write_queue.put(part))
        except BaseException:
            # Not written: the broker counts what it sees, so the numbers are free again.
            for tag in range(first + 1, channel.delivery_tag + 1):
                confirmations.pop(tag, None)
            for publication in group:
                channel.message_id_delivery_tag.pop(publication.message_id, None)
            channel.delivery_tag = first
            raise
        for following in parts:
            await cast("asyncio.Future[None]", part.drain_future)
            part = following
            await written(channel, channel.write_queue.put(part))
    await cast("asyncio.Future[None]", part.drain_future)


def _parts(channel: aiormq.Channel, group: list[Publication]) -> Iterator[ChannelFrame]:
    """The frames of a group in writes of about a megabyte; a larger body is never copied as a whole."""
    frames: list[Any] = []
    size = 0
    for publication in group:
        for frame in _frames(publication, channel.max_content_size):
            if size >= _WRITE_BYTES:
                yield _part(channel, frames)
                frames, size = [], 0
            frames.append(frame)
            size += len(frame.value) if isinstance(frame, ContentBody) else 0
    yield _part(channel, frames)


def _part(channel: aiormq.Channel, frames: list[Any]) -> ChannelFrame:
    return ChannelFrame.marshall(channel_number=channel.number, frames=frames, drain_future=channel.create_future())


def _frames(publication: Publication, most: int) -> Iterator[Any]:
    body = publication.body
    yield spec.Basic.Publish(exchange=publication.exchange, routing_key=publication.routing_key, mandatory=True)
    yield ContentHeader(
        body_size=len(body),
        properties=spec.Basic.Properties(
            content_type="application/xml",
            delivery_mode=_PERSISTENT,
            message_id=publication.message_id,
            headers=dict(publication.headers) if publication.headers else None,
        ),
    )
    for start in range(0, len(body), most):
        yield ContentBody(body[start : start + most])
