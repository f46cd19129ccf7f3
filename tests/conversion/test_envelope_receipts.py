from __future__ import annotations

from dataclasses import replace

import pytest

from conversion import Remembered, Travelled, envelope_receipts
from envelope.findings import Refused
from envelope.model import Document, Head, MetaInformation, Party, Processing, Receipt, ReceiptKind, Transport
from tests.conversion.receipts import FROM_BUNDLE

CAME = MetaInformation(
    "6a0a8a5e-6d0b-4a4f-9d59-000000000001",
    Document("HL7", "MCM:FDIS91#other", 4711, "5.0"),
    Processing("VANSIM", "conversion"),
    Transport(transform=False, type="reliable", tags=(("MCM:MIME", "application/fhir+xml"),)),
)
LETTER = MetaInformation("6a0a8a5e-6d0b-4a4f-9d59-000000000002", Document("XML", "MCM:XDIS91", 1200, "XD9134L"))
OBJECTS = MetaInformation("6a0a8a5e-6d0b-4a4f-9d59-000000000003", Document("XML", "MCM:XBIN01", 9000, "XB0131X"))
ONE = replace(
    FROM_BUNDLE,
    original_envelopes=(Travelled("came", CAME),),
    made_envelopes=(Travelled("letter", LETTER),),
)
TWO = replace(ONE, made_envelopes=(Travelled("letter", LETTER), Travelled("objects", OBJECTS)))
MANY = replace(ONE, original_envelopes=(Travelled("first", LETTER), Travelled("second", OBJECTS)))

ORIGINAL = "/*/OriginalEnvelopeIdentifier"

POSITIVE = ReceiptKind.POSITIVE_MESSAGE
NEGATIVE = ReceiptKind.NEGATIVE_MESSAGE


def head(answered: str, kind: ReceiptKind, description: str | None = None, code: int | None = None) -> Head:
    """An envelope receipt on an envelope that was made."""
    receipt = Receipt(kind, answered, LETTER, description, code)
    return Head(Party("5790000121441"), Party("5790001382445"), "receipt", "2026-05-01T12:00:00Z", receipt=receipt)


def test_a_positive_receipt_answers_the_original_envelope() -> None:
    """What goes back quotes the envelope that the sender sent, and its MetaInformation."""
    assert envelope_receipts([head("letter", POSITIVE)], ONE) == (Receipt(POSITIVE, "came", CAME),)


def test_a_negative_receipt_keeps_code_and_description() -> None:
    """NegativeMessage follows likewise; a description longer than the schema's 512 characters is cut."""
    short = envelope_receipts([head("letter", NEGATIVE, "No room.", 7)], ONE)
    assert short == (Receipt(NEGATIVE, "came", CAME, "No room.", 7),)
    for length, cut in ((512, "x" * 512), (513, "x" * 509 + "...")):
        [long] = envelope_receipts([head("letter", NEGATIVE, "x" * length)], ONE)
        assert long.description == cut


def test_a_refusal_without_a_description_adds_none() -> None:
    """Of two refusals the one that says why is quoted alone; where neither does, there is no description."""
    silent = head("letter", NEGATIVE, code=1)
    [said] = envelope_receipts([silent, head("objects", NEGATIVE, "Too large.")], TWO)
    assert (said.description, said.code) == ("Too large.", 1)
    [unsaid] = envelope_receipts([silent], ONE)
    assert (unsaid.description, unsaid.code) == (None, 1)


def test_all_envelopes_made_are_answered_before_the_original_is() -> None:
    """A receipt once given never changes, so the first of two waits; one refusal refuses."""
    assert envelope_receipts([head("letter", POSITIVE)], TWO) == ()
    assert envelope_receipts([head("letter", POSITIVE), head("letter", POSITIVE)], TWO) == ()
    both = [head("letter", POSITIVE), head("objects", NEGATIVE, "Too large.")]
    assert envelope_receipts(both, TWO) == (Receipt(NEGATIVE, "came", CAME, "Too large."),)
    refused = [head("letter", NEGATIVE, "No.", 1), head("objects", NEGATIVE, "Too large.", 2)]
    assert envelope_receipts(refused, TWO) == (Receipt(NEGATIVE, "came", CAME, "No.; Too large.", 1),)


def test_every_envelope_that_came_in_is_answered() -> None:
    """A message made of several letters answers each of their envelopes."""
    answered = envelope_receipts([head("letter", POSITIVE)], MANY)
    assert [(receipt.original_envelope, receipt.original) for receipt in answered] == [
        ("first", LETTER),
        ("second", OBJECTS),
    ]


@pytest.mark.parametrize(
    ("heads", "remembered", "rule", "place", "words"),
    [
        ([head("letter", POSITIVE)], FROM_BUNDLE, "VS-540", "", "envelope receipt"),
        ([head("letter", POSITIVE)], replace(ONE, original_envelopes=()), "VS-540", "", "envelope receipt"),
        ([head("letter", POSITIVE)], replace(ONE, made_envelopes=()), "VS-540", "", "envelope receipt"),
        ([head("another", POSITIVE)], ONE, "VS-541", ORIGINAL, "another"),
        ([replace(head("letter", POSITIVE), receipt=None)], ONE, "VS-541", ORIGINAL, " nothing"),
    ],
)
def test_a_receipt_that_answers_nothing_remembered_is_refused(
    heads: list[Head], remembered: Remembered, rule: str, place: str, words: str
) -> None:
    """Without a memory of the envelopes, or for another envelope, nothing goes back."""
    with pytest.raises(Refused) as refusal:
        envelope_receipts(heads, remembered)
    (finding,) = refusal.value.findings
    assert (finding.rule.id, finding.location) == (rule, f"/VANSEnvelope/Receipt{place}")
    assert words in finding.text


def test_envelopes_survive_as_json() -> None:
    """What is remembered of the envelopes is the same after three months in the ledger."""
    remembered = replace(TWO, incomplete=("one", "two"))
    assert Remembered.from_json(remembered.to_json()) == remembered
