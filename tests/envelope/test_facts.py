"""The facts of a payload are read by its family."""

from __future__ import annotations

from pathlib import Path

import pytest

from envelope.catalogue import TYPES, MessageType, find
from envelope.facts import LetterFacts
from envelope.findings import Refused
from envelope.oioxml.letters import KINDS, PASSED_ON
from envelope.payload_facts import letter_facts

LETTERS = Path(__file__).parents[1] / "letters"


def known(type_: str, version: str) -> MessageType:
    """A row of the catalogue."""
    found = find(type_, version)
    assert found is not None
    return found


def test_a_letter_is_read_as_one() -> None:
    """An OIOXML type's payload gives the letter's facts."""
    facts = letter_facts((LETTERS / "xdis91-minimal.xml").read_bytes(), known("XDIS91", "XD9134L"))
    assert (facts.type, facts.letter_id, facts.envelope_id) == ("XDIS91", "B4", "K4")


@pytest.mark.reference
def test_a_bundle_is_read_as_one(reference: Path) -> None:
    """A FHIR type's payload gives the bundle's facts."""
    folder = reference / "samples" / "acknowledgement"
    payload = (folder / "Bundle-a8c041b8-c65a-4fde-a90f-962076918834.xml").read_bytes()
    facts = letter_facts(payload, known("Acknowledgement", "2.0"))
    assert (facts.type, facts.envelope_id) == ("Acknowledgement", "a8c041b8-c65a-4fde-a90f-962076918834")


def test_edifact_is_not_looked_into() -> None:
    """EDIFACT is delivered as it is: only what the envelope says of it is known."""
    facts = letter_facts(b"UNA:+.? '", known("DIS91", "D9134L"))
    assert facts == LetterFacts("DIS91", "D9134L", "", "", None, None, wants_receipt=False)


def test_a_payload_that_is_no_letter_is_refused() -> None:
    """What cannot be read has no facts."""
    with pytest.raises(Refused):
        letter_facts(b"UNA:+.? '", known("XDIS91", "XD9134L"))


def test_every_oioxml_row_of_the_catalogue_can_be_read() -> None:
    """The catalogue and the reader know the same letters."""
    rows = {(row.type, row.version) for row in TYPES if row.family == "OIOXML"}
    assert rows == {(kind.type, kind.version) for kind in (*KINDS, *PASSED_ON)}
