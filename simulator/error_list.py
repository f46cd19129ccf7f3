"""The list of errors in the documentation, drawn from the tables that the code raises them from.

`python -m simulator.error_list > docs/errors.md` renews it; a test holds the two together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import broker.errors
import conversion.errors
import envelope.errors
import routing.errors
import simulator.errors
import simulator.services.errors
import simulator.web.errors
from envelope.fhir.errors import BUNDLE_RULES
from envelope.findings import Rule
from envelope.oioxml.errors import LETTER_RULES

PARTS: tuple[tuple[str, str, tuple[Rule, ...]], ...] = (
    ("Envelope", "VS-1", envelope.errors.RULES),
    ("OIOXML letter", "VS-2", LETTER_RULES),
    ("FHIR bundle", "VS-3", BUNDLE_RULES),
    ("Directory, routing, command line and API", "VS-4", routing.errors.RULES + simulator.errors.RULES),
    ("Conversion", "VS-5", conversion.errors.RULES),
    ("Broker", "VS-6", broker.errors.RULES),
    (
        "Clock, behaviour and faults; the API",
        "VS-7",
        simulator.services.errors.RULES + simulator.web.errors.RULES,
    ),
)
"""Heading, the beginning of its ids, and the tables they stand in."""

_LEAD = """# Errors

Every error and warning that vansim tells has an id that never changes its meaning. *Fault* says who must change
something before the same thing can succeed; an error refuses, a warning is told and passes. What stands in braces is
filled in. This page is drawn from the code by `python -m simulator.error_list`.
"""


def error_list() -> str:
    """The whole page, as Markdown."""
    return _LEAD + "".join(
        _part(heading, (rule for rule in rules if rule.id.startswith(ids))) for heading, ids, rules in PARTS
    )


def _part(heading: str, rules: Iterable[Rule]) -> str:
    lines = [
        f"\n## {heading}\n",
        "| id | severity | fault | what it says | what to do | source |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for rule in sorted(rules, key=lambda one: one.id):
        cells = (rule.id, rule.severity.value, rule.fault.value, rule.text, rule.action, rule.source)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """A text that Markdown leaves as it is."""
    for sign in "\\|<*_[`":
        text = text.replace(sign, f"\\{sign}")
    return text


if __name__ == "__main__":
    sys.stdout.write(error_list())
