"""The values of an envelope from its tree, once the schema finds it valid: order and presence are then known."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from envelope.model import Document, Head, MetaInformation, Party, Processing, Receipt, ReceiptKind, Transport
from envelope.skeleton import NAMESPACE

_Q: Final = f"{{{NAMESPACE}}}"
_Q_LENGTH: Final = len(_Q)
_MESSAGE: Final = _Q + "Message"
_DOCUMENT: Final = _Q + "Document"
_TRANSPORT: Final = _Q + "Transport"
_TRANSFORM: Final = _Q + "TransformMessage"
_TAG: Final = _Q + "ServiceTag"


def head_of(root: etree._Element) -> Head:
    """The head of a valid envelope.

    Args:
        root: VANSEnvelope; what Data holds is not looked at.
    """
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
