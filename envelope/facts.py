"""What the network must know of a letter or bundle to decide about it, read cheaply from the payload.

The values are the same for every family of messages, so that routing never looks into a payload itself. Which element
each comes from stands in `envelope.oioxml.facts` and `envelope.fhir.bundle`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from envelope.catalogue import MessageType

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


def letter_facts(payload: bytes, type: MessageType) -> LetterFacts:  # noqa: A002 (MedCom's word for it)
    """The facts of a payload.

    Args:
        payload: the decoded bytes of Message/Data.
        type: what the envelope and the catalogue say that it is; only its family is used to choose the reader.

    Returns:
        the facts; of a family without a reader (EDIFACT) only its type and version.

    Raises:
        Refused: the payload cannot be read as its family.
    """
    # The readers build these values, so they import this module: the dispatch waits until it is called.
    if type.family == "OIOXML":
        from envelope.oioxml.facts import payload_facts  # noqa: PLC0415

        return payload_facts(payload)
    if type.family == "FHIR":
        from envelope.cutting import cut  # noqa: PLC0415
        from envelope.fhir.bundle import bundle_facts, read_bundle  # noqa: PLC0415

        # What was not cut by shape may stay in the tree: no fact is in it.
        return bundle_facts(read_bundle(slim if (slim := cut(payload)).cuts else payload))
    return LetterFacts(type.type, type.version or "", "", "", None, None, wants_receipt=False)
