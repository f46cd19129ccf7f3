from __future__ import annotations

import base64
from pathlib import Path

import pytest

from envelope.validation import is_envelope, validate
from tests.simulator.post import wrapped

LETTERS = Path(__file__).resolve().parents[1] / "letters"
BUNDLE = (LETTERS / "bundle-new.json").read_bytes()
LETTER = (LETTERS / "xdis91-utf-8.xml").read_bytes()


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("xdis91-utf-8.xml", "XDIS91"),
        ("bundle-new.json", "CareCommunication"),
        ("bundle-new.xml", "CareCommunication"),
        ("acknowledgement-ok.xml", "Acknowledgement"),
        ("xctl03.xml", "XCTL03"),
    ],
)
def test_a_good_file_is_named_and_valid(name: str, type_: str) -> None:
    """Letters and bundles are told by type, without an error."""
    verdict = validate((LETTERS / name).read_bytes())
    assert (verdict.type, verdict.valid) == (type_, True)
    assert verdict.version


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b" ",
        b"hello",
        b"\x00\x01",
        b"\xff\xfe",
        b"{}",
        b"[]",
        b'{"resourceType":',
        b"<a/>",
        LETTER[:900],
        BUNDLE[:900],
    ],
    ids=lambda junk: repr(junk[:20]),
)
def test_junk_is_not_valid(junk: bytes) -> None:
    """What is no message has an error with words, and a type only when it begins as one."""
    verdict = validate(junk)
    assert not verdict.valid
    assert verdict.findings[0].text
    assert verdict.type is None or junk in {LETTER[:900], BUNDLE[:900]}


def test_an_envelope_is_judged_with_what_it_carries() -> None:
    """The verdict on an envelope names its payload's type and has the findings of both."""
    body = wrapped(LETTER).body
    assert is_envelope(body)
    verdict = validate(body)
    assert (verdict.type, verdict.valid) == ("XDIS91", True)
    broken = LETTER.replace(b"</Emessage>", b"")
    bad = validate(body.replace(base64.b64encode(LETTER), base64.b64encode(broken)))
    assert not bad.valid
    assert validate(body[:500]).type == "VANSEnvelope"
