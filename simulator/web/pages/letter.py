"""The values that a letter is read as."""

from __future__ import annotations

from dataclasses import dataclass, field

from envelope.attachments import Attachment


@dataclass(frozen=True, slots=True)
class Party:
    """Who writes, or is written to.

    Attributes:
        name: of the organisation.
        parts: department, unit, and address, as they are there.
        telephone: may be "".
        identifiers: kind and number, such as GLN and SOR code.
    """

    name: str
    parts: tuple[str, ...] = ()
    telephone: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom a letter is about."""

    cpr: str
    name: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the thread that a letter carries, newest first.

    Attributes:
        text: lines parted by newlines.
        at: when it was written, as it stands there.
        author: name and role; "" where the letter does not tell them apart from the text.
        telephone: likewise.
        is_new: whether this letter adds it.
    """

    text: str
    at: str = ""
    author: str = ""
    telephone: str = ""
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment, or a reference to one.

    Attributes:
        title: as the letter names it.
        kind: extension or media type.
        size: in bytes, as the letter says; None where it does not.
        identifier: of the object, without hyphens, in lower case.
        url: of a link; "" otherwise.
        content: its bytes where they are in this letter; None where another letter carries them, or it is a link.
    """

    title: str
    kind: str = ""
    size: int | None = None
    identifier: str = ""
    url: str = ""
    content: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receipt says.

    Attributes:
        positive: whether it is.
        code: of the answer, or of the refusal.
        text: why, lines parted by newlines.
        letters: the identifiers of what it answers.
    """

    positive: bool
    code: str
    text: str
    letters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, an attachment letter, or a receipt.

    Attributes:
        category: the code of a category, or "".
        priority: as it stands there.
        answer: of a receipt; None of all else.
    """

    type: str
    version: str
    sender: Party
    receiver: Party
    sent: str
    patient: Patient | None = None
    subject: str = ""
    category: str = ""
    priority: str = ""
    episode: str = ""
    segments: tuple[Segment, ...] = ()
    attachments: tuple[Attached, ...] = field(default=())
    answer: Answer | None = None
