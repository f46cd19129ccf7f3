"""Waiting for something to happen, without polling: whoever waits is told."""

from __future__ import annotations

import asyncio


class Watchers:
    """Those who wait for the next time that `tell` is called; it costs nothing while nobody waits."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], None] = {}

    async def wait(self) -> None:
        """Wait until told."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[waiting] = None
        try:
            await waiting
        finally:
            self._waiting.pop(waiting, None)

    def tell(self) -> None:
        """Tell all who wait."""
        if self._waiting:
            told, self._waiting = self._waiting, {}
            for waiting in told:
                if not waiting.done():
                    waiting.set_result(None)
