"""The peer of the HTTP figures: a bare mailbox in memory, one process, FastAPI and a dictionary of queues.

It does what an in-memory sandbox does: it takes a body for somebody, gives the next one out, and forgets it when it is
acked. It reads nothing, keeps nothing, decides nothing. `python -m tests.bench.dictionary FD` serves on a socket that
it inherits, as `vansim up` serves on one of its own.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections import defaultdict, deque
from itertools import count
from typing import Annotated

import uvicorn
import uvloop
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

app = FastAPI(openapi_url=None)
_inboxes: dict[str, deque[tuple[str, bytes]]] = defaultdict(deque)
_leases: dict[str, tuple[str, bytes]] = {}
_names = count(1)


@app.post("/api/messages", status_code=202)
async def send(request: Request, to: Annotated[str, Query()]) -> Response:
    """Put a body into somebody's inbox."""
    name = str(next(_names))
    _inboxes[to].append((name, await request.body()))
    return JSONResponse({"id": name}, 202)


@app.get("/api/participants/{gln}/inbox")
async def take(gln: str) -> Response:
    """Lease the next one."""
    if not _inboxes[gln]:
        return Response(status_code=204)
    name, body = _inboxes[gln].popleft()
    _leases[name] = (gln, body)
    return Response(body, media_type="application/xml", headers={"X-Vans-Lease": name, "X-Vans-Id": name})


@app.post("/api/participants/{gln}/inbox/{lease}/ack")
async def ack(gln: str, lease: str) -> Response:
    """It is the receiver's."""
    if _leases.pop(lease, ("", b""))[0] != gln:
        return Response(status_code=404)
    return Response(status_code=204)


async def _serve(listener: socket.socket) -> None:
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    await uvicorn.Server(config).serve([listener])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(socket.socket(fileno=int(sys.argv[1]))))
