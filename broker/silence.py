"""Queues that RabbitMQ has not answered for in time: which, of what, and since when.

A quorum queue without a leader takes what is published to it and never confirms, and its declaration may hang likewise,
while the connection is well and every other queue goes on. Who waits for such an answer notes it here when it is late.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic

from broker.errors import NOT_ANSWERED
from envelope.findings import Finding
from routing.ledger.watchers import Watchers

ANSWER_SECONDS = 20.0
"""How long a confirm or a declaration may take before it is told: leaders are elected in less."""

_LONGEST = 4
"""Times: what is tried again is given more time, so that an answer which is only slow arrives in the end."""

CONFIRMED = "confirmed what is published to"
DECLARED = "answered the declaration of"


class Late(TimeoutError):  # noqa: N818 (an answer may still come)
    """An answer has not come in time; told in words, so that it may be the reason that the connection is of no use."""


class Silence:
    """What is late, by act and queue; the earliest that somebody waits for counts.

    Args:
        seconds: how long an answer may take.

    Attributes:
        changed: told when something is late, and when it was answered.
    """

    def __init__(self, seconds: float, changed: Watchers) -> None:
        self.seconds = seconds
        self.changed = changed
        self._since: dict[tuple[str, str], datetime] = {}

    def __bool__(self) -> bool:
        return bool(self._since)

    def longer(self, seconds: float) -> float:
        """How long to wait after waiting this long was not enough."""
        return min(2 * seconds, _LONGEST * self.seconds)

    def late(self, act: str, queue: str, began: float) -> Late:
        """Note that a queue is late; gives the error that says so.

        Args:
            act: CONFIRMED or DECLARED.
            queue: its name.
            began: when the waiting began, of `time.monotonic`.
        """
        since = datetime.now(UTC) - timedelta(seconds=monotonic() - began)
        self._since.setdefault((act, queue), since)
        self.changed.tell()
        return Late(str(self._finding(act, queue)))

    def over(self, act: str, queue: str) -> None:
        """Note that a queue has answered, or that nobody waits for it any more."""
        if self._since.pop((act, queue), None) is not None:
            self.changed.tell()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is late now."""
        return tuple(self._finding(act, queue) for act, queue in self._since)

    def _finding(self, act: str, queue: str) -> Finding:
        since = self._since[act, queue]
        return NOT_ANSWERED.at(queue, act=act, name=queue, since=f"{since:%Y-%m-%d %H:%M:%S}")
