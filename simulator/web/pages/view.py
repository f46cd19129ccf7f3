"""What every page is given: the network, the session, and how to answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.datastructures import FormData, UploadFile

from envelope.findings import Finding, Refused
from simulator.errors import UPLOAD_TOO_LARGE
from simulator.web.errors import MASKED, NO_LENGTH, NOT_OUR_FORM
from simulator.web.pages.rendering import AGES, age, render
from simulator.web.pages.session import FIELD, HEADER, Session, Sessions, is_own, keep
from simulator.web.pages.states import tone
from simulator.web.pages.texts import LANGUAGES, Words
from simulator.web.parts import NetworkHere
from simulator.wiring import Network

LARGEST_FIELD = 16 * 1024 * 1024
"""Bytes of one field of a form; files are bounded by the network's own bound for uploads."""

NAVIGATION = ("participants", "clock", "dead", "compose")
"""The pages behind the first, by the last part of their address."""

_SAFE = {"GET", "HEAD"}


class View:
    """One call of a page.

    Args:
        request: the call.
        network: whose pages they are.
        sessions: of this process.
    """

    def __init__(self, request: Request, network: Network, sessions: Sessions) -> None:
        self.request = request
        self.network = network
        self.session: Session = sessions.of(request)
        self.words = Words(self.session.language)
        self._sessions = sessions
        self._form: FormData | None = None

    @property
    def form(self) -> FormData:
        """The form that was sent; its signature is known to be right."""
        if self._form is None:
            raise AssertionError("a form is there where one was sent")
        return self._form

    def field(self, name: str) -> str:
        """A text field of the form; "" where it is missing."""
        value = self.form.get(name, "")
        return "" if isinstance(value, UploadFile) else value

    @property
    def is_part(self) -> bool:
        """Whether a part of a page is asked for by the page itself, and not a page."""
        return "hx-request" in self.request.headers

    def name_of(self, gln: str | None) -> str:
        """The name of a participant; "" for who is none."""
        participant = self.network.directory.participant(gln or "")
        return participant.name if participant is not None else ""

    def must_show_patients(self) -> None:
        """Hold back what cannot be masked until patient data is asked for.

        Raises:
            Refused: VS-795.
        """
        if not self.session.shown:
            raise Refused(MASKED.at(""))

    async def admit(self) -> None:
        """Read the form of a call that changes something, and let it in only when it is this session's own.

        Raises:
            Refused: VS-790, VS-791 or VS-478.
        """
        request = self.request
        if request.method in _SAFE:
            return
        if not is_own(request):
            raise Refused(NOT_OUR_FORM.at(""))
        length = request.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            raise Refused(NO_LENGTH.at(""))
        limit = self.network.settings.largest_upload
        if int(length) > limit:
            raise Refused(UPLOAD_TOO_LARGE.at("", limit=limit))
        self._form = await request.form(max_files=4, max_fields=5000, max_part_size=LARGEST_FIELD)
        given = self._form.get(FIELD) or request.headers.get(HEADER) or ""
        if isinstance(given, UploadFile) or not self._sessions.signed(self.session, given):
            raise Refused(NOT_OUR_FORM.at(""))

    def url(self, path: str = "") -> str:
        """The address of a page of this network; "" for the first."""
        name = self.request.path_params.get("network")
        return f"/networks/{name}/{path}" if name else f"/{path}"

    def api(self, path: str) -> str:
        """The address of a call of this network's API."""
        name = self.request.path_params.get("network")
        return f"/api/networks/{name}/{path}" if name else f"/api/{path}"

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page or a part of one.

        Args:
            template: its name.
            status: HTTP's.
            values: what the template names beside what all may.
        """
        response = HTMLResponse(self.part(template, **values), status)
        if self.session.fresh:
            keep(self.request, response, "session", self.session.name)
        return response

    def part(self, template: str, **values: Any) -> str:
        """The text of a page or of a part of one."""
        return render(template, self._values() | values)

    def told(self, path: str, key: str | None = None) -> Response:
        """Go on to a page when something is done, which says so there.

        Args:
            path: of the page.
            key: of the text, without its `told.`.
        """
        sign = "&" if "?" in path else "?"
        return RedirectResponse(self.url(path) + (f"{sign}told={key}" if key else ""), 303)

    def refused(
        self, findings: tuple[Finding, ...], status: int, title: str = "error.title", *, retries: bool = False
    ) -> Response:
        """A page of its own that says why something was not done.

        Args:
            findings: why.
            status: HTTP's.
            title: the key of its title.
            retries: whether the browser is told to ask again.
        """
        return self.page(
            "error.html",
            status,
            findings=[one.as_dict() for one in findings],
            title_key=title,
            retries=retries,
        )

    def _values(self) -> dict[str, Any]:
        network, request = self.network, self.request
        now = network.clock()
        told = f"told.{request.query_params.get('told', '')}"
        state = network.health()
        return {
            "t": self.words,
            "url": self.url,
            "api": self.api,
            "age": lambda value: age(self.words, value, now),
            "language": self.session.language,
            "languages": LANGUAGES,
            "navigation": NAVIGATION,
            "here_with_query": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "tone": tone,
            "units": {unit: self.words(f"age.{unit}", n="%", age="%") for unit in AGES},
            "network_name": request.path_params.get("network"),
            "now": now,
            "mode": network.clock.standing.mode.value,
            "shown": self.session.shown,
            "signature": self._sessions.signature(self.session),
            "has_token": bool(network.settings.token),
            "told_key": told if told in self.words else None,
            "state": state,
        }


def saved(pieces: Iterable[bytes], name: str) -> Response:
    """Bytes of another's, which a browser is to save and never to show."""
    told = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": told}
    return StreamingResponse(iter(pieces), media_type="application/octet-stream", headers=headers)


async def _view(request: Request, network: NetworkHere) -> AsyncIterator[View]:
    view = View(request, network, cast("Sessions", request.app.state.sessions))
    try:
        await view.admit()
        yield view
    finally:
        await request.close()  # the files of its form


Here = Annotated[View, Depends(_view)]
