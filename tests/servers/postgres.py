"""A PostgreSQL for the session, a database for each test.

Found in this order: `VANSIM_TEST_POSTGRES_URL` (a user who may create databases), the `postgres` of this machine
started privately, Docker through testcontainers.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import URL, make_url

from tests.servers.processes import Server, free_port, missing


class Postgres:
    """A PostgreSQL server: where it is, and new databases in it."""

    def __init__(self, url: URL) -> None:
        self._url = url

    def make_database(self) -> URL:
        """Make an empty database."""
        name = f"test_{secrets.token_hex(6)}"
        _run(self._execute(f"CREATE DATABASE {name}"))
        return self._url.set(drivername="postgresql+asyncpg", database=name)

    def remove_database(self, url: URL) -> None:
        """Remove a database, and whoever is still connected to it."""
        _run(self._execute(f"DROP DATABASE {url.database} WITH (FORCE)"))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url.set(drivername="postgresql").render_as_string(hide_password=False))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a thread, so that whatever loop the test has is left alone."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _binaries() -> Path | None:
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


class PrivatePostgres(Postgres):
    """A server of our own in a temporary folder.

    Args:
        binaries: the folder of `initdb` and `postgres`.
    """

    def __init__(self, binaries: Path) -> None:
        port = free_port()
        super().__init__(make_url(f"postgresql://vansim@127.0.0.1:{port}/postgres"))
        self._user = "postgres" if os.geteuid() == 0 else None  # initdb refuses root
        self._folder = Path(tempfile.mkdtemp(prefix="vansim-postgres-"))
        if self._user:
            shutil.chown(self._folder, self._user, self._user)
        self._environment = {"HOME": str(self._folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        files = self._folder / "data"
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": self._folder,
            "fsync": "off",
        }
        self._command: list[str | Path] = [binaries / "postgres", "-D", files]
        self._command += [text for name, value in options.items() for text in ("-c", f"{name}={value}")]
        self._server: Server | None = None
        try:
            subprocess.run(
                [binaries / "initdb", "-D", files, "-U", "vansim", "-A", "trust", "-E", "UTF8", "--no-sync"],
                check=True,
                capture_output=True,
                env=self._environment,
                cwd=self._folder,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
            )
            self.start()
        except BaseException:
            self.close()
            raise

    def start(self) -> None:
        """Start the server; what it kept is there again."""
        ready = "database system is ready to accept connections"
        self._server = Server(self._command, ready, self._environment, self._user)

    def stop(self) -> None:
        """Stop the server in good order, whoever is connected."""
        if self._server is not None:
            self._server.stop(signal.SIGINT)
            self._server = None

    def close(self) -> None:
        """Stop the server and remove its folder."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _private(binaries: Path) -> Iterator[Postgres]:
    server = PrivatePostgres(binaries)
    try:
        yield server
    finally:
        server.close()


def _from_docker() -> Iterator[Postgres]:
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 (slow, and seldom needed)

    try:
        container = PostgresContainer("postgres:17", driver=None)
        container.start()
    except Exception as error:  # noqa: BLE001 (whatever keeps Docker from working is the reason)
        missing("postgres", f"no VANSIM_TEST_POSTGRES_URL, no postgres binary, no Docker ({type(error).__name__})")
    try:
        yield Postgres(make_url(container.get_connection_url()))
    finally:
        container.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's PostgreSQL."""
    if url := os.environ.get("VANSIM_TEST_POSTGRES_URL"):
        yield Postgres(make_url(url))
    elif binaries := _binaries():
        yield from _private(binaries)
    else:
        yield from _from_docker()


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database for one test."""
    url = postgres.make_database()
    yield url.render_as_string(hide_password=False)
    postgres.remove_database(url)
