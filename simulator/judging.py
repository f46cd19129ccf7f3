"""Files judged for the command line: each by itself, and beside the others of its run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envelope.findings import Finding
from envelope.together import part_of, together
from envelope.validation import Verdict, validate
from simulator.tell import Told


@dataclass(frozen=True, slots=True)
class Judged:
    """A file with its verdict, and what was found when it was laid beside others.

    Attributes:
        beside: findings about its names and references.
    """

    name: str
    verdict: Verdict
    beside: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them."""
        return self.verdict.findings + self.beside

    @property
    def valid(self) -> bool:
        """Whether none of them is an error."""
        return not any(finding.is_error for finding in self.findings)

    def headline(self) -> str:
        """What it is, and the verdict, in one line."""
        what = f"{self.verdict.type or 'of no known type'} {self.verdict.version or ''}".strip()
        return f"{self.name}: {what}: {'valid' if self.valid else 'not valid'}"

    def rows(self) -> list[Told]:
        """Each finding with the line that it is about, and what may be shown of that."""
        verdict = self.verdict
        return [Told(one, verdict.line_of(one), verdict.shown(one)) for one in self.findings]

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "file": self.name,
            "valid": self.valid,
            "type": self.verdict.type,
            "version": self.verdict.version,
            "findings": [finding.as_dict() | {"line": self.verdict.line_of(finding)} for finding in self.findings],
        }


def judge(files: Sequence[Path]) -> list[Judged]:
    """Judge files, in their order; several are one run."""
    judged, parts = [], []
    for file in files:
        data = file.read_bytes()  # one at a time: of what is judged no more is held than what the others ask for
        judged.append(Judged(file.name, validate(data)))
        parts.append(part_of(file.name, data))
    return [Judged(one.name, one.verdict, beside) for one, beside in zip(judged, together(parts), strict=True)]
