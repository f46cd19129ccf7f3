"""The directory over HTTP: read, as of a day, changed as a whole or one participant at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import JSONResponse

from envelope.findings import Refused
from routing.decision import danish_day
from routing.errors import NETWORK_UNREADABLE
from routing.network_edit import with_participant, without_participant
from routing.network_file import load
from simulator.web.messages import uploaded
from simulator.web.parts import Gln, NetworkHere, answers, example
from simulator.wiring import Network

router = APIRouter(prefix="/participants", tags=["participants"])
directory = APIRouter(prefix="/directory", tags=["directory"])

_ENTRY = {
    "gln": "5799900000016",
    "sor": "99000011000016003",
    "name": "Eget FHIR-system",
    "kind": "test-system",
    "telephone": "00990001",
    "identifiers": {},
    "external": True,
    "format": "json",
    "takes": [{"type": "CareCommunication", "from": "2026-12-01"}],
}
_TOLD = _ENTRY | {"takes_on_day": [{"type": "CareCommunication", "version": None}]}
_YAML = "application/yaml"
_WRITTEN = {
    "requestBody": {
        "required": True,
        "description": "a network.yaml",
        "content": {_YAML: {"schema": {"type": "string"}, "example": "participants: []\n"}},
    }
}
_REFUSED = "It is no good directory, and all is as before; or services run elsewhere and read a file of their own."
_Day = Annotated[date | None, Query(description="a Danish day; today by the network clock")]


@router.get("", responses=example({"participants": [_TOLD]}, "Every participant, and the settings."))
async def participants(network: NetworkHere, at: _Day = None) -> Response:
    """Who is there, and what each takes and from when; `takes_on_day` is what each takes on the day."""
    return JSONResponse(network.directory.as_dict(at or danish_day(network.clock())))


@router.get("/{gln}", responses=example(_TOLD, "The participant.") | answers(_404="There is no such participant."))
async def participant(gln: Gln, network: NetworkHere, at: _Day = None) -> Response:
    """One participant, and what it takes on a day."""
    return _told(network, gln, at)


@router.put("/{gln}", responses=example(_TOLD, "As it is from now on.") | answers(_422=_REFUSED))
async def put(
    gln: str,
    network: NetworkHere,
    entry: Annotated[dict[str, Any], Body(description="the keys of network.yaml", examples=[_ENTRY])],
) -> Response:
    """Change a participant's entry, or add one: who it is, and what it takes from when."""
    _edit(network, lambda text: with_participant(text, gln, {**entry, "gln": gln}))
    return _told(network, gln)


@router.delete("/{gln}", status_code=204, responses=answers(_204="It is gone.", _404="There is no such participant."))
async def leave(gln: Gln, network: NetworkHere) -> Response:
    """Take a participant out of the directory; what is in its inbox stays there."""
    _edit(network, lambda text: without_participant(text, gln))
    return Response(status_code=204)


@directory.get(
    "/file",
    responses={200: {"description": "The text.", "content": {_YAML: {"example": "participants: []\n"}}}},
)
async def file(network: NetworkHere) -> Response:
    """The network file in force, to be changed and put back."""
    return Response(network.directory_text(), media_type=_YAML)


@directory.put(
    "", openapi_extra=_WRITTEN, responses=example({"participants": [_TOLD]}, "As it is now.") | answers(_422=_REFUSED)
)
async def replace(request: Request, network: NetworkHere) -> Response:
    """Put a directory in place of the one in force; it is written to the network file."""
    body = await uploaded(request, network.settings.largest_upload)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(NETWORK_UNREADABLE.at("network.yaml", reason="it is not UTF-8")) from None
    network.put_directory(text)
    return JSONResponse(network.directory.as_dict(danish_day(network.clock())))


def _edit(network: Network, change: Callable[[str], str]) -> None:
    text = network.directory_text()
    load(text, "network.yaml")  # an edit by hand that is broken is told before anything is changed in it
    network.put_directory(change(text))


def _told(network: Network, gln: str, at: date | None = None) -> Response:
    found = network.directory.participant(gln)
    if found is None:
        raise AssertionError("it was found, or put there")
    return JSONResponse(found.as_dict(at or danish_day(network.clock())))
