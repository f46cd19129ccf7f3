from __future__ import annotations

import re
from pathlib import Path

import pytest

from conversion.facts import OutputFormat
from envelope.facts import LetterFacts
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.findings import Refused
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter
from simulator.files import Request, convert_files

LETTERS = Path(__file__).resolve().parents[1] / "letters"
MESSAGE = (LETTERS / "carecommunication-reply.xml").read_bytes()
LETTER = (LETTERS / "xdis91-utf-8.xml").read_bytes()
RECEIPT = (LETTERS / "receipt-negative.xml").read_text(encoding="utf-8")
EMPTY = b"""<Bundle xmlns="http://hl7.org/fhir"><type value="message"/><entry><resource><MessageHeader><eventCoding>
<code value="empty-message"/></eventCoding></MessageHeader></resource></entry></Bundle>"""


def request(source: bytes, to: str, original: bytes, output_format: OutputFormat = "xml") -> Request:
    """One receipt and what it answers."""
    return Request((source,), to, output_format, (original,))


@pytest.mark.parametrize("output_format", ["xml", "json"])
def test_a_receipt_is_converted_beside_the_message_that_it_answers(output_format: OutputFormat) -> None:
    """Without a network's memory, the original tells what an Acknowledgement quotes."""
    [made] = convert_files(request(RECEIPT.encode(), "Acknowledgement", MESSAGE, output_format)).made
    assert (made.type, made.extension) == ("Acknowledgement", output_format)
    assert answered(bundle_facts(read_bundle(made.data))) == (bundle_facts(read_bundle(MESSAGE)).letter_id,)


def test_a_receipt_that_names_the_envelope_alone_is_converted() -> None:
    """A negative XCTL needs no OriginalLetter."""
    bare = re.sub("<OriginalLetter>.*</OriginalLetter>", "", RECEIPT, flags=re.DOTALL)
    [made] = convert_files(request(bare.encode(), "Acknowledgement", MESSAGE)).made
    assert made.type == "Acknowledgement"


def test_an_acknowledgement_is_converted_beside_the_letter_that_it_answers() -> None:
    """The letter's own identifiers stand in the XCTL."""
    source = (LETTERS / "acknowledgement-ok.xml").read_bytes()
    [made] = convert_files(request(source, "XCTL", LETTER)).made
    assert made.type == "XCTL03"
    assert answered(letter_facts(read_letter(made.data))) == (letter_facts(read_letter(LETTER)).letter_id,)


def test_a_message_of_no_known_type_is_refused() -> None:
    """What the catalogue does not have is refused with words, not with a stack trace."""
    with pytest.raises(Refused):
        convert_files(request(EMPTY, "XCTL", LETTER))


def answered(facts: LetterFacts) -> tuple[str, ...]:
    """The letter identifiers that a receipt quotes."""
    return facts.answers.letter_ids if facts.answers is not None else ()
