"""A task that is cancelled ends, whatever a closing channel makes of its cancellation on the way out."""

from __future__ import annotations

import asyncio

import pytest
from aiormq.exceptions import ChannelInvalidStateError

from broker.loss import LOST, raise_own


async def _going_on(begun: asyncio.Event, on_the_way_out: Exception | None) -> None:
    """Work that takes every loss for a reason to begin again."""
    while True:
        try:
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                if on_the_way_out is not None:
                    raise on_the_way_out
        except LOST as error:
            raise_own(error)


@pytest.mark.parametrize(
    "on_the_way_out", [None, ChannelInvalidStateError("closed"), RuntimeError("closed"), OSError()]
)
async def test_a_cancelled_task_ends(on_the_way_out: Exception | None) -> None:
    """Its own cancellation is not taken for the loss of a channel, nor is an error that stands in its place."""
    begun = asyncio.Event()
    task = asyncio.create_task(_going_on(begun, on_the_way_out))
    await begun.wait()
    task.cancel()
    done, _ = await asyncio.wait((task,), timeout=5)
    assert done == {task}
    assert task.cancelled()


async def test_a_loss_is_no_cancellation() -> None:
    """Of a task that nobody cancelled every loss is survived, a channel's cancelled future among them."""
    for error in (asyncio.CancelledError(), ChannelInvalidStateError("closed")):
        raise_own(error)
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
