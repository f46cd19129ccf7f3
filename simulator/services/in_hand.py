"""Names in hand: what one lane has decided and not yet settled is in no history, so the same names wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

Name = tuple[str, str]
"""Sender and an identifier."""


class InHand:
    """The names that the lanes of a process have in hand."""

    def __init__(self) -> None:
        self._names: set[Name] = set()
        self._released = asyncio.Condition()

    @asynccontextmanager
    async def hand(self, *, alone: bool) -> AsyncIterator[Hand]:
        """A hand for one batch; what it holds is free for others at the end.

        Args:
            alone: whether it is for one delivery, which waits for names instead of going without.
        """
        hand = Hand(self._names, self._released, alone=alone)
        try:
            yield hand
        finally:
            async with self._released:
                self._names -= hand.names
                self._released.notify_all()


class Hand:
    """What one batch holds.

    Attributes:
        names: all that it has claimed.
    """

    def __init__(self, in_hand: set[Name], released: asyncio.Condition, *, alone: bool) -> None:
        self._in_hand = in_hand
        self._released = released
        self._alone = alone
        self.names: set[Name] = set()

    async def claim(self, names: set[Name]) -> bool:
        """Take names in hand; alone, wait until nobody else has them, otherwise say whether they were free."""
        if names & self._in_hand:
            if not self._alone:
                return False
            async with self._released:
                await self._released.wait_for(lambda: not (names - self.names) & self._in_hand)
        self._in_hand |= names
        self.names |= names
        return True
