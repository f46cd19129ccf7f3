"""The network clock: the one place that says what time it is in the network."""

from __future__ import annotations

from datetime import UTC, datetime


def real_time() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
