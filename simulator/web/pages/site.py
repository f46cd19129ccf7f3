"""The pages put together: an application of its own behind the API's, made when the first page is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.errors import Closed
from envelope.findings import Finding, Refused
from routing.ledger.errors import LedgerClosed
from simulator.errors import INTERNAL, NO_DEAD_LETTER, NO_PARTICIPANT, NOT_FOUND, NOT_READY, UPLOAD_TOO_LARGE
from simulator.networks import Networks
from simulator.web.errors import MASKED, NO_LENGTH, NO_PAGE, NO_SUCH_NETWORK, NOT_OUR_FORM, WRONG_TOKEN
from simulator.web.pages import acts, clock, compose, dead_letters, login, message, messages, participants, sessions
from simulator.web.pages.door import STATIC, Door, is_let_in
from simulator.web.pages.rendering import TEMPLATES
from simulator.web.pages.session import Sessions
from simulator.web.pages.view import View

log = structlog.get_logger("vansim.pages")

_PARTS = (
    messages.router,
    acts.router,
    message.router,
    participants.router,
    clock.router,
    dead_letters.router,
    compose.router,
    sessions.router,
)

_STATUS = {
    NO_SUCH_NETWORK.id: 404,
    NOT_FOUND.id: 404,
    NO_PARTICIPANT.id: 404,
    NO_DEAD_LETTER.id: 404,
    UPLOAD_TOO_LARGE.id: 413,
    NO_LENGTH.id: 411,
    NOT_OUR_FORM.id: 403,
    WRONG_TOKEN.id: 403,
    MASKED.id: 403,
}
_REFUSED = 422
_LOGIN = "/login"


class Pages(Mount):
    """Takes every address that is not the API's.

    Args:
        networks: whose pages they are.
        apis: what addresses begin with that are not theirs.
    """

    def __init__(self, networks: Networks, apis: tuple[str, ...]) -> None:
        super().__init__("", _Late(networks))
        self._apis = apis

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether an address is theirs."""
        if scope["type"] != "http" or scope["path"].startswith(self._apis):
            return Match.NONE, {}
        return super().matches(scope)


class _Late:
    """The application, made when it is first called: a network is ready before anybody looks at it."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._app = make_pages(self._networks)
        await self._app(scope, receive, send)


def make_pages(networks: Networks) -> FastAPI:
    """The application of the pages of these networks."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.networks = networks
    app.state.sessions = Sessions()
    app.mount(STATIC.rstrip("/"), StaticFiles(directory=TEMPLATES.parent / "static"))
    app.include_router(login.router)
    for part in _PARTS:
        app.include_router(part)
        app.include_router(part, prefix="/networks/{network}")
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(Door, refusal=_refusal)
    return app


def _refusal(request: Request) -> Response | None:
    """Send to the log-in who has not logged in, and ask to wait while the network is not ready."""
    path = request.url.path
    network = _networks(request).default
    if path.startswith(STATIC):
        return None
    if not is_let_in(request, network.settings.token) and path != _LOGIN:
        return RedirectResponse(_LOGIN, 303)
    if not network.ready:
        return _not_ready(request, _reason(network.health()))
    return None


def _networks(request: Request) -> Networks:
    return cast("Networks", request.app.state.networks)


def _told(
    request: Request, findings: tuple[Finding, ...], status: int, title: str = "error.title", *, retries: bool = False
) -> Response:
    view = View(request, _networks(request).default, cast("Sessions", request.app.state.sessions))
    return view.refused(findings, status, title, retries=retries)


def _not_ready(request: Request, reason: str) -> Response:
    answer = _told(request, (NOT_READY.at("", reason=reason),), 503, "error.starting", retries=True)
    answer.headers["Retry-After"] = "1"
    answer.headers["Refresh"] = "2"
    return answer


def _reason(state: dict[str, Any]) -> str:
    away = [state[name]["text"] for name in ("ledger", "broker") if not state[name]["ok"]]
    return away[0] if away else "It is starting or ending."


async def _refused(request: Request, refused: Any) -> Response:
    return _told(request, refused.findings, _STATUS.get(refused.findings[0].rule.id, _REFUSED))


async def _no_page(request: Request, error: Any) -> Response:
    """An address that no page has, or a form that cannot be read."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _told(request, (NO_PAGE.at("", path=ascii(request.url.path)[1:-1]),), status, "error.missing")


async def _ending(request: Request, _error: Any) -> Response:
    return _not_ready(request, "It is ending.")


async def _failed(request: Request, error: Any) -> Response:
    """An error of our own; only its kind is told, since its text may quote a message."""
    log.error("page failed", error=type(error).__name__)
    return _told(request, (INTERNAL.at("", error=type(error).__name__),), 500)


_HANDLERS: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
    Refused: _refused,
    RequestValidationError: _no_page,
    HTTPException: _no_page,
    Closed: _ending,
    LedgerClosed: _ending,
    Exception: _failed,
}
