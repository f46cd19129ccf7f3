"""The README's console blocks do what they say: each line of them is typed here, in order, in a folder of its own."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator.test_cli import Process

ROOT = Path(__file__).resolve().parents[2]
VANSIM = ".venv/bin/vansim"
SECONDS = 60
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def blocks() -> list[list[str]]:
    """The lines of each console block."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [block.strip().splitlines() for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[str]:
    """`vansim up &`, with the folders that the README speaks of, at a port of its own."""
    (tmp_path / "mailbox").mkdir()
    process = Process("up", "--port", 0, "--data", tmp_path / "data", "--mailbox", tmp_path / "mailbox")
    yield process.line().split()[3]
    assert process.end().code == 0


def test_every_line_of_the_console_does_what_the_readme_says(network: str, tmp_path: Path) -> None:
    """No line fails, and an identifier that is printed is the one that the next lines use."""
    (tmp_path / "letter.xml").write_bytes((ROOT / "tests" / "letters" / "xdis91-utf-8.xml").read_bytes())
    program = shlex.quote(str(Path(sys.executable).with_name("vansim")))
    real: dict[str, str] = {}
    typed = said = ""
    for line in (line for block in blocks() for line in block):
        if not line.startswith("$ "):
            [written], [printed] = _UUID.findall(line), _UUID.findall(said)
            real[written] = printed
            continue
        typed = _UUID.sub(lambda id_: real.get(id_[0], id_[0]), line[2:])
        if typed == "make setup" or typed.endswith("up &"):
            continue  # it is set up, and up
        done = subprocess.run(
            ["/bin/sh", "-c", typed.replace(VANSIM, program)],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "VANSIM_URL": network, "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert (done.returncode, typed) == (0, typed), done.stdout + done.stderr
        said = done.stdout
    assert real
