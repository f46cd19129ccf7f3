"""Findings gathered while a FHIR document is converted, each with its place."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from envelope.fhir.elements import location
from envelope.findings import Finding, Refused, Rule

FINDINGS: Final = 100
"""After so many a conversion stops."""


class Findings:
    """The findings of one conversion; a document of another kind breaks every rule there is, so they have an end."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def find(self, rule: Rule, place: etree._Element | None, step: str = "", **values: Any) -> None:
        """Tell that a rule is broken at a place.

        Raises:
            Refused: this was the last that is told.
        """
        where = location(place) if place is not None else ""
        self.findings.append(rule.at(where + step, **values))
        if len(self.findings) >= FINDINGS:
            raise Refused(self.findings)
