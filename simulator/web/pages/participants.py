"""Participants: who is there, what each takes and from when, what waits for it, and how to connect as it."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import APIRouter, Response

from envelope.findings import Finding, Refused
from routing.directory import Participant
from routing.ledger.depths import depths, waiting
from routing.ledger.records import instant
from simulator.services.errors import NO_SUCH_TIME
from simulator.services.moments import DENMARK, possible
from simulator.settings import EMBEDDED
from simulator.web.pages.chart import Axis, axis_of, bars_of, changes_of, taken
from simulator.web.pages.view import Here
from simulator.web.parts import Gln

router = APIRouter(prefix="/participants")

_WAITING = 50


@router.get("")
async def show(view: Here) -> Response:
    """All of them, as they are on a day: today by the network clock, unless another is asked for."""
    today = view.network.clock().astimezone(DENMARK).date()
    day, findings = _asked(view.request.query_params.get("day", ""), today)
    wanted = view.request.query_params.get("q", "").strip()
    directory = view.network.directory
    axis = axis_of(directory, today, [day])
    depth = await depths(view.network.ledger)
    found = [one for one in directory if _matches(one, wanted.lower(), day)]
    return view.page(
        "participants-list.html" if view.is_part else "participants.html",
        rows=[_row(one, axis, day, depth) for one in found],
        axis=axis,
        ticks=axis.ticks(),
        mark=axis.place(day),
        day=day,
        today=today,
        wanted=wanted,
        total=len(directory),
        time=view.network.clock().astimezone(DENMARK).time().isoformat("minutes"),
        findings=[one.as_dict() for one in findings],
    )


@router.get("/{gln}")
async def one(view: Here, gln: Gln) -> Response:
    """One of them."""
    network = view.network
    participant = network.directory.participant(gln)
    if participant is None:  # pragma: no cover (it was there a moment ago)
        raise AssertionError(gln)
    today = network.clock().astimezone(DENMARK).date()
    axis = axis_of(network.directory, today)
    host = view.request.headers.get("host", "")
    return view.page(
        "participant.html",
        one=participant,
        row=_row(participant, axis, today, await depths(network.ledger)),
        ticks=axis.ticks(),
        mark=axis.place(today),
        inbox=[
            {
                "id": row.envelope_id,
                "type": row.type if row.layer == "message" and row.type else row.name,
                "sender": row.sender,
                "name": view.name_of(row.sender),
                "at": instant(row.sent_at or row.accepted_at),
            }
            for row in await waiting(network.ledger, gln, _WAITING)
        ],
        address=f"{view.request.url.scheme}://{host}",
        broker=None if network.settings.broker == EMBEDDED else network.settings.broker_name,
    )


def _asked(text: str, today: date) -> tuple[date, tuple[Finding, ...]]:
    if not text:
        return today, ()
    try:
        day = possible(datetime.fromisoformat(text[:10]).replace(tzinfo=DENMARK)).date()
    except ValueError:
        return today, (NO_SUCH_TIME.at("", time=ascii(text[:40])),)
    except Refused as refused:
        return today, refused.findings
    return day, ()


def _matches(participant: Participant, wanted: str, day: date) -> bool:
    """Whether a participant is meant: by a part of its name, GLN, SOR code or kind, or by what it takes on the day."""
    if not wanted:
        return True
    said = [participant.name, participant.gln, participant.sor, str(participant.kind)]
    said += [line.type for line in taken(participant, day)]
    return any(wanted in text.lower() for text in said)


def _row(participant: Participant, axis: Axis, day: date, depth: dict[str, int]) -> dict[str, object]:
    bars = bars_of(participant, axis)
    return {
        "gln": participant.gln,
        "name": participant.name,
        "kind": str(participant.kind),
        "external": participant.external,
        "takes": taken(participant, day),
        "changes": changes_of(participant),
        "bars": bars,
        "height": max((bar.lane for bar in bars), default=0) * 22 + 22,
        "waiting": depth.get(participant.gln, 0),
    }
