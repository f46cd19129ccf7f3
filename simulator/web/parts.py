"""What every call of the API is given: the network, its leases, and a participant that is known."""

# Each of them is a coroutine: the framework runs a plain function in a thread, which costs more than what it does here.

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Request, Response
from fastapi.routing import APIRoute

from envelope.findings import Finding, Refused
from simulator.errors import NO_PARTICIPANT
from simulator.networks import Networks
from simulator.web.leases import Leases
from simulator.wiring import Network

XML = "application/xml"


async def _networks(request: Request) -> Networks:
    return cast("Networks", request.app.state.networks)


NetworksHere = Annotated[Networks, Depends(_networks)]


async def _network(request: Request) -> Network:
    # Not by way of NetworksHere: a dependency of a dependency costs as much as the rest of a small call.
    network = (await _networks(request)).get(request.path_params.get("network"))
    await network.clock.follow()
    return network


NetworkHere = Annotated[Network, Depends(_network)]


class Direct(APIRoute):
    """A route whose function is given the request and nothing else, for the one call that everybody is waiting for.

    The framework's way to a function's arguments costs more than taking a message in. Such a function reads its
    parameters itself, and says in `openapi_extra` which there are.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The function itself."""
        return cast("Callable[[Request], Coroutine[Any, Any, Response]]", self.endpoint)


async def network_of(request: Request) -> Network:
    """The network that a call is about."""
    return await _network(request)


async def _leases(request: Request) -> Leases:
    return cast("Leases", request.app.state.leases[await _network(request)])


LeasesHere = Annotated[Leases, Depends(_leases)]


async def _participant(request: Request, gln: Annotated[str, Path(description="the participant's GLN")]) -> str:
    network = await _network(request)
    if network.directory.participant(gln) is None:
        raise Refused(NO_PARTICIPANT.at("", gln=gln))
    return gln


Gln = Annotated[str, Depends(_participant)]


def listed(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    """Findings as the API gives them."""
    return [finding.as_dict() for finding in findings]


def answers(**texts: str) -> dict[int | str, dict[str, Any]]:
    """What a call may answer, for the API's description: `_200="..."`; findings come with all from 400 on."""
    return {int(status[1:]): _answer(int(status[1:]), text) for status, text in texts.items()}


def example(value: object, text: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """What a call answers when all is well, for the API's description, as it may look."""
    return {status: {"description": text, "content": {"application/json": {"example": value}}}}


def root_of(request: Request) -> str:
    """Where the API of the called network begins: `/api`, or `/api/networks/{name}`."""
    name = request.path_params.get("network")
    return "/api" if name is None else f"/api/networks/{name}"


def _answer(status: int, text: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Findings"}}}
    return {"description": text} | ({"content": content} if status >= 400 else {})  # noqa: PLR2004 (HTTP's errors)
