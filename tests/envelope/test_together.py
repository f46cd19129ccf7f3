"""Files of one run laid beside one another: names that two have, and references that do not meet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conversion.answers import positive_receipt
from conversion.identifiers import Identifiers
from envelope.findings import Finding
from envelope.reading import payload, read
from envelope.together import part_of, together
from envelope.writing import write
from tests.conversion.rows.case import FACTS
from tests.simulator.post import message, wrapped, xdis91

LETTERS = Path(__file__).resolve().parents[1] / "letters"
LETTER, FIRST, SECOND = (
    (LETTERS / name).read_bytes()
    for name in ("xdis91-attachments.xml", "xbin01-attachments-1.xml", "xbin01-attachments-2.xml")
)


def found(*files: bytes) -> list[list[str]]:
    """The rules of each file's findings."""
    return [[one.rule.id for one in ones] for ones in _found(*files)]


def _found(*files: bytes) -> list[tuple[Finding, ...]]:
    return together([part_of(f"file {number}", data) for number, data in enumerate(files, 1)])


def again(body: bytes, **names: str) -> bytes:
    """An envelope under other names."""
    head = read(body).head
    assert head.message is not None
    message_ = replace(head.message, identifier=names.get("message", head.message.identifier))
    return write(replace(head, identifier=names.get("envelope", head.identifier), message=message_), payload(body))


def test_files_that_have_nothing_in_common_are_left_alone() -> None:
    """Letters of several senders, bare and in envelopes, of both formats."""
    assert found(xdis91(1), xdis91(2), message(3), wrapped(xdis91(4)).body, b"<not a letter", b"") == [[]] * 6


def test_a_file_that_is_there_twice_is_named() -> None:
    """Byte for byte the same: that is all that is said of it."""
    [first, second] = _found(xdis91(1), xdis91(1))
    assert first == ()
    assert [(one.rule.id, one.text) for one in second] == [("VS-163", "The file is file 1 once more, byte for byte.")]
    assert not second[0].is_error


def test_an_envelope_identifier_is_one_envelopes() -> None:
    """Another envelope under it is an error."""
    one, other = wrapped(xdis91(1)), wrapped(xdis91(2))
    [_, [finding]] = _found(one.body, again(other.body, envelope=one.head.identifier))
    assert (finding.rule.id, finding.is_error) == ("VS-160", True)
    assert one.head.identifier in finding.text


def test_a_message_in_a_new_envelope_is_the_same_message() -> None:
    """A warning: it is how a system sends again."""
    one = wrapped(xdis91(1))
    assert found(one.body, again(one.body, envelope="0b1c2d3e-4f5a-46b7-a8c9-d0e1f2a3b4c5")) == [[], ["VS-161"]]


@pytest.mark.parametrize("other", [xdis91(1).replace(b"KUV00000000001", b"KUV00000000009"), wrapped(xdis91(1)).body])
def test_a_letter_under_a_name_of_another_is_that_letter(other: bytes) -> None:
    """Whether bare or in an envelope of its own."""
    assert found(xdis91(1), other) == [[], ["VS-162"]]


def test_a_letter_and_its_attachments_meet() -> None:
    """In any order, with an attachment in an envelope."""
    assert found(LETTER, FIRST, SECOND) == [[]] * 3
    assert found(SECOND, wrapped(FIRST).body, LETTER) == [[]] * 3


def test_what_a_letter_refers_to_and_nobody_carries_is_named() -> None:
    """And what nobody refers to; a single file is judged by itself."""
    assert found(LETTER) == [[]]
    [letter, carrier] = _found(LETTER, SECOND)
    assert [one.rule.id for one in letter] == ["VS-164"] * 2
    assert "a3f0c1d25b6e47f88c9d0e1f2a3b4c5d" in "".join(one.text for one in letter)
    assert carrier == ()
    assert found(xdis91(1), FIRST) == [[], ["VS-165"] * 2]


def test_a_receipt_and_its_letter_meet() -> None:
    """One whose letter is not among the letters is told; among receipts alone nothing is."""
    receipt = positive_receipt(xdis91(1), FACTS.accepted, Identifiers("0" * 32))
    assert found(xdis91(1), receipt) == [[], []]
    assert found(xdis91(2), receipt) == [[], ["VS-166"]]
    other = positive_receipt(xdis91(3), FACTS.accepted, Identifiers("1" * 32))
    assert found(receipt, other) == [[], []]


def test_what_is_shown_of_a_file_that_cannot_be_read_is_nothing() -> None:
    """It concerns none of the others, whatever it is."""
    envelope = wrapped(xdis91(1)).body
    broken = envelope.replace(b"<Data>", b"<Data>*")
    assert found(b"<x>", broken, envelope)[:2] == [[], []]
