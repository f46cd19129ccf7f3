"""The directory over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from simulator.web.parts import NetworkHere, answers

router = APIRouter(prefix="/participants", tags=["participants"])


@router.get("", responses=answers(_200="Every participant."))
async def participants(network: NetworkHere) -> Response:
    """Who is there, and what each takes and from when."""
    return JSONResponse(network.directory.as_dict())
