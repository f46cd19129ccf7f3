"""VANSEnvelope 1.0.4 read from bytes: the head as values, the payload counted and left alone.

`schema_findings` gives the schema's verdict alone. `read` adds what no schema can say: the check digits of GLNs, and
that SizeInBytes is the size of the decoded payload.
"""

from __future__ import annotations

import binascii
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from envelope import errors, identities
from envelope.base64_text import LEAD_BYTES, decode
from envelope.findings import Finding, Refused
from envelope.head import head_of
from envelope.model import Head
from envelope.partial import Partial, partial_of_bytes, partial_of_tree
from envelope.plain import read_plain
from envelope.skeleton import DATA_PATH, Source, base64_pieces, part
from envelope.verdict import verdict

__all__ = ["Partial", "Reading", "Unreadable", "payload", "payload_pieces", "read", "read_in_full", "schema_findings"]


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
        raise Unreadable(refused.findings, partial_of_bytes(held.opening)) from None
    findings = verdict(skeleton)
    if findings:
        raise Unreadable(findings, partial_of_tree(skeleton.root, held.opening))
    count = skeleton.count
    return _judged(head_of(skeleton.root), count.size, count.lead, count.stray)


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
    return verdict(part(Source(source)))


def payload(source: bytes | Iterable[bytes]) -> bytes:
    """The decoded Data of an envelope that `read` takes.

    Raises:
        Refused: when the envelope is not plain XML or its Data not base64.
    """
    whole = io.BytesIO()  # joined, all pieces would be held beside the whole
    whole.writelines(payload_pieces(source))
    return whole.getvalue()


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
