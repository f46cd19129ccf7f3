"""The door of the pages: what every answer says to the browser, and who is let in."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.web.pages.session import cookie

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""A letter is hostile input: whatever of it should slip through, no browser runs it or tells anybody."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

STATIC = "/static/"
TOKEN = "token"  # noqa: S105 (the name of a cookie)


class Door:
    """Lets in who may, and says to the browser what it may do with an answer; pages are kept out of its cache.

    Args:
        app: the pages.
        refusal: the answer to who is not let in; None for who is.
    """

    def __init__(self, app: ASGIApp, refusal: Callable[[Request], Response | None]) -> None:
        self._app = app
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A script or a stylesheet is asked for again each time, and mostly answered with 304; a page is never kept.
        caching = "no-cache" if scope["path"].startswith(STATIC) else "no-store"

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = caching
            await send(message)

        await (self._refusal(Request(scope)) or self._app)(scope, receive, told)


def is_let_in(request: Request, token: str | None) -> bool:
    """Whether a browser has logged in, where the network asks for its token."""
    if not token:
        return True
    given = request.cookies.get(cookie(request, TOKEN), "")
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), proof(token).encode())


def proof(token: str) -> str:
    """What a browser keeps that has given the token: it holds as long as the token does, and does not tell it."""
    return hmac.new(token.encode(), b"vansim pages", hashlib.sha256).hexdigest()
