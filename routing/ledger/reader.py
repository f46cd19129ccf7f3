"""What the questions of this folder are put to: whatever reads rows. The ledger is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Row, Select


class Reader(Protocol):
    """Reads rows."""

    async def read(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """Every row of a select."""
        ...
