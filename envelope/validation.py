"""The verdict on any file: an envelope with what it carries, a bare letter, or a bundle.

All findings are given, not the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from envelope import safe_xml
from envelope.catalogue import check, recognise
from envelope.cutting import cut
from envelope.fhir import full_rules as fhir_rules
from envelope.fhir.bundle import read_bundle
from envelope.findings import Finding, Refused
from envelope.lines import Lines
from envelope.oioxml import rules as oioxml_rules
from envelope.oioxml.errors import NO_SCHEMA, NOT_A_LETTER
from envelope.oioxml.reading import read_letter
from envelope.reading import payload, read

FIRST = 4096
_RELEASE: Final = re.compile(r"http://rep\.oio\.dk/(?:sundcom\.dk/)?medcom\.dk/xml/schemas/\d{4}/\d\d/\d\d/")
"""The namespace of any release of MedCom's OIOXML (reference oioxml.md 1)."""
ENVELOPE_NAMESPACE = b"urn:oio:medcom:vans-envelope:"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is, and every finding on it; valid when none of them is an error."""

    type: str | None
    version: str | None
    findings: tuple[Finding, ...]
    documents: tuple[Lines, ...] = field(default=(), repr=False, compare=False)

    @property
    def valid(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.is_error for finding in self.findings)

    def line_of(self, finding: Finding) -> int | None:
        """The line that a finding is about, counted from 1; None when it is about the whole.

        Args:
            finding: of this verdict. Of what an envelope carries, the line is that in the letter, not in the envelope.
        """
        return self._found(finding)[1]

    def shown(self, finding: Finding) -> str:
        """What stands in the line of a finding, without what may be a patient's; "" where it has no line."""
        document, line = self._found(finding)
        return "" if document is None or line is None else document.shown(line, finding.value)

    def _found(self, finding: Finding) -> tuple[Lines | None, int | None]:
        for document in self.documents:
            if (line := document.of(finding.location)) is not None:
                return document, line
        return None, None


def is_envelope(data: bytes) -> bool:
    """Whether a file means to be a VANSEnvelope, in whatever encoding."""
    return ENVELOPE_NAMESPACE in data[:FIRST].replace(b"\x00", b"")


def validate(data: bytes) -> Verdict:
    """Everything that can be said of a file."""
    found = _envelope(data) if is_envelope(data) else _bare(data)
    return replace(found, documents=(*found.documents, Lines(data)))


def _envelope(data: bytes) -> Verdict:
    try:
        reading = read(data)
    except Refused as refused:
        return Verdict("VANSEnvelope", None, refused.findings)
    _, findings = check(reading)
    findings = reading.findings + findings
    if reading.head.message is None:
        return Verdict("VANSEnvelope", "1.0.4", findings)
    try:
        letter = payload(data)
    except Refused as refused:
        return Verdict("VANSEnvelope", "1.0.4", findings + refused.findings)
    inner = _bare(letter)
    return Verdict(inner.type or "VANSEnvelope", inner.version, findings + inner.findings, (Lines(letter),))


def _bare(data: bytes) -> Verdict:
    recognised = recognise(data[:FIRST])
    type_ = recognised.type or None if recognised is not None else None
    version = recognised.version or None if recognised is not None else None
    try:
        if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" or b"http://hl7.org/fhir" in data[:FIRST]:
            bundle = read_bundle(cut(data))
            return Verdict(bundle.type or None, bundle.version or None, fhir_rules.validate(bundle))
        if type_ is not None and recognised is not None and recognised.family == "EDIFACT":
            return Verdict(type_, version, ())
        letter = read_letter(cut(data))
        return Verdict(letter.type or None, letter.version or None, oioxml_rules.validate(letter))
    except Refused as refused:
        return Verdict(type_, version, _not_judged(data, refused) or refused.findings)


def _not_judged(data: bytes, refused: Refused) -> tuple[Finding, ...]:
    """That a letter of another release of MedCom's is passed on unjudged; nothing of what is no such letter."""
    if refused.findings[0].rule is not NOT_A_LETTER:
        return ()
    name = etree.QName(safe_xml.parse(cut(data).document))
    if name.localname != "Emessage" or _RELEASE.fullmatch(name.namespace or "") is None:
        return ()
    return (NO_SCHEMA.at("/Emessage", namespace=name.namespace),)
