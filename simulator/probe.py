"""Whether a network can be used, asked from outside over a socket in the file system: a container's health check.

A service without an API listens on no port, and is asked here just as the API is: `python -m simulator.probe` prints
what `/health` would and exits with 0 when all is well, 1 when not or when nobody answers. It is run every few seconds
in every container, so it imports next to nothing.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

VARIABLE = "VANSIM_PROBE"
SECONDS = 4.0
"""How long a network may take to answer: its event loop is stuck when it takes longer."""

_WELL, _AWAY = 0, 1


@asynccontextmanager
async def answering(path: Path, health: Callable[[], dict[str, object]]) -> AsyncIterator[None]:
    """Answer whoever connects to this socket with the network's health, as JSON, for as long as the block runs.

    Raises:
        OSError: the socket cannot be made there.
    """
    import asyncio  # noqa: PLC0415 (who asks does without)

    async def answer(_: StreamReader, writer: StreamWriter) -> None:
        writer.write(json.dumps(health()).encode())
        with suppress(OSError):  # who asked did not wait for it
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)  # noqa: ASYNC240 (a socket has no bytes to wait for)


def asked(path: str) -> tuple[bool, str]:
    """Whether all is well with the network that answers at this socket, and what it says."""
    try:
        with closing(socket.socket(socket.AF_UNIX)) as there:
            there.settimeout(SECONDS)
            there.connect(path)
            with there.makefile("rb") as answer:
                said = answer.read().decode()
        return json.loads(said)["ok"] is True, said
    except (OSError, ValueError) as error:
        return False, f"no network answers at {path or VARIABLE}: {error}"


def main() -> int:
    """Ask the network at `VANSIM_PROBE` and print its answer."""
    well, said = asked(os.environ.get(VARIABLE, ""))
    sys.stdout.write(f"{said}\n")
    return _WELL if well else _AWAY


if __name__ == "__main__":
    sys.exit(main())
