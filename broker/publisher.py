"""Publishing with confirms: again and again until the broker has confirmed, and told by `health` while that is late."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from time import monotonic
from typing import cast

import aiormq
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed

from broker.errors import BODY_TOO_LARGE, LARGEST_BODY
from broker.link import Link
from broker.loss import LOST, raise_own
from broker.port import REPEATED, ROUTE
from broker.publication import Batch, Publication, distinct, groups, write
from broker.silence import CONFIRMED, Late
from envelope.findings import Refused

_PAUSE = 0.1
_TOO_LARGE = re.compile(r"size (\d+).*larger than\D*(\d+)")


class Publisher:
    """Publishes on a channel of its own.

    A queue that does not confirm in time is published to once more on another channel, as after a lost connection: its
    messages may come twice, byte for byte the same. What else is on its way on the first channel is left to end there.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._holders: dict[aiormq.Channel, AbstractChannel] = {}
        self._channel: aiormq.Channel | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()
        self._limit = LARGEST_BODY

    def check(self, body: bytes) -> None:
        """Refuse what the broker is known not to take.

        Raises:
            Refused: VS-602.
        """
        if len(body) > self._limit:
            raise Refused(BODY_TOO_LARGE.at("", size=len(body), limit=self._limit))

    async def publish(self, publications: Sequence[Publication], written: Callable[[], None] | None = None) -> None:
        """Return when each is confirmed or has a failure that will not pass; waits while the broker is away.

        Args:
            publications: to queues that are declared here when they are not known, or to an exchange.
            written: called when all were written and before any is known to be confirmed.

        Raises:
            Closed: the broker was closed first.
        """
        left = list(publications)
        silence = self._link.silence
        began, seconds = 0.0, silence.seconds
        try:
            while left:
                await self._declare(left)
                channel = await self._open()
                began = began or monotonic()
                error = await self._attempt(channel, left, written, seconds)
                written = None
                left = await self._left(left, error)
                late = isinstance(error, Late)
                if late:
                    seconds = silence.longer(seconds)
                if late or (error is None and monotonic() - began > silence.seconds):  # refused again and again
                    for publication in left:
                        silence.late(CONFIRMED, publication.queue, began)
                elif error is not None:
                    began = 0.0
        finally:
            self._tell_answered(publications)

    async def _declare(self, publications: list[Publication]) -> None:
        topology = self._link.topology
        for publication in publications:
            if publication.routing_key not in topology.declared and not publication.exchange:
                await topology.declare(publication.routing_key)

    async def _left(self, publications: list[Publication], error: BaseException | None) -> list[Publication]:
        """What has to be published again after an attempt that ended so."""
        if error is not None:
            self._learn(error, publications)
        self._tell_answered([one for one in publications if one.confirmed])
        left = [one for one in publications if not one.confirmed and one.failure is None]
        for publication in left:
            if publication.returned or isinstance(error, ChannelNotFoundEntity):
                self._link.topology.forget(publication.routing_key)
            if error is not None and publication.queue == ROUTE:
                # The broker may have kept it before the connection was lost: not a second submission.
                publication.headers = {**(publication.headers or {}), REPEATED: "true"}
        if left and error is None:  # returned, or not kept, on a channel that lives: do not press
            await asyncio.sleep(_PAUSE)
        return left

    def _tell_answered(self, publications: Sequence[Publication]) -> None:
        silence = self._link.silence
        if silence:
            for queue in {publication.queue for publication in publications}:
                silence.over(CONFIRMED, queue)

    def _learn(self, error: BaseException, left: list[Publication]) -> None:
        """The broker closes the channel of a body that is too large: remember the limit that it names."""
        named = _TOO_LARGE.search(str(error)) if isinstance(error, ChannelPreconditionFailed) else None
        if named is not None:
            self._limit = min(self._limit, int(named[2]))
            for publication in left:
                try:
                    self.check(publication.body)
                except Refused as refused:
                    publication.failure = refused

    async def _open(self) -> aiormq.Channel:
        channel = self._channel
        if channel is not None and not channel.is_closed:
            return channel
        async with self._opening:
            while self._channel is None or self._channel.is_closed:
                holder = await self._link.channel(confirms=True)
                try:
                    self._channel = cast("aiormq.Channel", await holder.get_underlay_channel())
                except LOST as error:
                    raise_own(error)
                else:
                    self._holders = {known: one for known, one in self._holders.items() if not known.is_closed}
                    self._holders[self._channel] = holder
            return self._channel

    async def _attempt(
        self,
        channel: aiormq.Channel,
        publications: list[Publication],
        written: Callable[[], None] | None,
        seconds: float,
    ) -> BaseException | None:
        """Write and wait; gives what ended the channel, or the wait, if something did."""
        try:
            await self._write(channel, publications, written, seconds)
        except Late as late:
            for publication in publications:
                publication.withdraw(channel)
            if channel is self._channel:
                self._channel = None
            return late
        except LOST as error:
            raise_own(error)
            return error
        finally:
            if channel is not self._channel and not channel.message_id_delivery_tag:
                self._let_go(channel)
        return None

    async def _write(
        self, channel: aiormq.Channel, rest: list[Publication], written: Callable[[], None] | None, seconds: float
    ) -> None:
        batches: list[Batch] = []
        while rest:
            # The broker names a returned message by its message id alone, so those on their way must differ.
            now, rest = distinct(channel, rest)
            if not now:
                await rest[0].answered_before(channel)
                continue
            for group in groups(now):
                batch = Batch(channel, len(group))
                batches.append(batch)
                await write(channel, group, batch)
            if rest:
                await self._confirmed(batches, seconds)
        if written is not None:
            written()
        await self._confirmed(batches, seconds)

    async def _confirmed(self, batches: list[Batch], seconds: float) -> None:
        """Wait until all are answered.

        Raises:
            Late: that takes more than these seconds, though RabbitMQ has not said that it takes nothing for now.
        """
        waiting = [batch.over for batch in batches if not batch.over.done()]
        while waiting:
            _, late = await asyncio.wait(waiting, timeout=seconds)
            if not late:
                break
            if not self._link.is_blocked:
                raise Late
        for batch in batches:
            batch.over.result()

    def _let_go(self, channel: aiormq.Channel) -> None:
        """Close a channel that nothing is on its way on any more; nobody waits for that."""
        holder = self._holders.pop(channel, None)
        if holder is not None:
            closing = asyncio.create_task(_close(holder))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


async def _close(channel: AbstractChannel) -> None:
    try:
        await channel.close()
    except LOST as error:
        raise_own(error)
