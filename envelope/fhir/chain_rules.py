"""The chain of a CareCommunication's Provenances against its activity, payloads and attachments, a row a rule.

CareCommunication 5.0, Provenance, and Governance for CareCommunication (rules 1 to 21). Each Provenance describes one
message of the thread; the one whose target is this bundle's MessageHeader is the message's own, whatever the order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml import etree

from envelope import identities
from envelope.fhir import demand_errors as errors
from envelope.fhir.message import Broken, Message, Payload, Row, broken
from envelope.fhir.values import NS, value

_HEADER_REFERENCE: Final = re.compile(r"(?:^|/)MessageHeader/([A-Za-z0-9.-]{1,64})(?:/_history/.*)?$")


def new_alone(message: Message) -> Iterator[Broken]:
    """A new message has one Provenance."""
    for own in _own(message):
        if _activity(own) == "new-message" and len(message.provenances) > 1:
            told = f"The message is new, but has {len(message.provenances)} Provenances"
            yield broken(message.root, what=f"{told}: a new message has its own alone")


def new_without_revision(message: Message) -> Iterator[Broken]:
    """A new message comes after none."""
    for provenance in message.provenances:
        if _activity(provenance) == "new-message" and _revisions(provenance):
            yield broken(provenance, ".entity", what="A Provenance is of a new message and names one before it")


def revision_missing(message: Message) -> Iterator[Broken]:
    """A reply and a forward come after a message."""
    for provenance in message.provenances:
        activity = _activity(provenance)
        if activity in {"reply-message", "forward-message"} and not _revisions(provenance):
            told = "A Provenance has the activity {} and no entity with the role revision"
            yield broken(provenance, ".entity", what=told.format(activity))


def revision_empty(message: Message) -> Iterator[Broken]:
    """A revision names a MessageHeader, or location number and letter id of an OIOXML or EDIFACT letter."""
    for provenance in message.provenances:
        for entity in _revisions(provenance):
            reference, written = value(entity, "what/reference"), value(entity, "what/identifier/value")
            if reference is None and written is None:
                yield broken(
                    entity,
                    ".what",
                    what="A revision has neither reference nor identifier",
                    sources="the guide wants one of the two, and its medcom-careCommunication-14 is switched off",
                )
            elif written is not None and not _is_letter(written):
                told = "The identifier of a revision is not [location number]#[letter id] with a GLN"
                yield broken(
                    entity,
                    ".what.identifier.value",
                    what=told,
                    sources="the guide's text has the location number first, its only example last; both are taken",
                )


def revision_form(message: Message) -> Iterator[Broken]:
    """The reference of a revision is to a MessageHeader, and to another than the Provenance's own."""
    for provenance in message.provenances:
        target = _header_id(value(provenance, "target/reference"))
        for entity in _revisions(provenance):
            reference = value(entity, "what/reference")
            if reference is not None and (before := _header_id(reference)) in {None, target}:
                told = "refers to no MessageHeader" if before is None else "is the message that the Provenance is of"
                yield broken(entity, ".what.reference", what=f"The revision of a Provenance {told}")


def chain_lost(message: Message) -> Iterator[Broken]:
    """The Provenance of the message before a reply or a forward is kept."""
    targets = {_header_id(value(provenance, "target/reference")) for provenance in message.provenances}
    for own in _own(message):
        for entity in _revisions(own):
            before = _header_id(value(entity, "what/reference"))
            if before is not None and before not in targets:
                yield broken(entity, what="The Provenance of the message before is not in the bundle")


def described_twice(message: Message) -> Iterator[Broken]:
    """No two Provenances are of the same message."""
    seen: set[str] = set()
    for provenance in message.provenances:
        target = _header_id(value(provenance, "target/reference"))
        if target is None:
            continue
        if target in seen:
            yield broken(provenance, ".target", what="The MessageHeader that a Provenance is of")
        seen.add(target)


def nothing_new(message: Message) -> Iterator[Broken]:
    """A reply and a forward add a text."""
    for own in _own(message):
        if _activity(own) not in {"reply-message", "forward-message"}:
            continue
        texts = {payload.identifier for payload in message.payloads if payload.content == "text"}
        if texts & {_what(item) for item in _sources(own)}:
            continue
        # A text that no Provenance names is one whose source was written with another identifier (rule VS-388).
        if texts <= {_what(item) for provenance in message.provenances for item in _sources(provenance)}:
            yield broken(own, ".entity", what="The reply or forward adds no text of its own")


