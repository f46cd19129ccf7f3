"""The named peer: a bare aio-pika relay. Takes from one queue, publishes to another with confirms, acks; nothing else.

The same hops and confirms as the router, the same prefetch, the same event loop. With a ledger it commits the same rows
as the router does, group by group, before it publishes and after.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from routing.ledger.ledger import Ledger
from routing.ledger.unit import Unit

PREFETCH = 200


class Relay:
    """Moves messages until `count` have gone through."""

    def __init__(self, url: str, source: str, target: str, count: int) -> None:
        self._url = url
        self._source = source
        self._target = target
        self._left = count
        self._done = asyncio.Event()

    async def run(self, ledger: Ledger | None = None, units: Sequence[tuple[Unit, Unit]] = ()) -> None:
        """Relay until all went through; with a ledger, commit each message's rows on the way."""
        rows = iter(units)
        connection = await aio_pika.connect_robust(self._url)
        async with connection:
            channel = await connection.channel(publisher_confirms=True)
            await channel.set_qos(prefetch_count=PREFETCH)
            exchange = channel.default_exchange

            async def move(message: AbstractIncomingMessage) -> None:
                first, last = next(rows) if ledger is not None else (None, None)
                if ledger is not None and first is not None:
                    await ledger.commit(first)
                await exchange.publish(
                    aio_pika.Message(
                        message.body,
                        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                        content_type="application/xml",
                        message_id=message.message_id,
                    ),
                    self._target,
                )
                if ledger is not None and last is not None:
                    await ledger.commit(last)
                await message.ack()
                self._left -= 1
                if self._left == 0:
                    self._done.set()

            queue = await channel.get_queue(self._source)
            tag = await queue.consume(move)
            await self._done.wait()
            await queue.cancel(tag)
