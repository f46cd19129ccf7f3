"""Letters over HTTP: listed and searched, one with every hop, the bytes of each, sent again, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from envelope.findings import Refused
from envelope.reading import payload
from routing.ledger import messages, search
from routing.ledger.removal import remove
from routing.ledger.search import Listed
from routing.ledger.timeline import Node, timeline
from simulator.errors import NOT_FOUND
from simulator.resending import How, resend
from simulator.search import parse
from simulator.web.errors import STORY_NOT_OVER
from simulator.web.parts import XML, NetworkHere, answers, example, root_of
from simulator.wiring import Network

router = APIRouter(prefix="/messages", tags=["messages"])
bodies = APIRouter(prefix="/bodies", tags=["messages"])

MOST = 1000
"""Letters that are listed at once."""

_JSON = "application/fhir+json"
_LARGEST_KEY = 2**63 - 1
# What is shown may come from anybody: a browser that opens it runs nothing of it.
_SAFE = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}

EXAMPLE = {
    "key": "383104218554138624",
    "id": "84229bc6-89a8-48d6-ade7-0e7b881b50b1",
    "at": "2026-11-27T10:32:30.120Z",
    "sender": "5790000121526",
    "receiver": "5790000120314",
    "type": "XDIS91",
    "made": ["CareCommunication"],
    "state": "converted",
    "rule": "D-convert",
    "receipt": "XCTL03",
    "positive": True,
    "duplicate": False,
}
_HOP = {
    "key": "383104218554138624",
    "of": None,
    "relation": None,
    "way": "in",
    "layer": "message",
    "type": "XDIS91",
    "version": "XD9134L",
    "name": "MCM:XDIS91",
    "id": "84229bc6-89a8-48d6-ade7-0e7b881b50b1",
    "sender": "5790000121526",
    "receiver": "5790000120314",
    "state": "converted",
    "size": 5821,
    "body": "/api/bodies/383104218554138624",
}
_Number = Annotated[str, Query(pattern="^[0-9]{1,19}$")]


class Again(BaseModel):
    """How a letter is sent again."""

    how: Annotated[
        How, Field(description="`unchanged`: the same envelope, byte for byte; `new`: under new identifiers")
    ] = "unchanged"
    receiver: Annotated[
        str | None, Field(description="GLN of who gets it instead; its identifiers are new then", examples=[None])
    ] = None


@router.get(
    "",
    responses=example(
        {"messages": [EXAMPLE], "next": None}, "The latest first; `next` is what to give as `below` for more."
    )
    | answers(_422="The search cannot be read."),
)
async def listing(
    network: NetworkHere,
    q: Annotated[str, Query(description="as on the page: `to:5790 type:XDIS91 state:refused after:10:00 word`")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST, description="letters at most")] = 100,
    below: _Number | None = None,
) -> Response:
    """The letters that a search asks for."""
    wanted = parse(q, network.directory, network.clock())
    rows = await search.letters(network.ledger, wanted, most=limit + 1, below=_key(below))
    following = str(rows[limit - 1].key) if len(rows) > limit else None
    return JSONResponse({"messages": [told(row) for row in rows[:limit]], "next": following})


@router.post(
    "/{identifier:path}/resend",
    status_code=202,
    responses=example({"id": "0a5e7c1c-6c0e-4d0f-9a68-6a5d8c4a1b7e"}, "Accepted: `id` is its EnvelopeIdentifier.", 202)
    | answers(_404="Nothing has this identifier, or there is no such receiver."),
)
async def again(identifier: str, network: NetworkHere, how: Annotated[Again, Body()]) -> Response:
    """Send a letter again: unchanged, under new identifiers, or to somebody else."""
    _, node = await _story(network, identifier)
    sent = await resend(network, await _bytes(network, node.key), how.how, how.receiver)
    return JSONResponse({"id": sent}, 202)


@router.delete(
    "/{identifier:path}",
    status_code=204,
    responses=answers(
        _204="It is gone, with all that belongs to it.",
        _404="Nothing has this identifier.",
        _409="Something of its story is on its way, held, due or in an inbox.",
    ),
)
async def delete(identifier: str, network: NetworkHere) -> Response:
    """Delete a letter with its whole story: receipts, what it was converted to, bytes and steps."""
    roots, _ = await _story(network, identifier)
    if await remove(network.ledger, [root.key for root in roots]):
        raise Refused(STORY_NOT_OVER.at("", identifier=ascii(identifier)[1:-1]))
    return Response(status_code=204)


@router.get(
    "/{identifier:path}",
    responses=example(
        {"message": EXAMPLE, "hops": [_HOP]},
        "The letter as in the list (null when none is at the story's root), and every envelope of its story.",
    )
    | answers(_404="Nothing has this identifier."),
)
async def one(identifier: str, request: Request, network: NetworkHere) -> Response:
    """One letter, by any identifier of either end, and each envelope that its story has, with where its bytes are."""
    roots, _ = await _story(network, identifier)
    listed = await search.of_keys(network.ledger, [root.key for root in roots])
    hops = [hop for root in roots for hop in _hops(root, None, root_of(request))]
    return JSONResponse({"message": told(listed[0]) if listed else None, "hops": hops})


@bodies.get(
    "/{key}",
    responses=answers(_404="There is no such envelope.")
    | {200: {"description": "The bytes, as they travelled.", "content": {XML: {}, _JSON: {}}}},
)
async def body(
    key: str,
    network: NetworkHere,
    letter: Annotated[bool, Query(description="what is in the envelope, decoded, instead of the envelope")] = False,
) -> Response:
    """The bytes of one envelope of a story, or of the letter in it."""
    number = int(key) if key.isascii() and key.isdigit() else 0
    if not 0 < number <= _LARGEST_KEY:
        raise Refused(NOT_FOUND.at("", identifier=ascii(key)[1:-1]))
    found = await _bytes(network, number)
    if not letter:
        return Response(found, media_type=XML, headers=_SAFE)
    content = payload(found)
    return Response(content, media_type=_JSON if content.lstrip()[:1] == b"{" else XML, headers=_SAFE)


def told(row: Listed) -> dict[str, Any]:
    """A letter of the list as the API tells it."""
    return {
        "key": str(row.key),  # larger than a JavaScript number holds
        "id": row.envelope_id,
        "at": row.accepted_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sender": row.sender,
        "receiver": row.receiver,
        "type": row.type,
        "made": list(row.made),
        "state": row.state,
        "rule": row.rule,
        "receipt": row.receipt,
        "positive": row.positive if row.receipt is not None else None,
        "duplicate": row.duplicate,
    }


def _hops(node: Node, above: int | None, address: str) -> list[dict[str, Any]]:
    """An envelope and all that came of it, in the order of the story."""
    hop = {
        "key": str(node.key),
        "of": None if above is None else str(above),
        "relation": node.relation,
        "way": node.way,
        "layer": node.layer,
        "type": node.type,
        "version": node.version,
        "name": node.name,
        "id": node.envelope_id,
        "sender": node.sender,
        "receiver": node.receiver,
        "state": node.state,
        "size": node.size,
        "body": f"{address}/bodies/{node.key}",
    }
    return [hop, *(below for child in node.children for below in _hops(child, node.key, address))]


async def _story(network: Network, identifier: str) -> tuple[Sequence[Node], Node]:
    """The roots of a story, and the envelope in it that the identifier means.

    Raises:
        Refused: VS-474.
    """
    # Nothing that is named by what cannot be written was ever taken in, and not every database can be asked for it.
    roots = await timeline(network.ledger, identifier) if identifier.isprintable() else ()
    if not roots:
        raise Refused(NOT_FOUND.at("", identifier=ascii(identifier)[1:-1]))
    named = (
        node
        for root in roots
        for node in root.walk()
        if identifier in {node.envelope_id, node.message_id, node.letter_id, node.letter_envelope_id}
    )
    return roots, next(named, roots[0])


async def _bytes(network: Network, key: int) -> bytes:
    rows = await messages.kept(network.ledger, [key])
    if not rows:
        raise Refused(NOT_FOUND.at("", identifier=key))
    return bytes(rows[0].data)


def _key(text: str | None) -> int | None:
    return None if text is None else min(int(text), _LARGEST_KEY)
