"""What the network makes itself stands up to full validation: no error and no warning."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from conversion import convert
from conversion.facts import OutputFormat
from envelope.fhir.bundle import read_bundle
from envelope.fhir.full_rules import validate
from tests.conversion.letters import letters
from tests.conversion.receipts import TO_ACKNOWLEDGEMENT
from tests.conversion.rows.case import FACTS, LETTERS


@pytest.mark.parametrize("letter", ["iso-8859-1", "utf-8", "minimal", "every-element"])
@pytest.mark.parametrize("output_format", ["xml", "json"])
def test_a_message_made_of_a_letter_breaks_nothing(letter: str, output_format: OutputFormat) -> None:
    """A CareCommunication made of a letter has no finding, narratives and chain included."""
    facts = replace(FACTS, output_format=output_format)
    made = convert(((LETTERS / f"xdis91-{letter}.xml").read_bytes(),), facts, "CareCommunication")
    assert [str(item) for item in validate(read_bundle(made.outputs[0].payload))] == []


@pytest.mark.parametrize("receipt", ["receipt-positive.xml", "receipt-negative.xml"])
def test_an_acknowledgement_made_of_a_receipt_breaks_nothing(receipt: str) -> None:
    """An Acknowledgement made of a receipt has no finding, narratives included."""
    made = convert(((LETTERS / receipt).read_bytes(),), TO_ACKNOWLEDGEMENT, "Acknowledgement")
    assert [str(item) for item in validate(read_bundle(made.outputs[0].payload))] == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(letters())
def test_whatever_letter_is_valid_becomes_a_message_without_findings(letter: bytes) -> None:
    """Whatever is in a valid letter, the message made of it has no finding."""
    made = convert((letter,), FACTS, "CareCommunication")
    assert [str(item) for item in validate(read_bundle(made.outputs[0].payload), structure=False)] == []
