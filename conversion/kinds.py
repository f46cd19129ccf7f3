"""The three receipts of OIOXML and the response codes of an Acknowledgement, as one table read both ways.

Source: MedCom's conversion use cases 3.1.0, S3 and S4; receipt schemas of 2005/08/07 for the names and versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of receipt.

    Attributes:
        type: "XCTL01", "XCTL02", "XCTL03"; also its StatisticalCode.
        element: its element inside Emessage.
        version: its VersionCode.
        responses: the response codes that it answers for; empty for the network's own, which has no counterpart.
        refuses: whether it says no, and may say why.
    """

    type: str
    element: str
    version: str
    responses: tuple[str, ...]
    refuses: bool


VANS: Final = Kind("XCTL01", "NegativeVansReceipt", "XC0130Q", (), refuses=True)
NEGATIVE: Final = Kind("XCTL02", "NegativeReceipt", "XC0230Q", ("fatal-error", "transient-error"), refuses=True)
POSITIVE: Final = Kind("XCTL03", "PositiveReceipt", "XC0330Q", ("ok",), refuses=False)

KINDS: tuple[Kind, ...] = (VANS, NEGATIVE, POSITIVE)


def kind_of_response(code: str) -> Kind | None:
    """The receipt that a response code becomes, or None for a code outside the guide's list."""
    return next((kind for kind in KINDS if code in kind.responses), None)
