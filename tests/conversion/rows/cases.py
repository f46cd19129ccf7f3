"""All rows' cases, of all directions."""

from __future__ import annotations

from tests.conversion.rows.case import Case
from tests.conversion.rows.to_carecommunication import CASES as TO_CARECOMMUNICATION
from tests.conversion.rows.to_xdis91 import CASES as TO_XDIS91

CASES: tuple[Case, ...] = (*TO_CARECOMMUNICATION, *TO_XDIS91)
