"""What is done with letters of the list: sent again, or deleted with their stories."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from envelope.findings import Refused
from routing.ledger import messages
from routing.ledger.removal import remove
from simulator.errors import NOT_FOUND
from simulator.resending import How, resend
from simulator.web.pages.view import Here, View

router = APIRouter(prefix="/letters")

MOST = 1000
"""Letters that are acted on at once."""


@router.post("/resend")
async def again(view: Here) -> Response:
    """Send letters again, unchanged or under new identifiers; one of them to somebody else, where that is asked."""
    how: How = "new" if view.field("how") == "new" else "unchanged"
    receiver = view.field("receiver").strip() or None
    rows = await messages.kept(view.network.ledger, _keys(view.form))
    if not rows:
        raise Refused(NOT_FOUND.at("", identifier="letters/resend"))
    if len(rows) == 1 and view.field("stay") != "list":
        name = await resend(view.network, bytes(rows[0].data), how, receiver)
        return view.told(f"messages/{quote(name, safe='')}", "sent")
    whole = True
    for row in rows:
        try:
            await resend(view.network, bytes(row.data), how, receiver)
        except Refused:
            whole = False  # one that cannot be read does not keep the others back
    return view.told(_list(view), "resent" if whole else "resent-some")


@router.post("/delete")
async def delete(view: Here) -> Response:
    """Delete letters with their stories; those that are not over are left."""
    left = await remove(view.network.ledger, _keys(view.form))
    return view.told(_list(view), "left" if left else "deleted")


def _keys(form: FormData) -> list[int]:
    texts = [text for text in form.getlist("key") if isinstance(text, str)]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 20][:MOST]  # noqa: PLR2004


def _list(view: View) -> str:
    query = view.field("back").partition("?")[2]
    return f"?{query}" if query.startswith("q=") else ""
