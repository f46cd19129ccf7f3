"""The facts of a FHIR message, from where they stand in it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from envelope.facts import Answers, LetterFacts
from envelope.fhir.bundle import ACKNOWLEDGEMENT, Bundle
from envelope.fhir.index import Index
from envelope.fhir.values import NS, gln, payload_id, primary_destination, value


def bundle_facts(bundle: Bundle) -> LetterFacts:
    """What routing must know of a message: Bundle.id, MessageHeader.id, GLNs, attachments, and what it answers."""
    header = bundle.header
    index = bundle.index
    attachments = [payload for payload in _payloads(index) if payload.find(f"{NS}contentAttachment") is not None]
    carried = (payload_id(item) for item in attachments if value(item, "contentAttachment/data") is not None)
    return LetterFacts(
        type=bundle.type,
        version=bundle.version,
        letter_id=(value(header, "id") if header is not None else None) or "",
        envelope_id=value(bundle.root, "id") or "",
        sender=gln(index.referred(header, "sender")),
        receiver=gln(index.referred(primary_destination(header), "receiver")),
        wants_receipt=bundle.type != ACKNOWLEDGEMENT,
        attachments=tuple(identifier for identifier in carried if identifier),
        has_attachments=bool(attachments),
        answers=_answers(bundle) if bundle.type == ACKNOWLEDGEMENT else None,
        postfix=_postfix(bundle),
    )


def _postfix(bundle: Bundle) -> str:
    """What the envelope's Name says after `#` (FHIRMessages_NetworkEnvelopes): the category, or the response code."""
    if bundle.type == ACKNOWLEDGEMENT:
        return (value(bundle.header, "response/code") if bundle.header is not None else None) or ""
    communication = bundle.root.find(f".//{NS}Communication")
    return (value(communication, "category/coding/code") if communication is not None else None) or ""


def _payloads(index: Index) -> Iterator[etree._Element]:
    for communication in index.of_type("Communication"):
        yield from communication.iterfind(f"{NS}payload")


def _answers(bundle: Bundle) -> Answers:
    header = bundle.header
    original = value(header, "response/identifier") if header is not None else None
    code = value(header, "response/code") if header is not None else None
    outcome = bundle.index.referred(header, "response/details")
    issues = outcome.findall(f"{NS}issue") if outcome is not None else []
    codes = [found for issue in issues if (found := value(issue, "details/coding/code"))]
    return Answers(
        envelope_id=None,
        letter_ids=(original,) if original else (),
        code="positive" if code == "ok" else "negative",
        text="\n".join(_words(issue) for issue in issues),
        refuse_code=codes[0] if codes else "",
    )


def _words(issue: etree._Element) -> str:
    paths = ("details/text", "diagnostics", "details/coding/display", "details/coding/code", "code")
    return next((found for path in paths if (found := value(issue, path))), "")
