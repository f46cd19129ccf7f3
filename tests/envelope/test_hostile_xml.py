"""Hostile documents are refused with rule, place and reason, in bounded time and memory, and open nothing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from envelope import errors, safe_xml
from envelope.findings import Refused, Rule
from envelope.reading import Unreadable, read

NAMESPACE = "urn:oio:medcom:vans-envelope:1.0.4"
OPEN = f'<VANSEnvelope xmlns="{NAMESPACE}">'.encode()
MILLION = 1_000_000
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(12))
    + b"]>"
)
ROOM = b" " * 200_000
"""White space that makes a document too long to be read at once."""

HOSTILE: dict[str, tuple[Callable[[], bytes], tuple[Rule, ...]]] = {
    "bomb of entities": (lambda: BOMB + OPEN + b"&m;</VANSEnvelope>", (errors.DOCTYPE_FORBIDDEN,)),
    "long bomb of entities": (lambda: BOMB + OPEN + ROOM + b"&m;</VANSEnvelope>", (errors.DOCTYPE_FORBIDDEN,)),
    "entity without a bomb": (
        lambda: b'<!DOCTYPE a [<!ENTITY x "y">]>' + OPEN + b"&x;</VANSEnvelope>",
        (errors.DOCTYPE_FORBIDDEN,),
    ),
    "document type far from the start": (
        lambda: b"<!--" + b"x" * 900_000 + b"--><!DOCTYPE a>" + OPEN + b"</VANSEnvelope>",
        (errors.DOCTYPE_FORBIDDEN,),
    ),
    "document type in UTF-16": (
        lambda: '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
        (errors.DOCTYPE_FORBIDDEN,),
    ),
    "long document type in UTF-16": (
        lambda: ('<!DOCTYPE a [<!ENTITY x "y">]><a>' + " " * 200_000 + "&x;</a>").encode("utf-16"),
        (errors.DOCTYPE_FORBIDDEN,),
    ),
    "entity that nobody declared": (lambda: OPEN + b"&x;</VANSEnvelope>", (errors.NOT_XML,)),
    "a million attributes": (
        lambda: b"<a " + b" ".join(b'a%d="1"' % n for n in range(MILLION)) + b"/>",
        (errors.TOO_MANY, errors.TOO_LONG),
    ),
    "a million namespaces": (
        lambda: b"<a " + b" ".join(b'xmlns:a%d="u"' % n for n in range(MILLION)) + b"/>",
        (errors.TOO_MANY, errors.TOO_LONG),
    ),
    "a million levels": (lambda: b"<a>" * MILLION + b"</a>" * MILLION, (errors.TOO_DEEP, errors.TOO_MANY)),
    "a million levels never closed": (lambda: b"<a>" * MILLION, (errors.TOO_DEEP, errors.TOO_MANY)),
    "257 levels": (lambda: b"<a>" * 257 + b"</a>" * 257, (errors.TOO_DEEP,)),
    "a million elements": (lambda: OPEN + b"<a/>" * MILLION + b"</VANSEnvelope>", (errors.TOO_MANY,)),
    "a tag's name of 20 MB": (lambda: b"<" + b"a" * 20 * MILLION + b"/>", (errors.TOO_LONG,)),
    "an attribute of 20 MB": (
        lambda: b'<a b="' + b"x" * 20 * MILLION + b'"/>',
        (errors.TOO_LONG,),
    ),
    "a comment of 20 MB": (
        lambda: b"<!--" + b"x" * 20 * MILLION + b"--><a/>",
        (errors.TOO_LONG,),
    ),
    "20 MB of text in the head": (
        lambda: OPEN + b"<SenderID>" + b"1" * 20 * MILLION + b"</SenderID></VANSEnvelope>",
        (errors.TOO_LONG,),
    ),
    "NUL": (lambda: OPEN + b"\0</VANSEnvelope>", (errors.NOT_XML,)),
    "NUL by reference": (lambda: OPEN + b"&#0;</VANSEnvelope>", (errors.NOT_XML,)),
    "NUL first": (lambda: b"\0" + OPEN, (errors.NOT_XML,)),
    "bytes that are no UTF-8": (lambda: OPEN + b"\xe6</VANSEnvelope>", (errors.UNDECODABLE_BYTES,)),
    "bytes that are no UTF-8, far on": (lambda: OPEN + ROOM + b"\xe6</VANSEnvelope>", (errors.UNDECODABLE_BYTES,)),
    "half a character": (lambda: OPEN + b"\xc3", (errors.UNDECODABLE_BYTES, errors.TRUNCATED)),
    "UTF-16 only said": (
        lambda: b'<?xml version="1.0" encoding="UTF-16"?>' + OPEN + b"</VANSEnvelope>",
        (errors.UNDECODABLE_BYTES,),
    ),
    "UTF-16 said to be UTF-8": (
        lambda: '<?xml version="1.0" encoding="UTF-8"?><a/>'.encode("utf-16"),
        (errors.UNDECODABLE_BYTES,),
    ),
    "an odd byte of UTF-16": (
        lambda: "<a/>".encode("utf-16") + b"\0",
        (errors.NOT_XML, errors.TRUNCATED, errors.UNDECODABLE_BYTES),
    ),
    "UTF-32": (lambda: "<a/>".encode("utf-32"), (errors.ENCODING_UNKNOWN,)),
    "UTF-7": (lambda: b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-', (errors.ENCODING_UNKNOWN,)),
    "EBCDIC": (lambda: '<?xml version="1.0" encoding="cp037"?><a/>'.encode("cp037"), (errors.NOT_XML,)),
    "an encoding that nobody knows": (
        lambda: b'<?xml version="1.0" encoding="x-secret"?><a/>',
        (errors.ENCODING_UNKNOWN,),
    ),
    "windows-1252 with a byte that it lacks": (
        lambda: b'<?xml version="1.0" encoding="windows-1252"?>\n<a>\x81</a>',
        (errors.UNDECODABLE_BYTES,),
    ),
    "no bytes": (lambda: b"", (errors.NO_BYTES,)),
    "white space": (lambda: b" \n ", (errors.NOT_XML,)),
    "words": (lambda: b"Hej", (errors.NOT_XML,)),
    "two roots": (lambda: OPEN + b"</VANSEnvelope><a/>", (errors.NOT_XML,)),
    "attribute twice": (lambda: b'<a b="1" b="2"/>', (errors.NOT_XML,)),
    "prefix that nobody declared": (lambda: b"<x:VANSEnvelope/>", (errors.NOT_XML,)),
    "wrong end tag": (lambda: b"<a><b></a>", (errors.NOT_XML,)),
    "cut in a tag": (lambda: OPEN[:-10], (errors.TRUNCATED,)),
    "cut in the content": (lambda: OPEN + b"<Sender", (errors.TRUNCATED,)),
    "cut far on": (lambda: OPEN + ROOM, (errors.TRUNCATED,)),
    "JSON": (lambda: b'{"resourceType": "Bundle"}', (errors.NOT_XML,)),
}
ENTRANCES: dict[str, Callable[[bytes], object]] = {"read": read, "parse": safe_xml.parse}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_is_refused_with_rule_and_place(name: str, entrance: str) -> None:
    """What is hostile or broken is refused within seconds, by rule, with line and column."""
    make, rules = HOSTILE[name]
    document = make()
    started = time.monotonic()
    with pytest.raises(Refused) as caught:
        ENTRANCES[entrance](document)
    assert time.monotonic() - started < 5
    finding = caught.value.findings[0]
    assert finding.rule in rules, finding
    assert re.fullmatch(r"line \d+, column \d+", finding.location)
    assert finding.location in finding.text


@pytest.mark.parametrize("data", [b"<a>\n <b>\n  \xe6</b></a>", b'<?xml version="1.0"?>\n<a>\n  <b></c></a>'])
def test_place_is_line_and_column(data: bytes) -> None:
    """A refusal names the line and column of what is wrong, counted from 1."""
    with pytest.raises(Refused) as caught:
        safe_xml.parse(data)
    assert caught.value.findings[0].location.startswith("line 3, column ")


def test_a_forced_encoding_is_read_and_named() -> None:
    """An encoding given by the caller counts instead of the declared one, and is the one that a refusal names."""
    document = b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xc3\xa6</a>'
    assert safe_xml.parse(document, encoding="UTF-8").text == "æ"
    assert safe_xml.parse(document).text == "Ã¦"
    with pytest.raises(Refused, match="as UTF-8"):
        safe_xml.parse(document[:-5] + b"</a>", encoding="UTF-8")


def test_long_documents_of_ordinary_measure_are_parsed() -> None:
    """Payloads of many elements, many attributes and long values are XML like any other."""
    many = b"<a>" + b'<b c="1" d="2">x</b>' * 30_000 + b"</a>"
    assert len(safe_xml.parse(many)) == 30_000
    long = b'<a b="' + b"QUJD" * 1_000_000 + b'"><!-- ' + b'="' * 9_000 + b" --></a>"
    assert len(safe_xml.parse(long).attrib["b"]) == 4_000_000
    talk = b"<a>" + b"<b>say \"yes\", not 'no'</b>" * 20_000 + b"</a>"
    assert len(safe_xml.parse(talk)) == 20_000


def test_one_tag_holds_ten_thousand_attributes_and_no_more() -> None:
    """The bound on one tag's attributes holds whether the tag comes in one piece or in many."""
    for count, space in ((10_001, b" "), (10_001, b" " * 200), (200_000, b"\n")):
        with pytest.raises(Refused) as caught:
            safe_xml.parse(
                b"<a>" + b" " * 140_000 + b"<b" + b"".join(space + b'a%d="1"' % n for n in range(count)) + b"/></a>"
            )
        assert caught.value.findings[0].rule is errors.TOO_MANY


