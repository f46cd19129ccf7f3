"""The network clock over HTTP: what time it is, and to move it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from simulator.services.moments import DENMARK, duration, moment
from simulator.web.parts import NetworkHere, answers
from simulator.wiring import Network

router = APIRouter(prefix="/clock", tags=["clock"])

_MOVED = answers(_200="It is moved, and all that fell due on the way is done.", _422="There is no such time.")
_EXAMPLE = {
    "now": "2026-11-22T10:01:00+01:00",
    "mode": "moved",
    "next_due": "2026-11-22T10:30:00+01:00",
}


class By(BaseModel):
    """How far."""

    by: Annotated[str, Field(description="days, hours, minutes, seconds", examples=["61m", "2h30m", "90d"])]


class At(BaseModel):
    """Where to."""

    at: Annotated[
        str, Field(description="Danish time, or with a zone", examples=["2025-12-01T00:00", "2025-12-01T08:00:00Z"])
    ]
    frozen: Annotated[bool | None, Field(description="whether it stands there; as before, when not said")] = None


@router.get(
    "", responses={200: {"description": "How it stands.", "content": {"application/json": {"example": _EXAMPLE}}}}
)
async def show(network: NetworkHere) -> Response:
    """Network time, whether it is real, moved or frozen, and when something falls due next."""
    return await _told(network)


@router.post("/advance", responses=_MOVED)
async def advance(by: Annotated[By, Body()], network: NetworkHere) -> Response:
    """Move on; everything that falls due on the way is done at its own moment, before the answer comes."""
    await network.clockkeeper.advance(duration(by.by))
    return await _told(network)


@router.post("/set", responses=_MOVED)
async def put(at: Annotated[At, Body()], network: NetworkHere) -> Response:
    """Move to a time, forward as `advance` does, or back, when nothing is done on the way."""
    await network.clockkeeper.put(moment(at.at), frozen=at.frozen)
    return await _told(network)


@router.post("/freeze", responses=_MOVED)
async def freeze(network: NetworkHere) -> Response:
    """Let it stand where it is."""
    await network.clockkeeper.freeze()
    return await _told(network)


@router.post("/resume", responses=_MOVED)
async def resume(network: NetworkHere) -> Response:
    """Let it be real time again."""
    await network.clockkeeper.resume()
    return await _told(network)


async def _told(network: Network) -> Response:
    due = await network.clockkeeper.next_due()
    told: dict[str, Any] = {
        "now": network.clock().astimezone(DENMARK).isoformat(),
        "mode": network.clock.standing.mode.value,
        "next_due": due.astimezone(DENMARK).isoformat() if due is not None else None,
    }
    return JSONResponse(told)
