"""Isolated networks over HTTP: made, listed and dropped; each has the whole API beneath its name."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from simulator.web.messages import uploaded
from simulator.web.parts import NetworksHere, answers

router = APIRouter(prefix="/api/networks", tags=["networks"])

_BODY = {
    "requestBody": {
        "required": False,
        "description": "a network.yaml of its own; without one it has the directory of the default network",
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}


@router.get("", responses=answers(_200="The names of the isolated networks."))
async def listing(networks: NetworksHere) -> Response:
    """Which isolated networks there are."""
    return JSONResponse({"networks": networks.names})


@router.put(
    "/{name}",
    status_code=201,
    openapi_extra=_BODY,
    responses=answers(_201="It runs.", _422="It has no such name, is there already, or its directory is wrong."),
)
async def make(name: str, request: Request, networks: NetworksHere) -> Response:
    """Make a network with a directory, clock, queues and ledger of its own; its API is beneath its name."""
    directory = await uploaded(request, networks.default.settings.largest_upload)
    await networks.make(name, directory or None)
    return JSONResponse({"name": name, "url": f"/api/networks/{name}"}, 201)


@router.delete("/{name}", status_code=204, responses=answers(_204="It is gone.", _404="There is no such network."))
async def drop(name: str, networks: NetworksHere) -> Response:
    """Stop a network and remove all that was in it."""
    await networks.drop(name)
    return Response(status_code=204)
