"""Letters to bundles and back, receipts to acknowledgements and back: values in, values out."""

from __future__ import annotations

from conversion.answers import Reason, negative_receipt, positive_receipt, vans_receipt
from conversion.convert import convert
from conversion.converted import Converted, Output
from conversion.envelope_receipts import envelope_receipts
from conversion.facts import Facts, Identity, Organisation, Remembered, Settings, Travelled
from conversion.identifiers import Identifiers

__all__ = [
    "Converted",
    "Facts",
    "Identifiers",
    "Identity",
    "Organisation",
    "Output",
    "Reason",
    "Remembered",
    "Settings",
    "Travelled",
    "convert",
    "envelope_receipts",
    "negative_receipt",
    "positive_receipt",
    "vans_receipt",
]
