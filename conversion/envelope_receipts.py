"""Envelope receipts across a conversion: what answers the envelope that was made answers the one that came in.

The receiver answers an envelope that the sender never saw; its answer goes back quoting the sender's own. Source:
VANSEnvelope 1.0.4, Receipt; use cases of the conversion service 3.1.0, 4.3, for several envelopes, as with the letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from conversion.errors import ANSWERS_OTHER, NOTHING_REMEMBERED
from conversion.facts import Remembered
from envelope.findings import Refused
from envelope.model import Head, Receipt, ReceiptKind

DESCRIPTION_LIMIT = 512


def envelope_receipts(heads: Sequence[Head], remembered: Remembered) -> tuple[Receipt, ...]:
    """The receipts for the envelopes that came in, given those on the envelopes that were made.

    Args:
        heads: the envelope receipts that have come so far.
        remembered: of the conversion, with its envelopes.

    Returns:
        one receipt for each envelope that came in: negative when one of those that were made was refused; none while
        an envelope that was made is unanswered, for an answer once given never changes.

    Raises:
        Refused: nothing is remembered of the envelopes (VS-540), or another one is answered (VS-541).
    """
    made = [envelope.identifier for envelope in remembered.made_envelopes]
    if not made or not remembered.original_envelopes:
        raise Refused(NOTHING_REMEMBERED.at("/VANSEnvelope/Receipt", type="envelope receipt"))
    answers: dict[str, Receipt] = {}
    for head in heads:
        answered = head.receipt.original_envelope if head.receipt is not None else ""
        if head.receipt is None or answered not in made:
            place = "/VANSEnvelope/Receipt/*/OriginalEnvelopeIdentifier"
            raise Refused(ANSWERS_OTHER.at(place, answered=answered or "nothing", made=", ".join(made)))
        answers.setdefault(answered, head.receipt)
    if len(answers) < len(set(made)):
        return ()
    refusals = [receipt for receipt in answers.values() if receipt.kind is not ReceiptKind.POSITIVE_MESSAGE]
    said = refusals[0] if refusals else next(iter(answers.values()))
    description = _cut("; ".join(receipt.description for receipt in refusals if receipt.description)) or None
    return tuple(
        Receipt(said.kind, original.identifier, original.message, description, said.code)
        for original in remembered.original_envelopes
    )


def _cut(description: str) -> str:
    return description if len(description) <= DESCRIPTION_LIMIT else description[: DESCRIPTION_LIMIT - 3] + "..."
