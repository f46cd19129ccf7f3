"""Primary keys made in Python: 63 bits, in order of time, unique across processes without asking the database.

From the top: 41 bits of milliseconds since 2024 (until 2093), 14 bits drawn once a process, 8 bits that count within
the millisecond. More than 256 keys in one millisecond borrow from the next, so keys of one process always grow.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

EPOCH = 1_704_067_200_000
"""2024-01-01T00:00:00Z in milliseconds since 1970."""

PROCESS_BITS = 14
COUNTER_BITS = 8

_COUNTER_END = 1 << COUNTER_BITS


def milliseconds() -> int:
    """The machine's clock (not the network's: keys are unique by real time), in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Keys:
    """A source of keys, safe to use from several threads.

    Args:
        now: milliseconds since 1970.
        process: what tells this source from all others, 14 bits; drawn when not given.
    """

    def __init__(self, now: Callable[[], int] = milliseconds, process: int | None = None) -> None:
        self._now = now
        self._process = (secrets.randbits(PROCESS_BITS) if process is None else process) << COUNTER_BITS
        self._last = -1
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        """The next key, greater than all before it."""
        with self._lock:
            now = self._now() - EPOCH
            if now > self._last:
                self._last = now
                self._count = 0
            elif self._count + 1 < _COUNTER_END:
                self._count += 1
            else:
                self._last += 1
                self._count = 0
            return (self._last << (PROCESS_BITS + COUNTER_BITS)) | self._process | self._count


def made_at(key: int) -> int:
    """When a key was made, in milliseconds since 1970."""
    return (key >> (PROCESS_BITS + COUNTER_BITS)) + EPOCH


new_key = Keys()
"""The process's own source of keys."""
