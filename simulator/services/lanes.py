"""Lanes: how a service takes from its queue, several takings at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from broker.port import Broker, Consumer, Delivery

Handle = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Handles what was taken together; an error of its ends all lanes."""


async def run_lanes(broker: Broker, queue: str, handle: Handle, *, lanes: int, prefetch: int, batch: int) -> None:
    """Take from a queue until cancelled; while one lane waits for disk or thread, the others go on.

    Args:
        broker: has the queue.
        queue: its name.
        handle: settles what a lane has taken.
        lanes: how many take at the same time.
        prefetch: how many deliveries all of them may have in hand.
        batch: how many one lane takes together, at the most.
    """
    consumer = await broker.consumer(queue, prefetch)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(_lane(consumer, handle, batch))
    finally:
        await consumer.close()


async def _lane(consumer: Consumer, handle: Handle, batch: int) -> None:
    while True:
        await handle(await consumer.take(batch))
