"""Bare letters and bundles made into envelopes, as a participant's system would before it sends."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from conversion.identifiers import Identifiers
from envelope.catalogue import MessageType, find, recognise
from envelope.findings import Refused, most_severe_first
from envelope.identities import gln_findings
from envelope.model import Head, Party
from envelope.payload_facts import letter_facts
from envelope.reading import read
from envelope.validation import FIRST, is_envelope, validate
from simulator.errors import NO_PARTIES, NO_TYPE
from simulator.services.outgoing import Outgoing, letter_envelope


class UnreadableLetter(Refused):
    """A bare letter of a known type that cannot be read as far as its wrapping needs."""


def is_letter(data: bytes) -> bool:
    """Whether a file means to be a bare letter or bundle of a type that is known; an envelope is none."""
    return not is_envelope(data) and recognise(data[:FIRST]) is not None


def enveloped(
    data: bytes, sender: str | None, receiver: str | None, now: datetime, names: Identifiers | None = None
) -> tuple[Head, bytes]:
    """An envelope of what was given: as it is when it is one, else a bare letter wrapped.

    Args:
        data: an envelope, or a bare letter or bundle.
        sender: GLN; the letter's own when None.
        receiver: likewise.
        now: becomes SentDateTime.
        names: what the identifiers of an envelope that is made derive from; new ones when None.

    Returns:
        The envelope's head and its bytes.

    Raises:
        Unreadable: it is no letter that is known, and no envelope either.
        UnreadableLetter: it is a letter and cannot be read.
        Refused: its parties are not known.
    """
    if not is_letter(data):
        return read(data).head, data
    made = wrapped(data, sender, receiver, now, names)
    return made.head, made.body


def wrapped(
    data: bytes, sender: str | None, receiver: str | None, now: datetime, names: Identifiers | None = None
) -> Outgoing:
    """A bare letter or bundle in an envelope of its own.

    Raises:
        Refused: it is no letter that is known, or the parties are not.
    """
    recognised = recognise(data[:FIRST])
    if recognised is None:
        raise Refused(NO_TYPE.at(""))
    type_ = _type(recognised.type, recognised.version)
    try:
        facts = letter_facts(data, type_)
    except Refused as refused:
        raise UnreadableLetter(refused.findings) from None
    type_ = _type(facts.type, facts.version)
    parties = []
    for gln, said, name in ((sender, facts.sender, "the sender"), (receiver, facts.receiver, "the receiver")):
        found = gln or said
        if not found:
            # A letter that does not say may have more wrong with it, and its findings say what.
            raise Refused((NO_PARTIES.at("", missing=name), *most_severe_first(validate(data).findings)))
        if wrong := gln_findings(found, name):
            raise Refused(wrong)
        parties.append(Party(found))
    mime = None
    if type_.family == "FHIR":
        mime = "application/fhir+json" if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else "application/fhir+xml"
    return letter_envelope(
        data,
        type_,
        (parties[0], parties[1]),
        (names.uuid("envelope"), names.uuid("message")) if names is not None else (str(uuid4()), str(uuid4())),
        now,
        mime=mime,
        postfix=facts.postfix,
    )


def _type(name: str, version: str | None) -> MessageType:
    type_ = find(name, version)
    if type_ is None:
        raise Refused(NO_TYPE.at(""))
    return type_
