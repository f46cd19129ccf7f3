"""What is on its way to the router and in no ledger yet: so that whoever waits for an idle network waits for it too.

In one process it is counted. Where router, worker, mocks and API are processes of their own it is written into the
ledger before it is published, and its header names the row, which goes when the router has settled it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from broker.port import Delivery
from routing.ledger.ledger import Ledger
from routing.ledger.records import Page
from routing.ledger.schema import EXPECTED
from routing.ledger.unit import Unit

HEADER = "vans-expected"
"""Names the row of what a service of the network has put before the router."""

_NONE: Mapping[str, str] = {}


class Traffic:
    """The envelopes that the network has put before its router and the router has not settled.

    They are counted: the same envelope may be on its way twice, and one without an identifier many times.

    Args:
        ledger: where it is written; None when router, mocks and API are all in this process.
    """

    def __init__(self, ledger: Ledger | None = None) -> None:
        self._ledger = ledger
        self._expected: Counter[str] = Counter()
        self._settled = asyncio.Condition()

    def expecting(self, envelope_id: str, page: Page) -> Mapping[str, str]:
        """An envelope is about to go to the router.

        Args:
            envelope_id: what its publisher calls it.
            page: committed before it is published.

        Returns:
            The headers to publish it with.
        """
        if self._ledger is None:
            self._expected[envelope_id] += 1
            return _NONE
        key = page.keys()
        page.unit.insert(EXPECTED, key=key, name=envelope_id, place=page.place)
        return {HEADER: str(key)}

    async def expecting_again(self, envelope_id: str) -> Mapping[str, str]:
        """The same for what a process that died has written, and may have published or not."""
        if self._ledger is None:
            self._expected[envelope_id] += 1
            return _NONE
        rows = await self._ledger.read(select(EXPECTED.c.key).where(EXPECTED.c.name == envelope_id))
        return {HEADER: str(rows[0].key)} if rows else _NONE

    async def forget(self, place: str) -> None:
        """What this place of a process that died was about to publish, and nobody will."""
        if self._ledger is None:
            return
        unit = Unit()
        for row in await self._ledger.read(select(EXPECTED.c.key).where(EXPECTED.c.place == place)):
            unit.delete(EXPECTED, row.key)
        if unit:
            await self._ledger.commit(unit)

    async def settled(self, deliveries: Iterable[Delivery]) -> None:
        """The router has settled these; those that came from elsewhere were not expected."""
        if self._ledger is None:
            await self.given_up(delivery.message_id or "" for delivery in deliveries)
            return
        unit = Unit()
        for delivery in deliveries:
            if (key := delivery.headers.get(HEADER, "")).isdecimal():
                unit.delete(EXPECTED, int(key))
        if unit:
            await self._ledger.commit(unit)

    async def given_up(self, envelope_ids: Iterable[str]) -> None:
        """These will not come to the router after all."""
        self._expected -= Counter(envelope_ids)
        if not self._expected:
            async with self._settled:
                self._settled.notify_all()

    async def wait_until_none(self) -> None:
        """Wait until nothing that is counted is on its way to the router; the ledger tells of the rest."""
        async with self._settled:
            await self._settled.wait_for(lambda: not self._expected)

    @property
    def count(self) -> int:
        """How much that is counted is on its way to the router."""
        return self._expected.total()
