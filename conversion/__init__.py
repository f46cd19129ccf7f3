"""Letters to bundles and back, receipts to acknowledgements and back: values in, values out."""

from __future__ import annotations

from conversion.convert import convert
from conversion.converted import Converted, Output
from conversion.facts import Facts, Identity, Organisation, Remembered, Settings

__all__ = ["Converted", "Facts", "Identity", "Organisation", "Output", "Remembered", "Settings", "convert"]
