"""What the network must know of a letter or bundle to decide about it: the same values for every family of messages.

Which element each comes from stands in `envelope.oioxml.facts` and `envelope.fhir.facts`; whatever the family,
`envelope.payload_facts` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AnswerCode = Literal["positive", "negative", "negative-vans"]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a receipt of the letter layer answers, and how.

    Attributes:
        envelope_id: the original's identifier in its own format: Emessage/Envelope/Identifier; None where the format
            does not name it (an Acknowledgement names the MessageHeader alone).
        letter_ids: the originals' letter identifiers, or MessageHeader.id; a negative XCTL may name none.
        code: positive; negative by the receiving system; negative by a VANS operator.
        text: the reason in words, lines parted by newlines; may hold patient data, so it is never logged.
        versions: the version codes that the receipt states for `letter_ids`, in their order; empty where it has none.
        refuse_code: RefuseCode, or the code of the OperationOutcome's issue; "" without one.
    """

    envelope_id: str | None
    letter_ids: tuple[str, ...]
    code: AnswerCode
    text: str
    versions: tuple[str, ...] = ()
    refuse_code: str = ""


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """A payload as routing sees it.

    Attributes:
        type, version: as the payload itself says (XDIS91, XD9134L; CareCommunication, 5.0).
        letter_id: Letter/Identifier, or MessageHeader.id; "" where it is missing.
        envelope_id: Emessage/Envelope/Identifier, or Bundle.id; "" where it is missing.
        sender, receiver: what stands where the GLN belongs; the sender of an XCTL01 may be an operator's name.
        wants_receipt: pluspositivkvitt; always true for a FHIR message that is not itself a receipt.
        attachments: identifiers of the objects referred to or carried, lower case without hyphens, so that a reference
            and its object compare equal.
        has_attachments: whether there is any, those without an identifier (links) included.
        answers: what a receipt answers; None for everything else.
        postfix: what the envelope's Name says after `#`: the category, or the response code; "" where there is none.
    """

    type: str
    version: str
    letter_id: str
    envelope_id: str
    sender: str | None
    receiver: str | None
    wants_receipt: bool
    attachments: tuple[str, ...] = ()
    has_attachments: bool = False
    answers: Answers | None = None
    postfix: str = ""
