"""What a reader chooses for the session: the language, and whether patient data is shown."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from simulator.web.pages.session import forget, keep
from simulator.web.pages.texts import LANGUAGES
from simulator.web.pages.view import Here, View

router = APIRouter()


@router.post("/language")
async def language(view: Here) -> Response:
    """Show the pages in a language from now on."""
    answer = _back(view)
    wanted = view.field("language")
    if wanted in LANGUAGES:
        keep(view.request, answer, "language", wanted, lasting=True)
    return answer


@router.post("/patients")
async def patients(view: Here) -> Response:
    """Show patient data until the browser is closed, or hide it again."""
    answer = _back(view)
    if view.field("patients") == "shown":
        keep(view.request, answer, "patients", "shown")
    else:
        forget(view.request, answer, "patients")
    return answer


def _back(view: View) -> Response:
    """To the page that the form stood on, which is one of ours whatever the form says."""
    asked = urlsplit(view.field("back"))
    path = asked.path if asked.path.startswith("/") and not asked.path.startswith(("//", "/\\")) else "/"
    return RedirectResponse(path + (f"?{asked.query}" if asked.query else ""), 303)
