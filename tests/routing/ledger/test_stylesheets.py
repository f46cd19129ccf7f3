"""Stylesheets that conversions were made with, kept in the ledger."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import select

from routing.directory import StylesheetFile
from routing.ledger import stylesheets
from routing.ledger.errors import LedgerConflict
from routing.ledger.ledger import Ledger
from routing.ledger.schema import BODIES
from routing.ledger.stylesheets import Shelf
from tests.routing.ledger.rows import put

ONE, OTHER = (StylesheetFile("XDIS91", "a.xsl", "line 1", data) for data in (b"<one/>", b"<other/>"))


async def test_each_stylesheet_is_kept_once(ledger: Ledger) -> None:
    """However many processes put it there, however often; its key is below all keys of what travels."""
    shelf = Shelf(ledger)
    await shelf.keep([ONE, OTHER, ONE])
    before = ledger.changes
    await shelf.keep([OTHER])
    assert ledger.changes == before
    await Shelf(ledger).keep([ONE])
    rows = await ledger.read(select(BODIES))
    assert {(row.digest, row.size, row.data) for row in rows} == {
        (sha256(sheet.data).hexdigest(), len(sheet.data), sheet.data) for sheet in (ONE, OTHER)
    }
    assert all(-(2**63) <= row.key < 0 for row in rows)
    with pytest.raises(LedgerConflict):
        await ledger.commit(stylesheets.kept(ONE.data))


async def test_a_stylesheet_is_found_by_its_digest(ledger: Ledger) -> None:
    """By the whole of it: bytes that travelled, and a stylesheet whose digest only begins alike, are others."""
    digest = sha256(ONE.data).hexdigest()
    assert await stylesheets.find(ledger, digest) is None
    await put(ledger, BODIES, data=ONE.data, digest=digest)
    assert await stylesheets.find(ledger, digest) is None
    await Shelf(ledger).keep([ONE])
    assert await stylesheets.find(ledger, digest) == ONE.data
    assert await stylesheets.find(ledger, digest[:16] + "0" * 48) is None


def test_every_digest_has_a_key_that_the_database_holds() -> None:
    """The smallest and the largest digest give keys of 63 bits below 0."""
    assert [stylesheets._key(digit * 64) for digit in "0f"] == [-1, -(2**63)]