def test_every_prefix_of_an_envelope_is_refused(wrap: Callable[..., bytes]) -> None:
    """An envelope cut anywhere is refused, and what could be read of its head is told."""
    envelope = wrap(b"UNA:+.? '", "DIS91")
    for end in range(len(envelope)):
        with pytest.raises(Unreadable) as caught:
            read(envelope[:end])
        assert caught.value.findings[0].rule in (errors.TRUNCATED, errors.NOT_XML, errors.NO_BYTES)
    assert caught.value.partial.sender == "5790001659592"
    assert caught.value.partial.receiver == "5790000121526"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
@pytest.mark.parametrize("room", [b"", ROOM], ids=["short", "long"])
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_no_file_or_address_is_opened(entrance: str, room: bytes, tmp_path: Path) -> None:
    """A named pipe that would block whoever opens it, and a port that nobody calls: neither is touched."""
    pipe = tmp_path / "never"
    os.mkfifo(pipe)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/never"
        for target in (pipe.as_uri(), str(pipe), address):
            for text in (
                f'<!DOCTYPE a SYSTEM "{target}"><a/>',
                f'<!DOCTYPE a PUBLIC "x" "{target}"><a/>',
                f'<!DOCTYPE a [<!ENTITY x SYSTEM "{target}">]><a>&x;</a>',
                f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{target}">%x;]><a/>',
                f'<?xml-stylesheet href="{target}" type="text/xsl"?><a/>',
                f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{target}"/></a>',
                f'<a xmlns:x="{INSTANCE}" x:schemaLocation="u {target}" x:noNamespaceSchemaLocation="{target}"/>',
                f'<VANSEnvelope xmlns="{NAMESPACE}" xmlns:x="{INSTANCE}" x:schemaLocation="{NAMESPACE} {target}"/>',
            ):
                try:
                    ENTRANCES[entrance](text.encode().replace(b"<a", room + b"<a", 1) if room else text.encode())
                except Refused:
                    continue
        with pytest.raises(BlockingIOError):
            server.accept()


