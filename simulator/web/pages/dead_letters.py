"""Dead letters: what could not be handled, with its reason and its bytes; and put back."""

from __future__ import annotations

from fastapi import APIRouter, Response

from envelope.findings import Refused
from routing.ledger import dead_letters
from simulator import putting_back
from simulator.errors import NO_DEAD_LETTER
from simulator.web.pages.view import Here, saved

router = APIRouter(prefix="/dead")

SHOWN = 200


@router.get("")
async def show(view: Here) -> Response:
    """The latest of them."""
    rows = await dead_letters.latest(view.network.ledger, SHOWN + 1)
    return view.page("dead.html", rows=rows[:SHOWN], more=len(rows) > SHOWN, limit=SHOWN)


@router.get("/{key}")
async def body(view: Here, key: int) -> Response:
    """The bytes of one of them, to be saved: nobody knows what is in them."""
    view.must_show_patients()
    found = await dead_letters.body(view.network.ledger, key)
    if found is None:
        raise Refused(NO_DEAD_LETTER.at("", key=key))
    return saved([found], str(key))


@router.post("/{key}/put-back")
async def put_back(view: Here, key: int) -> Response:
    """Put one of them back where it was given up."""
    await putting_back.put_back(view.network, key)
    return view.told("dead", "put-back")
