"""The running network under a clock that a test moves, on either broker."""

from __future__ import annotations

import pytest

from tests.conformance.moments import Clock
from tests.simulator.conftest import broker_address, running

__all__ = ["broker_address", "running"]


@pytest.fixture
def clock() -> Clock:
    """A network clock that stands until it is moved."""
    return Clock()
