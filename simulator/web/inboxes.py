"""Inboxes over HTTP: take an envelope on a lease, look at it, keep it or give it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from routing.ledger import dispatches
from simulator.web.parts import XML, Gln, LeasesHere, NetworkHere, answers

router = APIRouter(prefix="/participants/{gln}/inbox", tags=["inboxes"])

LONGEST_WAIT = 60.0


@router.get(
    "",
    responses=answers(
        _200="An envelope; `X-Vans-Id` is its EnvelopeIdentifier, `X-Vans-Lease` what to ack or return it by.",
        _204="None came.",
        _404="There is no such participant.",
    ),
)
async def take(
    gln: Gln,
    network: NetworkHere,
    leases: LeasesHere,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait for one")] = 0.0,
    peek: Annotated[bool, Query(description="only look: the envelope stays, and nothing is leased")] = False,
) -> Response:
    """The next envelope, leased for 60 seconds; neither acked nor returned by then, it is in the inbox again."""
    if peek:
        rows = await dispatches.inbox_bodies(network.ledger, f"inbox.{gln}", 1)
        if not rows:
            return Response(status_code=204)
        return Response(rows[0].data, media_type=XML, headers={"X-Vans-Id": rows[0].envelope_id})
    taken = await leases.take(gln, wait)
    if taken is None:
        return Response(status_code=204)
    lease, delivery = taken
    return Response(
        delivery.body, media_type=XML, headers={"X-Vans-Lease": lease, "X-Vans-Id": delivery.message_id or ""}
    )


@router.post(
    "/{lease}/ack", status_code=204, responses=answers(_204="It is the participant's.", _404="The lease is not held.")
)
async def ack(gln: Gln, lease: str, leases: LeasesHere) -> Response:
    """The envelope is the participant's for good."""
    await leases.ack(gln, lease)
    return Response(status_code=204)


@router.post(
    "/{lease}/return", status_code=204, responses=answers(_204="It is in the inbox.", _404="The lease is not held.")
)
async def give_back(gln: Gln, lease: str, leases: LeasesHere) -> Response:
    """The envelope goes back to the inbox."""
    await leases.give_back(gln, lease)
    return Response(status_code=204)
