"""A real browser at a network of its own: Debian's Chromium, driven by playwright.

Chromium is found by `VANSIM_TEST_CHROMIUM`, else on the PATH; without one these tests skip, unless it is required.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from simulator.settings import Settings
from simulator.web.api import make_app
from simulator.wiring import Network
from tests.servers.processes import missing

QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""Chromium itself asks for nothing; it runs as root in CI, where its sandbox cannot."""

AXE = Path(__file__).parent / "axe" / "axe-4.14.1.min.js"
NARROW, WIDE = 360, 1400

Opening = Callable[..., AbstractAsyncContextManager["Visit"]]


@dataclass(slots=True)
class Visit:
    """A page of a browser at a network.

    Attributes:
        network: whose pages they are.
        url: where.
        page: the browser's.
        context: with the cookies.
        errors: what the console or the page complained of.
        foreign: requests to anywhere else.
    """

    network: Network
    url: str
    page: Page
    context: BrowserContext
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    async def see(self, path: str) -> Page:
        """Go to a page."""
        await self.page.goto(self.url + path)
        return self.page

    async def show_patients(self) -> None:
        """Let patient data be shown in this session."""
        port = self.url.rpartition(":")[2]
        cookie = {"name": f"vansim-patients-{port}", "value": "shown", "url": self.url}
        await self.context.add_cookies([cookie])  # type: ignore[list-item]

    async def width(self, pixels: int) -> None:
        """Make the window so wide."""
        await self.page.set_viewport_size({"width": pixels, "height": 800})

    async def wider(self) -> list[str]:
        """The elements that make the page wider than its window; none where it is not."""
        found: list[str] = await self.page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
                .filter((one) => one.getBoundingClientRect().right > innerWidth)
                .map((one) => one.outerHTML.slice(0, 120))"""
        )
        return found

    async def faults(self, scheme: Literal["light", "dark"] = "light") -> list[str]:
        """What axe finds wrong with the page as it stands."""
        await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await self.page.evaluate(AXE.read_text("utf-8"))
        result: Any = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{fault['id']} ({fault['help']}): {node['target']} {node['html'][:200]}"
            for fault in result["violations"]
            for node in fault["nodes"]
        ]


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is."""
    found = os.environ.get("VANSIM_TEST_CHROMIUM") or shutil.which("chromium")
    if found is None:
        missing("chromium", "no Chromium is on this machine (chromium on the PATH, or VANSIM_TEST_CHROMIUM)")
    return found


@asynccontextmanager
async def browser_of(chromium: str) -> AsyncIterator[Browser]:
    """A browser for one test: playwright's objects belong to the event loop that made them."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def served(network: Network) -> AsyncIterator[str]:
    """A network's pages on a port of the loopback address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(make_app(network), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        server.capture_signals = _left_alone  # type: ignore[method-assign]
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


def _left_alone() -> Any:
    from contextlib import nullcontext  # noqa: PLC0415

    return nullcontext()


@pytest.fixture
def opening(chromium: str, tmp_path: Path) -> Opening:
    """Opens a browser at a new network, to be used with `async with`; it may not complain, nor ask anybody else."""

    @asynccontextmanager
    async def opened(
        before: Callable[[Network], Awaitable[object]] | None = None, *, language: str = "en", token: str | None = None
    ) -> AsyncIterator[Visit]:
        network = Network(Settings(data=tmp_path / "data", token=token))
        async with network.running(), served(network) as url, browser_of(chromium) as browser:
            if before is not None:
                await before(network)
            context = await browser.new_context(locale=language, viewport={"width": WIDE, "height": 800})
            page = await context.new_page()
            visit = Visit(network, url, page, context)
            page.on("console", lambda said: _heard(visit, said.type, said.text))
            page.on("pageerror", lambda error: visit.errors.append(str(error)))
            page.on("request", lambda asked: _asked(visit, asked.url))
            yield visit
            await context.close()
        assert visit.errors == []
        assert visit.foreign == []

    return opened


def _heard(visit: Visit, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        visit.errors.append(f"{kind}: {text}")


def _asked(visit: Visit, url: str) -> None:
    if not url.startswith((visit.url, "data:")):
        visit.foreign.append(url)
