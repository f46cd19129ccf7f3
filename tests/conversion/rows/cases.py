"""All rows' cases, of all directions."""

from __future__ import annotations

from tests.conversion.rows.case import Case
from tests.conversion.rows.to_carecommunication import CASES as TO_CARECOMMUNICATION

CASES: tuple[Case, ...] = (*TO_CARECOMMUNICATION,)
