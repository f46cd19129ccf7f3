"""The literal tables that decide what becomes of a message; code, tests and documentation share them.

MedCom VANS conversion use cases 3.1.0 (R1, 4.1, 4.3) and the identity table of reliable messaging (GOV 032).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What the router does with a message."""

    DELIVER = "deliver"
    CONVERT = "convert"
    REFUSE = "refuse"
    IGNORE = "ignore"
    REPEAT = "repeat"
    HOLD = "hold"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """One row of the decision table: a permanent id, what is done, and why in words."""

    id: str
    outcome: Outcome
    sentence: str


DELIVER_AS_IS = DecisionRule("D-as-is", Outcome.DELIVER, "The receiver takes {type} on {day}: delivered untouched.")
DELIVER_LISTED = DecisionRule(
    "D-listed", Outcome.DELIVER, "{type} is not known to the network, but the receiver lists it: delivered untouched."
)
DELIVER_DUPLICATE = DecisionRule(
    "D-duplicate-forwarded",
    Outcome.DELIVER,
    "Received before and passed through then: forwarded again, marked as a duplicate, for the receiver to handle.",
)
DELIVER_RECEIPT = DecisionRule(
    "D-receipt-unpaired",
    Outcome.DELIVER,
    "The receipt answers nothing that the network converted: delivered untouched.",
)
DELIVER_ENVELOPE_RECEIPT = DecisionRule(
    "D-envelope-receipt", Outcome.DELIVER, "The envelope receipt goes back to the sender untouched."
)
CONVERT_LETTER = DecisionRule(
    "D-convert", Outcome.CONVERT, "The receiver takes {target} on {day} and not {type}: converted."
)
CONVERT_RECEIPT = DecisionRule(
    "D-convert-receipt", Outcome.CONVERT, "The receipt answers a converted letter: converted back to {target}."
)
CONVERT_ENVELOPE_RECEIPT = DecisionRule(
    "D-convert-envelope-receipt",
    Outcome.CONVERT,
    "The envelope receipt answers an envelope that a conversion made: rewritten to answer the sender's own envelope.",
)
REPEAT_RECEIPTS = DecisionRule(
    "D-repeat",
    Outcome.REPEAT,
    "Received before and converted then: not converted again; the receipts are sent again in new envelopes.",
)
IGNORE_DUPLICATE = DecisionRule(
    "D-ignore", Outcome.IGNORE, "Received before and converted then, with no receipt yet: not converted again."
)
TAKE_OWN_ANSWER = DecisionRule(
    "D-answers-network",
    Outcome.IGNORE,
    "The envelope receipt answers an envelope of the network's own: it has reached whom it is for.",
)
HOLD_HALF = DecisionRule("D-hold", Outcome.HOLD, "{pairing}")
RELEASE_PAIR = DecisionRule("D-release", Outcome.RELEASE, "{pairing}")
DELIVER_ALONE = DecisionRule("D-alone", Outcome.DELIVER, "{pairing}")
HOLD_RECEIPT = DecisionRule(
    "D-hold-receipt",
    Outcome.HOLD,
    "The letter went out as {expected} letters, of which {here} are answered: held until all are.",
)
DELIVER_HELD_RECEIPT = DecisionRule(
    "D-held-receipt-over",
    Outcome.DELIVER,
    "Three months after the conversion some of its receipts have not come: this one goes on unconverted.",
)
IGNORE_SECOND_RECEIPT = DecisionRule(
    "D-answered-before",
    Outcome.IGNORE,
    "What it answers was answered before, and an answer never changes.",
)
REPEAT_ANSWER = DecisionRule(
    "D-repeat-answer",
    Outcome.REPEAT,
    "The receipt was converted before: what was made of it is sent again in new envelopes.",
)
REFUSE = DecisionRule("D-refuse", Outcome.REFUSE, "{finding}")

DECISIONS = (
    DELIVER_AS_IS,
    DELIVER_LISTED,
    DELIVER_DUPLICATE,
    DELIVER_RECEIPT,
    DELIVER_ENVELOPE_RECEIPT,
    CONVERT_LETTER,
    CONVERT_RECEIPT,
    CONVERT_ENVELOPE_RECEIPT,
    REPEAT_RECEIPTS,
    IGNORE_DUPLICATE,
    TAKE_OWN_ANSWER,
    HOLD_HALF,
    RELEASE_PAIR,
    DELIVER_ALONE,
    HOLD_RECEIPT,
    DELIVER_HELD_RECEIPT,
    IGNORE_SECOND_RECEIPT,
    REPEAT_ANSWER,
    REFUSE,
)


class Identity(StrEnum):
    """What reliable messaging makes of the two identifiers of an envelope."""

    NEW = "new"
    DUPLICATE = "duplicate"
    REUSED = "reused"


# (EnvelopeIdentifier seen, message Identifier seen): MedCom reliable messaging for VANSEnvelope (GOV 032).
IDENTITIES: dict[tuple[bool, bool], Identity] = {
    (False, False): Identity.NEW,
    (True, True): Identity.DUPLICATE,
    (False, True): Identity.DUPLICATE,
    (True, False): Identity.REUSED,
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """A pair of types that the network converts, and the versions of the source that it knows."""

    source: str
    versions: tuple[str, ...]
    target: str


# MedCom VANS conversion use cases 3.1.0, 4.1; versions as the catalogue writes them.
LETTER_CONVERSIONS = (
    Conversion("XDIS91", ("XD9134L", "XD9133L"), "CareCommunication"),
    Conversion("XBIN01", ("XB0131X", "XB0130X"), "CareCommunication"),
    Conversion("CareCommunication", ("5", "4", "3"), "XDIS91"),
)
# The versions that the network can make of a type, the one that it would rather make first.
MADE_VERSIONS: dict[str, tuple[str, ...]] = {
    "CareCommunication": ("5.0", "4.0", "3.0"),
    "XDIS91": ("XD9134L",),
}
# What is the same message in EDIFACT and out of it: whether an operator converts one to the other is agreed with each
# customer (MedCom VANS conversion use cases 3.1.0, R1 and 1.4.2.4), and this network has no such agreement.
EDIFACT_COUNTERPARTS: dict[str, tuple[str, ...]] = {
    "XDIS91": ("DIS91",),
    "CareCommunication": ("DIS91",),
    "XBIN01": ("BIN01",),
    "DIS91": ("XDIS91", "CareCommunication"),
    "BIN01": ("XBIN01", "CareCommunication"),
}
# A letter that is only the other half of one (XBIN01) goes the way of its letter.
ATTACHMENT_LETTERS = frozenset({"XBIN01"})
# MedCom VANS conversion use cases 3.1.0, 4.3; XCTL01 has no counterpart.
RECEIPT_CONVERSIONS = {"XCTL02": "Acknowledgement", "XCTL03": "Acknowledgement", "Acknowledgement": "XCTL"}

# Which receipts a refusal makes, by family of what was refused. A letter receipt is not answered in its own layer,
# an envelope receipt not at all. FHIR has no receipt of the network's own: the envelope's answer stands alone, since an
# Acknowledgement is the receiver's word (MedCom conversion use cases 3.1.0, 4.3: XCTL01 has no counterpart).
REFUSAL_RECEIPTS: dict[str, tuple[str, ...]] = {
    "OIOXML": ("NegativeVans", "XCTL01"),
    "FHIR": ("NegativeVans",),
    "EDIFACT": ("NegativeVans",),
    "unknown": ("NegativeVans",),
    "letter receipt": ("NegativeVans",),
    "envelope receipt": (),
}
