"""MedCom's mapping tables, row by row, each row under an id of its own.

The tables are literal values in one module a direction; stylesheets and functions bear the ids of the rows they carry,
and the tests hold one case for each (`tests/conversion/rows`).
Source: MedCom's mapping tables v5.0.0 (January 2026), the use cases of its conversion service 3.1.0.
"""

from __future__ import annotations

from conversion.rows.carriers import Notes, carriers, carries, missing, noted, noting, taken_out
from conversion.rows.receipts import RECEIPTS
from conversion.rows.row import Row
from conversion.rows.to_acknowledgement import TO_ACKNOWLEDGEMENT
from conversion.rows.to_carecommunication import TO_CARECOMMUNICATION
from conversion.rows.to_xbin01 import TO_XBIN01
from conversion.rows.to_xctl import TO_XCTL
from conversion.rows.to_xdis91 import TO_XDIS91

__all__ = ["ROWS", "Notes", "Row", "carriers", "carries", "missing", "noted", "noting", "taken_out"]

ROWS: tuple[Row, ...] = (*TO_CARECOMMUNICATION, *TO_XDIS91, *TO_XBIN01, *TO_ACKNOWLEDGEMENT, *TO_XCTL, *RECEIPTS)
