"""Which halves of a letter belong together, and what becomes of a half whose other one does not come.

MedCom VANS conversion use cases 3.1.0, R1.A2 and S1.A1 to S1.A4: an XDIS91 and every XBIN01 whose objects it refers to
become one CareCommunication, whichever comes first. Pure: the ledger says which halves there are, this says what to do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

WAIT = timedelta(minutes=60)
"""How long a half is held for the other (use cases 3.1.0, 4.5.3)."""


ARRIVING = 0
"""The key of a half that has none yet."""


class HalfState(StrEnum):
    """What has become of one half so far."""

    HELD = "held"
    JOINED = "joined"
    LET_GO = "let go"
    REFUSED = "refused"


class Pair(StrEnum):
    """What is to be done with a half."""

    HOLD = "hold"
    RELEASE = "release"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class PairingRule:
    """One row: its id, what is done, why in words, and where MedCom says so."""

    id: str
    outcome: Pair
    sentence: str
    source: str


LETTER_COMPLETE = PairingRule(
    "S1.A1-complete",
    Pair.RELEASE,
    "Every attachment that the letter refers to is here: letter and attachments become one message.",
    "use cases 3.1.0, S1.A1",
)
LETTER_WAITS = PairingRule(
    "S1.A1-letter-waits",
    Pair.HOLD,
    "The letter refers to {missing} that did not come yet: held for 60 minutes.",
    "use cases 3.1.0, S1.A1 and 4.5.3",
)
LETTER_TIMED_OUT = PairingRule(
    "S1.A2-timeout",
    Pair.RELEASE,
    "{missing} did not come within 60 minutes: converted with an incomplete attachment payload.",
    "use cases 3.1.0, S1.A2",
)
LETTER_LATE = PairingRule(
    "S1.A3-late-letter",
    Pair.RELEASE,
    "{missing} went on before the letter came: converted with an incomplete attachment payload.",
    "use cases 3.1.0, S1.A3",
)
ATTACHMENT_INVALID = PairingRule(
    "R1.A2-xbin-invalid",
    Pair.RELEASE,
    "{missing} was refused: the letter is converted with an incomplete attachment payload.",
    "use cases 3.1.0, R1.A2",
)
ATTACHMENT_WAITS = PairingRule(
    "S1.A1-attachment-waits",
    Pair.HOLD,
    "The letter that refers to the attachment did not come yet: held for 60 minutes.",
    "use cases 3.1.0, S1.A1 and 4.5.3",
)
ATTACHMENT_TIMED_OUT = PairingRule(
    "S1.A3-timeout",
    Pair.DELIVER,
    "No letter that refers to the attachment came within 60 minutes: it goes on unconverted.",
    "use cases 3.1.0, S1.A3",
)
ATTACHMENT_LATE = PairingRule(
    "S1.A2-late-attachment",
    Pair.DELIVER,
    "The letter was converted before the attachment came: it goes on unconverted.",
    "use cases 3.1.0, S1.A2",
)
LETTER_INVALID = PairingRule(
    "R1.A2-xdis-invalid",
    Pair.DELIVER,
    "The letter that refers to the attachment was refused: the attachment goes on unconverted.",
    "use cases 3.1.0, R1.A2",
)
REFERRAL_HOTEL = PairingRule(
    "S1-referral-hotel",
    Pair.DELIVER,
    "Attachments from the referral hotel go on at once, unconverted.",
    "use cases 3.1.0, 4.5.2",
)

PAIRING_RULES = (
    LETTER_COMPLETE,
    LETTER_WAITS,
    LETTER_TIMED_OUT,
    LETTER_LATE,
    ATTACHMENT_INVALID,
    ATTACHMENT_WAITS,
    ATTACHMENT_TIMED_OUT,
    ATTACHMENT_LATE,
    LETTER_INVALID,
    REFERRAL_HOTEL,
)


@dataclass(frozen=True, slots=True)
class Half:
    """A letter or an attachment letter, as far as pairing goes.

    Attributes:
        key: its ledger key.
        objects: of a letter the objects it refers to, of an attachment letter those it carries; identifiers in lower
            case without hyphens.
        state: what has become of it.
    """

    key: int
    objects: frozenset[str]
    state: HalfState = HalfState.HELD


@dataclass(frozen=True, slots=True)
class Halves:
    """The other halves of one, in the order of their coming.

    Attributes:
        letters: the letters that refer to one of its objects.
        attachments: the attachment letters that carry one of those objects, or one of the first letter's that is held.
    """

    letters: tuple[Half, ...] = ()
    attachments: tuple[Half, ...] = ()

    @property
    def letter(self) -> Half | None:
        """The letter that is held, the first if there are several."""
        return next((half for half in self.letters if half.state is HalfState.HELD), None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """The receipts that wait with one for the rest of their conversion's.

    Attributes:
        expected: how many of what was made has to be answered.
        held: the keys of the receipts that wait, the first on each letter or envelope.
        again: the one that came is on something that was answered before.
        over: the conversion's receipts were all there before, and were converted.
        place: how many were accepted before.
        until: when the conversion is forgotten, by network time.
    """

    expected: int = 1
    held: tuple[int, ...] = ()
    again: bool = False
    over: bool = False
    place: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """What to do with a half, by which rule.

    Attributes:
        letter: the key of the letter that is released; None when it is the half that was asked about.
        joined: the keys of the attachment letters that are converted together with the letter (RELEASE).
        missing: the objects whose content is not there.
    """

    rule: PairingRule
    joined: tuple[int, ...] = ()
    letter: int | None = None
    missing: frozenset[str] = frozenset()

    @property
    def outcome(self) -> Pair:
        """What is done."""
        return self.rule.outcome

    @property
    def reason(self) -> str:
        """Why, in words; objects are counted, never named."""
        count = len(self.missing)
        return self.rule.sentence.format(missing="1 attachment" if count == 1 else f"{count} attachments")


def of_letter(references: Collection[str], attachments: Sequence[Half], *, overdue: bool = False) -> Pairing:
    """What to do with a letter that refers to objects.

    Args:
        references: the objects it refers to.
        attachments: every attachment letter that carries one of them, in the order of their coming.
        overdue: its 60 minutes are over.
    """
    held = [half for half in attachments if half.state is HalfState.HELD and half.objects & set(references)]
    here = frozenset().union(*(half.objects for half in held))
    missing = frozenset(references) - here
    joined = tuple(half.key for half in held)
    if not missing:
        return Pairing(LETTER_COMPLETE, joined)
    let_go = _carried(attachments, HalfState.LET_GO, HalfState.JOINED)
    refused = _carried(attachments, HalfState.REFUSED)
    if missing <= let_go | refused:
        rule = LETTER_LATE if missing & let_go else ATTACHMENT_INVALID
        return Pairing(rule, joined, missing=missing)
    if overdue:
        return Pairing(LETTER_TIMED_OUT, joined, missing=missing)
    return Pairing(LETTER_WAITS, missing=missing - let_go - refused)


def of_attachment(letters: Sequence[Half], *, from_hotel: bool = False, overdue: bool = False) -> Pairing | None:
    """What to do with an attachment letter.

    Args:
        letters: the letters that refer to one of its objects, in the order of their coming.
        from_hotel: its sender is the referral hotel.
        overdue: its 60 minutes are over.

    Returns:
        None when a letter is held for it: then `of_letter` decides about both.
    """
    if from_hotel:
        return Pairing(REFERRAL_HOTEL)
    states = {half.state for half in letters}
    if HalfState.HELD in states:
        return None
    if HalfState.JOINED in states:
        return Pairing(ATTACHMENT_LATE)
    if HalfState.REFUSED in states:
        return Pairing(LETTER_INVALID)
    return Pairing(ATTACHMENT_TIMED_OUT if overdue else ATTACHMENT_WAITS)


def of_arriving(is_letter: bool, objects: Collection[str], halves: Halves, *, from_hotel: bool = False) -> Pairing:
    """What to do with a half that comes now; its own key is 0 among those that are joined.

    Args:
        is_letter: whether it refers to the objects, or carries them.
        objects: identifiers in lower case without hyphens.
        halves: those that are there.
        from_hotel: its sender is the referral hotel.
    """
    if is_letter:
        return of_letter(objects, halves.attachments)
    pairing = of_attachment(halves.letters, from_hotel=from_hotel)
    letter = halves.letter
    if pairing is not None or letter is None:
        return pairing if pairing is not None else Pairing(ATTACHMENT_WAITS)
    together = of_letter(letter.objects, (*halves.attachments, Half(ARRIVING, frozenset(objects))))
    return replace(together, letter=letter.key)


def _carried(attachments: Sequence[Half], *states: HalfState) -> frozenset[str]:
    return frozenset().union(*(half.objects for half in attachments if half.state in states))
