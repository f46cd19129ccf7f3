from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from simulator import probe
from tests.simulator.child import Child


def _probe(path: Path | str) -> tuple[int, str]:
    """Run the health check as a container does."""
    environment = os.environ | {probe.VARIABLE: str(path)}
    ended = subprocess.run(
        [sys.executable, "-m", "simulator.probe"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""
    return ended.returncode, ended.stdout


async def test_a_network_says_that_all_is_well(tmp_path: Path) -> None:
    """The check of a running network exits with 0 and prints its health; once the network ends, its socket is gone."""
    path = tmp_path / "probe"
    up = ("up", "--port", "0", "--data", str(tmp_path / "data"))
    async with Child(*up, environment={probe.VARIABLE: str(path)}) as child:
        await child.ready()
        code, said = await asyncio.to_thread(_probe, path)
        assert await child.stop() == 0
    assert (code, '"ok": true' in said) == (0, True)
    assert not path.exists()


async def test_a_service_without_an_api_is_asked_too(tmp_path: Path) -> None:
    """A service that waits for its broker answers from the first moment, says what it waits for, and is not well."""
    path = tmp_path / "probe"
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        broker = f"amqp://127.0.0.1:{nobody.getsockname()[1]}"
        router = ("router", "--data", str(tmp_path / "data"), "--broker", broker)
        async with Child(*router, environment={probe.VARIABLE: str(path)}) as child:
            await child.told(event="waiting", what="broker")
            code, said = await asyncio.to_thread(_probe, path)
            await child.stop()
    assert code == 1
    assert "RabbitMQ cannot be reached" in said


@pytest.mark.parametrize("path", ["", "nothing-is-here"])
def test_where_nobody_answers_nothing_is_well(path: str, tmp_path: Path) -> None:
    """Without a network the check exits with 1 and says in one line where it asked."""
    code, said = _probe(path and tmp_path / path)
    assert code == 1
    assert said.startswith(f"no network answers at {tmp_path / path if path else probe.VARIABLE}: ")


async def test_what_a_crash_left_behind_is_taken_over(tmp_path: Path) -> None:
    """A socket that nobody answers at any more does not keep a network from being asked there."""
    path = tmp_path / "probe"
    with closing(socket.socket(socket.AF_UNIX)) as left:
        left.bind(str(path))
    assert probe.asked(str(path))[0] is False
    async with probe.answering(path, lambda: {"ok": True}):
        well, _ = await asyncio.to_thread(probe.asked, str(path))
    assert well


async def test_a_network_that_hangs_is_not_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not answer in time is not waited for."""
    monkeypatch.setattr(probe, "SECONDS", 0.01)
    path = tmp_path / "probe"
    with closing(socket.socket(socket.AF_UNIX)) as mute:
        mute.bind(str(path))
        mute.listen()
        assert await asyncio.to_thread(probe.asked, str(path)) == (False, f"no network answers at {path}: timed out")


async def test_a_socket_that_cannot_be_made_ends_the_service(tmp_path: Path) -> None:
    """The finding names the path."""
    path = tmp_path / "no-such-folder" / "probe"
    up = ("up", "--port", "0", "--data", str(tmp_path / "data"))
    async with Child(*up, environment={probe.VARIABLE: str(path)}) as child:
        assert (await child.ready())["findings"][0]["rule"] == "VS-486"
        assert await child.ended() == 2
