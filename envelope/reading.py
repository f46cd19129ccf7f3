"""VANSEnvelope 1.0.4 read from bytes: the head as values, the payload counted and left alone.

What the schema says is judged by our own schema (`schemas/VANSEnvelope.xsd`) over the envelope without its Data, whose
base64 is judged as it passes; `schema_findings` gives that verdict alone. `read` adds what no schema can say: the check
digits of GLNs, and that SizeInBytes is the size of the decoded payload.
"""

from __future__ import annotations

import binascii
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from envelope import errors, identities, safe_xml
from envelope.base64_text import LEAD_BYTES, decode
from envelope.findings import Finding, Refused, Rule
from envelope.model import Document, Head, MetaInformation, Party, Processing, Receipt, ReceiptKind, Transport
from envelope.plain import read_plain
from envelope.skeleton import DATA_PATH, NAMESPACE, Skeleton, Source, base64_pieces, part

_Q: Final = f"{{{NAMESPACE}}}"
_Q_LENGTH: Final = len(_Q)
_SCHEMA: Final = Path(__file__).with_name("schemas") / "VANSEnvelope.xsd"
_FINDINGS_LIMIT: Final = 20
_REASON_LIMIT: Final = 300
_VALUE_LIMIT: Final = 80
_PARTIAL_BYTES: Final = 8192
_MESSAGE: Final = _Q + "Message"
_DOCUMENT: Final = _Q + "Document"
_TRANSPORT: Final = _Q + "Transport"
_TRANSFORM: Final = _Q + "TransformMessage"
_TAG: Final = _Q + "ServiceTag"
_LIKE_A_CPR: Final = re.compile(r"(?<!\d)\d{6}-?\d{4}(?!\d)")
_PARTIAL: Final = {
    name: re.compile(rb"<(?:[\w.-]+:)?" + name.encode() + rb"(?:\s[^<>]{0,200})?>([^<>]{1,200})</")
    for name in ("SenderID", "ReceiverID", "EnvelopeIdentifier", "Identifier")
}


@dataclass(frozen=True, slots=True)
class Partial:
    """What could be read of an envelope that was refused, so that its sender can be told."""

    sender: str | None = None
    receiver: str | None = None
    identifier: str | None = None
    message_identifier: str | None = None


class Unreadable(Refused):
    """The bytes are no envelope that can be taken.

    Attributes:
        partial: sender, receiver and identifiers, as far as they could be read.
        head: the whole head, when only its values are wrong and not its form.
    """

    def __init__(self, findings: Iterable[Finding], partial: Partial, head: Head | None = None) -> None:
        super().__init__(findings)
        self.partial = partial
        self.head = head


@dataclass(frozen=True, slots=True)
class Reading:
    """An envelope's head, and what was seen of its payload as it passed.

    Attributes:
        head: everything but Data.
        size: how many bytes Data decodes to.
        lead: the first base64 characters of Data.
        findings: warnings; what is wrong refuses.
    """

    head: Head
    size: int
    lead: bytes
    findings: tuple[Finding, ...] = ()

    @property
    def first(self) -> bytes:
        """The first 4096 bytes of the payload, decoded."""
        return decode(self.lead, LEAD_BYTES)


def read(source: bytes | Iterable[bytes]) -> Reading:
    """Read an envelope's head; Data is neither held nor decoded but for its first 4 KB.

    Args:
        source: the whole envelope, or chunks of it of any length.

    Raises:
        Unreadable: with every error found and what could be read all the same.
    """
    plain = read_plain(source) if isinstance(source, bytes) else None
    if plain is not None:
        return _judged(*plain)
    return read_in_full(source)


def read_in_full(source: bytes | Iterable[bytes]) -> Reading:
    """The same for any form of an envelope: by parser and schema.

    Raises:
        Unreadable: with every error found and what could be read all the same.
    """
    held = Source(source)
    try:
        skeleton = part(held)
    except Refused as refused:
        raise Unreadable(refused.findings, _from_bytes(held.opening)) from None
    findings = _schema_findings(skeleton)
    if findings:
        raise Unreadable(findings, _from_tree(skeleton.root, held.opening))
    count = skeleton.count
    return _judged(_head(skeleton.root), count.size, count.lead, count.stray)


