"""What CareCommunication 5.0 demands of payloads, their authors, and the Provenances that name them, a row a rule.

CareCommunication 5.0.2 to 5.0.4, core 3.0.1. A text says when, by whom, and how to reach them, as extensions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from envelope.fhir import profile_errors as errors
from envelope.fhir import vocabulary as words
from envelope.fhir.message import Broken, Message, Row, broken, has_name, type_of
from envelope.fhir.values import NS, value

TEXT_EXTENSIONS: Final = (
    ("date", words.DATE),
    ("identifier", words.IDENTIFIER),
    ("author", words.AUTHOR),
    ("authorContact", words.AUTHOR_CONTACT),
)
ATTACHMENT_EXTENSIONS: Final = TEXT_EXTENSIONS[:2]


def author_role(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-7."""
    for _, role in _authors(message):
        code = role.find(f"{NS}code/{NS}coding/{NS}code") is not None
        text = role.find(f"{NS}code/{NS}text") is not None
        if code == text:
            yield broken(role, ".code", found="both a code and a text" if code else "neither a code nor a text")


def author_name(message: Message) -> Iterator[Broken]:
    """medcom-careCommunication-8."""
    for place, role in _authors(message):
        practitioner = message.index.referred(role, "practitioner")
        if practitioner is None or not has_name(practitioner):
            yield broken(place)


def no_text(message: Message) -> Iterator[Broken]:
    """A payload with a text."""
    for communication in message.communications:
        if communication.find(f"{NS}payload/{NS}contentString") is None:
            yield broken(communication, ".payload")


def payload_content(message: Message) -> Iterator[Broken]:
    """Every payload has one content, a text or an attachment."""
    for payload in message.payloads:
        contents = [child for child in payload.element if str(child.tag).startswith(f"{NS}content")]
        if not payload.content or len(contents) != 1:
            yield broken(payload.element, ".content")


def payload_extension(message: Message) -> Iterator[Broken]:
    """The extensions of texts and attachments."""
    for payload in message.payloads:
        wanted = {"text": TEXT_EXTENSIONS, "attachment": ATTACHMENT_EXTENSIONS}.get(payload.content, ())
        if missing := [name for name, url in wanted if url not in payload.extensions]:
            yield broken(payload.element, ".extension", content=payload.content, missing=", ".join(missing))


def payload_date(message: Message) -> Iterator[Broken]:
    """The date extension has a zone."""
    for extension in _extensions(message, words.DATE):
        if not words.ZONED_TIME.fullmatch(value(extension, "valueDateTime") or ""):
            yield broken(extension)


def payload_identifier(message: Message) -> Iterator[Broken]:
    """medcom-uuidv4 on the identifier extension."""
    for extension in _extensions(message, words.IDENTIFIER):
        if not words.UUID_URN.search(value(extension, "valueIdentifier/value") or ""):
            yield broken(extension)


def payload_assigner(message: Message) -> Iterator[Broken]:
    """The identifier extension names its assigner, an Organization."""
    for extension in _extensions(message, words.IDENTIFIER):
        written = value(extension, "valueIdentifier/assigner/reference")
        found = message.index.resource(written)
        if written is None or (found is not None and type_of(found) != "Organization"):
            yield broken(extension)


def payload_contact(message: Message) -> Iterator[Broken]:
    """The authorContact extension is a telephone number."""
    for extension in _extensions(message, words.AUTHOR_CONTACT):
        system = value(extension, "valueContactPoint/system")
        number = value(extension, "valueContactPoint/value") or ""
        if system not in {None, "phone"} or not words.TELEPHONE.search(number):
            yield broken(extension)


def attachment_title(message: Message) -> Iterator[Broken]:
    """Every attachment has a title."""
    for payload in message.payloads:
        if payload.content == "attachment" and not value(payload.element, "contentAttachment/title"):
            yield broken(payload.element, ".content.title")


