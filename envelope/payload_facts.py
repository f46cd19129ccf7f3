"""The facts of a payload of any family, read cheaply, so that routing never looks into a payload itself."""

from __future__ import annotations

from envelope.catalogue import MessageType
from envelope.cutting import cut
from envelope.facts import LetterFacts
from envelope.fhir.bundle import read_bundle
from envelope.fhir.facts import bundle_facts
from envelope.oioxml.facts import payload_facts as oioxml_facts


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
    if type.family == "OIOXML":
        return oioxml_facts(payload)
    if type.family == "FHIR":
        # What was not cut by shape may stay in the tree: no fact is in it.
        return bundle_facts(read_bundle(slim if (slim := cut(payload)).cuts else payload))
    return LetterFacts(type.type, type.version or "", "", "", None, None, wants_receipt=False)
