"""S3 and S4, the memory and the time limits: receipts on what a conversion made, and what becomes of them."""

from __future__ import annotations

import pytest

from conversion.answers import Reason
from conversion.to_xctl import CONVERSION_FAULT
from envelope.facts import Answers
from envelope.fhir import rules as fhir_rules
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.fhir.values import value
from envelope.oioxml.facts import letter_facts
from envelope.oioxml.reading import read_letter
from tests.conformance.cases import case
from tests.conformance.exchange import OK, Exchange, whats
from tests.conformance.play import TABLE, WORDS
from tests.simulator.post import OWN_OIOXML

pytestmark = pytest.mark.timeout(240)  # the first of them waits until everything was played

CODES = {"positive": "XCTL03", "negative": "XCTL02"}


def quoted(receipt: bytes) -> Answers:
    """What an XCTL says of what it answers."""
    answers = letter_facts(read_letter(receipt)).answers
    assert answers is not None
    return answers


def code(acknowledgement: bytes) -> str | None:
    """What an Acknowledgement says."""
    header = read_bundle(acknowledgement).header
    assert header is not None
    return value(header, "response/code")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("plain", "positive", marks=case("receipts-ok", "receipts-letter")),
        pytest.param("refused", "negative", marks=case("receipts-fatal-error", "receipts-letter")),
        pytest.param("transient", "negative", marks=case("receipts-transient-error")),
        pytest.param("quiet", "positive", marks=case("receipts-unasked")),
    ],
)
def test_an_acknowledgement_becomes_one_receipt_on_a_letter(exchange: Exchange, name: str, said: str) -> None:
    """XCTL03 or XCTL02 by its code, whatever receipt the letter wished for."""
    receipt = exchange.receipts(name)[0]
    assert quoted(receipt).code == said
    assert whats(exchange.back(name)).count(CODES[said]) == len(exchange.receipts(name))
    assert WORDS in quoted(receipt).text or said == "positive"


@case("memory-of-letters", "receipts-letter-and-attachments", "receipts-own-envelopes")
def test_a_pair_gets_a_receipt_each(exchange: Exchange) -> None:
    """Each in an envelope of its own, quoting its own letter's envelope, identifier and version."""
    back = exchange.back("whole pair")
    assert whats(back) == ["XCTL03", "XCTL03"]
    assert len({one.head.identifier for one in back}) == 2
    letters = sorted(exchange.sent("whole pair"), key=lambda one: one.what, reverse=True)
    for receipt, sent in zip(exchange.receipts("whole pair"), letters, strict=True):
        said = letter_facts(read_letter(sent.letter))
        assert quoted(receipt).envelope_id == said.envelope_id
        assert quoted(receipt).letter_ids == (said.letter_id,)
        assert said.version.encode() in receipt


@case("receipts-text-in-both", "fault-not-the-networks")
@pytest.mark.parametrize("name", ["refused pair", "eleven"])
def test_a_refusal_of_a_pair_stands_in_both(exchange: Exchange, name: str) -> None:
    """The receiver's own words, and no sentence of the network's: not for eleven attachments either."""
    receipts = exchange.receipts(name)
    assert [quoted(one).code for one in receipts] == ["negative", "negative"]
    assert [quoted(one).text for one in receipts] == [WORDS, WORDS]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("missing", marks=case("S1.A2-receipt", "receipts-incomplete")),
        pytest.param("late letter", marks=case("S1.A3-receipt", "receipts-incomplete")),
    ],
)
def test_what_went_without_its_attachment_is_refused_with_the_networks_sentence(exchange: Exchange, name: str) -> None:
    """One receipt, on the letter; the receiver's words first, then the network's."""
    (receipt,) = exchange.receipts(name)
    assert quoted(receipt).text == f"{WORDS}\n{CONVERSION_FAULT}"
    letter = letter_facts(read_letter(exchange.sent(name)[0].letter))
    assert quoted(receipt).letter_ids == (letter.letter_id,)


@case("S1.A4-receipt")
def test_a_type_that_fhir_does_not_have_is_refused_with_the_networks_sentence(exchange: Exchange) -> None:
    """In both receipts."""
    receipts = exchange.receipts("text file")
    assert [quoted(one).text for one in receipts] == [f"{WORDS}\n{CONVERSION_FAULT}"] * 2


@case("fault-sentence-cut")
def test_the_receivers_text_makes_room(exchange: Exchange) -> None:
    """350 characters in all, and the network's sentence whole at their end."""
    for receipt in exchange.receipts("text file, long answer"):
        text = quoted(receipt).text
        assert len(text) == 350
        assert text.startswith("Beskrivelsen er lang.")
        assert text.endswith(f"...\n{CONVERSION_FAULT}")


