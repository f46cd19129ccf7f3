"""What happens, over HTTP as server-sent events: every step of every message, as it is written down."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import Row

from routing.ledger import happenings
from routing.ledger.errors import LedgerClosed
from routing.ledger.ledger import Ledger
from routing.ledger.records import instant
from simulator.web.parts import NetworkHere, answers

router = APIRouter(tags=["events"])

SILENCE = 20.0
"""Seconds after which a listener is told that nothing happened, so that both sides know that the other is there."""

_MOST = 500
_LARGEST_KEY = 2**63 - 1
_EXAMPLE = {
    "id": "84229bc6-89a8-48d6-ade7-0e7b881b50b1",
    "at": "2026-11-27T10:32:30.120Z",
    "place": "router",
    "what": "decided",
    "rule": "D-convert",
    "text": "The receiver takes CareCommunication on 2026-11-27 and not XDIS91: converted.",
    "sender": "5790000121526",
    "receiver": "5790000120314",
    "type": "XDIS91",
    "story": "383104218554138624",
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A stream without end; each event's data is one step, its id what to go on from.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": f"id: 383104218554138625\nevent: step\ndata: {json.dumps(_EXAMPLE)}\n\n",
            }
        },
    }
}


@router.get("/events", responses=_STREAM | answers(_422="The step to go on from is none."))
async def events(
    network: NetworkHere,
    after: Annotated[
        str | None,
        Query(pattern="^[0-9]{1,19}$", description="id of the last step that is known; 0 for all; else from now on"),
    ] = None,
    last_event_id: Annotated[
        str | None, Header(pattern="^[0-9]{1,19}$", description="the same, as browsers give it when they come back")
    ] = None,
) -> StreamingResponse:
    """Follow what happens: one event a step, the moment that it is written down."""
    known = last_event_id or after
    start = happenings.now() if known is None else min(int(known), _LARGEST_KEY)
    return StreamingResponse(_steps(network.ledger, start), media_type="text/event-stream")


async def _steps(ledger: Ledger, start: int) -> AsyncIterator[str]:
    """Each step once, though one process may write down a step later than another that came after it."""
    yield "retry: 2000\n\n"
    told: set[int] = set()
    last = start
    changes = -1
    while True:
        try:
            async with asyncio.timeout(SILENCE):
                changes = await ledger.wait_for_change(changes)
        except TimeoutError:
            yield ": nothing\n\n"
            continue
        except LedgerClosed:
            return
        while True:
            try:
                rows = await happenings.since(ledger, max(start, happenings.before(last)), _MOST + len(told))
            except LedgerClosed:
                return
            fresh = [row for row in rows if row.key not in told]
            for row in fresh:
                yield f"id: {row.key}\nevent: step\ndata: {json.dumps(_told(row), ensure_ascii=False)}\n\n"
            told |= {row.key for row in fresh}
            last = max([last, *told])
            told = {key for key in told if key > happenings.before(last)}
            if not fresh:
                break


def _told(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.envelope_id,
        "at": instant(row.at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "place": row.place,
        "what": row.what,
        "rule": row.rule,
        "text": row.text,
        "sender": row.sender,
        "receiver": row.receiver,
        "type": row.type or row.name,
        "story": str(row.thread),
    }
