"""Every file among MedCom's samples is judged: no error but in those meant to be, and there the one they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from envelope.validation import validate

pytestmark = pytest.mark.reference

MEANT_TO_BE_INVALID = {
    # Duplicates without a category code.
    "Bundle-R-Tek-M-dublicate-inv-": ["VS-375 Bundle.entry[2].resource.category[0].coding[0].code"],
    "Bundle-R-Tek-N-dublicate-inv-": ["VS-375 Bundle.entry[2].resource.category[0].coding[0].code"],
}
"""The beginnings of their names, and every error that each has."""


def test_every_sample_is_judged(reference: Path) -> None:
    """The folder is walked, so that none is forgotten; letters that have no schema here are told to be unjudged."""
    files = sorted(file for file in (reference / "samples").rglob("*") if file.is_file())
    assert len(files) >= 63
    errors: dict[str, list[str]] = {}
    unjudged = []
    for file in files:
        verdict = validate(file.read_bytes())
        if found := [f"{one.rule.id} {one.location}" for one in verdict.findings if one.is_error]:
            errors[file.name] = found
        if "VS-206" in {one.rule.id for one in verdict.findings}:
            unjudged.append(file.name)
    meant = ((file.name, start) for file in files for start in MEANT_TO_BE_INVALID if file.name.startswith(start))
    assert errors == {name: MEANT_TO_BE_INVALID[start] for name, start in meant}
    assert sorted(unjudged) == ["VANSEnvelope-1.0.4-XDIS22-sample.xml", "XDIS22-inner.xml"]
