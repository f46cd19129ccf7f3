"""The rollout over HTTP: waves, the matrix of senders by receivers by day, and what changes at each boundary."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from routing.decision import danish_day
from simulator.rollout import told
from simulator.web.parts import NetworkHere, answers

router = APIRouter(prefix="/directory", tags=["directory"])

_EXAMPLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The first day's matrix, and every boundary before the last day.",
        "content": {
            "application/json": {
                "example": {
                    "matrix": {
                        "day": "2026-11-27",
                        "groups": [{"name": "XDIS91", "sends": "XDIS91", "participants": ["5790000121526"]}],
                        "paths": [{"from": 0, "to": 0, "way": "as-is", "rule": "D-as-is", "reason": "..."}],
                    },
                    "boundaries": [],
                    "waves": {"wave-5": "2027-01-04"},
                    "conversion_until": None,
                    "names": {"5790000121526": "MedCom XDIS91"},
                }
            }
        },
    },
}
_Gln = Query(description="only this participant's GLN")


@router.get("", responses=answers(_200="Settings, waves and participants; `takes_on_day` is what each takes then."))
async def directory(
    network: NetworkHere,
    at: Annotated[date | None, Query(description="a Danish day; today by the network clock")] = None,
) -> Response:
    """The directory in force, and what everybody takes on a day."""
    day = at or danish_day(network.clock())
    return JSONResponse(network.directory.as_dict(day) | {"day": day.isoformat()})


@router.get("/matrix", responses=_EXAMPLE | answers(_404="There is no such participant."))
async def matrix(
    network: NetworkHere,
    since: Annotated[date | None, Query(alias="from", description="a day; today by the network clock")] = None,
    until: Annotated[date | None, Query(alias="to", description="boundaries before this day")] = None,
    sender: Annotated[str | None, _Gln] = None,
    receiver: Annotated[str | None, _Gln] = None,
) -> Response:
    """How a letter of each sender reaches each receiver on a day, and what changes from then on."""
    day = since or danish_day(network.clock())
    return JSONResponse(told(network.directory, day, until, sender, receiver))


@router.get("/waves", responses=answers(_200="Each wave's day, and who has joined it."))
async def waves(network: NetworkHere) -> Response:
    """The waves of the introduction, and the participants in each."""
    directory = network.directory
    listed = [
        {"name": name, "day": day.isoformat(), "participants": [one.gln for one in directory if name in one.waves]}
        for name, day in directory.waves.items()
    ]
    return JSONResponse({"waves": listed})
