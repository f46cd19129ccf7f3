from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from conversion import Facts, Identity, Remembered, Settings
from conversion.facts import Travelled, stylesheet_digest
from conversion.replaced import Replacement
from envelope.model import Document, MetaInformation, Processing, Transport
from tests.conversion.rows.case import FACTS, HOSPITAL, MUNICIPALITY

REMEMBERED = Remembered(
    original=(
        Identity("XDIS91", "XD9134L", "K1", "B1"),
        Identity("XBIN01", "XB0131X", "K2", "B2", wants_receipt=False),
    ),
    made=(Identity("CareCommunication", "5.0", "bundle", "header"),),
    sender=HOSPITAL,
    receiver=replace(MUNICIPALITY, telephone=None),
    provenance='<Provenance xmlns="http://hl7.org/fhir"><id value="æ"/></Provenance>',
)


BARE = Travelled("E1", MetaInformation("M1", Document("XML", "XDIS91", 4)))
FULL = Travelled(
    "E2",
    MetaInformation(
        "M2",
        Document("FHIR", "CareCommunication", 5, "5.0"),
        Processing("VANSIM", "conversion"),
        Transport(transform=True, type="reliable", tags=(("A", "1"), ("B", "2"))),
    ),
)
THEIRS = Replacement("theirs.xsl", b"<theirs/>")


def test_facts_survive_as_json() -> None:
    """What is remembered as JSON is what was known, with and without an original, in any zone."""
    full = replace(
        FACTS,
        accepted=datetime(2026, 1, 20, 13, 1, 2, 345678, tzinfo=timezone(timedelta(hours=1))),
        output_format="json",
        original=REMEMBERED,
        settings=Settings(name_separator=" / ", lpr3_first=True, negative_code="transient-error"),
        incomplete=True,
        fhir_version="4.0",
    )
    assert Facts.from_json(full.to_json()) == full
    assert Facts.from_json(FACTS.to_json()) == FACTS


def test_what_is_remembered_survives_as_json() -> None:
    """The memory of a conversion is the same after three months in the ledger."""
    assert Remembered.from_json(REMEMBERED.to_json()) == REMEMBERED


def test_the_envelopes_that_letters_travelled_in_survive_as_json() -> None:
    """What receipts will quote of an envelope is the same, with and without processing and service tags."""
    remembered = replace(
        REMEMBERED, original_envelopes=(BARE, FULL), made_envelopes=(FULL,), incomplete=("one",), not_allowed=("two",)
    )
    assert Remembered.from_json(remembered.to_json()) == remembered


def test_what_older_facts_do_not_say_is_what_held_then() -> None:
    """Facts that were written before a field was there mean nothing incomplete, nothing disallowed, our stylesheet."""
    values = json.loads(replace(FACTS, original=REMEMBERED).to_json())
    del values["incomplete"], values["original"]["not_allowed"]
    values.pop("stylesheet", None)
    assert Facts.from_json(json.dumps(values)) == replace(FACTS, original=REMEMBERED)


def test_facts_in_json_name_the_digest_of_their_stylesheet() -> None:
    """By it the ledger finds the bytes; facts without one name none, and look at no bytes that they are given."""
    assert stylesheet_digest(replace(FACTS, stylesheet=THEIRS).to_json()) == THEIRS.digest
    assert stylesheet_digest(FACTS.to_json()) is None
    assert Facts.from_json(FACTS.to_json(), THEIRS.data) == FACTS


def test_names_stand_in_json_as_they_are_written() -> None:
    """Danish letters are not escaped, so that a ledger can be read."""
    assert "Ærø" in replace(FACTS, sender=replace(HOSPITAL, name="Ærø")).to_json()
    assert 'value=\\"æ\\"' in REMEMBERED.to_json()