def reply_attachment(message: Message) -> Iterator[Broken]:
    """The earlier attachments of a reply are there without their content."""
    for own in _own(message):
        if _activity(own) != "reply-message":
            continue
        earlier = {_what(item) for each in message.provenances if each is not own for item in _sources(each)}
        for payload, carried in _attachments(message):
            if carried and payload.identifier in earlier:
                told = f"An attachment of an earlier message is in the reply with its {carried}"
                yield broken(payload.element, f".content.{carried}", what=told)


def attachment_empty(message: Message) -> Iterator[Broken]:
    """An attachment has its content, but for the earlier ones of a reply."""
    for own in _own(message):
        added = {_what(item) for item in _sources(own)}
        forwarded = _activity(own) == "forward-message"
        for payload, carried in _attachments(message):
            if not carried and (forwarded or payload.identifier in added):
                yield broken(
                    payload.element,
                    ".content",
                    what="An attachment that is sent or forwarded has neither data nor url",
                    sources="governance has a forward carry its attachments, MedCom's example d11968f5 does not",
                )


def named_twice(message: Message) -> Iterator[Broken]:
    """A payload is added by one message."""
    seen: set[str | None] = set()
    for provenance in message.provenances:
        for entity in _sources(provenance):
            written = _what(entity)
            if written in seen:
                yield broken(
                    entity,
                    what="A payload stands as source in two Provenances",
                    sources="the profile has each message name those that it adds; no rule of the profile holds it",
                )
            seen.add(written)


def agent(message: Message) -> Iterator[Broken]:
    """The message's own Provenance is by its sender."""
    sender = message.index.referred(message.header, "sender")
    for own in _own(message):
        found = message.index.referred(own, "agent/who")
        if sender is not None and found is not None and found is not sender:
            yield broken(
                own,
                ".agent[0].who",
                what="The message's own Provenance is by another organisation than MessageHeader.sender",
                sources="the guide has the agent perform the activity, MedCom's example S-E has the receiver there",
            )


def _own(message: Message) -> list[etree._Element]:
    """The Provenance of the message itself; of several, which is an error of its own, the first."""
    return list(islice(message.own_provenances, 1))


def _attachments(message: Message) -> Iterator[tuple[Payload, str]]:
    """Each attachment, and the name of what it carries: data, url, or "" for nothing."""
    for payload in message.payloads:
        if payload.content == "attachment":
            path = "contentAttachment/{}"
            found = (name for name in ("data", "url") if value(payload.element, path.format(name)))
            yield payload, next(found, "")


def _activity(provenance: etree._Element) -> str:
    return value(provenance, "activity/coding/code") or ""


def _revisions(provenance: etree._Element) -> list[etree._Element]:
    return [item for item in provenance.iterfind(f"{NS}entity") if value(item, "role") == "revision"]


def _sources(provenance: etree._Element) -> Iterator[etree._Element]:
    """The entities that name a payload."""
    return (
        item
        for item in provenance.iterfind(f"{NS}entity")
        if value(item, "role") == "source" and _what(item) is not None
    )


def _what(entity: etree._Element) -> str | None:
    return value(entity, "what/identifier/value")


def _header_id(reference: str | None) -> str | None:
    """The id of the MessageHeader that a reference names."""
    found = _HEADER_REFERENCE.search(reference or "")
    return found[1] if found else None


def _is_letter(written: str) -> bool:
    """Whether an identifier is a GLN and a letter's id with # between them, in either order."""
    first, mark, second = written.partition("#")
    return bool(mark and first and second) and (identities.gln_is_valid(first) or identities.gln_is_valid(second))


ROWS: Final = (
    Row(errors.CHAIN, new_alone),
    Row(errors.CHAIN, new_without_revision),
    Row(errors.CHAIN, revision_missing),
    Row(errors.GUIDE_DOUBT, revision_empty),
    Row(errors.CHAIN, revision_form),
    Row(errors.CHAIN, chain_lost),
    Row(errors.IDENTIFIER_TWICE, described_twice),
    Row(errors.CHAIN, nothing_new),
    Row(errors.CHAIN, reply_attachment),
    Row(errors.GUIDE_DOUBT, attachment_empty),
    Row(errors.GUIDE_DOUBT, named_twice),
    Row(errors.GUIDE_DOUBT, agent),
)
