"""Servers that a test session starts for itself: private folder, loopback only, stopped by process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRE = "VANSIM_REQUIRE"


def missing(name: str, reason: str) -> NoReturn:
    """Skip with a reason, or fail where the server is required."""
    if name in os.environ.get(REQUIRE, "").replace(",", " ").split():
        pytest.fail(f"{REQUIRE} asks for {name}: {reason}", pytrace=False)
    pytest.skip(reason)


def free_port() -> int:
    """A port of the loopback address that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A child process that says in its output when it is ready.

    Args:
        command: program and arguments.
        ready: a text that the output holds when the server can be used.
        environment: what it sees besides PATH.
        user: whom it runs as, where that is not the user of the tests.
    """

    def __init__(
        self, command: Sequence[str | Path], ready: str, environment: Mapping[str, str], user: str | None = None
    ) -> None:
        self._tail: deque[str] = deque(maxlen=40)
        self._drain: threading.Thread | None = None
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment},
            user=user,
            group=user,
            extra_groups=[] if user else None,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        output = self._process.stdout
        assert output is not None
        for line in output:
            self._tail.append(line)
            if ready in line:
                break
        else:
            self.kill()
            raise RuntimeError(f"{command[0]} did not start:\n{''.join(self._tail)}")
        self._drain = threading.Thread(target=self._tail.extend, args=(output,), daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def stop(self, number: signal.Signals) -> None:
        """Ask the server to end, and end it when it does not."""
        if self._process.poll() is None:
            self._process.send_signal(number)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
        self._close()

    def kill(self) -> None:
        """End the server and its children at once, as a power cut does: they are a session of their own."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._close()

    def _close(self) -> None:
        if self._drain is not None:
            self._drain.join(timeout=5)
        if self._process.stdout is not None:
            self._process.stdout.close()
