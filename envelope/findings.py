"""What can be said about a message: rules with permanent ids, and findings made from them.

Every error that a user of vansim can meet is a `Rule` in a literal table of the folder that finds it. Code raises it,
tests name it, and the list in the documentation is drawn from the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """Whose fault an error is: who must change something before the same thing can succeed."""

    SENDER = "sender"
    NETWORK = "network"
    RECEIVER = "receiver"


class Severity(StrEnum):
    """An error refuses; a warning is told and passes."""

    ERROR = "error"
    WARNING = "warning"


OFFENDING = (
    *("value", "found", "code", "said", "gln", "sor", "system", "version", "profile", "namespace", "encoding"),
    *("priority", "category", "status", "format", "postfix", "stated", "declared"),
)
"""The places of a rule's text that stand for the value which is wrong, the likeliest first.

A text never holds patient data, so none of them does: of names, numbers of people and free text a rule says what is
wrong, not what stands there.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong, under an id that never changes its meaning.

    Attributes:
        id: permanent, `VS-` and three digits; the hundred names the layer (1 envelope, 2 letter, 3 bundle,
            4 directory and routing, 5 conversion, 6 broker).
        fault: whose fault it is.
        text: one English sentence; `{name}` places are filled in by `at`. Never holds patient data.
        action: what to do about it, one sentence; its places are filled in as the text's are.
        source: where the rule stands (document, section), or "vansim" for our own.
        severity: error unless said otherwise.
    """

    id: str
    fault: Fault
    text: str
    action: str
    source: str
    severity: Severity = Severity.ERROR

    def at(self, location: str, **values: Any) -> Finding:
        """The finding that this rule is broken at a place.

        Args:
            location: XPath or FHIRPath in the document, or "line 3, column 7", or "" for the whole.
            values: fill the places in the rule's text; never patient data.
        """
        said = (str(values.get(name) or "").strip() for name in OFFENDING)
        value = next(filter(None, said), None)
        return Finding(self, location, self.text.format(**values), self.action.format(**values), value)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule broken at one place of one document, and what to do about it.

    Attributes:
        value: what stands there and is wrong; None where nothing does, and where it may be patient data.
    """

    rule: Rule
    location: str
    text: str
    action: str
    value: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether the finding refuses the document."""
        return self.rule.severity is Severity.ERROR

    def as_dict(self) -> dict[str, str]:
        """The finding as the command line and the API show it."""
        return {
            "rule": self.rule.id,
            "severity": str(self.rule.severity),
            "fault": str(self.rule.fault),
            "location": self.location,
            "text": self.text,
            "action": self.action,
            "source": self.rule.source,
        } | ({} if self.value is None else {"value": self.value})

    def __str__(self) -> str:
        place = f" at {self.location}" if self.location else ""
        return f"{self.rule.id}{place}: {self.text}"


def most_severe_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The same findings, errors before warnings and otherwise in their order: what has room for few tells the first."""
    return tuple(sorted(findings, key=lambda finding: not finding.is_error))


class Refused(Exception):  # noqa: N818 (a refusal is an answer of the protocol, not an error of the program)
    """A message, a file or a request cannot be taken; the findings say why."""

    def __init__(self, findings: Iterable[Finding] | Finding) -> None:
        self.findings: tuple[Finding, ...] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__("; ".join(str(finding) for finding in self.findings))

    @property
    def fault(self) -> Fault:
        """Whose fault the first finding is."""
        return self.findings[0].rule.fault
