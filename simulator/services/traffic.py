"""What is on its way and in no ledger yet: so that whoever waits for an idle network waits for it too."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable


class Traffic:
    """The envelopes that this process has put before the router and the router has not settled.

    They are counted: the same envelope may be on its way twice, and one without an identifier many times.

    Args:
        routed_here: whether the router is in this process; of another's nobody here hears, so nothing is counted.
    """

    def __init__(self, *, routed_here: bool = True) -> None:
        self._routed_here = routed_here
        self._expected: Counter[str] = Counter()
        self._settled = asyncio.Condition()

    def expect(self, envelope_id: str) -> None:
        """An envelope is on its way to the router."""
        if self._routed_here:
            self._expected[envelope_id] += 1

    async def settled(self, envelope_ids: Iterable[str]) -> None:
        """The router has settled these envelopes; those that came from elsewhere were not expected."""
        self._expected -= Counter(envelope_ids)
        if not self._expected:
            async with self._settled:
                self._settled.notify_all()

    async def wait_until_none(self) -> None:
        """Wait until nothing is on its way to the router."""
        async with self._settled:
            await self._settled.wait_for(lambda: not self._expected)

    @property
    def none(self) -> bool:
        """Whether nothing is on its way to the router."""
        return not self._expected
