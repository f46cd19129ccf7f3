"""Several files judged as one run: names that stand in two of them, and references that do not meet.

A run is what somebody is about to send, or has received: letters with their attachments, receipts with their letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from envelope.catalogue import find, recognise
from envelope.errors import (
    COPY,
    ENVELOPE_TWICE,
    LETTER_TWICE,
    MESSAGE_TWICE,
    OBJECT_UNREFERRED,
    ORIGINAL_ABSENT,
    REFERRED_OBJECT_ABSENT,
)
from envelope.facts import LetterFacts
from envelope.findings import Finding, Refused, Rule
from envelope.model import Head
from envelope.payload_facts import letter_facts
from envelope.reading import payload, read
from envelope.validation import FIRST, is_envelope

_CARRIES = "XBIN01"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a run, as the others see it.

    Attributes:
        name: what the file is called.
        digest: of its bytes.
        head: of its envelope; None for a bare letter, and where it cannot be read.
        facts: of the letter; None where it cannot be read.
    """

    name: str
    digest: str
    head: Head | None = None
    facts: LetterFacts | None = None


def part_of(name: str, data: bytes) -> Part:
    """What of a file concerns the others; what cannot be read concerns none."""
    digest = sha256(data).hexdigest()
    head = None
    try:
        if is_envelope(data):
            head = read(data).head
            data = payload(data) if head.message is not None else b""
        recognised = recognise(data[:FIRST])
        type_ = find(recognised.type) if recognised is not None else None
        return Part(name, digest, head, letter_facts(data, type_) if type_ is not None else None)
    except Refused:
        return Part(name, digest, head)


def together(parts: Sequence[Part]) -> list[tuple[Finding, ...]]:
    """What is to be said of each file beside the others, in their order."""
    return [tuple(_of(part, parts[:place], parts)) for place, part in enumerate(parts)]


def _of(part: Part, before: Sequence[Part], parts: Sequence[Part]) -> Iterator[Finding]:
    same = next((one for one in before if one.digest == part.digest), None)
    if same is not None:
        yield COPY.at("", other=same.name)
        return
    yield from _named_twice(part, before)
    if part.facts is None:
        return
    yield from _apart(part, parts)


def _named_twice(part: Part, before: Sequence[Part]) -> Iterator[Finding]:
    """The first name that an earlier file has too: a message that is sent again is told by its own."""
    for one in before:
        for rule, place, name in _NAMES:
            mine = name(part)
            if mine is not None and mine == name(one):
                yield rule.at(place, identifier=mine[0], other=one.name)
                return


def _envelope(part: Part) -> tuple[str, ...] | None:
    return None if part.head is None else (part.head.identifier,)


def _message(part: Part) -> tuple[str, ...] | None:
    return None if part.head is None or part.head.message is None else (part.head.message.identifier,)


def _letter(part: Part) -> tuple[str, ...] | None:
    facts = part.facts
    return None if facts is None or not facts.letter_id else (facts.letter_id, facts.sender or "")


_NAMES: Final[tuple[tuple[Rule, str, Callable[[Part], tuple[str, ...] | None]], ...]] = (
    (ENVELOPE_TWICE, "/VANSEnvelope/EnvelopeIdentifier", _envelope),
    (MESSAGE_TWICE, "/VANSEnvelope/Message/MetaInformation/Identifier", _message),
    (LETTER_TWICE, "", _letter),
)
"""What a file may be called: by which rule and where it is told that another is too; a letter with its sender."""


def _apart(part: Part, parts: Sequence[Part]) -> Iterator[Finding]:
    """References of a letter, or to it, that meet nothing in the run."""
    facts = part.facts
    others = [one.facts for one in parts if one.facts is not None and one is not part]
    if facts is None or not others:
        return
    if facts.answers is not None:
        letters = [one for one in others if one.answers is None]
        known = {one.letter_id for one in letters}
        if letters:
            for identifier in facts.answers.letter_ids:
                if identifier not in known:
                    yield ORIGINAL_ABSENT.at("", identifier=identifier)
        return
    carries = facts.type == _CARRIES
    met = {name for one in others if (one.type == _CARRIES) != carries for name in one.attachments}
    rule = OBJECT_UNREFERRED if carries else REFERRED_OBJECT_ABSENT
    if carries or facts.type == "XDIS91":
        yield from (rule.at("", object=name) for name in facts.attachments if name not in met)
