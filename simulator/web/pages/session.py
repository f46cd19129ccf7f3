"""What a browser keeps for the pages: its language, whether patient data is shown, and what makes a form its own.

Cookies are SameSite=Strict, out of reach of scripts, and named by the port, which browsers leave out of what a cookie
belongs to. A form carries a signature of its session under a secret of this process: another site can neither read it
nor make it, not even one on another port of the same host that sets a cookie of this name.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from simulator.web.pages.texts import LANGUAGES, Language, preferred

FIELD = "same_site"
"""The form field that carries the signature."""

HEADER = "x-vansim-same-site"
"""The same, for what sends no form."""

_LASTING = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's session.

    Attributes:
        name: random; what forms are signed for.
        fresh: whether the browser has yet to be told the name.
        language: of the pages.
        shown: whether patient data is shown.
    """

    name: str
    fresh: bool
    language: Language
    shown: bool


class Sessions:
    """The sessions of one process."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def of(self, request: Request) -> Session:
        """The session that a request belongs to, or a new one."""
        name = request.cookies.get(cookie(request, "session"), "")
        said = request.cookies.get(cookie(request, "language"))
        language = next((one for one in LANGUAGES if one == said), None)
        return Session(
            name or secrets.token_urlsafe(18),
            not name,
            language or preferred(request.headers.get("accept-language", "")),
            request.cookies.get(cookie(request, "patients")) == "shown",
        )

    def signature(self, session: Session) -> str:
        """What the forms of a session carry."""
        return hmac.new(self._secret, session.name.encode(), hashlib.sha256).hexdigest()

    def signed(self, session: Session, given: str) -> bool:
        """Whether a form is this session's own."""
        return hmac.compare_digest(self.signature(session).encode(), given.encode())


def cookie(request: Request, name: str) -> str:
    """The name of a cookie of this network."""
    return f"vansim-{name}-{request.url.port or (443 if request.url.scheme == 'https' else 80)}"


def keep(request: Request, response: Response, name: str, value: str, *, lasting: bool = False) -> None:
    """Have the browser keep a value, until it is closed unless it is to last."""
    response.set_cookie(
        cookie(request, name),
        value,
        max_age=_LASTING if lasting else None,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def forget(request: Request, response: Response, name: str) -> None:
    """Have the browser forget a value."""
    response.delete_cookie(cookie(request, name), path="/", httponly=True, samesite="strict")


def is_own(request: Request) -> bool:
    """Whether a browser says that a request comes from these pages, or says nothing of it.

    Under `Referrer-Policy: no-referrer` a form's Origin is "null" (Fetch, append a request `Origin` header): then
    Sec-Fetch-Site tells, where the browser sends it, and the signature settles it.
    """
    site = request.headers.get("sec-fetch-site")
    if site not in {None, "same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return origin in {None, "null", own}
