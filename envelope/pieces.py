"""Base64 put back where its tokens stand in a document that was made, without joining anything.

The characters are copied and never decoded; white space in them is left out, for JSON strings and FHIR's base64Binary
have no use for it. Base64 needs no escaping in XML or JSON; what is not base64 gets it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.sax.saxutils import escape

from envelope.attachments import Attachment, Attachments
from envelope.cutting import TOKEN
from envelope.runs import Form

_QUOTES: Final = {'"': "&quot;", "'": "&apos;"}


class Pieces:
    """A document in pieces: bytes, and views of the payloads that its attachments came in."""

    def __init__(self, parts: tuple[bytes | memoryview | Attachment, ...]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes | memoryview]:
        for part in self._parts:
            if isinstance(part, Attachment):
                yield from part.pieces()
            else:
                yield part

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pieces) and self.size == other.size and self.joined() == other.joined()

    def __hash__(self) -> int:
        return hash(self.size)

    @property
    def size(self) -> int:
        """How many bytes all pieces have."""
        return sum(part.length if isinstance(part, Attachment) else len(part) for part in self._parts)

    def joined(self) -> bytes:
        """The document in one."""
        if len(self._parts) == 1 and isinstance(self._parts[0], bytes):
            return self._parts[0]
        whole = io.BytesIO()
        self.write_to(whole)
        return whole.getvalue()

    def write_to(self, file: BinaryIO) -> None:
        """Write every piece to a file opened for bytes."""
        file.writelines(self)


def put_back(document: bytes, attachments: Attachments, *, form: Form) -> Pieces:
    """A document with its attachments in place of their tokens.

    Args:
        document: XML or JSON, in any encoding that shows ASCII as it is.
        attachments: by token; what looks like a token and is none of them stays.
        form: which of the two it is.
    """
    parts: list[bytes | memoryview | Attachment] = []
    last = 0
    view = memoryview(document)
    for found in TOKEN.finditer(document) if attachments else ():
        attachment = attachments.get(found[0].decode())
        if attachment is None:
            continue
        parts += (view[last : found.start()], attachment if attachment.problem is None else _escaped(attachment, form))
        last = found.end()
    if not parts:
        return Pieces((document,))
    return Pieces((*parts, view[last:]))


def _escaped(attachment: Attachment, form: Form) -> bytes:
    """What is not base64, as the text that it is."""
    text = b"".join(attachment.pieces()).decode("utf-8", "surrogatepass")
    if form == "json":
        return json.dumps(text)[1:-1].encode("ascii")
    return escape(text, _QUOTES).encode("ascii", "xmlcharrefreplace")
