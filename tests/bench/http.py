"""Sends and receive-and-acks a second over HTTP: `vansim up`, with everything on disk, beside a dictionary in memory.

Both are processes of their own under the same server, and the same client drives them: bare sockets, so that the client
is no part of the figure, a fixed number of connections that each ask one thing after the other. The rounds go in turn.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.bench.letters import OIOXML_RECEIVER, envelopes
from tests.simulator.child import ROOT, Child

CONNECTIONS = 16
MESSAGES, ROUNDS = 2000, 3
LEAST = 0.5
INBOX = f"/api/participants/{OIOXML_RECEIVER}/inbox"
SEND = f"/api/messages?to={OIOXML_RECEIVER}"


class Connection:
    """One connection that asks and is answered, one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str]]:
        """Status and headers of an answer; its body is read and dropped."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in answer[1:])}
        await self._reader.readexactly(int(headers.get("content-length", "0")))
        return int(answer[0].split(" ")[1]), headers

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


@asynccontextmanager
async def vansim() -> AsyncIterator[int]:
    """A network of our own on its defaults; gives its port."""
    with tempfile.TemporaryDirectory(prefix="vansim-bench-") as folder:
        async with Child("up", "--port", "0", "--data", folder) as child:
            url = (await child.ready())["url"]
            yield int(url.rpartition(":")[2])
            await child.stop()


@asynccontextmanager
async def dictionary() -> AsyncIterator[int]:
    """The peer; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = str(listener.fileno())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.bench.dictionary",
            number,
            pass_fds=(listener.fileno(),),
            cwd=ROOT,
        )
        try:
            yield listener.getsockname()[1]
        finally:
            process.kill()
            await process.wait()


async def crowd(port: int, work: Callable[[Connection], Awaitable[int]]) -> float:
    """So many a second: every connection does its share of the work at the same time."""
    connections = [Connection(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    done = sum(await asyncio.gather(*(work(one) for one in connections)))
    seconds = time.perf_counter() - started
    for one in connections:
        one.close()
    if done != MESSAGES:
        raise AssertionError(f"{done} of {MESSAGES} were done")
    return done / seconds


async def sends(port: int) -> float:
    """Envelopes handed in a second."""
    waiting = iter(envelopes(MESSAGES))

    async def work(connection: Connection) -> int:
        done = 0
        for body in waiting:
            status, _ = await connection.ask("POST", SEND, body)
            done += status == 202
        return done

    return await crowd(port, work)


async def receives(port: int) -> float:
    """Envelopes taken and acked a second, until the inbox is empty."""

    async def work(connection: Connection) -> int:
        done = 0
        while True:
            status, headers = await connection.ask("GET", INBOX)
            if status == 204:
                return done
            status, _ = await connection.ask("POST", f"{INBOX}/{headers['x-vans-lease']}/ack")
            done += status == 204

    return await crowd(port, work)


async def _round(port: int, *, settles: bool) -> tuple[float, float]:
    sent = await sends(port)
    if settles:  # the network routes what was handed in; only then is it in the inbox
        connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
        await connection.ask("GET", "/api/idle")
        connection.close()
    return sent, await receives(port)


async def measure() -> dict[str, list[tuple[float, float]]]:
    """Sends and receive-and-acks a second of each, round by round in turn."""
    rates: dict[str, list[tuple[float, float]]] = {"vansim up": [], "dictionary": []}
    async with vansim() as ours, dictionary() as theirs:
        for _ in range(ROUNDS):
            rates["dictionary"].append(await _round(theirs, settles=False))
            rates["vansim up"].append(await _round(ours, settles=True))
    return rates
