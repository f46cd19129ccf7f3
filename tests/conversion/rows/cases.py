"""All rows' cases, of all directions."""

from __future__ import annotations

from tests.conversion.rows.attachments import CASES as ATTACHMENTS
from tests.conversion.rows.case import Case
from tests.conversion.rows.receipts import CASES as RECEIPTS
from tests.conversion.rows.to_acknowledgement import CASES as TO_ACKNOWLEDGEMENT
from tests.conversion.rows.to_carecommunication import CASES as TO_CARECOMMUNICATION
from tests.conversion.rows.to_xbin01 import CASES as TO_XBIN01
from tests.conversion.rows.to_xctl import CASES as TO_XCTL
from tests.conversion.rows.to_xdis91 import CASES as TO_XDIS91

CASES: tuple[Case, ...] = (
    *TO_CARECOMMUNICATION,
    *TO_XDIS91,
    *ATTACHMENTS,
    *TO_XBIN01,
    *TO_ACKNOWLEDGEMENT,
    *TO_XCTL,
    *RECEIPTS,
)
