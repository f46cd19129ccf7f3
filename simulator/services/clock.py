"""The network clock: the one place that says what time it is in the network.

It is real, moved (it goes on at the pace of real time from where it was put), or frozen. How it stands is kept in the
ledger, so that it is the same after a restart and in every process of one network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from routing.ledger import kept
from routing.ledger.errors import LedgerUnavailable
from routing.ledger.ledger import Ledger
from routing.ledger.watchers import Watchers

NAME = "clock"
"""Under which the ledger keeps how it stands."""


class Mode(StrEnum):
    """How network time follows real time."""

    REAL = "real"
    MOVED = "moved"
    FROZEN = "frozen"


def real_time() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the clock stands.

    Attributes:
        mode: how it goes.
        at: what time it was put to; None while it is real.
        since: the real time when it was put there.
    """

    mode: Mode = Mode.REAL
    at: datetime | None = None
    since: datetime | None = None

    def now(self, real: datetime) -> datetime:
        """Network time at this real time."""
        if self.at is None or self.since is None:
            return real
        return self.at if self.mode is Mode.FROZEN else self.at + (real - self.since)

    def put(self, at: datetime, real: datetime, *, frozen: bool | None = None) -> Standing:
        """The clock put to another time; it stands there when it stood before, unless told otherwise."""
        stands = self.mode is Mode.FROZEN if frozen is None else frozen
        return Standing(Mode.FROZEN if stands else Mode.MOVED, at, real)

    def as_dict(self) -> dict[str, str | None]:
        """As it is kept."""
        at, since = (one.isoformat() if one is not None else None for one in (self.at, self.since))
        return {"mode": self.mode.value, "at": at, "since": since}

    @classmethod
    def of(cls, kept: dict[str, str | None]) -> Standing:
        """What `as_dict` gave."""
        at, since = (datetime.fromisoformat(text) if (text := kept[name]) else None for name in ("at", "since"))
        return cls(Mode(kept["mode"] or ""), at, since)


class NetworkClock:
    """Gives network time; it is moved by its keeper alone (`simulator.services.clockkeeper`).

    Args:
        real: gives real time.
    """

    def __init__(self, real: Callable[[], datetime] = real_time) -> None:
        self.real = real
        self.standing = Standing()
        self._ledger: Ledger | None = None
        self._shared = False
        self._watchers = Watchers()

    def __call__(self) -> datetime:
        """Network time, in UTC."""
        return self.standing.now(self.real())

    async def start(self, ledger: Ledger, *, shared: bool) -> None:
        """Go on from where the ledger says that the clock stands.

        Args:
            ledger: keeps it.
            shared: other processes may move it: then `follow` looks there each time.
        """
        self._ledger, self._shared = ledger, True
        await self.follow()
        self._shared = shared

    async def follow(self) -> None:
        """Take over what another process did with the clock; whoever begins something at a time of its own calls it."""
        if self._shared and self._ledger is not None:
            try:
                found = await kept.read(self._ledger, NAME, wait=False)
            except LedgerUnavailable:
                return  # nobody can move it while the database is away
            self._stand(Standing.of(found) if found is not None else Standing())

    async def put(self, standing: Standing) -> None:
        """Have it stand so in every process, from now on."""
        if self._ledger is not None:
            await kept.put(self._ledger, NAME, standing.as_dict())
        self._stand(standing)

    async def wait_for_move(self) -> None:
        """Wait until it is moved."""
        await self._watchers.wait()

    def _stand(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self._watchers.tell()
