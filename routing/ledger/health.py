"""How the ledger's database is: what keeps it from being used, and who waits for that to change."""

from __future__ import annotations

import asyncio

from routing.ledger.database import words
from routing.ledger.watchers import Watchers

WRITING = "writing"
ASKING = "asking"

FIRST_PAUSE = 0.05
_LAST_PAUSE = 2.0


class Health:
    """Whether the database can be used: for writing and for asking, which fail and recover apart."""

    def __init__(self) -> None:
        self.watchers = Watchers()
        self._troubles = {WRITING: "The ledger was not opened yet."}

    def now(self) -> tuple[bool, str]:
        """Whether the database can be used now, and in words why not."""
        for trouble in self._troubles.values():
            return (False, trouble)
        return (True, "The ledger's database answers.")

    def away(self, doing: str, error: BaseException) -> None:
        """Say that the database did not answer when something was done with it."""
        self._troubles[doing] = f"The ledger's database does not answer: {words(error)}"
        self.watchers.tell()

    def well(self, doing: str) -> None:
        """Say that it did."""
        if doing in self._troubles:
            del self._troubles[doing]
            self.watchers.tell()


async def pause(seconds: float) -> float:
    """Wait before an absent database is tried again; gives how long to wait the next time."""
    await asyncio.sleep(seconds)
    return min(seconds * 2, _LAST_PAUSE)
