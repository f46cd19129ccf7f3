"""What can still be read of an envelope that is refused: enough to tell its sender."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from envelope.skeleton import NAMESPACE

_VALUE_LIMIT: Final = 80
_BYTES: Final = 8192
_PATTERNS: Final = {
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


def partial_of_tree(root: etree._Element, opening: bytes) -> Partial:
    """What a tree that the schema refuses still says, and what the bytes say where it says nothing."""
    told = partial_of_bytes(opening)

    def text(*path: str) -> str | None:
        found = root.find("/".join(f"{{{NAMESPACE}}}{name}" for name in path))
        return None if found is None or not (found.text or "").strip() else (found.text or "").strip()[:_VALUE_LIMIT]

    return Partial(
        text("SenderID") or told.sender,
        text("ReceiverID") or told.receiver,
        text("EnvelopeIdentifier") or told.identifier,
        text("Message", "MetaInformation", "Identifier") or told.message_identifier,
    )


def partial_of_bytes(opening: bytes) -> Partial:
    """What the first bytes of a broken envelope say, whatever is wrong with it further on."""
    head = opening[:_BYTES]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "replace").encode()

    def text(name: str) -> str | None:
        found = _PATTERNS[name].search(head)
        return (found[1].decode("utf-8", "replace").strip()[:_VALUE_LIMIT] or None) if found else None

    return Partial(text("SenderID"), text("ReceiverID"), text("EnvelopeIdentifier"), text("Identifier"))
