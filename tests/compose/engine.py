"""A Docker engine: the one that answers, or one of our own, in namespaces of its own.

Ours has its own mounts, control groups and network: what it makes (bridges, rules, mounts, published ports) is gone
when it ends, and nobody's port 5672 is in its way. slirp4netns lets it out, as it does for rootless engines. Everything
is reached through `Engine.command`, which enters that network where there is one. It needs root, and Debian's docker.io
and slirp4netns.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.compose import plugin
from tests.servers.processes import Server

NEEDED = ("dockerd", "slirp4netns", "debootstrap", "unshare", "nsenter")

# A new control group namespace sees the mounts of the old one, in which the engine finds no group of its own.
_START = """
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
if mountpoint -q /sys/fs/cgroup/memory; then
  umount /sys/fs/cgroup/memory
  mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory
fi
ip link set lo up
exec dockerd "$@"
"""
_RESOLVER = "10.0.2.3"  # slirp4netns's own, which asks whom this machine asks


@dataclass(frozen=True)
class Engine:
    """Where an engine is, and how to be in its network.

    Attributes:
        own: it was started by us, and knows no image.
    """

    environment: Mapping[str, str]
    compose: Sequence[str]
    own: bool = False
    enter: Sequence[str] = field(default=())

    def command(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may call the engine and its published ports; its output is kept, its failure told."""
        return subprocess.run(
            [*self.enter, *command],
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def process(self, *command: str | Path) -> subprocess.Popen[str]:
        """Start such a command, whose output is read by the caller."""
        called = [*self.enter, *command]
        return subprocess.Popen(
            called, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )


@contextmanager
def engine() -> Iterator[Engine]:
    """The engine that answers; where none does, one of our own for as long as the block runs."""
    answers = shutil.which("docker") and subprocess.run(["docker", "version"], capture_output=True, check=False)
    if answers and answers.returncode == 0:
        command = plugin.found()
        if command is None:
            raise SystemExit(f"Docker answers, and has no Compose {'.'.join(map(str, plugin.FIRST_VERSION))} or newer.")
        yield Engine(dict(os.environ), command)
    else:
        with _own() as ours:
            yield ours


@contextmanager
def _own() -> Iterator[Engine]:
    if os.geteuid() != 0:
        raise SystemExit("No Docker engine answers, and only root can start one: start one, or run this as root.")
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        raise SystemExit(f"No Docker engine answers, and to start one these are missing: {' '.join(missing)}")
    folder = Path(tempfile.mkdtemp(prefix="vansim-engine-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        at = f"unix://{folder / 'socket'}"
        options = {
            "--host": at,
            "--data-root": folder / "data",
            "--exec-root": folder / "exec",
            "--pidfile": folder / "pid",
            "--dns": _RESOLVER,
            "--shutdown-timeout": 5,
        }
        apart = ["unshare", "--mount", "--cgroup", "--net", "--propagation", "private"]
        arguments = [f"{name}={value}" for name, value in options.items()]
        daemon = Server([*apart, "sh", "-ec", _START, "sh", *arguments], "API listen on", {"HOME": str(folder)})
        stack.callback(daemon.stop, signal.SIGTERM)
        way_out = ["slirp4netns", "--configure", "--disable-host-loopback", str(daemon.pid), "tap0"]
        stack.callback(Server(way_out, "received tapfd", {}).stop, signal.SIGTERM)
        environment = {**os.environ, "DOCKER_HOST": at, "DOCKER_CONFIG": str(folder / "config")}
        compose = plugin.found() or [str(plugin.fetched(folder / "compose"))]
        yield Engine(environment, compose, own=True, enter=("nsenter", f"--net=/proc/{daemon.pid}/ns/net"))
