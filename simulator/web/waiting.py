"""Waiting over HTTP: for a letter to be as expected, and for the network to come to rest. A test never polls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from envelope.findings import Finding
from simulator.search import parse
from simulator.services.moments import DENMARK, moment
from simulator.services.rest import Left
from simulator.waiting import nearest, wait_for
from simulator.web.errors import NOT_IDLE, NOT_REACHED
from simulator.web.letters import EXAMPLE, MOST, told
from simulator.web.parts import NetworkHere, answers, example, listed

router = APIRouter(tags=["waiting"])

LONGEST = 600.0
_OUT = 408
_Seconds = Annotated[float, Query(ge=0, le=LONGEST, description="real seconds to wait at the most")]


@router.get(
    "/wait",
    responses=example({"messages": [EXAMPLE]}, "There are such letters, the latest first.")
    | answers(
        _408="The time is out: `nearest` is the letter that came nearest, `differs` how it differs.",
        _422="The search cannot be read.",
    ),
)
async def wait(
    network: NetworkHere,
    q: Annotated[
        str,
        Query(
            min_length=1,
            description="a search: which letter, and how it must be",
            examples=["84229bc6-89a8-48d6-ade7-0e7b881b50b1 state:converted receipt:positive"],
        ),
    ],
    timeout: _Seconds = 30.0,  # noqa: ASYNC109 (a call's parameter)
    count: Annotated[int, Query(ge=1, le=MOST, description="how many such letters there must be")] = 1,
) -> Response:
    """Answers as soon as a letter is as the search says, by whatever step that comes; or says what came nearest."""
    wanted = parse(q, network.directory, network.clock())
    found = await wait_for(network.ledger, wanted, timeout, count)
    rows: dict[str, Any] = {"messages": [told(row) for row in found]}
    if len(found) >= count:
        return JSONResponse(rows)
    near = await nearest(network.ledger, wanted)
    if found:
        text = f"there are {len(found)} of {count}"
    elif near is None:
        text = "no letter was taken in"
    else:
        text = f"nearest is {near.letter.envelope_id}, but " + " and ".join(map(str, near.differs))
    rows["nearest"] = None if near is None else told(near.letter)
    rows["differs"] = [] if near is None else [one.as_dict() for one in near.differs]
    return _out(NOT_REACHED.at("", seconds=f"{timeout:g}", nearest=text), rows)


@router.get(
    "/idle",
    responses=example({"idle": True}, "The network is idle.")
    | answers(_408="The time is out: `left` is what is not done.", _422="There is no such time."),
)
async def idle(
    network: NetworkHere,
    until: Annotated[
        str | None,
        Query(description="and nothing is due before this network time", examples=["2025-12-01T00:00"]),
    ] = None,
    timeout: _Seconds = LONGEST,  # noqa: ASYNC109 (a call's parameter)
) -> Response:
    """Answers when nothing is queued, being converted, waiting for a mock participant, or due before a time."""
    before = moment(until) if until is not None else None
    left = await network.rest.wait_for(timeout, before)
    if left is None:
        return JSONResponse({"idle": True})
    return _out(NOT_IDLE.at("", seconds=f"{timeout:g}", left=_words(left, before)), {"left": _told(left)})


def _words(left: Left, before: datetime | None) -> str:
    parts = [
        f"{count} {what}"
        for what, count in (
            ("on the way to the router", left.expected),
            ("in work", left.unfinished),
            ("on the way to an inbox or for a mock to take", left.waiting),
        )
        if count
    ]
    if before is not None and left.due is not None:
        parts.append(f"something is due at {left.due.astimezone(DENMARK).isoformat()}")
    return ", ".join(parts) or "it was busy to the last"


def _told(left: Left) -> dict[str, object]:
    due = None if left.due is None else left.due.astimezone(DENMARK).isoformat()
    return {"expected": left.expected, "unfinished": left.unfinished, "waiting": left.waiting, "due": due}


def _out(finding: Finding, more: dict[str, Any]) -> Response:
    return JSONResponse({"findings": listed((finding,)), **more}, _OUT)
