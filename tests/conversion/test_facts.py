from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from conversion import Facts, Identity, Remembered, Settings
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


def test_facts_survive_as_json() -> None:
    """What is remembered as JSON is what was known, with and without an original, in any zone."""
    full = replace(
        FACTS,
        accepted=datetime(2026, 1, 20, 13, 1, 2, 345678, tzinfo=timezone(timedelta(hours=1))),
        output_format="json",
        original=REMEMBERED,
        settings=Settings(name_separator=" / ", lpr3_first=True, negative_code="transient-error"),
    )
    assert Facts.from_json(full.to_json()) == full
    assert Facts.from_json(FACTS.to_json()) == FACTS


def test_what_is_remembered_survives_as_json() -> None:
    """The memory of a conversion is the same after three months in the ledger."""
    assert Remembered.from_json(REMEMBERED.to_json()) == REMEMBERED
