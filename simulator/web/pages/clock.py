"""The network clock: what time it is, what falls due next, and to move it."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from envelope.findings import Finding, Refused
from routing.ledger import dues
from routing.ledger.records import instant
from simulator.services.moments import duration, moment
from simulator.web.pages.rendering import at
from simulator.web.pages.view import Here, View

router = APIRouter(prefix="/clock")

STEPS = ("30m", "61m", "121m", "1d", "90d")
"""What testers move the clock by: past a wait for an attachment, a resend or two, a day, the memory of a conversion."""

SHOWN = 20
"""How much of what is to come."""

_EVER = datetime(9000, 1, 1, tzinfo=UTC)


@router.get("")
async def show(view: Here) -> Response:
    """The page."""
    return await _page(view)


@router.post("/advance")
async def advance(view: Here) -> Response:
    """Move on by a duration; the answer comes when all that fell due on the way is done."""

    async def move() -> None:
        await view.network.clockkeeper.advance(duration(view.field("by")))

    return await _moved(view, move())


@router.post("/set")
async def put(view: Here) -> Response:
    """Move to a time."""

    async def move() -> None:
        frozen = view.field("frozen")
        await view.network.clockkeeper.put(moment(view.field("at")), frozen={"yes": True, "no": False}.get(frozen))

    return await _moved(view, move())


@router.post("/freeze")
async def freeze(view: Here) -> Response:
    """Let it stand where it is."""
    return await _moved(view, view.network.clockkeeper.freeze())


@router.post("/resume")
async def resume(view: Here) -> Response:
    """Let it be real time again."""
    return await _moved(view, view.network.clockkeeper.resume())


async def _moved(view: View, move: Awaitable[None]) -> Response:
    try:
        await move
    except Refused as refused:
        return await _page(view, refused.findings, 422)
    return view.told(_back(view), "clock")


def _back(view: View) -> str:
    """The page that the form stood on: the clock's own, or the chart of the participants."""
    return "participants" if view.field("back") == "participants" else "clock"


async def _page(view: View, findings: tuple[Finding, ...] = (), status: int = 200) -> Response:
    coming = await dues.at(view.network.ledger, _EVER, SHOWN)
    return view.page(
        "clock.html",
        status,
        dues=[{"at": instant(one.at), "kind": one.kind, "envelope_id": one.envelope_id} for one in coming],
        real=view.network.clock.real(),
        steps=STEPS,
        wanted=at(view.network.clock()).replace(tzinfo=None).isoformat(timespec="minutes"),
        findings=[one.as_dict() for one in findings],
    )
