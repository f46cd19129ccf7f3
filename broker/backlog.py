"""What is ready in one queue of the embedded broker: in memory, in order, bodies held up to a limit."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from broker.port import Dispatch
from routing.ledger.watchers import Watchers

_BODIES_HELD = 32 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Entry:
    """One message of a queue.

    Attributes:
        owned: the body's row is the queue's alone and goes with it.
        body: None while it is only in the ledger.
        dispatch: the ledger's rows of what was sent to an inbox, as long as nobody else can have taken it.
    """

    key: int
    body_key: int
    owned: bool
    message_id: str | None
    headers: Mapping[str, str]
    body: bytes | None
    suspect: bool = False
    dispatch: Dispatch | None = None

    def __lt__(self, other: Entry) -> bool:
        return self.key < other.key


class Backlog:
    """One queue: first in, first out, and what was given back goes first.

    Attributes:
        in_hand: how many messages are taken and neither settled nor given back.
        changed: those who wait for a message or for room to take one.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.in_hand = 0
        self.changed = Watchers()
        self._ready: deque[Entry] = deque()
        self._returned: list[Entry] = []
        self._held = 0

    def __len__(self) -> int:
        return len(self._ready) + len(self._returned)

    def push(self, entry: Entry) -> None:
        """Add a new message at the end."""
        self._hold(entry)
        self._ready.append(entry)

    def push_back(self, entry: Entry) -> None:
        """Add a message that was taken before: in front, in its old order."""
        self._hold(entry)
        heapq.heappush(self._returned, entry)

    def pop(self, most: int) -> list[Entry]:
        """Take messages in order, `most` at the most; they are in hand now."""
        entries: list[Entry] = []
        while len(entries) < most and (self._returned or self._ready):
            entry = heapq.heappop(self._returned) if self._returned else self._ready.popleft()
            if entry.body is not None:
                self._held -= len(entry.body)
            entries.append(entry)
        self.in_hand += len(entries)
        return entries

    def _hold(self, entry: Entry) -> None:
        if entry.body is not None:
            if self._held + len(entry.body) > _BODIES_HELD:
                entry.body = None  # it is in the ledger, and read when its turn comes
            else:
                self._held += len(entry.body)
