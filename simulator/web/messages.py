"""Messages over HTTP: hand one in, and see what became of it."""

from __future__ import annotations

import io
from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from envelope.findings import Refused
from routing.ledger.timeline import timeline
from simulator.errors import NOT_FOUND, UPLOAD_TOO_LARGE
from simulator.intake import take_in
from simulator.services.recording import records
from simulator.web.parts import Direct, NetworkHere, answers, network_of

intake = APIRouter(prefix="/messages", tags=["messages"], route_class=Direct)
router = APIRouter(prefix="/messages", tags=["messages"])


def _party(name: str) -> dict[str, object]:
    return {"name": name, "in": "query", "description": "GLN, for a bare letter", "schema": {"type": "string"}}


_BODY = {
    "parameters": [_party("from"), _party("to")],
    "requestBody": {
        "required": True,
        "description": "a VANSEnvelope, an OIOXML letter, or a FHIR message in XML or JSON",
        "content": {"application/xml": {}, "application/fhir+xml": {}, "application/fhir+json": {}},
    },
}


@intake.post(
    "",
    status_code=202,
    openapi_extra=_BODY,
    responses=answers(
        _202="Accepted: `id` is its EnvelopeIdentifier.",
        _413="The body is larger than this network takes.",
        _422="Refused at the door; what is no envelope is kept in the dead letters.",
    ),
)
async def send(request: Request) -> Response:
    """Hand in an envelope, or a bare letter or bundle, which is wrapped."""
    network = await network_of(request)
    sender, receiver = request.query_params.get("from"), request.query_params.get("to")
    limit = network.settings.largest_upload
    # Not by a name of its own: what was uploaded may be large, and is in the envelope once it is wrapped.
    identifier = await take_in(network, await uploaded(request, limit), place="api", sender=sender, receiver=receiver)
    return JSONResponse({"id": identifier}, 202)


@router.get(
    "/{identifier:path}/timeline",
    responses=answers(_200="The roots of the story.", _404="Nothing has this identifier."),
)
async def story(identifier: str, network: NetworkHere) -> Response:
    """The whole story of a letter and its receipts, from either end's identifier."""
    # Nothing that is named by what cannot be written was ever taken in, and not every database can be asked for it.
    roots = await timeline(network.ledger, identifier) if identifier.isprintable() else ()
    if not roots:
        raise Refused(NOT_FOUND.at("", identifier=ascii(identifier)[1:-1]))
    return JSONResponse({"roots": [asdict(root) for root in roots]})


@router.get(
    "/{identifier:path}/record",
    responses=answers(_200="What the story's conversions did with each value.", _404="Nothing has this identifier."),
)
async def record(identifier: str, network: NetworkHere) -> Response:
    """What the conversions in a letter's story kept, defaulted, shortened or dropped; made anew for each call."""
    roots = await timeline(network.ledger, identifier) if identifier.isprintable() else ()
    if not roots:
        raise Refused(NOT_FOUND.at("", identifier=ascii(identifier)[1:-1]))
    return JSONResponse({"conversions": await records(network.ledger, roots)})


async def uploaded(request: Request, limit: int) -> bytes:
    """The body, unless it is too large; what is too large is read to its end, so that its sender hears the answer."""
    whole = io.BytesIO()  # joined, all pieces would be held beside the whole
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size <= limit:
            whole.write(piece)
        else:
            whole = io.BytesIO()
    if size > limit:
        raise Refused(UPLOAD_TOO_LARGE.at("", limit=limit))
    return whole.getvalue()
