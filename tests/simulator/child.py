"""A network in a process of its own, that can be killed: `vansim`, its ready line, its log and its API."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from broker.steps import VARIABLE
from routing.ledger.watchers import Watchers

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 40


class Child:
    """One `vansim` process, used with `async with`; what is left of it at the end is killed.

    Args:
        command: a subcommand and its options; `--json` is added.
        environment: what it sees besides the environment of the tests.
        module: what is run in its place, for a process in which something is changed.

    Attributes:
        errors: all lines of its standard error, so far.
    """

    def __init__(self, *command: str, environment: dict[str, str] | None = None, module: str = "simulator.cli") -> None:
        self._command = [sys.executable, *(["-c", _START] if module == "simulator.cli" else ["-m", module])]
        self._command += [*command, "--json"]
        self._environment = os.environ | {VARIABLE: ""} | (environment or {})
        self.errors: list[str] = []
        self._told = Watchers()
        self._asked = 0

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 20,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self.ended()
        if error is not None:
            sys.stderr.write("".join(self.errors[-40:]))

    async def _read(self) -> None:
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.errors.append(line.decode())
            self._told.tell()

    async def told(self, **values: str) -> None:
        """Wait until its log says this, later than what was waited for before."""
        async with asyncio.timeout(SECONDS):
            while True:
                for place, line in enumerate(self.errors[self._asked :], self._asked + 1):
                    if line.startswith("{") and values.items() <= json.loads(line).items():
                        self._asked = place
                        return
                await self._told.wait()

    async def ready(self) -> dict[str, Any]:
        """Wait until it takes messages; gives its ready line."""
        assert self._process.stdout is not None
        async with asyncio.timeout(SECONDS):
            document = await self._process.stdout.readuntil(b"\n}\n")
        ready: dict[str, Any] = json.loads(document)
        return ready

    async def ended(self) -> int:
        """Wait until it has ended; gives its exit code."""
        async with asyncio.timeout(SECONDS):
            code = await self._process.wait()
            await self._reading
        return code

    async def stop(self) -> int:
        """Ask it to end in good order."""
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of its API, once it takes messages."""
        url = (await self.ready())["url"]
        async with httpx.AsyncClient(base_url=url, timeout=SECONDS) as http:
            yield http


_START = "import sys; from simulator.cli import main; main(sys.argv[1:])"
