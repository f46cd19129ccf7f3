"""Stylesheets that orders were made with, each kept once: the same bytes can be made after the file has changed.

They lie among the bodies, under a key that their digest gives. It is negative, as no other key is, so that they are
told apart from what travelled; they are never pruned.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256

from sqlalchemy import select

from routing.directory import StylesheetFile
from routing.ledger.errors import LedgerConflict
from routing.ledger.ledger import Ledger
from routing.ledger.reader import Reader
from routing.ledger.schema import BODIES
from routing.ledger.unit import Unit


class Shelf:
    """Where one process puts the stylesheets in force before it orders anything to be converted with them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: set[bytes] = set()

    async def keep(self, sheets: Iterable[StylesheetFile]) -> None:
        """Have each of them in the ledger."""
        for sheet in sheets:
            if sheet.data not in self._kept:
                with suppress(LedgerConflict):  # another process, or an earlier one, has put it there
                    await self._ledger.commit(kept(sheet.data))
                self._kept.add(sheet.data)


def kept(data: bytes) -> Unit:
    """The row of one; committing it again is a conflict, and nothing is lost."""
    digest, unit = sha256(data).hexdigest(), Unit()
    unit.insert(BODIES, key=_key(digest), digest=digest, size=len(data), data=data)
    return unit


async def find(ledger: Reader, digest: str) -> bytes | None:
    """The stylesheet with this digest, or None."""
    rows = await ledger.read(select(BODIES.c.data).where(BODIES.c.key == _key(digest), BODIES.c.digest == digest))
    return bytes(rows[0].data) if rows else None


def _key(digest: str) -> int:
    return -1 - (int(digest[:16], 16) >> 1)