def _judged(head: Head, size: int, lead: bytes, stray: int = 0) -> Reading:
    findings = _beyond_the_schema(head, size, stray)
    if findings:
        message = head.message
        partial = Partial(head.sender.id, head.receiver.id, head.identifier, message.identifier if message else None)
        raise Unreadable(findings, partial, head)
    return Reading(head, size, lead)


def schema_findings(source: bytes | Iterable[bytes]) -> tuple[Finding, ...]:
    """What the schema alone says of an envelope; nothing when it is valid.

    Raises:
        Refused: when it is not XML, or beyond the limits.
    """
    return _schema_findings(part(Source(source)))


def payload(source: bytes | Iterable[bytes]) -> bytes:
    """The decoded Data of an envelope that `read` takes.

    Raises:
        Refused: when the envelope is not plain XML or its Data not base64.
    """
    return b"".join(payload_pieces(source))


def payload_pieces(source: bytes | Iterable[bytes]) -> Iterator[bytes]:
    """The decoded Data of an envelope in pieces, none much longer than 64 KB.

    Raises:
        Refused: when the envelope is not plain XML or its Data not base64; what came before is then worth nothing.
    """
    held = b""
    for piece in base64_pieces(Source(source)):
        letters = held + piece
        whole = len(letters) // 4 * 4
        held = letters[whole:]
        if whole:
            yield binascii.a2b_base64(letters[:whole])
    if held:
        yield decode(held, 3)


def _schema_findings(skeleton: Skeleton) -> tuple[Finding, ...]:
    schema = _schema()
    problem = skeleton.count.problem
    valid = schema.validate(skeleton.root)
    if valid and problem is None:
        return ()
    findings = [] if valid else list(_log_findings(schema, skeleton.root))
    if problem is not None:
        findings.append(errors.DATA_NOT_BASE64.at(DATA_PATH, reason=problem))
    return tuple(findings)


def _log_findings(schema: etree.XMLSchema, root: etree._Element) -> Iterator[Finding]:
    """What the schema validator said, in the envelope's own words; the first of each place and kind."""
    name = etree.QName(root)
    if name.localname != "VANSEnvelope":
        yield errors.NOT_AN_ENVELOPE.at("/" + name.localname, root=name.localname)
        return
    if name.namespace != NAMESPACE:
        yield errors.ENVELOPE_NAMESPACE.at("/VANSEnvelope", namespace=name.namespace or "")
        return
    seen: set[tuple[str, Rule]] = set()
    for entry in cast("Iterable[Any]", schema.error_log):
        reason = _LIKE_A_CPR.sub("**********", str(entry.message).replace(_Q, "")).rstrip(".")[:_REASON_LIMIT]
        rule = _rule(reason)
        place = f"{_place(root, entry.path)} (line {entry.line})" if entry.line else _place(root, entry.path)
        if (place, rule) not in seen and len(seen) < _FINDINGS_LIMIT:
            seen.add((place, rule))
            yield rule.at(place, reason=reason)


def _rule(reason: str) -> Rule:
    """The rule that a sentence of the schema validator is about."""
    if "attribute '" in reason:
        return errors.ENVELOPE_ATTRIBUTE
    if any(
        words in reason for words in ("not expected", "Missing child", "ontent is not allowed", "Character content")
    ):
        return errors.ENVELOPE_ELEMENT
    return errors.ENVELOPE_VALUE


