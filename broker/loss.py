"""How aiormq shows that a channel or its connection is lost, and how to write without waiting on one for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiormq
from aiormq.exceptions import AMQPError, ChannelInvalidStateError

LOST = (AMQPError, ChannelInvalidStateError, OSError, RuntimeError, asyncio.CancelledError)
"""What aiormq raises when a channel or its connection is gone; cancellation too, though nobody cancelled the task."""


def raise_own(error: BaseException) -> None:
    """Go on being cancelled, when it is this task that was cancelled rather than a lost channel's work.

    A call that is cancelled closes its channel, and closing that once more on the way out raises another error in place
    of the cancellation: what the error is tells nothing, and a task that took it for a loss would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise error if isinstance(error, asyncio.CancelledError) else asyncio.CancelledError from error


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
