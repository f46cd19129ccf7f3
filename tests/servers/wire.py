"""A wire that can be cut: a TCP proxy on the loopback address between a client and a server."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Wire:
    """Stands between a client and a server.

    Attributes:
        port: where the client connects.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._server_port = port
        self._is_cut = False
        self._cut_at: bytes | None = None
        self._lost: bytes | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._was_cut = asyncio.Event()
        self._refused = asyncio.Event()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self._listener.close()
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        await self._listener.wait_closed()

    def cut(self) -> None:
        """Break all connections, and every new one at once, until `mend`."""
        self._is_cut = True
        self._refused.clear()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self._was_cut.set()

    def cut_at_answer(self, part: bytes) -> None:
        """Break all connections when the server's answer holds these bytes, before the client sees them."""
        self._was_cut.clear()
        self._cut_at = part

    def lose_answers(self, part: bytes) -> None:
        """Keep from the client what the server sends in one piece with these bytes, until `mend`."""
        self._lost = part

    async def wait_until_cut(self) -> None:
        """Wait for what `cut_at_answer` has set."""
        await self._was_cut.wait()

    async def wait_until_refused(self) -> None:
        """Wait until somebody has tried to connect since the wire was cut."""
        await self._refused.wait()

    def mend(self) -> None:
        """Let connections, and all answers, through again."""
        self._is_cut = False
        self._lost = None
        self._was_cut.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            self._refused.set()
            return
        try:
            server_reader, server_writer = await asyncio.open_connection(self._host, self._server_port)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, server_writer}
        for source, target, answers in ((reader, server_writer, False), (server_reader, writer, True)):
            pump = asyncio.create_task(self._pump(source, target, answers=answers))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool) -> None:
        try:
            while piece := await source.read(65536):
                if answers and self._cut_at is not None and self._cut_at in piece:
                    self._cut_at = None
                    self.cut()
                    return
                if answers and self._lost is not None and self._lost in piece:
                    continue
                target.write(piece)
                await target.drain()
        except (ConnectionError, RuntimeError):
            return
        finally:
            target.close()
