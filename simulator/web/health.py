"""Health over HTTP: whether the network can be used."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from simulator.web.parts import NetworkHere, answers

router = APIRouter(tags=["health"])


@router.get("/health", responses=answers(_200="All is well.") | {503: {"description": "Broker or ledger is away."}})
async def health(network: NetworkHere) -> Response:
    """Whether broker and ledger can be used now, and in words why not; a token is never asked for."""
    state = network.health()
    return JSONResponse(state, 200 if state["ok"] else 503)
