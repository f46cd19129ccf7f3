"""What Acknowledgement 2.0 demands of a message, a row a rule (Acknowledgement 2.0.3, messaging 4.0.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from envelope.fhir import message_errors
from envelope.fhir import profile_errors as errors
from envelope.fhir import vocabulary as words
from envelope.fhir.bundle import ACKNOWLEDGEMENT
from envelope.fhir.message import Broken, Message, Row, broken, has_profile
from envelope.fhir.reference_rules import references
from envelope.fhir.values import NS, value

_PROVENANCES: Final = 2


def header_profile(message: Message) -> Iterator[Broken]:
    """medcom-acknowledgement-2."""
    if message.header is not None and not has_profile(message.header, words.ACK_HEADER):
        yield broken(message.header, ".meta.profile", profile=words.ACK_HEADER, invariant="medcom-acknowledgement-2")


def response(message: Message) -> Iterator[Broken]:
    """What is acknowledged."""
    if message.header is not None and not value(message.header, "response/identifier"):
        yield broken(message.header, ".response.identifier")


def response_code(message: Message) -> Iterator[Broken]:
    """How it is acknowledged."""
    if message.header is not None:
        found = value(message.header, "response/code")
        if found not in words.RESPONSE_CODES:
            yield broken(message.header, ".response.code", code=(found or "missing")[:40])


def outcome_missing(message: Message) -> Iterator[Broken]:
    """medcom-acknowledgement-1, and the reference to the OperationOutcome."""
    if message.header is None:
        return
    code = value(message.header, "response/code")
    if code in {None, "ok"}:
        return
    if not message.index.of_type("OperationOutcome"):
        yield broken(message.root, code=code)
    elif value(message.header, "response/details/reference") is None:
        yield broken(message.header, ".response.details", code=code)


def provenances(message: Message) -> Iterator[Broken]:
    """Two Provenances."""
    if (count := len(message.provenances)) != _PROVENANCES:
        yield broken(message.root, count=count)


def activity(message: Message) -> Iterator[Broken]:
    """The acknowledgement's own Provenance has the activity acknowledgement."""
    for provenance in message.own_provenances:
        code = value(provenance, "activity/coding/code")
        if code != words.ACKNOWLEDGED or value(provenance, "activity/coding/system") != words.ACTIVITY_CODES:
            shown = (code or "missing")[:40]
            yield broken(provenance, ".activity", activity=shown, type=ACKNOWLEDGEMENT, allowed=words.ACKNOWLEDGED)


def revision(message: Message) -> Iterator[Broken]:
    """The acknowledgement's own Provenance names the message that it answers."""
    for provenance in message.own_provenances:
        if not any(_revisions(provenance)):
            yield broken(provenance, ".entity", found="it names none")


def other_revision(message: Message) -> Iterator[Broken]:
    """That message is the one in response.identifier."""
    original = None if message.header is None else value(message.header, "response/identifier")
    for provenance in message.own_provenances:
        for written in _revisions(provenance):
            if original and written and not written.endswith(original):
                yield broken(provenance, ".entity")


def _revisions(provenance: etree._Element) -> list[str]:
    """What the entities with the role revision refer to."""
    return [
        value(entity, "what/reference") or value(entity, "what/identifier/value") or ""
        for entity in provenance.iterfind(f"{NS}entity")
        if value(entity, "role") == "revision"
    ]


PLACES: Final = (
    ("MessageHeader", "sender", ("Organization",), True),
    ("MessageHeader", "destination/receiver", ("Organization",), True),
    ("MessageHeader", "response/details", ("OperationOutcome",), False),
    ("Provenance", "agent/who", ("Organization",), True),
)
"""Resource, path of a reference, what it may refer to, whether it must be there."""

ROWS: Final = (
    *references(*PLACES),
    Row(errors.HEADER_PROFILE, header_profile),
    Row(errors.RESPONSE, response),
    Row(errors.RESPONSE_CODE, response_code),
    Row(errors.OUTCOME_MISSING, outcome_missing),
    Row(errors.ACK_PROVENANCES, provenances),
    Row(message_errors.PROVENANCE_ACTIVITY, activity),
    Row(errors.ACK_REVISION, revision),
    Row(errors.ACK_OTHER_REVISION, other_revision),
)
