"""One case or more for each carried row of XDIS91 to CareCommunication."""

from __future__ import annotations

from tests.conversion.rows.case import Case

CASES: tuple[Case, ...] = ()
