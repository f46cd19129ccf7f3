"""RabbitMQ: quorum queues, publisher confirms, and an ack only when all that a message led to is safe.

A settlement commits its rows, publishes, commits that it is finished, acks. Whatever breaks in between, the message is
delivered again, marked as such, and its rows say how far it had come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

import aiormq
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage
from aiormq.exceptions import ChannelNotFoundEntity
from pamqp import commands as spec

from broker.errors import Closed
from broker.intake import RabbitConsumer, Token, Unacked, ack, delivery, is_open, reject
from broker.link import Link
from broker.loss import LOST, raise_own
from broker.port import SUBMIT, Broker, Delivery, Health, Settlement
from broker.publication import Publication
from broker.publisher import Publisher
from broker.silence import ANSWER_SECONDS
from broker.steps import RabbitmqStep, reach
from envelope.findings import Refused
from routing.ledger.ledger import Ledger
from routing.ledger.unit import Unit

_GRACE = 1.0
_PAUSE = 0.1
_GONE = "The delivery was settled or given back, or the connection that it came by is lost."


class RabbitBroker(Broker):
    """Queues on a RabbitMQ, 3.10 or newer.

    Args:
        url: `amqp://user:password@host:port/vhost`.
        ledger: open.
        name: what the connection is called in the broker's own tools.
        answer_seconds: how long a confirm or a declaration may take before `health` tells of it (VS-605) and it is
            tried again.
    """

    def __init__(
        self, url: str, ledger: Ledger, name: str = "vansim", *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._link = Link(url, name, answer_seconds)
        self._ledger = ledger
        self._publisher = Publisher(self._link)
        self._consumers: list[RabbitConsumer] = []
        self._receiving: AbstractChannel | None = None
        self._opening = asyncio.Lock()
        self._unacked = Unacked(wide=False)
        self._receivers: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Connect and declare the fixed topology; waits while the broker is away.

        Raises:
            Refused: VS-603, VS-604.
        """
        await self._link.open()

    async def close(self) -> None:
        """Stop; what is unacked is delivered again."""
        for consumer in self._consumers:
            await consumer.close()
        for task in tuple(self._receivers):
            task.cancel()
        await asyncio.gather(*self._receivers, return_exceptions=True)
        await self._link.close()

    async def submit(
        self, body: bytes, message_id: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Publish to `vans.submit`; returns when the broker has confirmed."""
        self._publisher.check(body)
        publication = Publication("", body, message_id, headers, exchange=SUBMIT)
        await self._publisher.publish((publication,))
        if publication.failure is not None:
            raise publication.failure

    async def declare(self, queue: str) -> None:
        """Make a queue when it is not there yet; tries until the broker answers."""
        await self._link.topology.declare(queue)

    async def consumer(self, queue: str, prefetch: int) -> RabbitConsumer:
        """Start taking from a queue, declaring it when it is not there yet."""
        consumer = RabbitConsumer(self._link, queue, prefetch)
        self._consumers = [other for other in self._consumers if not other.closed]
        self._consumers.append(consumer)
        await consumer.start()
        return consumer

    async def receive(self, queue: str, wait: float) -> Delivery | None:
        """Take one message, waiting `wait` seconds at the most."""
        # The library closes a channel when a call on it is cancelled, so a call is never cancelled: who gave up waiting
        # leaves the task behind, and what it still gets goes back.
        task = asyncio.create_task(self._receive(queue, asyncio.get_running_loop().time() + wait))
        self._receivers.add(task)
        task.add_done_callback(self._receivers.discard)
        try:
            await asyncio.wait((task,), timeout=wait + _GRACE)
        except asyncio.CancelledError:
            self._abandon(task)
            raise
        if task.cancelled():
            raise Closed("The broker is closed.")
        if task.done():
            return task.result()
        self._abandon(task)
        return None

    async def settle(self, settlements: Sequence[Settlement]) -> list[Exception | None]:
        """Commit, publish, commit, ack; one that fails keeps its delivery unacked and its neighbours alone."""
        results: list[Exception | None] = [None] * len(settlements)
        queue = settlements[0].queue if settlements else ""
        for place, settlement in enumerate(settlements):
            if settlement.delivery is not None and not is_open(settlement.delivery.token):
                results[place] = Closed(_GONE)
                continue
            try:
                for send in settlement.sends:
                    self._publisher.check(send.body)
            except Refused as refused:
                results[place] = refused
        await self._commit([settlement.unit for settlement in settlements], results)
        reach(RabbitmqStep.COMMITTED, queue)
        await self._publish(settlements, results)
        reach(RabbitmqStep.PUBLISHED, queue)
        await self._commit([settlement.finish for settlement in settlements], results)
        reach(RabbitmqStep.FINISHED, queue)
        done = {
            cast("Token", settlement.delivery.token): place
            for place, settlement in enumerate(settlements)
            if results[place] is None and settlement.delivery is not None
        }
        for token in await ack(done):
            results[done[token]] = Closed(_GONE)
        reach(RabbitmqStep.ACKED, queue)
        return results

    async def give_back(self, delivery: Delivery) -> None:
        """Put a delivery back at its queue; one that is settled or was given back is left alone."""
        token = delivery.token
        if isinstance(token, Token) and is_open(token):
            await reject(token)

    def health(self) -> Health:
        """Whether the broker can be used at this moment."""
        return self._link.health()

    async def wait_for_health(self, ok: bool) -> None:
        """Wait until the connection is there and every queue answers, or until that is not so."""
        await self._link.wait_for_health(ok)

    async def _commit(self, units: list[Unit], results: list[Exception | None]) -> None:
        places = [place for place, unit in enumerate(units) if unit and results[place] is None]
        if places:
            answers = await self._ledger.commit_all([units[place] for place in places])
            for place, answer in zip(places, answers, strict=True):
                results[place] = answer

    async def _publish(self, settlements: Sequence[Settlement], results: list[Exception | None]) -> None:
        owners: list[int] = []
        publications: list[Publication] = []
        for place, settlement in enumerate(settlements):
            if settlement.sends and results[place] is None:
                for send in settlement.sends:
                    owners.append(place)
                    publications.append(Publication(send.queue, send.body, send.message_id, send.headers))
        if publications:
            taken_from = settlements[0].queue
            await self._publisher.publish(publications, lambda: reach(RabbitmqStep.WRITTEN, taken_from))
            for place, publication in zip(owners, publications, strict=True):
                if publication.failure is not None:
                    results[place] = publication.failure

    async def _receive(self, queue: str, until: float) -> Delivery | None:
        clock = asyncio.get_running_loop().time
        while True:
            try:
                await self._link.topology.declare(queue)
                channel = await self._receiver()
                got = await channel.basic_get(queue)
                if isinstance(got.delivery, spec.Basic.GetOk):
                    return delivery(queue, got, self._unacked)
                arrived = await _next(channel, queue, until - clock())
            except ChannelNotFoundEntity:
                self._link.topology.forget(queue)
            except LOST as error:
                raise_own(error)
            else:
                if arrived is not None:
                    return delivery(queue, arrived, self._unacked)
                if not channel.is_closed:
                    return None
            if clock() >= until:
                return None
            await asyncio.sleep(_PAUSE)

    async def _receiver(self) -> aiormq.Channel:
        async with self._opening:
            if self._receiving is None or self._receiving.is_closed:
                self._receiving = await self._link.channel()
                await self._receiving.set_qos(prefetch_count=1)  # each consumer's own
            return cast("aiormq.Channel", await self._receiving.get_underlay_channel())

    def _abandon(self, task: asyncio.Task[Delivery | None]) -> None:
        async def put_back() -> None:
            late = await task
            if late is not None:
                await self.give_back(late)

        late = asyncio.create_task(put_back())
        self._receivers.add(late)
        late.add_done_callback(self._receivers.discard)


async def _next(channel: aiormq.Channel, queue: str, wait: float) -> DeliveredMessage | None:
    """Consume one message, waiting `wait` seconds at the most."""
    if wait <= 0:
        return None
    here: asyncio.Future[DeliveredMessage] = asyncio.get_running_loop().create_future()

    async def arrived(message: DeliveredMessage) -> None:
        here.set_result(message)

    tag = (await channel.basic_consume(queue, arrived)).consumer_tag
    await asyncio.wait((here, channel.closing), timeout=wait, return_when=asyncio.FIRST_COMPLETED)
    if not channel.is_closed:
        await channel.basic_cancel(cast("str", tag))
    return here.result() if here.done() else None
