"""Dead letters: what could not be handled, with its reason and its bytes."""

from __future__ import annotations

from fastapi import APIRouter, Response

from routing.ledger import dead_letters
from simulator.web.pages.view import Here

router = APIRouter(prefix="/dead")

SHOWN = 200


@router.get("")
async def show(view: Here) -> Response:
    """The latest of them."""
    rows = await dead_letters.latest(view.network.ledger, SHOWN + 1)
    return view.page("dead.html", rows=rows[:SHOWN], more=len(rows) > SHOWN, limit=SHOWN)
