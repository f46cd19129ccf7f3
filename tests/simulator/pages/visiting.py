"""A network's pages asked for in the test's own event loop, as a browser without scripts does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from simulator.web.api import make_app
from simulator.wiring import Network

URL = "http://vansim.test"
_SIGNATURE = re.compile(r'name="same_site" value="([0-9a-f]{64})"')


class Visitor:
    """A browser: it keeps cookies, and sends the forms that it was given.

    Args:
        http: a client of the network.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.signature = ""

    async def see(self, path: str, status: int = 200) -> str:
        """A page, which has to come with this status."""
        answer = await self.http.get(path)
        assert answer.status_code == status, answer.text
        if found := _SIGNATURE.search(answer.text):
            self.signature = found[1]
        return answer.text

    async def send(self, path: str, values: Mapping[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form; nothing is followed."""
        if not self.signature:
            await self.see("/clock")
        form = {"same_site": self.signature, **(values or {})}
        return await self.http.post(
            path, data=form, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )


@asynccontextmanager
async def visiting(network: Network, language: str = "en") -> AsyncIterator[Visitor]:
    """A browser at the network's pages."""
    transport = httpx.ASGITransport(make_app(network), raise_app_exceptions=False)
    headers = {"Accept-Language": language}
    async with httpx.AsyncClient(transport=transport, base_url=URL, headers=headers) as http:
        yield Visitor(http)
