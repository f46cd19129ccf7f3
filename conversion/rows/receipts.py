"""Two receipts on one message: when there is an Acknowledgement, and which.

Source: MedCom's conversion use cases 3.1.0, 4.3 (mapping.md 4.3): one CareCommunication went out as XDIS91 and XBIN01,
and each may be answered. The first row that fits decides.
"""

from __future__ import annotations

from typing import Final

from conversion.rows.row import Row

_USE_CASES = "MedCom conversion service use cases 3.1.0, 4.3"


def _joined(number: int, on_letter: str, on_attachments: str, answer: str) -> tuple[Row, str, str, str]:
    source = f"{on_letter or 'nothing'} on XDIS91, {on_attachments or 'nothing'} on XBIN01"
    target = {"XCTL03": "Acknowledgement ok", "XCTL02": "Acknowledgement negative", "": "wait"}[answer]
    row = Row(f"receipts-{number}", source, target, "joined", _USE_CASES)
    return row, on_letter, on_attachments, answer


JOINED: Final = (
    _joined(1, "XCTL03", "XCTL03", "XCTL03"),
    _joined(2, "XCTL03", "XCTL02", "XCTL02"),
    _joined(3, "XCTL02", "XCTL03", "XCTL02"),
    _joined(4, "XCTL02", "XCTL02", "XCTL02"),
    # One of them missing: VANS waits and sends nothing, whatever the other one said.
    _joined(5, "", "any", ""),
    _joined(6, "any", "", ""),
    # A message without attachments went out as one letter ("-": there was no XBIN01).
    _joined(7, "XCTL03", "-", "XCTL03"),
    _joined(8, "XCTL02", "-", "XCTL02"),
)
"""Row, the word on the XDIS91, the word on the XBIN01, and the answer; "" is a word that has not come."""

RECEIPTS: tuple[Row, ...] = tuple(row for row, *_ in JOINED)
