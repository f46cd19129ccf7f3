"""Dead letters over HTTP: what could not be handled, with its bytes and its reason."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from envelope.findings import Refused
from routing.ledger import dead_letters
from simulator.errors import NO_DEAD_LETTER
from simulator.web.parts import NetworkHere, answers

router = APIRouter(prefix="/dead", tags=["dead letters"])

_MOST = 1000


@router.get("", responses=answers(_200="The dead letters, the latest first."))
async def listing(network: NetworkHere) -> Response:
    """What could not be handled: when, by which rule, and why; at most the latest thousand."""
    return JSONResponse({"dead": await dead_letters.latest(network.ledger, _MOST)})


@router.get(
    "/{key}", responses=answers(_200="The bytes, as they came.", _404="There is none, or its bytes were pruned.")
)
async def body(key: str, network: NetworkHere) -> Response:
    """The bytes of one dead letter."""
    found = await dead_letters.body(network.ledger, int(key)) if key.isascii() and key.isdigit() else None
    if found is None:
        raise Refused(NO_DEAD_LETTER.at("", key=ascii(key)[1:-1]))
    # Whatever they are, a browser is to save them and not to show them.
    return Response(
        found, media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{key}"'}
    )
