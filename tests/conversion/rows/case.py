"""What the test of one row is: a letter, what is changed in it, and where the row's value must stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from conversion import Converted, Facts, Organisation, convert
from envelope import safe_xml

LETTERS = Path(__file__).resolve().parents[2] / "letters"

PREFIXES = {
    "f": "http://hl7.org/fhir",
    "x": "http://www.w3.org/1999/xhtml",
    "o5": "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/",
    "o6": "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/",
    "o12": "http://rep.oio.dk/medcom.dk/xml/schemas/2012/03/28/",
}
"""The prefixes that XPaths of cases may use."""

HOSPITAL = Organisation("5790001382445", "359001000016000", "Testsygehuset", "65432030", "359001000016000", "sorkode")
MUNICIPALITY = Organisation(
    "5790000121441", "328051000016008", "Testby Kommune", "65432040", "328051000016008", "sorkode"
)
FACTS = Facts(
    accepted=datetime(2026, 1, 20, 12, 0, tzinfo=UTC),
    seed="0123456789abcdef0123456789abcdef",
    sender=HOSPITAL,
    receiver=MUNICIPALITY,
)
"""The facts of a case that says nothing else."""


@dataclass(frozen=True)
class Case:
    """One row's test.

    Attributes:
        row: id of the row.
        letter: file under tests/letters.
        to: what it is converted to.
        expected: what `find` gives.
        find: XPath over output number `output` (parsed, prefixes as in PREFIXES), or a function of what was converted.
        replacing: (old, new) texts in the letters; each old one must be in one of them.
        facts: of the conversion.
        output: which output the XPath looks at.
        others: files of further letters of the same sending.
    """

    row: str
    letter: str
    to: str
    find: str | Callable[[Converted], Sequence[str]]
    expected: Sequence[str]
    replacing: Sequence[tuple[str, str]] = field(default=())
    facts: Facts = FACTS
    output: int = 0
    others: Sequence[str] = field(default=())

    def source(self) -> bytes:
        """The letter with its replacements made."""
        return self.sources()[0]

    def sources(self) -> list[bytes]:
        """All letters of the sending with their replacements made."""
        texts = [(LETTERS / name).read_text(encoding="utf-8") for name in (self.letter, *self.others)]
        for old, new in self.replacing:
            assert any(old in text for text in texts), f"{self.row}: {old!r} is not in {self.letter}"
            texts = [text.replace(old, new) for text in texts]
        return [text.encode() for text in texts]

    def found(self) -> list[str]:
        """What stands where the row's value must stand; made invalid bundles are looked at too."""
        converted = convert(self.sources(), self.facts, self.to, profile=False)
        if callable(self.find):
            return list(self.find(converted))
        return [one for output in converted.outputs[self.output :][:1] for one in strings(output.payload, self.find)]


def strings(payload: bytes, find: str) -> list[str]:
    """The string values of what an XPath finds in an XML payload."""
    result = safe_xml.parse(payload).xpath(find, namespaces=PREFIXES)
    if not isinstance(result, list):
        return [str(result)]
    return [str(item) if isinstance(item, str) else str(getattr(item, "text", item) or "") for item in result]
