"""Dead letters over HTTP: what could not be handled, with its bytes and its reason."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from envelope.findings import Refused
from routing.ledger import dead_letters
from simulator import putting_back
from simulator.errors import NO_DEAD_LETTER
from simulator.web.parts import NetworkHere, answers, example

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


@router.post(
    "/{key}/put-back",
    status_code=202,
    responses=example(
        {"id": "84229bc6-89a8-48d6-ade7-0e7b881b50b1"},
        "It is tried again; `id` is its EnvelopeIdentifier, or null.",
        202,
    )
    | answers(_404="There is none."),
)
async def put_back(key: str, network: NetworkHere) -> Response:
    """Put it back where it was given up; what was refused goes in a new envelope, once its cause is mended."""
    if not (key.isascii() and key.isdigit()):
        raise Refused(NO_DEAD_LETTER.at("", key=ascii(key)[1:-1]))
    return JSONResponse({"id": await putting_back.put_back(network, int(key))}, 202)