MEASURE = """
import re, resource, sys
from pathlib import Path
from envelope import safe_xml
from envelope.findings import Refused
from envelope.reading import read, read_in_full

def peak():
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage tells begins at the parent's size
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def pieces(*parts):
    for part, times in parts:
        for _ in range(times):
            yield part

entrance = {"read": read, "parse": safe_xml.parse}[sys.argv[1]]
HEAD = open(sys.argv[3], "rb").read() if len(sys.argv) > 3 else b""
try:
    read(b"<a/>")
except Refused:
    pass
"""

HOARDERS = {
    "a million attributes": 'b"<a " + b" ".join(b"a%d=\'1\'" % n for n in range(1_000_000)) + b"/>"',
    "a million levels": 'b"<a>" * 1_000_000 + b"</a>" * 1_000_000',
    "a million elements": 'b"<a>" + b"<b/>" * 1_000_000 + b"</a>"',
    "a bomb": repr(BOMB) + ' + b"<a>" + b"&m;" * 20_000 + b"</a>"',
    "a comment": 'b"<!--" + b"x" * 20_000_000 + b"--><a/>"',
}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("name", HOARDERS)
def test_memory_is_bounded(name: str, entrance: str) -> None:
    """What a hostile document makes the process hold beyond the bytes themselves stays below 64 MB."""
    script = MEASURE + f"document = {HOARDERS[name]}\nbefore = peak()\n"
    script += "try:\n    entrance(document)\nexcept Refused:\n    pass\nprint(peak() - before)\n"
    done = subprocess.run(
        [sys.executable, "-c", script, entrance], capture_output=True, text=True, check=True, timeout=50
    )
    assert int(done.stdout) < 64


def test_head_of_a_100_mb_envelope_costs_less_than_20_mb(wrap: Callable[..., bytes], tmp_path: Path) -> None:
    """Read from bytes or from chunks, an envelope of 100 MB needs less than 20 MB above its bytes."""
    script = MEASURE + (
        'opening, closing = HEAD.split(b"AAAA")\n'
        'opening = opening.replace(b"<SizeInBytes>3<", b"<SizeInBytes>%d<" % (25 * 2**20 * 3))\n'
        "before = peak()\n"
        'streamed = read(pieces((opening, 1), (b"QUJD" * 2**14, 25 * 2**6), (closing, 1)))\n'
        "chunks = peak() - before\n"
        'document = b"".join(pieces((opening, 1), (b"QUJD" * 2**14, 25 * 2**6), (closing, 1)))\n'
        "before = peak()\n"
        "whole = read_in_full(document)\n"
        "assert read(document) == whole\n"
        "assert whole == streamed and whole.size == 25 * 2**20 * 3 and whole.first == b'ABC' * 1365 + b'A'\n"
        "print(len(document) >= 100 * 2**20, chunks, peak() - before)\n"
    )
    head = tmp_path / "head"
    head.write_bytes(wrap(b"\0\0\0"))
    done = subprocess.run(
        [sys.executable, "-c", script, "read", "", str(head)], capture_output=True, text=True, check=True, timeout=50
    )
    large, chunks, whole = done.stdout.split()
    assert large == "True"
    assert int(chunks) < 20
    assert int(whole) < 20
