"""The HTTP API: send, receive, and see what became of it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from envelope.findings import Refused
from envelope.reading import read
from routing.errors import SENDER_UNKNOWN
from routing.ledger import history
from routing.ledger.timeline import timeline
from simulator.errors import NO_LEASE, NO_PARTICIPANT, NOT_FOUND
from simulator.sending import enveloped
from simulator.web.inboxes import Inboxes
from simulator.wiring import Network

XML = "application/xml"
_STATUS = {NO_LEASE.id: 404, NO_PARTICIPANT.id: 404, NOT_FOUND.id: 404}
_LONGEST_WAIT = 60.0


def make_app(network: Network) -> FastAPI:
    """The API of one network, which is running."""
    app = FastAPI(title="vansim", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.include_router(_routes(network, Inboxes(network)))
    app.add_exception_handler(Refused, _refused)

    @app.middleware("http")
    async def authorised(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Demand the bearer token where the network has one."""
        token = network.settings.token
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and request.url.path.startswith("/api") and not secrets.compare_digest(given, token):
            return JSONResponse({"error": "a bearer token is needed"}, 401, {"WWW-Authenticate": "Bearer"})
        return await call_next(request)

    return app


def _refused(_: Request, refused: Exception) -> Response:
    """What is refused at the door, with its findings."""
    if not isinstance(refused, Refused):  # pragma: no cover (registered for Refused alone)
        raise refused
    status = _STATUS.get(refused.findings[0].rule.id, 422)
    return JSONResponse({"findings": [finding.as_dict() for finding in refused.findings]}, status)


def _routes(network: Network, inboxes: Inboxes) -> APIRouter:
    routes = APIRouter()

    @routes.get("/health")
    async def health() -> Response:
        """Whether broker and ledger can be used now; 503 while one of them is away."""
        state = network.health()
        return JSONResponse(state, 200 if state["ok"] else 503)

    @routes.post("/api/messages", status_code=202)
    async def send(
        request: Request,
        sender: Annotated[str | None, Query(alias="from")] = None,
        receiver: Annotated[str | None, Query(alias="to")] = None,
    ) -> Response:
        """Hand in an envelope, or with the query a bare letter or bundle, which is wrapped."""
        data = await request.body()
        identifier, body = enveloped(data, sender, receiver, network.clock())
        head = read(body).head
        if network.directory.participant(head.sender.id) is None:
            raise Refused(SENDER_UNKNOWN.at("/VANSEnvelope/SenderID", gln=head.sender.id))
        await network.submit(body, identifier)
        return JSONResponse({"id": identifier}, 202)

    @routes.get("/api/messages/{identifier}/timeline")
    async def story(identifier: str) -> Response:
        """The whole story of a letter and its receipts, from either end's identifier."""
        roots = await timeline(network.ledger, identifier)
        if not roots:
            raise Refused(NOT_FOUND.at("", identifier=identifier))
        return JSONResponse({"roots": [asdict(root) for root in roots]})

    @routes.get("/api/participants/{gln}/inbox")
    async def take(
        gln: str,
        wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT)] = 0.0,
        peek: bool = False,
    ) -> Response:
        """The next envelope, leased for 60 seconds, or with `peek` only looked at; 204 when none came."""
        _participant(network, gln)
        if peek:
            rows = await history.inbox_bodies(network.ledger, f"inbox.{gln}", 1)
            if not rows:
                return Response(status_code=204)
            return Response(rows[0].data, media_type=XML, headers={"X-Vans-Id": rows[0].envelope_id})
        taken = await inboxes.take(gln, wait)
        if taken is None:
            return Response(status_code=204)
        lease, delivery = taken
        headers = {"X-Vans-Lease": lease, "X-Vans-Id": delivery.message_id or ""}
        return Response(delivery.body, media_type=XML, headers=headers)

    @routes.post("/api/participants/{gln}/inbox/{lease}/ack", status_code=204)
    async def ack(gln: str, lease: str) -> Response:
        """The envelope is the participant's for good."""
        _participant(network, gln)
        await inboxes.ack(gln, lease)
        return Response(status_code=204)

    @routes.post("/api/participants/{gln}/inbox/{lease}/return", status_code=204)
    async def give_back(gln: str, lease: str) -> Response:
        """The envelope goes back to the inbox."""
        _participant(network, gln)
        await inboxes.give_back(gln, lease)
        return Response(status_code=204)

    @routes.get("/api/participants")
    async def participants() -> Response:
        """Who is there, and what each takes and from when."""
        return JSONResponse(network.directory.as_dict())

    @routes.get("/api/idle")
    async def idle() -> Response:
        """Answers when nothing is queued, being converted, or waiting for a mock participant."""
        await network.wait_until_idle()
        return JSONResponse({"idle": True})

    return routes


def _participant(network: Network, gln: str) -> None:
    if network.directory.participant(gln) is None:
        raise Refused(NO_PARTICIPANT.at("", gln=gln))
