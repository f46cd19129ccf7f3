from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envelope.cutting import cut

LETTERS = Path(__file__).resolve().parent.parent / "letters"
PROC = Path("/proc/self/status")
SIZE = 100_000_000
ALLOWED = 20_000

PROGRAM = """
import sys
from pathlib import Path
from envelope.attachments import take_out
from envelope.cutting import cut
from envelope.fhir.facts import bundle_facts
from envelope.fhir.bundle import read_bundle, serialise
from envelope.fhir.rules import validate as validate_bundle
from envelope.oioxml.facts import payload_facts
from envelope.oioxml.reading import read_letter
from envelope.oioxml.rules import validate
from envelope.oioxml.writing import serialise as serialise_letter
from envelope.pieces import put_back

def peak():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1])

def run(payload, output):
    form = "json" if payload[:1] == b"{" else "xml"
    slim = cut(payload)
    if b"Emessage" in payload[:200]:
        payload_facts(payload)
        letter = read_letter(slim)
        validate(letter)
        pieces = put_back(serialise_letter(letter.root), letter.attachments, form="xml")
    else:
        bundle_facts(read_bundle(slim))
        letter = read_bundle(slim)
        validate_bundle(letter)
        pieces = put_back(serialise(letter.root, form), letter.attachments, form=form)
    for attachment in letter.attachments.values():
        assert attachment.problem is None, attachment.problem
        attachment.digest
    with output.open("wb") as file:
        pieces.write_to(file)
    assert output.stat().st_size == pieces.size
    return pieces

small, large, output = map(Path, sys.argv[1:])
run(small.read_bytes(), output)
payload = large.read_bytes()
before = peak()
pieces = run(payload, output)
print(peak() - before, len(payload) // 1024, len(cut(payload).document))
before = peak()
print(peak() - before - len(pieces.joined()) // 1024)
"""

XBIN01 = ("xbin01-2012.xml", b"<Object_Base64Encoded>", b"<", b"\r\n")
CASES = {
    "xbin01": XBIN01,
    "xbin01-references": (*XBIN01[:3], b"&#13;\n"),
    "bundle-xml": ("bundle-new.xml", b'<data value="', b'"', b""),
    "bundle-xml-lines": ("bundle-new.xml", b'<data value="', b'"', b"&#xA;"),
    "bundle-json": ("bundle-new.json", b'"data": "', b'"', b""),
    "bundle-json-escaped": ("bundle-new.json", b'"data": "', b'"', b"\\n"),
}


def large(name: str, start: bytes, end: bytes, between: bytes) -> Iterator[bytes]:
    """One of our own letters with 100 MB of base64 for its first attachment."""
    head, _, rest = (LETTERS / name).read_bytes().partition(start)
    yield head + start
    line = (
        base64.b64encode(os.urandom(57)).replace(b"/", b"\\/" if name.endswith("json") and between else b"/") + between
    )
    block = line * 10_000
    for _ in range(SIZE // len(block)):
        yield block
    yield end + rest.partition(end)[2]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.timeout(180)
def test_a_large_letter_costs_little_more_than_itself(case: str, tmp_path: Path) -> None:
    """Cutting 100 MB, facts, rules, digests and writing it stay 20 MB above the payload; joined, above both."""
    if not PROC.exists():
        pytest.skip("the peak is read from /proc")
    name, start, end, between = CASES[case]
    with (tmp_path / "large").open("wb") as file:
        file.writelines(large(name, start, end, between))
    arguments = [LETTERS / name, tmp_path / "large", tmp_path / "output"]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    above, size, document, joined = map(int, done.stdout.split())
    assert size > 90_000
    assert document < 100_000
    assert above < ALLOWED
    assert joined < ALLOWED


UNIT = ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" * 16).encode()
HOSTILE = {
    "almost runs": (b"<a>", UNIT[:-1] + b"."),
    "marks that all match": (b"<a>", UNIT[:600] + b"."),
    "runs parted by signs": (b"<a>", UNIT + b"."),
    "quotation marks": (b"<a b='", UNIT + b'"'),
    "quotation marks in a comment": (b"<!--", UNIT + b'"'),
    "references": (b"<a>", b"&#10;A"),
    "ampersands": (b"<a>", b"&" + UNIT),
    "comments never closed": (b"<a>", b"<!--" + UNIT),
    "instructions never closed": (b"<a>", b"<?" + UNIT),
    "tags": (b"<a>", b"<a/>"),
    "strings in strings": (b'{"a":"', b'\\"' + UNIT + b'\\"'),
    "names": (b'{"a":1,', b'"' + UNIT + b'"' + b" " * 900 + b":"),
    "backslashes": (b'{"a":"', b"\\"),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.timeout(20)
def test_no_payload_takes_long_to_cut(case: str) -> None:
    """Twenty MB made to be slow are cut in a second or so; what takes more than linear time would take hours."""
    head, unit = HOSTILE[case]
    payload = head + unit * (20_000_000 // len(unit))
    slim = cut(payload)
    assert slim.payload is payload