def attachment_type(message: Message) -> Iterator[Broken]:
    """ContentType is of the value set, and there when data is."""
    for payload in message.payloads:
        attachment = payload.element.find(f"{NS}contentAttachment")
        if attachment is None:
            continue
        found = value(attachment, "contentType")
        if found not in words.MIME_TYPES and (found is not None or attachment.find(f"{NS}data") is not None):
            allowed = ", ".join(sorted(words.MIME_TYPES))
            yield broken(payload.element, ".content.contentType", type=(found or "missing")[:60], allowed=allowed)


def attachment_data(message: Message) -> Iterator[Broken]:
    """Attachments are base64; looked at in pieces, for they are large."""
    attachments = message.bundle.attachments
    for payload in message.payloads:
        data = value(payload.element, "contentAttachment/data")
        if data is not None and attachments.read(data).problem is not None:
            yield broken(payload.element, ".content.data")


def source_mismatch(message: Message) -> Iterator[Broken]:
    """Payloads and the sources of Provenances name each other."""
    sources = {
        found for each in message.provenances for entity in _entities(each, "source") if (found := _what(entity))
    }
    payloads = {payload.identifier for payload in message.payloads}
    for payload in message.payloads:
        if payload.identifier and payload.identifier not in sources:
            yield broken(payload.element, what="The identifier of a payload stands in no Provenance")
    for provenance in message.own_provenances:
        for entity in _entities(provenance, "source"):
            if (found := _what(entity)) and found not in payloads:
                yield broken(entity, what="The message's own Provenance names a payload that is not there")


def provenance_entity(message: Message) -> Iterator[Broken]:
    """Entities: at most one revision, at least one source with an identifier, nothing else."""
    for provenance in message.provenances:
        roles = [value(item, "role") for item in provenance.iterfind(f"{NS}entity")]
        sources = [_what(item) for item in _entities(provenance, "source")]
        if roles.count("revision") > 1:
            yield broken(provenance, ".entity", found="more than one revision")
        if not sources or not all(sources):
            yield broken(provenance, ".entity", found="a source without identifier" if sources else "no source")
        if not {"revision", "source"}.issuperset(roles):
            yield broken(provenance, ".entity", found="a role that is neither revision nor source")


def _authors(message: Message) -> Iterator[tuple[etree._Element, etree._Element]]:
    """Each author extension with what it refers to; a reference to nothing has a rule of its own."""
    for extension in _extensions(message, words.AUTHOR):
        role = message.index.referred(extension, "valueReference")
        if role is not None:
            yield extension, role


def _extensions(message: Message, url: str) -> Iterator[etree._Element]:
    for payload in message.payloads:
        if (found := payload.extensions.get(url)) is not None:
            yield found


def _entities(provenance: etree._Element, role: str) -> Iterator[etree._Element]:
    return (item for item in provenance.iterfind(f"{NS}entity") if value(item, "role") == role)


def _what(entity: etree._Element) -> str | None:
    return value(entity, "what/identifier/value")


ROWS: Final = (
    Row(errors.AUTHOR_ROLE, author_role),
    Row(errors.AUTHOR_NAME, author_name),
    Row(errors.NO_TEXT, no_text),
    Row(errors.PAYLOAD_CONTENT, payload_content),
    Row(errors.PAYLOAD_EXTENSION, payload_extension),
    Row(errors.PAYLOAD_DATE, payload_date),
    Row(errors.PAYLOAD_IDENTIFIER, payload_identifier),
    Row(errors.PAYLOAD_ASSIGNER, payload_assigner),
    Row(errors.PAYLOAD_CONTACT, payload_contact),
    Row(errors.ATTACHMENT_TITLE, attachment_title),
    Row(errors.ATTACHMENT_TYPE, attachment_type),
    Row(errors.ATTACHMENT_DATA, attachment_data),
    Row(errors.SOURCE_MISMATCH, source_mismatch),
    Row(errors.PROVENANCE_ENTITY, provenance_entity),
)
