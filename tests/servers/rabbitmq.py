"""A RabbitMQ for the session, a virtual host for each test.

Found in this order: `VANSIM_TEST_AMQP_URL` (its management API at `VANSIM_TEST_AMQP_MANAGEMENT`, by default port 15672
of the same host), the `rabbitmq-server` on this machine started privately, Docker through testcontainers.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.servers.processes import Server, free_port, missing

_PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the wrapper in sbin would change user


class RabbitMQ:
    """A broker: where it is, and its management API.

    Attributes:
        host: where it listens.
        port: AMQP's.
        management: its management API, with user and password.
    """

    def __init__(self, amqp: str, management: str) -> None:
        parts = urlsplit(amqp)
        self.host = parts.hostname or "127.0.0.1"
        self.port = parts.port or 5672
        self.user = parts.username or "guest"
        self.password = parts.password or "guest"
        at = urlsplit(management)
        self.management = f"{at.scheme}://{self.user}:{self.password}@{at.netloc}"
        # No connection is kept: a node that is told to stop waits seconds for them.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._api = httpx.Client(
            base_url=f"{management}/api/", auth=(self.user, self.password), timeout=30, limits=limits
        )

    def url(self, host: str, *, port: int | None = None) -> str:
        """The address of a virtual host, through another port where a wire stands between."""
        return f"amqp://{self.user}:{self.password}@{self.host}:{port or self.port}/{quote(host, safe='')}"

    def make_host(self) -> str:
        """Make a new virtual host."""
        name = f"test-{secrets.token_hex(6)}"
        self.call("PUT", f"vhosts/{name}")
        self.call("PUT", f"permissions/{name}/{self.user}", {"configure": ".*", "write": ".*", "read": ".*"})
        return name

    def remove_host(self, name: str) -> None:
        """Remove a virtual host and all that is in it."""
        self.call("DELETE", f"vhosts/{name}")

    def hosts(self) -> set[str]:
        """The names of its virtual hosts."""
        return {host["name"] for host in self.call("GET", "vhosts").json()}

    def call(self, method: str, path: str, content: object = None) -> httpx.Response:
        """Call the management API."""
        response = self._api.request(method, path, json=content)
        response.raise_for_status()
        return response

    def close(self) -> None:
        """Let go of what was started."""
        self._api.close()


class PrivateRabbitMQ(RabbitMQ):
    """A node of our own in a temporary folder, with an epmd of its own."""

    def __init__(self) -> None:
        port, management = free_port(), free_port()
        super().__init__(f"amqp://guest:guest@127.0.0.1:{port}", f"http://127.0.0.1:{management}")
        self._folder = Path(tempfile.mkdtemp(prefix="vansim-rabbitmq-"))
        cookie = self._folder / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
        (self._folder / "plugins").write_text("[rabbitmq_management].\n")
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{port}\n"
            "management.tcp.ip = 127.0.0.1\n"
            f"management.tcp.port = {management}\n"
            "log.file = false\n"
            "log.console = true\n"
            "disk_free_limit.absolute = 50MB\n"
            "raft.wal_max_size_bytes = 67108864\n"
            "max_message_size = 536870912\n"
        )
        epmd_port = free_port()
        self._environment = {
            "HOME": str(self._folder),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "vansim@localhost",
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self._folder / "generated"),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONF_ENV_FILE": "/nonexistent",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }
        self._node: Server | None = None
        self._epmd = Server(
            ["epmd", "-d", "-address", "127.0.0.1", "-port", str(epmd_port)], "epmd running", self._environment
        )
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Start the node; what it kept is there again."""
        self._node = Server([_PROGRAM], "Server startup complete", self._environment)

    def kill(self) -> None:
        """End the node at once; asked politely, the management plugin takes five seconds."""
        if self._node is not None:
            self._node.kill()
            self._node = None

    def control(self, *arguments: str) -> None:
        """Run `rabbitmqctl`."""
        command = [str(_PROGRAM.with_name("rabbitmqctl")), "-n", "vansim@localhost", *arguments]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **self._environment}
        subprocess.run(command, check=True, capture_output=True, env=environment)

    def close(self) -> None:
        """Stop all that was started and remove its folder."""
        super().close()
        self.kill()
        self._epmd.stop(signal.SIGTERM)
        shutil.rmtree(self._folder, ignore_errors=True)


def _find() -> Iterator[RabbitMQ]:
    if url := os.environ.get("VANSIM_TEST_AMQP_URL"):
        parts = urlsplit(url)
        found = RabbitMQ(url, os.environ.get("VANSIM_TEST_AMQP_MANAGEMENT", f"http://{parts.hostname}:15672"))
    elif _PROGRAM.exists() and shutil.which("epmd"):
        found = PrivateRabbitMQ()
    else:
        yield from _from_docker()
        return
    try:
        yield found
    finally:
        found.close()


def _from_docker() -> Iterator[RabbitMQ]:
    from testcontainers.community.rabbitmq import RabbitMqContainer  # noqa: PLC0415 (slow, and seldom needed)

    try:
        container = RabbitMqContainer("rabbitmq:4-management").with_exposed_ports(15672)
        container.start()
    except Exception as error:  # noqa: BLE001 (whatever keeps Docker from working is the reason)
        missing("rabbitmq", f"no VANSIM_TEST_AMQP_URL, no rabbitmq-server, no Docker ({type(error).__name__})")
    try:
        host, port = container.get_container_host_ip(), container.get_exposed_port(5672)
        found = RabbitMQ(f"amqp://guest:guest@{host}:{port}", f"http://{host}:{container.get_exposed_port(15672)}")
        yield found
        found.close()
    finally:
        container.stop()


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """The session's RabbitMQ."""
    yield from _find()


@pytest.fixture
def amqp_host(rabbitmq: RabbitMQ) -> Iterator[str]:
    """A virtual host for one test."""
    name = rabbitmq.make_host()
    yield name
    rabbitmq.remove_host(name)


@pytest.fixture
def amqp_url(rabbitmq: RabbitMQ, amqp_host: str) -> str:
    """The address of a virtual host for one test."""
    return rabbitmq.url(amqp_host)
