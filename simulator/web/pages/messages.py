"""Messages: the live list of letters."""

from __future__ import annotations

from fastapi import APIRouter, Response

from simulator.web.pages.view import Here

router = APIRouter()


@router.get("/")
async def show(view: Here) -> Response:
    """The list."""
    return view.page("error.html", findings=[], title_key="nav.messages", retries=False)