def _place(root: etree._Element, path: str | None) -> str:
    """The names on the way from the root to an element that the validator gave by number."""
    scope = {prefix: name for element in root.iter() for prefix, name in element.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(path or "/*", namespaces=scope)
    except etree.XPathError:
        return path or ""
    if not isinstance(found, list) or not found or not isinstance(found[0], etree._Element):  # noqa: SLF001
        return path or ""
    names = [found[0], *found[0].iterancestors()]
    return "".join("/" + etree.QName(element).localname for element in reversed(names))


_LOCAL = threading.local()


def _schema() -> etree.XMLSchema:
    """Our schema, compiled once a thread: its log of errors is not for two at a time."""
    try:
        schema: etree.XMLSchema = _LOCAL.schema
    except AttributeError:
        schema = _LOCAL.schema = etree.XMLSchema(safe_xml.parse(_SCHEMA.read_bytes()))
    return schema


def _beyond_the_schema(head: Head, counted: int, stray: int) -> tuple[Finding, ...]:
    """What no schema can say of an envelope."""
    findings: tuple[Finding, ...] = ()
    for party, element in ((head.sender, "SenderID"), (head.receiver, "ReceiverID")):
        if party.type == "EAN" and not identities.gln_is_valid(party.id):
            findings += identities.gln_findings(party.id, f"/VANSEnvelope/{element}")
    message = head.message
    if message is not None:
        if stray:
            findings += (errors.DATA_STRAY_CHARACTERS.at(DATA_PATH, count=stray),)
        if message.document.size != counted:
            place = "/VANSEnvelope/Message/MetaInformation/Document/SizeInBytes"
            findings += (errors.SIZE_MISMATCH.at(place, declared=message.document.size, counted=counted),)
    return findings


def _head(root: etree._Element) -> Head:
    """The values of an envelope that the schema finds valid; order and presence are therefore known."""
    sender, receiver, identifier, sent, content = root
    message = receipt = None
    if content.tag == _MESSAGE:
        message = _meta_information(content[0])
    else:
        receipt = _receipt(content[0])
    return Head(_party(sender), _party(receiver), _text(identifier), _text(sent), message, receipt)


def _party(element: etree._Element) -> Party:
    text = _text(element)
    if not text.isalnum():
        text = " ".join(word for word in re.split("[ \t\r\n]+", text) if word)
    return Party(text, str(element.attrib["EndPointType"]))


def _meta_information(element: etree._Element) -> MetaInformation:
    processing = transport = None
    identifier, *others = element
    document = others[0]
    for other in others:
        tag = other.tag
        if tag == _DOCUMENT:
            document = other
        elif tag == _TRANSPORT:
            transport = _transport(other)
        else:
            provider, service = other
            processing = Processing(_text(provider), _text(service))
    return MetaInformation(_text(identifier), _document(document), processing, transport)


def _document(element: etree._Element) -> Document:
    kind, name, *version, size = element
    return Document(_text(kind), _text(name), int(_text(size)), _text(version[0]) if version else None)


def _transport(element: etree._Element) -> Transport:
    kind = None
    transform = False
    tags: tuple[tuple[str, str], ...] = ()
    for child in element:
        tag = child.tag
        if tag == _TAG:
            tags += ((str(child.attrib["name"]), _text(child)),)
        elif tag == _TRANSFORM:
            transform = _text(child).strip(" \t\r\n") in ("true", "1")
        else:
            kind = _text(child)
    return Transport(transform, kind, tags)


def _receipt(element: etree._Element) -> Receipt:
    description = code = original = None
    identifier = ""
    for child in element:
        tag = child.tag[_Q_LENGTH:]
        if tag == "Error":
            *codes, words = child
            description = _text(words)
            code = int(_text(codes[0])) if codes else None
        elif tag == "OriginalEnvelopeIdentifier":
            identifier = _text(child)
        else:
            original = _meta_information(child)
    return Receipt(ReceiptKind(element.tag[_Q_LENGTH:]), identifier, original, description, code)


def _text(element: etree._Element) -> str:
    return element.text or ""


def _from_tree(root: etree._Element, opening: bytes) -> Partial:
    """What a tree that the schema refuses still says, and what the bytes say where it says nothing."""
    told = _from_bytes(opening)

    def text(*path: str) -> str | None:
        found = root.find("/".join(_Q + name for name in path))
        return None if found is None or not (found.text or "").strip() else _text(found).strip()[:_VALUE_LIMIT]

    return Partial(
        text("SenderID") or told.sender,
        text("ReceiverID") or told.receiver,
        text("EnvelopeIdentifier") or told.identifier,
        text("Message", "MetaInformation", "Identifier") or told.message_identifier,
    )


def _from_bytes(opening: bytes) -> Partial:
    """What the first bytes of a broken envelope say, whatever is wrong with it further on."""
    head = opening[:_PARTIAL_BYTES]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "replace").encode()

    def text(name: str) -> str | None:
        found = _PARTIAL[name].search(head)
        return (found[1].decode("utf-8", "replace").strip()[:_VALUE_LIMIT] or None) if found else None

    return Partial(text("SenderID"), text("ReceiverID"), text("EnvelopeIdentifier"), text("Identifier"))
