"""A CareCommunication with attachments, converted from a file to the files of its letters."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from envelope.fhir.json_xml import json_from_xml
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from envelope.reading import payload
from envelope.safe_xml import parse
from simulator.files import Request, convert_files, write_files
from tests.conversion.messages import File, Message, Text

PROC = Path("/proc/self/status")
SIZE = 100_000_000
LINE = b64encode(bytes(range(150, 207))) * 10_000

PROGRAM = """
import sys
from pathlib import Path
from simulator import cli

try:
    cli.main(["convert", sys.argv[1], "--to", "XDIS91", "--out", sys.argv[2]])
except SystemExit as ended:
    assert ended.code == 0, ended.code
line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(line.split()[1]) * 1024)
"""


def message(count: int, data: str = "QUJD") -> bytes:
    """A message with so many attachments."""
    files = [File(f"Bilag {number}.pdf", data=data) for number in range(count)]
    payloads: list[Text | File] = [Text("Se bilag", "2026-05-12T10:00:00+02:00"), *files]
    return Message(payloads=payloads).xml()


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (0, ["XDIS91.xml"]),
        (10, ["XDIS91.xml", "XBIN01.xml"]),
        (11, ["XDIS91-1.xml", "XBIN01-1.xml", "XDIS91-2.xml", "XBIN01-2.xml"]),
    ],
)
def test_each_letter_is_a_file_of_its_own(count: int, names: list[str], tmp_path: Path) -> None:
    """One of a type bears its name alone, several are numbered, and each pair has one number."""
    source = tmp_path / "bundle.xml"
    source.write_bytes(message(count))
    written = write_files(convert_files(Request((source,), "XDIS91", "xml")), tmp_path / "made")
    assert [one["file"] for one in written] == names
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == sorted(names)
    letters = [read_letter((tmp_path / "made" / name).read_bytes()) for name in names]
    assert [validate(letter) for letter in letters] == [()] * len(names)
    assert [letter.type for letter in letters] == [name[:6] for name in names]


def test_each_letter_travels_in_an_envelope_of_its_own(tmp_path: Path) -> None:
    """Wrapped, the letters are the same, and no two envelopes have one identifier."""
    source = tmp_path / "bundle.json"
    source.write_bytes(json_from_xml(parse(message(11))))
    bare, wrapped = (
        [made.data for made in convert_files(Request((source,), "XDIS91", "xml", envelope=envelope)).made]
        for envelope in (False, True)
    )
    assert [payload(one) for one in wrapped] == bare
    identifiers = [one.partition(b"<EnvelopeIdentifier>")[2].partition(b"<")[0] for one in wrapped]
    assert len(set(identifiers)) == len(wrapped) == 4


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.timeout(120)
def test_the_command_converts_100_mb_in_three_times_its_size(form: str, tmp_path: Path) -> None:
    """The whole process, from the file to the files; the base64 is the same to its last character."""
    if not PROC.exists():
        pytest.skip("the peak is read from /proc")
    source = message(1, "FILE") if form == "xml" else json_from_xml(parse(message(1, "FILE")))
    head, tail = source.split(b"FILE")
    with (tmp_path / "bundle").open("wb") as file:
        file.write(head)
        file.writelines(LINE for _ in range(SIZE // len(LINE)))
        file.write(tail)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "bundle"), str(tmp_path / "made")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.splitlines()[-1]) < 3 * (tmp_path / "bundle").stat().st_size
    made = (tmp_path / "made" / "XBIN01.xml").read_bytes()
    assert made.partition(b"<Object_Base64Encoded>")[2].partition(b"<")[0] == LINE * (SIZE // len(LINE))
