"""The whole way: a letter is converted, the receiving system answers what it got, and the answer is converted back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversion import Facts, Identifiers, Organisation, Reason, convert, negative_receipt, positive_receipt
from envelope.facts import LetterFacts
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.rules import validate
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter
from tests.conversion.messages import File, Message, Text
from tests.conversion.rows.case import FACTS, LETTERS, strings

SENT = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
THEIRS = Identifiers("f" * 32)
NO = Reason("problem_med_modtagerID", "Ukendt afdeling.\nSend til Æblegården.")
CAN_BE_CONVERTED = ("xdis91-utf-8.xml", "xdis91-iso-8859-1.xml", "xdis91-every-element.xml", "xdis91-minimal.xml")
MEANT_TO_BE_INVALID = ("R-Tek-M", "R-Tek-N")


def organisation(gln: str | None) -> Organisation:
    """A participant by its location number."""
    sor = f"32801{(gln or '')[-6:]}16008"
    return Organisation(gln or "", sor, f"Sted {gln}", None, sor, "sorkode")


def sent(read: LetterFacts) -> Facts:
    """The facts of a letter on its way there."""
    return replace(FACTS, sender=organisation(read.sender), receiver=organisation(read.receiver))


def returned(facts: Facts, letter: bytes, to: str) -> tuple[bytes, Facts]:
    """The converted letter, and the facts of its receipt on its way back."""
    converted = convert([letter], facts, to)
    back = replace(facts, sender=facts.receiver, receiver=facts.sender, seed="9" * 32, original=converted.remembered)
    return converted.outputs[0].payload, Facts.from_json(back.to_json())


@pytest.mark.parametrize("name", CAN_BE_CONVERTED)
def test_a_letters_sender_gets_its_receipt_in_its_own_format(name: str) -> None:
    """An XDIS91 that became a CareCommunication is answered by an XCTL that quotes the letter as it was."""
    letter = (LETTERS / name).read_bytes()
    read = letter_facts(read_letter(letter))
    made, back = returned(sent(read), letter, "CareCommunication")
    for acknowledgement, type_ in (
        (positive_receipt(made, SENT, THEIRS), "XCTL03"),
        (positive_receipt(made, SENT, THEIRS, output_format="json"), "XCTL03"),
        (negative_receipt(made, NO, SENT, THEIRS), "XCTL02"),
    ):
        [output] = convert([acknowledgement], back, "XCTL").outputs
        answered = letter_facts(read_letter(output.payload))
        assert (answered.type, answered.sender, answered.receiver) == (type_, read.receiver, read.sender)
        answers = answered.answers
        assert answers is not None
        assert (answers.envelope_id, answers.letter_ids, answers.versions) == (
            read.envelope_id,
            (read.letter_id,),
            (read.version,),
        )
        assert (answers.refuse_code, answers.text) == ((NO.code, NO.text) if type_ == "XCTL02" else ("", ""))
        assert strings(output.payload, "//o5:Sent/*") == ["2026-03-29", "01:59"]


def _check_message(message: bytes) -> int:
    """Answer every letter that is made of a message, and bring the answers back; how many letters there were."""
    read = bundle_facts(read_bundle(message))
    converted = convert([message], sent(read), "XDIS91")
    _, back = returned(sent(read), message, "XDIS91")
    letters = [output.payload for output in converted.outputs]
    for no, code in (((), "ok"), (letters[:1], "fatal-error"), (letters[-1:], "fatal-error"), (letters, "fatal-error")):
        xctls = [
            negative_receipt(letter, NO, SENT, THEIRS) if letter in no else positive_receipt(letter, SENT, THEIRS)
            for letter in letters
        ]
        for missing in range(len(xctls)):
            some = [*xctls[:missing], *xctls[missing + 1 :]]
            assert not some or convert(some, back, "Acknowledgement").outputs == ()
        [output] = convert(xctls, back, "Acknowledgement").outputs
        if not no:
            assert convert(xctls[::-1], back, "Acknowledgement").outputs == (output,)
        bundle = read_bundle(output.payload)
        assert [finding for finding in validate(bundle) if finding.is_error] == []
        answered = bundle_facts(bundle)
        assert (answered.sender, answered.receiver) == (read.receiver, read.sender)
        assert answered.answers is not None
        assert answered.answers.letter_ids == (read.letter_id,)
        assert strings(output.payload, "//f:response/f:code/@value") == [code]
        assert answered.answers.text == "\n".join([NO.text] * len(no))
        assert strings(output.payload, "//f:Provenance[1]/f:target/f:reference/@value")[0].endswith(read.letter_id)
    return len(letters)


def test_a_messages_sender_gets_its_acknowledgement() -> None:
    """A CareCommunication that became an XDIS91 is answered by an Acknowledgement on its own MessageHeader."""
    assert _check_message((LETTERS / "carecommunication-reply.xml").read_bytes()) == 1


@pytest.mark.parametrize("count", [1, 10, 11, 21])
def test_the_receipts_of_all_letters_become_one_acknowledgement(count: int) -> None:
    """Of one pair or of several: none before the last has come, negative when one is, in whatever order they come."""
    files = [File(f"Bilag {number}", data="AAAA") for number in range(count)]
    payloads: list[Text | File] = [Text("Se", "2026-05-12T10:00:00+02:00"), *files]
    assert _check_message(Message(payloads=payloads).xml()) == 2 * ((count + 9) // 10)


@pytest.mark.reference
def test_every_sample_is_acknowledged(reference: Path) -> None:
    """MedCom's CareCommunications come back acknowledged, whatever their identifiers, Provenances and attachments."""
    files = sorted((reference / "samples" / "carecommunication").glob("*/*.*"))
    made = [
        _check_message(file.read_bytes())
        for file in files
        if not any(name in file.name for name in MEANT_TO_BE_INVALID)
    ]
    assert (made.count(1), made.count(2)) == (21, 6)
