"""Letters with attachments, converted from files and written to files."""

from __future__ import annotations

import base64
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.findings import Refused
from envelope.reading import payload
from simulator import cli
from simulator.files import Request, convert_files
from tests.conversion.rows.from_xbin01 import IDENTIFIERS, contents
from tests.simulator.post import LETTERS, wrapped

NOON = datetime(2024, 11, 22, 12, tzinfo=UTC)
NAMES = ("xdis91-attachments.xml", "xbin01-attachments-1.xml", "xbin01-attachments-2.xml")
FILES = tuple(LETTERS / name for name in NAMES)
REQUEST = Request(FILES, "CareCommunication", "xml", at=NOON)
PROC = Path("/proc/self/status")
SIZE = 100_000_000
TIMES = 3
AGAIN = 20_000
"""Kilobytes that ten conversions in a row may need beyond one."""

PROGRAM = """
import sys
from pathlib import Path
from simulator.files import Request, convert_files, write_files

def peak():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])

*small, letter, xbin01, out, output_format = sys.argv[1:]
write_files(convert_files(Request(tuple(map(Path, small)), "CareCommunication", "xml")), Path(out))
request = Request((Path(letter), Path(xbin01)), "CareCommunication", output_format)
before = peak()
peaks = []
for _ in range(10):
    write_files(convert_files(request), Path(out))
    peaks.append(peak())
print(before, peaks[0], peaks[-1])
"""


def test_files_in_any_order_make_the_same_message() -> None:
    """The XDIS91 need not come first, and the parties are its own."""
    result = convert_files(REQUEST)
    assert convert_files(replace(REQUEST, sources=FILES[::-1])) == result
    assert convert_files(replace(REQUEST, sources=tuple(path.read_bytes() for path in FILES))) == result
    [made] = result.made
    assert all(text.encode() in made.data for text in contents())


def test_envelopes_are_opened_as_files_and_as_bytes(tmp_path: Path) -> None:
    """What travels in an envelope of its own each is one sending all the same, and goes into one envelope."""
    bodies = [wrapped(path.read_bytes()).body for path in FILES]
    paths = [tmp_path / name for name in NAMES]
    for path, body in zip(paths, bodies, strict=True):
        path.write_bytes(body)
    bare = convert_files(REQUEST)
    assert convert_files(replace(REQUEST, sources=tuple(paths))) == bare
    assert convert_files(replace(REQUEST, sources=tuple(bodies))) == bare
    [envelope] = convert_files(replace(REQUEST, sources=tuple(bodies), envelope=True)).made
    assert payload(envelope.data) == bare.made[0].data


def test_a_missing_attachment_is_refused_unless_it_may_be_missing() -> None:
    """With `incomplete` the letter goes without it, and a finding names it."""
    request = replace(REQUEST, sources=FILES[:2])
    with pytest.raises(Refused) as refused:
        convert_files(request)
    assert [finding.rule.id for finding in refused.value.findings] == ["VS-515"]
    result = convert_files(replace(request, incomplete=True))
    assert "VS-530" in [finding.rule.id for finding in result.findings]


def _vansim(*arguments: object) -> object:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return ended.value.code


def test_the_command_takes_all_letters_of_a_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A letter and its XBIN01s make one message; without one of them it must be said that it may be missing."""
    monkeypatch.setattr("simulator.logs.logs", lambda _: None)  # logging is the process's, and this one is the tests'
    made = ("--to", "CareCommunication", "--out", tmp_path / "made")
    assert _vansim("convert", *FILES, *made) == 0
    bundle = read_bundle((tmp_path / "made" / "CareCommunication.xml").read_bytes())
    assert {identifier.replace("-", "") for identifier in IDENTIFIERS} <= set(bundle_facts(bundle).attachments)
    alone = ("convert", FILES[0], "--to", "CareCommunication", "--out", tmp_path / "alone", "--format", "json")
    assert _vansim(*alone) == 1
    assert "VS-515" in capfd.readouterr().err
    assert not (tmp_path / "alone").exists()
    assert _vansim(*alone, "--incomplete") == 0
    assert _vansim("convert", FILES[1], *made) == 1
    assert "VS-514" in capfd.readouterr().err


def large(folder: Path) -> tuple[Path, Path]:
    """The letter with one attachment, and the XBIN01 with 100 MB of base64 for it, in lines."""
    image = contents()[2]
    size = len(base64.b64decode(image))
    lines = SIZE // 76
    letter, xbin01 = (FILES[index].read_text(encoding="utf-8") for index in (0, 2))
    parts = letter.split("    <Reference>")
    letter = parts[0] + "    <Reference>" + parts[5]
    small, big = (f"<OriginalObjectSize>{number}<" for number in (size, lines * 57))
    (folder / "letter.xml").write_text(letter.replace(small, big), encoding="utf-8")
    head, tail = xbin01.replace(small, big).split(image)
    line = base64.b64encode(bytes(range(100, 157))).decode() + "\n"
    with (folder / "xbin01.xml").open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(line * 1000 for _ in range(lines // 1000))
        file.write(line * (lines % 1000) + tail)
    return folder / "letter.xml", folder / "xbin01.xml"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("output_format", ["xml", "json"])
def test_a_large_attachment_costs_little_more_than_itself(output_format: str, tmp_path: Path) -> None:
    """100 MB are converted within three times their size, and ten times in a row cost no more than once."""
    if not PROC.exists():
        pytest.skip("the peak is read from /proc")
    letter, xbin01 = large(tmp_path)
    arguments = [*FILES, letter, xbin01, tmp_path / "made", output_format]
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    before, once, ten_times = map(int, done.stdout.split())
    size = xbin01.stat().st_size // 1024
    assert size > SIZE // 1024
    assert once < TIMES * size
    assert once - before < TIMES * size / 2
    assert ten_times - once < AGAIN
    [made] = (tmp_path / "made").glob(f"*.{output_format}")
    assert made.stat().st_size > SIZE // 77 * 76
