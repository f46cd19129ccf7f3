"""The form in which nearly every system writes a message, read in one go.

Most envelopes are plain: one default namespace, no comments, no entities, ASCII values, base64 in one run. For them one
pattern says all that the schema says, several times faster than a parser and a validator can. Whatever is written
otherwise does not match and is read in full; a property test holds both to the same answer.
"""

from __future__ import annotations

import re
from typing import Final

from envelope.base64_text import ALPHABET
from envelope.model import Document, Head, MetaInformation, Party, Processing, Transport

_LEAD_CHARACTERS: Final = 5464  # what `base64_text` keeps: enough for 4096 bytes
_PAD: Final = ord("=")
_PIECE: Final = 65_536
_SPARE: Final = {0: 0, 1: 0b11, 2: 0b1111}

# A narrower alphabet than the schema's: no letter here means anything to XML, and none is white space but the blank
# within a name.
_WORD: Final = r"[0-9A-Za-z#:.,_+/()-]"
_NAME: Final = rf"({_WORD}(?:[0-9A-Za-z#:.,_+/() -]{{0,253}}{_WORD})?)"
_TAG: Final = rf"({_WORD}(?:[0-9A-Za-z#:.,_+/() -]{{0,68}}{_WORD})?)"
_UUID: Final = r"([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})"
_DAY: Final = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"

# White space between elements: one run, so that no text can be matched in two ways.
_PATTERN: Final = re.compile(
    (
        r"""(?:<\?xml version=["']1\.0["'](?: encoding=["'](?:UTF-8|utf-8)["'])?\?>)?\s*"""
        r'<VANSEnvelope xmlns="urn:oio:medcom:vans-envelope:1\.0\.4">\s*'
        r'<SenderID EndPointType="(EAN|CVR|VANS)">([0-9A-Za-z.-]{1,18})</SenderID>\s*'
        r'<ReceiverID EndPointType="(EAN|CVR|VANS)">([0-9A-Za-z.-]{1,18})</ReceiverID>\s*'
        rf"<EnvelopeIdentifier>{_UUID}</EnvelopeIdentifier>\s*"
        rf"<SentDateTime>([1-9][0-9]{{3}}-{_DAY}T{_TIME})</SentDateTime>\s*"
        r"<Message>\s*<MetaInformation>\s*"
        rf"<Identifier>{_UUID}</Identifier>\s*"
        rf"(?:<Processing>\s*<ProviderIdentifier>{_NAME}</ProviderIdentifier>\s*"
        rf"<ServiceIdentifier>{_NAME}</ServiceIdentifier>\s*</Processing>\s*)?"
        r"<Document>\s*<Format>(XML|EDIFACT|HL7|Binary|Other)</Format>\s*"
        rf"<Name>{_NAME}</Name>\s*(?:<Version>{_NAME}</Version>\s*)?"
        r"<SizeInBytes>([0-9]{1,9})</SizeInBytes>\s*</Document>\s*"
        r"(<Transport>\s*(?:<Type>(reliable|unreliable)</Type>\s*)?"
        r"<TransformMessage>(true|false|0|1)</TransformMessage>\s*"
        rf'(?:<ServiceTag name="{_TAG}">{_TAG}</ServiceTag>\s*)?</Transport>\s*)?'
        r"</MetaInformation>\s*"
        r"<Data>"
    )
    .replace(r"\s*", "[ \t\r\n]*")  # XML's white space, and no form feed
    .encode(),
)
_CLOSING: Final = re.compile(rb"</Data>[ \t\r\n]*</Message>[ \t\r\n]*</VANSEnvelope>[ \t\r\n]*")


def read_plain(body: bytes) -> tuple[Head, int, bytes] | None:
    """Read a plainly written message envelope.

    Returns:
        Its head, how many bytes its Data decodes to, and the first base64 characters; None for whatever is written
        otherwise, which says nothing about whether it is right.
    """
    match = _PATTERN.match(body)
    if match is None:
        return None
    start = match.end()
    end = body.find(b"<", start)
    if end < 0 or _CLOSING.fullmatch(body, end) is None:
        return None
    padding = 0 if body[end - 1] != _PAD else 1 if body[end - 2] != _PAD else 2
    end -= padding
    last = body[end - 1] if end > start else 0
    if (end - start + padding) % 4 or (padding and (padding > end - start or ALPHABET.find(last) & _SPARE[padding])):
        return None
    # Taking the alphabet out is quicker than matching it; in pieces, so that a long payload is not copied.
    if any(body[at : min(at + _PIECE, end)].translate(None, ALPHABET) for at in range(start, end, _PIECE)):
        return None
    texts = [None if text is None else text.decode("ascii") for text in match.group(*range(1, 19))]
    return _head(texts), (end - start) * 3 // 4, body[start : min(end, start + _LEAD_CHARACTERS)]


def _head(texts: list[str | None]) -> Head:
    """The values of a match; those that the pattern demands are there."""
    (
        sender_type,
        sender,
        receiver_type,
        receiver,
        envelope,
        sent,
        identifier,
        provider,
        service,
        kind,
        name,
        version,
        size,
        has_transport,
        transport_type,
        transform,
        tag_name,
        tag_value,
    ) = texts
    processing = Processing(provider, service) if provider and service else None
    transport = None
    if has_transport:
        tags = ((tag_name, tag_value),) if tag_name and tag_value else ()
        transport = Transport(transform in {"true", "1"}, transport_type, tags)
    document = Document(kind or "", name or "", int(size or 0), version)
    return Head(
        Party(sender or "", sender_type or ""),
        Party(receiver or "", receiver_type or ""),
        envelope or "",
        sent or "",
        MetaInformation(identifier or "", document, processing, transport),
    )
