"""R1, what is not converted, duplicates by reliable messaging, and the receipts of envelopes."""

from __future__ import annotations

import pytest

from envelope.model import Receipt, ReceiptKind
from tests.conformance.cases import case
from tests.conformance.exchange import Exchange, Message, whats
from tests.conformance.play import EDIFACT_ONLY, WORDS

pytestmark = pytest.mark.timeout(240)  # the first of them waits until everything was played


def receipt(message: Message) -> Receipt:
    """The envelope receipt that a message is."""
    found = message.head.receipt
    assert found is not None
    return found


def of_envelope(exchange: Exchange, name: str) -> Receipt | None:
    """The one envelope receipt that came back to who sent an envelope, however often it came; None if none did."""
    found = [receipt(one) for one in exchange.back(name) if one.row.layer == "receipt"]
    assert len(set(found)) <= 1
    return found[0] if found else None


@case("R1-as-is")
@pytest.mark.parametrize("name", ["as it is OIOXML", "as it is XML", "as it is JSON"])
def test_what_the_receiver_takes_is_delivered_byte_for_byte(exchange: Exchange, name: str) -> None:
    """Nothing is made of it and nothing comes back of the network's own."""
    (sent,) = exchange.sent(name)
    assert (sent.row.state, sent.row.rule) == ("delivered", "D-as-is")
    assert sent.envelope == exchange.given[sent.head.identifier]
    assert exchange.made(name) == exchange.back(name) == []


@case("R1-receipt-as-is")
@pytest.mark.parametrize("name", ["as it is OIOXML", "as it is XML", "as it is JSON"])
def test_its_receipt_is_delivered_as_it_is(exchange: Exchange, name: str) -> None:
    """Nothing was converted, so nothing is converted back."""
    (answer,) = exchange.sent(f"{name} answered")
    assert (answer.row.state, answer.row.rule) == ("delivered", "D-receipt-unpaired")
    assert exchange.made(f"{name} answered") == []


@case("R1-refused")
@pytest.mark.parametrize(
    ("name", "receipts"),
    [("nobody's letter", ["NegativeVans", "XCTL01"]), ("nobody's message", ["NegativeVans"])],
)
def test_what_is_taken_in_neither_format_is_refused(exchange: Exchange, name: str, receipts: list[str]) -> None:
    """By name, in the sender's own format, and nothing goes on."""
    (sent,) = exchange.sent(name)
    assert (sent.row.state, sent.rules) == ("refused", ["VS-424"])
    assert whats(exchange.back(name)) == receipts
    answer = of_envelope(exchange, name)
    assert answer is not None
    assert EDIFACT_ONLY in (answer.description or "")


@case("R1-edifact")
def test_edifact_goes_on_to_who_takes_it(exchange: Exchange) -> None:
    """Untouched; to a receiver of OIOXML or FHIR it is refused by name."""
    (taken,) = exchange.sent("EDIFACT")
    assert (taken.row.state, taken.row.rule) == ("delivered", "D-as-is")
    for name in ("EDIFACT to FHIR", "EDIFACT to OIOXML"):
        (sent,) = exchange.sent(name)
        assert (sent.row.state, sent.rules) == ("refused", ["VS-424"])
        assert "DIS91" in sent.findings[0]["text"]


@case("duplicate-as-is")
def test_what_was_passed_through_is_passed_through_again(exchange: Exchange) -> None:
    """The same bytes twice, the second marked as a duplicate."""
    first, second = exchange.sent("twice")
    assert first.envelope == second.envelope
    assert (first.row.rule, second.row.rule) == ("D-as-is", "D-duplicate-forwarded")
    assert (first.row.duplicate, second.row.duplicate) == (False, True)


@case("duplicate-envelope-reused")
def test_an_envelope_identifier_of_another_message_is_refused(exchange: Exchange) -> None:
    """And the first message is not touched by it."""
    first, second = exchange.sent("second of its envelope")
    assert (first.row.state, second.row.state, second.rules) == ("converted", "refused", ["VS-415"])
    assert len(exchange.made("first of its envelope")) == 1


@case("envelope-findings")
def test_what_is_wrong_with_an_envelope_is_told(exchange: Exchange) -> None:
    """NegativeVans names element and rule; nothing goes on, and the bytes are kept among the dead letters."""
    identifier = exchange.kept["no envelope"].head.identifier
    (told,) = [
        one for one in exchange.messages if one.row.relation == "refusal" and identifier in one.envelope.decode()
    ]
    answer = receipt(told)
    assert (answer.kind, answer.original_envelope) == (ReceiptKind.NEGATIVE_VANS, identifier)
    assert "Format" in (answer.description or "")
    assert answer.code is not None
    assert f"VS-{answer.code}" in (answer.description or "")
    assert exchange.given[identifier] in exchange.dead


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        pytest.param("plain", ReceiptKind.POSITIVE_MESSAGE, None, marks=case("envelope-positive")),
        pytest.param("refused", ReceiptKind.NEGATIVE_MESSAGE, WORDS, marks=case("envelope-negative")),
        pytest.param("receipts-1", ReceiptKind.POSITIVE_MESSAGE, None, marks=case("envelope-of-a-pair")),
        pytest.param("receipts-2", ReceiptKind.NEGATIVE_MESSAGE, WORDS, marks=case("envelope-of-a-pair")),
    ],
)
def test_an_envelope_receipt_answers_the_senders_own_envelope(
    exchange: Exchange, name: str, kind: ReceiptKind, words: str | None
) -> None:
    """The envelope that was made is one that the sender never saw; of a pair, one receipt for both."""
    sent, answer = exchange.sent(name)[0], of_envelope(exchange, name)
    assert answer is not None
    assert (answer.kind, answer.description) == (kind, words)
    assert (answer.original_envelope, answer.original) == (sent.head.identifier, sent.head.message)


@case("envelope-of-a-pair")
def test_half_of_a_pair_is_not_answered(exchange: Exchange) -> None:
    """While the envelope of the XDIS91 has no receipt, that of the XBIN01 waits."""
    assert of_envelope(exchange, "receipts-5 positive") is None
    # By the end of the play the three months are over: what waited has gone on as it was.
    assert [one.row.rule for one in exchange.sent("receipts-5 positive confirmed")] == ["D-held-receipt-over"]
