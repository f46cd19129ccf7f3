"""A letter as a clinician reads it: who writes to whom, about whom, when, what about, and what; whichever form it has.

Values only, of OIOXML letters and FHIR messages alike; what is shown of them is the template's business. For XDIS91 and
XBIN01 see MedCom's standards of the correspondence letter and of its attachments, for CareCommunication and
Acknowledgement MedCom's FHIR guides.
"""

from __future__ import annotations

from envelope.cutting import cut
from envelope.fhir.bundle import read_bundle
from envelope.findings import Refused
from envelope.oioxml.reading import read_letter
from envelope.recognition import recognise
from simulator.web.pages import fhir_letters, oioxml_letters
from simulator.web.pages.letter import Letter

__all__ = ["Letter", "letter_of"]

_FIRST = 4096


def letter_of(payload: bytes) -> Letter | None:
    """The letter that a payload is; None when it is of another family, or cannot be read."""
    recognised = recognise(payload[:_FIRST])
    if recognised is None or recognised.family not in {"OIOXML", "FHIR"}:
        return None
    try:
        slim = cut(payload)
        if recognised.family == "OIOXML":
            return oioxml_letters.letter(read_letter(slim))
        return fhir_letters.letter(read_bundle(slim))
    except Refused:
        return None
