"""VANSEnvelope 1.0.4 written as bytes: UTF-8, the schema's order, Data in one line.

Text is written as it is given: what XML would read back otherwise is kept as a character reference, and what cannot
stand in XML at all is an error of the caller's.
"""

from __future__ import annotations

import binascii
import io
import re
from collections.abc import Iterable, Iterator
from typing import Final

from envelope.model import Head, MetaInformation, Party, Receipt
from envelope.skeleton import NAMESPACE

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)
_SPECIAL: Final = re.compile('[&<>"\t\n\r]').search
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r"))
_PIECE: Final = 49_152
"""A multiple of three, so that pieces of base64 can stand behind one another."""

_END: Final = b"</Data></Message></VANSEnvelope>"


def write(head: Head, payload: bytes | Iterable[bytes | memoryview] = b"") -> bytes:
    """The bytes of an envelope.

    Args:
        head: its values; `read` gives them back.
        payload: the decoded Data of a Message, in one or in chunks of any length; a receipt has none.

    Raises:
        ValueError: a value holds a character that XML does not have, or the head neither message nor receipt.
    """
    if head.message is None:
        return _opening(head)
    if isinstance(payload, bytes) and len(payload) <= _PIECE:
        return b"".join((_opening(head), binascii.b2a_base64(payload, newline=False), _END))
    whole = io.BytesIO()  # joined, the base64 would be held beside the whole
    whole.writelines(write_pieces(head, (payload,) if isinstance(payload, bytes) else payload))
    return whole.getvalue()


def write_pieces(head: Head, payload: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """The same bytes as `write`, in pieces, for payloads that are not held.

    Args:
        head: its values, with the size of the whole payload.
        payload: the decoded Data in chunks of any length.
    """
    yield _opening(head)
    if head.message is None:
        return
    held = b""
    for chunk in payload:
        view = memoryview(chunk)
        for start in range(0, len(view), _PIECE):
            held += view[start : start + _PIECE]
            whole = len(held) // 3 * 3
            yield binascii.b2a_base64(held[:whole], newline=False)
            held = held[whole:]
    yield binascii.b2a_base64(held, newline=False) + _END


def _opening(head: Head) -> bytes:
    """Everything up to the base64, or the whole of a receipt."""
    if head.message is not None:
        content = f"<Message><MetaInformation>{_meta_information(head.message)}</MetaInformation><Data>"
    elif head.receipt is not None:
        content = f"<Receipt>{_receipt(head.receipt)}</Receipt></VANSEnvelope>"
    else:
        raise ValueError("an envelope holds a message or a receipt")
    written = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<VANSEnvelope xmlns="{NAMESPACE}">'
        f"{_party('SenderID', head.sender)}{_party('ReceiverID', head.receiver)}"
        f"<EnvelopeIdentifier>{_text(head.identifier)}</EnvelopeIdentifier>"
        f"<SentDateTime>{_text(head.sent)}</SentDateTime>{content}"
    ).encode()
    if (
        len(written.translate(None, _CONTROLS)) != len(written)
        or b"\xef\xbf\xbe" in written
        or b"\xef\xbf\xbf" in written
    ):
        raise ValueError("a value of the envelope holds a character that XML does not have")
    return written


def _party(element: str, party: Party) -> str:
    return f'<{element} EndPointType="{_attribute(party.type)}">{_text(party.id)}</{element}>'


def _meta_information(meta: MetaInformation) -> str:
    document = meta.document
    parts = [f"<Identifier>{_text(meta.identifier)}</Identifier>"]
    if meta.processing is not None:
        parts += (
            f"<Processing><ProviderIdentifier>{_text(meta.processing.provider)}</ProviderIdentifier>",
            f"<ServiceIdentifier>{_text(meta.processing.service)}</ServiceIdentifier></Processing>",
        )
    version = "" if document.version is None else f"<Version>{_text(document.version)}</Version>"
    parts.append(
        f"<Document><Format>{_text(document.format)}</Format><Name>{_text(document.name)}</Name>{version}"
        f"<SizeInBytes>{document.size}</SizeInBytes></Document>"
    )
    transport = meta.transport
    if transport is not None:
        kind = "" if transport.type is None else f"<Type>{_text(transport.type)}</Type>"
        tags = "".join(
            f'<ServiceTag name="{_attribute(name)}">{_text(value)}</ServiceTag>' for name, value in transport.tags
        )
        transform = "true" if transport.transform else "false"
        parts.append(f"<Transport>{kind}<TransformMessage>{transform}</TransformMessage>{tags}</Transport>")
    return "".join(parts)


def _receipt(receipt: Receipt) -> str:
    parts = []
    if receipt.description is not None:
        code = "" if receipt.code is None else f"<Code>{receipt.code}</Code>"
        parts.append(f"<Error>{code}<Description>{_text(receipt.description)}</Description></Error>")
    parts.append(f"<OriginalEnvelopeIdentifier>{_text(receipt.original_envelope)}</OriginalEnvelopeIdentifier>")
    if receipt.original is not None:
        parts.append(f"<OriginalMessage>{_meta_information(receipt.original)}</OriginalMessage>")
    return f"<{receipt.kind}>{''.join(parts)}</{receipt.kind}>"


def _text(value: str) -> str:
    return value.translate(_ESCAPES) if _SPECIAL(value) else value


def _attribute(value: str) -> str:
    return value.translate(_ATTRIBUTE_ESCAPES) if _SPECIAL(value) else value
