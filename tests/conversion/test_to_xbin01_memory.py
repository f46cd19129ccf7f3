"""A CareCommunication of 100 MB becomes its letters in at most three times its size, however often."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envelope.fhir.json_xml import json_from_xml
from envelope.safe_xml import parse
from tests.conversion.messages import File, Message, Text

ROOT = Path(__file__).resolve().parents[2]
PROC = Path("/proc/self/status")
SIZE = 100_000_000
TIMES = 10

PROGRAM = """
import sys
from pathlib import Path
from conversion import convert
from tests.conversion.rows.case import FACTS

def peak():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024

small, large, output, times = map(Path, sys.argv[1:])
convert([small.read_bytes()], FACTS, "XDIS91")
for _ in range(int(str(times))):
    converted = made = None  # what was made holds on to what it was made of
    converted = convert([large.read_bytes()], FACTS, "XDIS91")
    for number, made in enumerate(converted.outputs):
        with output.with_suffix(f".{number}").open("wb") as file:
            made.pieces.write_to(file)
    print(peak(), len(converted.outputs))
whole = converted.outputs[1].payload
print(peak(), len(whole))
"""

CASES = {
    "one in XML": ("xml", 1, b""),
    "ten in JSON": ("json", 10, b""),
    "twenty-five in XML, in lines": ("xml", 25, b"&#10;"),
    "one in JSON, in lines": ("json", 1, b"\\n"),
}


def large(source: bytes, between: bytes) -> Iterator[bytes]:
    """A message with the base64 of its attachments, each written as FILE, grown to 100 MB together."""
    head, *rest = source.split(b"FILE")
    line = base64.b64encode(os.urandom(57))
    block = (line + between) * 4_000
    yield head
    for tail in rest:
        for _ in range(SIZE // len(rest) // len(block)):
            yield block
        yield line
        yield tail


def measured(tmp_path: Path, count: int, form: str, between: bytes, times: int) -> tuple[int, list[list[int]]]:
    """The size of a message, and what the program prints."""
    files = [File(f"Bilag {number}", data="FILE") for number in range(count)]
    said: list[Text | File] = [Text("Se bilag", "2026-05-12T10:00:00+02:00"), *files]
    source = Message(payloads=said).xml()
    if form == "json":
        source = json_from_xml(parse(source))
    small, grown = tmp_path / "small", tmp_path / "large"
    small.write_bytes(source.replace(b"FILE", b"AAAA"))
    with grown.open("wb") as file:
        file.writelines(large(source, between))
    arguments = [str(path) for path in (small, grown, tmp_path / "letter")]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, str(times)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return grown.stat().st_size, [[int(number) for number in line.split()] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("form", "count", "between"), CASES.values(), ids=CASES)
@pytest.mark.timeout(180)
def test_a_large_message_costs_at_most_three_times_its_size(
    tmp_path: Path, form: str, count: int, between: bytes
) -> None:
    """Converted, written to files in pieces, and one letter joined besides."""
    if not PROC.exists():
        pytest.skip("the peak is read from /proc")
    size, [[streamed, outputs], [joined, _]] = measured(tmp_path, count, form, between, 1)
    assert size > SIZE * 0.9
    assert outputs == 2 * ((count + 9) // 10)
    assert streamed < 1.7 * size
    assert joined < 3 * size
    letters = [tmp_path / f"letter.{number}" for number in range(outputs)]
    assert sum(letter.stat().st_size for letter in letters) > size * 57 / (57 + len(between)) * 0.9


@pytest.mark.timeout(300)
def test_ten_large_messages_in_a_row_do_not_raise_the_peak(tmp_path: Path) -> None:
    """Once its letters are gone nothing of a message is held."""
    if not PROC.exists():
        pytest.skip("the peak is read from /proc")
    size, [*rounds, _] = measured(tmp_path, 3, "xml", b"", TIMES)
    peaks = [peak for peak, _ in rounds]
    assert len(peaks) == TIMES
    assert max(peaks) < 1.7 * size
    assert peaks[-1] - peaks[0] < 0.05 * size
