"""Several networks in one process: the default one, and isolated ones that tests make and drop.

Each has its own directory, clock, queues and ledger. On RabbitMQ each has a virtual host of its own.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from broker.management import Management, at_host
from envelope.findings import Refused
from simulator.settings import EMBEDDED, Settings
from simulator.web.errors import NETWORK_EXISTS, NETWORK_NAME, NO_MANAGEMENT, NO_SUCH_NETWORK
from simulator.wiring import OWN_FILE, Network

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
_FOLDER = "networks"


class _Isolated:
    """A network that runs in a task of its own until it is told to stop."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._stop = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._live())

    async def ready(self) -> None:
        """Wait until it takes messages, or raise why it never will."""
        await self._ready

    async def stop(self) -> None:
        """Stop it, and wait until it has let go of everything."""
        self._stop.set()
        if not self.network.ready:
            self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _live(self) -> None:
        try:
            async with self.network.running():
                self._ready.set_result(None)
                await self._stop.wait()
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)


class Networks:
    """The networks of this process.

    Args:
        default: the one that has no name; who made it runs it.
    """

    def __init__(self, default: Network) -> None:
        self.default = default
        self._isolated: dict[str, _Isolated | None] = {}

    @property
    def names(self) -> list[str]:
        """The names of the isolated networks."""
        return sorted(name for name, one in self._isolated.items() if one is not None)

    def get(self, name: str | None) -> Network:
        """A network by its name; None for the default one.

        Raises:
            Refused: VS-750.
        """
        if name is None:
            return self.default
        isolated = self._isolated.get(name)
        if isolated is None:
            raise Refused(NO_SUCH_NETWORK.at("", name=ascii(name)[1:-1]))
        return isolated.network

    async def make(self, name: str, directory: bytes | None = None) -> Network:
        """Make a network and run it.

        Args:
            name: how it is called.
            directory: a network.yaml of its own; None for that of the default network as it is in its file now.

        Raises:
            Refused: VS-751, VS-752, VS-753, or what is wrong with the directory.
        """
        if not _NAME.fullmatch(name):
            raise Refused(NETWORK_NAME.at("", name=ascii(name)))
        if name in self._isolated:
            raise Refused(NETWORK_EXISTS.at("", name=name))
        self._isolated[name] = None  # taken while it is being made
        folder = self._folder(name)
        try:
            settings = await self._settings(name, folder, directory)
            isolated = _Isolated(Network(settings, shared_file=directory is None))
            await isolated.ready()
        except BaseException:
            del self._isolated[name]
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            raise
        self._isolated[name] = isolated
        return isolated.network

    async def drop(self, name: str) -> None:
        """Stop a network and remove all that was in it.

        Raises:
            Refused: VS-750.
        """
        self.get(name)
        isolated, self._isolated[name] = self._isolated[name], None
        try:
            if isolated is not None:
                await isolated.stop()
            management = self._management()
            if management is not None:
                with suppress(httpx.HTTPError):  # it is away: its hosts are made anew under the same name
                    await management.remove_host(_host(name))
            await asyncio.to_thread(shutil.rmtree, self._folder(name), ignore_errors=True)
        finally:
            del self._isolated[name]

    async def close(self) -> None:
        """Drop all of them."""
        for name in self.names:
            await self.drop(name)

    def _folder(self, name: str) -> Path:
        return self.default.settings.data / _FOLDER / name

    def _management(self) -> Management | None:
        settings = self.default.settings
        return Management(settings.management) if settings.broker != EMBEDDED and settings.management else None

    async def _settings(self, name: str, folder: Path, directory: bytes | None) -> Settings:
        default = self.default.settings
        # What an earlier process left under this name is nobody's any more.
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        await asyncio.to_thread(folder.mkdir, parents=True)
        changes: dict[str, object] = {"data": folder, "database": None, "mailbox": None}
        if directory is not None:
            changes["network"] = folder / OWN_FILE
            await asyncio.to_thread((folder / OWN_FILE).write_bytes, directory)
        if default.broker != EMBEDDED:
            management = self._management()
            if management is None:
                raise Refused(NO_MANAGEMENT.at("", reason="nothing says where its management API is"))
            user = unquote(urlsplit(default.broker).username or "guest")
            try:
                await management.make_host(_host(name), user)
            except httpx.HTTPError as error:
                raise Refused(NO_MANAGEMENT.at("", reason=type(error).__name__)) from None
            changes["broker"] = at_host(default.broker, _host(name))
        return default.model_copy(update=changes)


def _host(name: str) -> str:
    return f"vansim-{name}"
