"""Bare letters and bundles made into envelopes, as a participant's system would before it sends."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from envelope.catalogue import recognise
from envelope.facts import letter_facts
from envelope.findings import Refused
from envelope.model import Party
from envelope.reading import read
from simulator.errors import NO_PARTIES, NO_TYPE
from simulator.services.outgoing import Outgoing, known_type, letter_envelope

FIRST = 4096
ENVELOPE_NAMESPACE = b"urn:oio:medcom:vans-envelope:"


def is_envelope(data: bytes) -> bool:
    """Whether a file means to be a VANSEnvelope."""
    return ENVELOPE_NAMESPACE in data[:FIRST]


def enveloped(data: bytes, sender: str | None, receiver: str | None, now: datetime) -> tuple[str, bytes]:
    """An envelope of what was given: as it is when it is one, else a bare letter wrapped.

    Args:
        data: an envelope, or a bare letter or bundle.
        sender: GLN; the letter's own when None.
        receiver: likewise.
        now: becomes SentDateTime.

    Returns:
        EnvelopeIdentifier and the envelope's bytes.

    Raises:
        Refused: it is neither an envelope nor a letter that is known, or the parties are not.
    """
    if is_envelope(data):
        return read(data).head.identifier, data
    made = wrapped(data, sender, receiver, now)
    return made.head.identifier, made.body


def wrapped(data: bytes, sender: str | None, receiver: str | None, now: datetime) -> Outgoing:
    """A bare letter or bundle in an envelope of its own.

    Raises:
        Refused: it is no letter that is known, or the parties are not.
    """
    recognised = recognise(data[:FIRST])
    if recognised is None:
        raise Refused(NO_TYPE.at(""))
    type_ = known_type(recognised.type, recognised.version)
    facts = letter_facts(data, type_)
    type_ = known_type(facts.type, facts.version)
    parties = []
    for gln, said, name in ((sender, facts.sender, "the sender"), (receiver, facts.receiver, "the receiver")):
        found = gln or said
        if not found:
            raise Refused(NO_PARTIES.at("", missing=name))
        parties.append(Party(found))
    mime = None
    if type_.family == "FHIR":
        mime = "application/fhir+json" if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else "application/fhir+xml"
    return letter_envelope(
        data,
        type_,
        (parties[0], parties[1]),
        (str(uuid4()), str(uuid4())),
        now,
        mime=mime,
        postfix=facts.postfix,
    )
