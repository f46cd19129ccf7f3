"""Logging in, where the network asks for its token."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Response

from envelope.findings import Refused
from simulator.web.errors import WRONG_TOKEN
from simulator.web.pages.door import TOKEN, proof
from simulator.web.pages.session import forget, keep
from simulator.web.pages.view import Here

router = APIRouter()


@router.get("/login")
async def show(view: Here) -> Response:
    """The form that asks for the token."""
    return view.page("login.html", findings=[])


@router.post("/login")
async def enter(view: Here) -> Response:
    """Let a browser in that has the token; it keeps a proof of it out of reach of scripts."""
    given, token = view.field("token").strip(), view.network.settings.token or ""
    if not token or not secrets.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()):
        refused = Refused(WRONG_TOKEN.at(""))
        return view.page("login.html", 403, findings=[one.as_dict() for one in refused.findings])
    answer = view.told("")
    keep(view.request, answer, TOKEN, proof(token))
    return answer


@router.post("/logout")
async def leave(view: Here) -> Response:
    """Have the browser forget the token."""
    answer = view.told("login")
    forget(view.request, answer, TOKEN)
    return answer
