"""A letter sent again: unchanged, under new identifiers, or to somebody else.

Unchanged it is the same envelope, byte for byte: the network knows it again. Under new identifiers it is another letter
with the same content: its envelope, its message and the letter itself get names of their own, each in its own form.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal
from uuid import uuid4

from conversion.identifiers import Identifiers
from envelope.catalogue import find, recognise
from envelope.facts import LetterFacts
from envelope.findings import Refused
from envelope.identities import gln_findings
from envelope.model import Head, Party
from envelope.payload_facts import letter_facts
from envelope.reading import Unreadable, payload, read
from envelope.validation import FIRST
from envelope.writing import write
from simulator.errors import NO_PARTICIPANT
from simulator.services.outgoing import sent_time
from simulator.wiring import Network

How = Literal["unchanged", "new"]

_UUID = 36
_TELLING = 8
"""Characters from which on an identifier is taken for itself wherever it stands."""


async def resend(network: Network, body: bytes, how: How, receiver: str | None = None) -> str:
    """Send an envelope again.

    Args:
        network: takes it.
        body: the envelope, as it was taken in.
        how: as it is, or under new identifiers.
        receiver: GLN of who gets it instead; then its identifiers are always new.

    Returns:
        its EnvelopeIdentifier.

    Raises:
        Refused: it cannot be read, or there is no such receiver.
    """
    if how == "unchanged" and receiver is None:
        name = _head(body).identifier
        await network.submit(body, name)
        return name
    head = _head(body)
    if receiver is not None:
        if wrong := gln_findings(receiver, "the receiver"):
            raise Refused(wrong)
        if network.directory.participant(receiver) is None:
            raise Refused(NO_PARTICIPANT.at("", gln=receiver))
        head = replace(head, receiver=Party(receiver))
    letter = payload(body)
    facts = _facts(letter)
    if facts is not None:
        letter = _renamed(letter, facts)
    message = None if head.message is None else replace(head.message, identifier=str(uuid4()))
    head = replace(head, identifier=str(uuid4()), sent=sent_time(network.clock()), message=message)
    await network.submit(write(head, letter), head.identifier)
    return head.identifier


def _head(body: bytes) -> Head:
    """The head of an envelope, of one that is refused too where only its values are wrong: a test may send it again."""
    try:
        return read(body).head
    except Unreadable as unreadable:
        if unreadable.head is None:
            raise
        return unreadable.head


def _facts(letter: bytes) -> LetterFacts | None:
    """What a letter calls itself; None where it cannot be read: then it goes as it is."""
    recognised = recognise(letter[:FIRST])
    type_ = find(recognised.type) if recognised is not None else None
    if type_ is None:
        return None
    try:
        return letter_facts(letter, type_)
    except Refused:
        return None


def _renamed(letter: bytes, facts: LetterFacts) -> bytes:
    """The letter under names of its own, wherever the old ones stand in it; all else stays byte for byte."""
    names = Identifiers(uuid4().hex)
    for place, old in (("envelope", facts.envelope_id), ("letter", facts.letter_id)):
        if old:
            new = names.uuid(place) if len(old) == _UUID else names.serial(place)[: len(old)]
            letter = _whole(old).sub(new.encode(), letter)
    return letter


def _whole(name: str) -> re.Pattern[bytes]:
    """An identifier where it stands as one; a short one only where it is all that stands there."""
    written = re.escape(name.encode())
    if len(name) < _TELLING:
        return re.compile(rb"(?<=[>\"'/])" + written + rb"(?=[<\"'])")
    return re.compile(rb"(?<![\w-])" + written + rb"(?![\w-])")
