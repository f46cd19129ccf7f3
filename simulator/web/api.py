"""The HTTP API of one network: its routers, who may call them, and what is said when a call cannot be answered."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.errors import BODY_TOO_LARGE, Closed
from envelope.findings import Finding, Refused
from routing.ledger.errors import LedgerClosed
from simulator.errors import (
    INTERNAL,
    NO_CALL,
    NO_DEAD_LETTER,
    NO_LEASE,
    NO_PARTICIPANT,
    NO_TOKEN,
    NOT_FOUND,
    NOT_READY,
    PARAMETER,
    UPLOAD_TOO_LARGE,
)
from simulator.networks import Networks
from simulator.web import (
    clock,
    dead_letters,
    events,
    health,
    inboxes,
    letters,
    messages,
    networks,
    participants,
    rollout,
    waiting,
)
from simulator.web.errors import NETWORK_EXISTS, NO_SUCH_NETWORK, STORY_NOT_OVER
from simulator.web.leases import LEASE_SECONDS, Leases
from simulator.web.pages.site import Pages
from simulator.web.parts import listed
from simulator.wiring import Network

log = structlog.get_logger("vansim.api")

_PARTS = (
    # Routes are asked one after the other: what everybody calls all the time stands first.
    messages.intake,
    inboxes.router,
    messages.router,
    letters.router,
    letters.bodies,
    waiting.router,
    events.router,
    participants.router,
    participants.directory,
    dead_letters.router,
    clock.router,
    rollout.router,
)
"""What every network has, the default one beneath `/api` and an isolated one beneath its name."""

_STATUS = {
    NO_SUCH_NETWORK.id: 404,
    NETWORK_EXISTS.id: 409,
    STORY_NOT_OVER.id: 409,
    NO_LEASE.id: 404,
    NO_PARTICIPANT.id: 404,
    NOT_FOUND.id: 404,
    NO_DEAD_LETTER.id: 404,
    UPLOAD_TOO_LARGE.id: 413,
    BODY_TOO_LARGE.id: 413,
}
_REFUSED = 422


def make_app(network: Network, lease_seconds: float = LEASE_SECONDS) -> FastAPI:
    """The API of one network.

    Args:
        network: until it is ready, calls get 503.
        lease_seconds: how long an envelope taken from an inbox is its taker's to ack.
    """
    app = Api(
        title="vansim",
        summary="A local VANS network: send, receive, and see what became of it.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.networks = Networks(network)
    app.state.leases = _LeasesOf(lease_seconds)
    app.include_router(networks.router)
    for part in _PARTS:
        app.include_router(part, prefix="/api")
        app.include_router(part, prefix="/api/networks/{network}")
    app.include_router(health.router)
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)
    app.add_middleware(Door, networks=app.state.networks)
    app.router.routes.append(Pages(app.state.networks, ("/api", "/health")))
    return app


class _LeasesOf(WeakKeyDictionary[Network, Leases]):
    """The leases of each network, made when first asked for."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def __getitem__(self, network: Network) -> Leases:
        if network not in self:
            self[network] = Leases(network, self._seconds)
        return super().__getitem__(network)


class Api(FastAPI):
    """An application whose description says what findings look like, and how the token is given."""

    def openapi(self) -> dict[str, Any]:
        """The description, made when it is first asked for."""
        if self.openapi_schema is None:
            describe(super().openapi())
        return super().openapi()


def describe(schema: dict[str, Any]) -> None:
    """Put into a description what the framework does not know."""
    names = ("rule", "severity", "fault", "location", "text", "action", "source", "value")
    finding = {name: {"type": "string"} for name in names}
    one = {"type": "object", "properties": finding}
    parts = schema.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["Findings"] = {"type": "object", "properties": {"findings": {"type": "array", "items": one}}}
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{}, {"token": []}]
    findings = {"application/json": {"schema": {"$ref": "#/components/schemas/Findings"}}}
    for path in schema["paths"].values():
        for call in path.values():
            if "422" in call["responses"]:  # the framework's own form of it is never sent
                call["responses"]["422"]["content"] = findings
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


class Door:
    """Lets nobody in without the token, where there is one, nor before the network is ready.

    Plain ASGI: the framework's own form of a middleware runs each call in a task group of its own, which costs as much
    as everything else that is done for a small call.
    """

    def __init__(self, app: ASGIApp, networks: Networks) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 (ASGI's own)
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if not path.startswith("/api/"):
            return None
        network = self._networks.default
        token = network.settings.token
        if token and not _has_token(Headers(scope=scope), token):
            return _answer([NO_TOKEN.at("")], 401, {"WWW-Authenticate": "Bearer"})
        if not network.ready and path != "/api/openapi.json":
            return _answer([NOT_READY.at("", reason=_reason(network.health()))], 503, {"Retry-After": "1"})
        return None


def _has_token(headers: Headers, token: str) -> bool:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    # Compared as the bytes that came: text outside ASCII would not be compared at all.
    return scheme.lower() == "bearer" and secrets.compare_digest(given.strip().encode("latin-1"), token.encode())


def _reason(state: dict[str, Any]) -> str:
    away = [state[name]["text"] for name in ("ledger", "broker") if not state[name]["ok"]]
    return away[0] if away else "It is starting or ending."


def _answer(findings: list[Finding], status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"findings": listed(tuple(findings))}, status, headers)


async def _refused(_: Request, refused: Any) -> Response:
    """What is refused at the door, with its findings."""
    return _answer(refused.findings, _STATUS.get(refused.findings[0].rule.id, _REFUSED))


async def _wrong_parameter(_: Request, error: Any) -> Response:
    """A parameter that cannot be read."""
    return _answer([PARAMETER.at("", name=str(one["loc"][-1]), reason=one["msg"]) for one in error.errors()], _REFUSED)


async def _no_call(request: Request, error: Any) -> Response:
    """A path or a method that the API does not have."""
    path = ascii(request.url.path)[1:-1]
    return _answer([NO_CALL.at("", method=request.method, path=path)], error.status_code, error.headers)


async def _ending(_: Request, _error: Any) -> Response:
    """The network is being stopped."""
    return _answer([NOT_READY.at("", reason="It is ending.")], 503)


async def _failed(_: Request, error: Any) -> Response:
    """An error of our own; only its kind is told, since its text may quote a message."""
    log.error("call failed", error=type(error).__name__)
    return _answer([INTERNAL.at("", error=type(error).__name__)], 500)


_HANDLERS: dict[type[Exception], Callable[[Request, Any], Awaitable[Response]]] = {
    Refused: _refused,
    RequestValidationError: _wrong_parameter,
    HTTPException: _no_call,
    Closed: _ending,
    LedgerClosed: _ending,
    Exception: _failed,
}
