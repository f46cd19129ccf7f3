"""A network's API called in the test's own event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from simulator.web.api import make_app
from simulator.wiring import Network

ON_ONE_BROKER = pytest.mark.parametrize("broker_address", ["embedded"])
"""For what no broker has a part in."""


@asynccontextmanager
async def calling(network: Network, lease_seconds: float = 60.0, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the network's API."""
    transport = httpx.ASGITransport(make_app(network, lease_seconds), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://vansim", headers=headers) as http:
        yield http


def rules(answer: httpx.Response) -> list[str]:
    """The rules that an answer's findings name."""
    return [finding["rule"] for finding in answer.json()["findings"]]