@pytest.mark.parametrize(
    ("name", "answers"),
    [pytest.param(name, answers, id=name, marks=case(name.split()[0])) for name, answers in TABLE.items()],
)
def test_receipts_on_a_message_become_one_acknowledgement(
    exchange: Exchange, name: str, answers: tuple[Reason | None, ...]
) -> None:
    """MedCom's table: ok when all are positive, negative when one is not, and no answer while one is missing."""
    receipts = exchange.receipts(name)
    if None in answers:
        assert receipts == []
        # By the end of the play the three months are over: what waited has gone on as it was.
        assert [one.row.rule for one in exchange.sent(f"{name} answered")] == ["D-held-receipt-over"]
        return
    (acknowledgement,) = receipts
    assert code(acknowledgement) == ("ok" if all(one is OK for one in answers) else "fatal-error")
    assert [str(one) for one in fhir_rules.validate(read_bundle(acknowledgement)) if one.is_error] == []


@case("memory-of-messages", "memory-of-provenance")
def test_an_acknowledgement_names_its_message(exchange: Exchange) -> None:
    """By MessageHeader, and with the latest Provenance of the message."""
    (sent,), acknowledgement = exchange.sent("receipts-1"), read_bundle(exchange.receipts("receipts-1")[0])
    message = read_bundle(sent.letter)
    answers = bundle_facts(acknowledgement).answers
    assert answers is not None
    assert answers.letter_ids == (bundle_facts(message).letter_id,)
    (provenance,) = message.index.of_type("Provenance")
    occurred = value(provenance, "occurredDateTime")
    assert occurred in [value(one, "occurredDateTime") for one in acknowledgement.index.of_type("Provenance")]


@case("memory-three-months")
def test_a_receipt_within_three_months_is_converted(exchange: Exchange) -> None:
    """On the ninety-first day."""
    assert [quoted(one).code for one in exchange.receipts("in time")] == ["positive"]


@case("memory-over")
def test_a_receipt_after_three_months_goes_on_unconverted(exchange: Exchange) -> None:
    """On the ninety-third day: the Acknowledgement is delivered as it is."""
    (answer,) = exchange.sent("too late answered")
    assert (answer.row.state, answer.row.rule, answer.row.receiver) == ("delivered", "D-receipt-unpaired", OWN_OIOXML)
    assert exchange.receipts("too late") == []


@case("receipts-again")
def test_the_same_receipt_again_gives_the_same_answer(exchange: Exchange) -> None:
    """The same bytes, in a new envelope."""
    first, second = exchange.back("message")[:2]
    assert first.letter == second.letter
    assert first.head.identifier != second.head.identifier
    assert exchange.sent("message answered")[-1].row.rule == "D-repeat-answer"


@case("receipts-second-answer")
def test_another_receipt_after_the_answer_goes_nowhere(exchange: Exchange) -> None:
    """An answer once given never changes."""
    (other,) = exchange.sent("receipts-7 answered otherwise")
    assert (other.row.state, other.row.rule) == ("ignored", "D-answered-before")
    assert [code(one) for one in exchange.receipts("receipts-7")] == ["ok"]


@pytest.mark.parametrize(
    ("name", "state"),
    [
        pytest.param("unanswered", "ignored", marks=case("S1-duplicate", "limit-120-minutes")),
        pytest.param("message unanswered", "ignored", marks=case("S2-duplicate", "limit-120-minutes")),
        pytest.param("plain", "repeated", marks=case("duplicate-receipts", "limit-120-minutes")),
        pytest.param("message", "repeated", marks=case("duplicate-receipts", "limit-120-minutes")),
    ],
)
def test_what_is_sent_again_is_converted_once(exchange: Exchange, name: str, state: str) -> None:
    """After 120 minutes, in a new envelope: what there is of receipts comes again, the same content."""
    (again,) = exchange.sent(f"{name} again")
    assert again.row.state == state
    assert len(exchange.made(name)) == 1
    receipts = exchange.receipts(name)
    assert len(set(receipts)) == (1 if state == "repeated" else 0)
    assert len(receipts) >= 2 or state == "ignored"


@case("duplicate-refused")
@pytest.mark.parametrize("name", ["invalid alone", "invalid message"])
def test_what_was_refused_is_refused_again(exchange: Exchange, name: str) -> None:
    """Decided anew in its new envelope, and for the same reasons."""
    (first,), (again,) = exchange.sent(name), exchange.sent(f"{name} again")
    assert (again.row.state, again.rules) == ("refused", first.rules)
    assert whats(exchange.back(f"{name} again")) == whats(exchange.back(name))


@case("error-of-the-message", "error-findings", "error-nothing-half-sent")
def test_a_message_with_several_faults_is_told_of_each(exchange: Exchange) -> None:
    """As many as fit in the envelope's receipt, the first and most severe under its code; all stand in the story."""
    (sent,), (told,) = exchange.sent("invalid message"), exchange.back("invalid message")
    errors = [one for one in sent.findings if one["severity"] == "error"]
    assert sent.row.state == "refused"
    assert len(errors) >= 5
    assert exchange.made("invalid message") == []
    receipt = told.head.receipt
    assert receipt is not None
    assert receipt.kind.value == "NegativeVans"
    assert f"VS-{receipt.code}" == errors[0]["rule"]
    whole = "; ".join(f"{one['rule']} at {one['location']}: {one['text']}" for one in errors)
    assert receipt.description == f"{whole[:509]}..."
