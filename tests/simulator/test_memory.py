"""What a large letter costs on its way through the network, and ten of them on the command line."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conversion.messages import BUNDLE, HEADER, File, Message, Text

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
PROC = Path("/proc/self/status")
SIZE = 48_000_000
"""Beyond what the C library keeps for itself once it is freed (32 MB): what is measured is what is held."""
IN_A_ROW_SIZE = 12_000_000
TEN = 10

PEAK = """
import asyncio, sys
from pathlib import Path

def peak():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
"""

THROUGH = (
    PEAK
    + """
from sqlalchemy import func, select
from routing.ledger.schema import MESSAGES
from simulator.logs import logs
from simulator.sending import enveloped
from simulator.settings import Settings
from simulator.wiring import Network

async def main(broker, data, *letters):
    network = Network(Settings(broker=broker, data=Path(data)))
    receipts = select(func.count()).where(MESSAGES.c.type == "Acknowledgement")
    async with network.running():
        for letter in letters:
            head, body = enveloped(Path(letter).read_bytes(), None, None, network.clock())
            await network.submit(body, head.identifier)
            del body
            await network.rest.wait()
            [[count]] = await network.ledger.read(receipts)
            print(peak(), count, flush=True)

logs("error")
asyncio.run(main(*sys.argv[1:]))
"""
)

IN_A_ROW = (
    PEAK
    + """
from simulator.cli import main

out, *letters = sys.argv[1:]
for number, letter in enumerate(letters):
    try:
        main(["convert", letter, "--to", "XDIS91", "--out", f"{out}/{number}"])
    except SystemExit as end:
        assert not end.code, end.code
    print("peak", peak(), flush=True)
"""
)


def letter(folder: Path, number: int, size: int) -> Path:
    """A CareCommunication with two attachments of so many bytes together, for a receiver of XDIS91."""
    data = base64.b64encode(os.urandom(size * 3 // 8)).decode()
    files = [File(f"Bilag {each}.pdf", data=data) for each in (1, 2)]
    home = Message()
    written = home.but(
        sender_identifiers=home.receiver_identifiers,
        sender_name=home.receiver_name,
        receiver_identifiers=home.sender_identifiers,
        receiver_name=home.sender_name,
        payloads=(Text("Se bilag", "2026-05-12T10:00:00+02:00"), *files),
    ).xml()
    for name in (HEADER, BUNDLE):
        written = written.replace(name.encode(), f"{name[:-2]}{number:02}".encode())
    path = folder / f"letter-{number}.xml"
    path.write_bytes(written)
    return path


def printed(program: str, *arguments: object) -> list[str]:
    """What a program prints, line by line."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.mark.timeout(300)
def test_a_large_letter_is_held_hardly_more_than_twice_at_once(broker_address: str, tmp_path: Path) -> None:
    """Taken in, converted, delivered, judged and receipted, on either broker."""
    if not PROC.exists():
        pytest.skip("the peak is read from /proc")
    letters = [letter(tmp_path, 1, 100), letter(tmp_path, 2, SIZE)]
    lines = printed(THROUGH, broker_address, tmp_path / "data", *letters)
    [(small, one), (large, two)] = [map(int, line.split()) for line in lines]
    assert (one, two) == (1, 2)
    assert large - small < 4 * SIZE


@pytest.mark.timeout(300)
def test_ten_large_letters_in_a_row_on_the_command_line_do_not_raise_the_peak(tmp_path: Path) -> None:
    """In one process, each letter another: of those before, at most one is still held at any time."""
    if not PROC.exists():
        pytest.skip("the peak is read from /proc")
    numbers = range(1, TEN + 1)
    letters = [letter(tmp_path, 0, 100), *(letter(tmp_path, number, IN_A_ROW_SIZE) for number in numbers)]
    lines = printed(IN_A_ROW, tmp_path / "made", *letters)
    small, *peaks = (int(line.split()[1]) for line in lines if line.startswith("peak "))
    assert len(peaks) == TEN
    assert peaks[0] - small < 2 * IN_A_ROW_SIZE
    assert max(peaks) - peaks[0] < 1.5 * IN_A_ROW_SIZE
