"""The demonstration: the network's main job from start to end, with letters of invented people.

Four letters cross the network: in each format one to a receiver that takes it and one to a receiver that does not.
The demonstration ends when every letter's own receipt is back in its sender's format, and both layers have answered.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from envelope.findings import Refused
from routing.directory import Directory, Kind, Participant
from routing.ledger.timeline import Node, Step, timeline
from simulator import tell
from simulator.client import Client
from simulator.commands.options import DONE, REFUSED
from simulator.drafts import drafted
from simulator.errors import NO_PARTICIPANT, NOT_READY, CouldNotRun
from simulator.sending import enveloped
from simulator.serving import make_network, running
from simulator.settings import Settings
from simulator.wiring import Network

MOST_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Leg:
    """One letter of the demonstration: its form, who sends it to whom, and the receipt that must come back."""

    letter: str
    sender: str
    receiver: str
    receipt: str
    title: str


LEGS = (
    Leg("xdis91.xml", "5790000121526", "5790001382445", "XCTL03", "OIOXML to OIOXML, as it is"),
    Leg("carecommunication.json", "5790000120314", "5790000121441", "Acknowledgement", "FHIR to FHIR, as it is"),
    Leg("xdis91.xml", "5790000121526", "5790000120314", "XCTL03", "OIOXML to FHIR, converted"),
    Leg("carecommunication.json", "5790000120314", "5790000121526", "Acknowledgement", "FHIR to OIOXML, converted"),
)


class Stage(Protocol):
    """What the demonstration has to know of a network to write its letters: who is there, and what time it is."""

    @property
    def directory(self) -> Directory:
        """Who is there."""
        ...

    @property
    def clock(self) -> Callable[[], datetime]:
        """Gives network time."""
        ...


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A network that runs elsewhere, as its API tells of it."""

    directory: Directory
    clock: Callable[[], datetime]


def demo_at(client: Client, *, as_json: bool = False) -> int:
    """Run the demonstration in a network that runs elsewhere, over its API; its letters stay there.

    Returns:
        0 when every receipt came back, 1 otherwise.

    Raises:
        Refused: a participant of the demonstration is not there, or the network refuses.
        CouldNotRun: no network answers.
    """
    now = datetime.fromisoformat(client.clock()["now"])
    there = Elsewhere(_directory(client.participants()), lambda: now)
    sent = [client.send(written(there, leg), leg.sender, leg.receiver) for leg in LEGS]
    client.wait_until_idle(MOST_SECONDS)  # what is missing is told
    return _told(there, sent, [[node(root) for root in client.timeline(one)] for one in sent], as_json=as_json)


def _directory(listed: Sequence[dict[str, Any]]) -> Directory:
    """As much of a directory as letters are written by."""
    people = (Participant(one["gln"], one["sor"], one["name"], Kind(one["kind"])) for one in listed)
    return Directory({one.gln: one for one in people})


def node(told: dict[str, Any]) -> Node:
    """An envelope of a story, from what the API tells of it."""
    steps, children = [Step(**step) for step in told["steps"]], [node(child) for child in told["children"]]
    return replace(Node(**told), steps=steps, children=children)


async def demo(settings: Settings, *, as_json: bool = False) -> int:
    """Run the demonstration in a network of its own that leaves nothing behind.

    Returns:
        0 when every receipt came back, 1 otherwise.

    Raises:
        CouldNotRun: the broker cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="vansim-demo-") as folder:
        network = make_network(settings.model_copy(update={"data": Path(folder)}))
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    await stack.enter_async_context(running(network))
            except TimeoutError:
                broker = network.broker.health()
                raise CouldNotRun(NOT_READY.at("", reason=broker.text)) from None
            return await _cross(network, as_json=as_json)


async def _cross(network: Network, *, as_json: bool) -> int:
    sent = []
    for leg in LEGS:
        letter = written(network, leg)
        head, body = enveloped(letter, leg.sender, leg.receiver, network.clock())
        await network.submit(body, head.identifier)
        sent.append(head.identifier)
    try:
        async with asyncio.timeout(MOST_SECONDS):
            await network.rest.wait()
    except TimeoutError:
        pass  # what is missing is told below
    return _told(network, sent, [await timeline(network.ledger, one) for one in sent], as_json=as_json)


def _told(stage: Stage, sent: Sequence[str], stories: Sequence[Sequence[Node]], *, as_json: bool) -> int:
    back = [is_back(leg, story) for leg, story in zip(LEGS, stories, strict=True)]
    if as_json:
        listed = [
            {"title": leg.title, "id": identifier, "complete": done, "roots": [asdict(root) for root in story]}
            for leg, identifier, done, story in zip(LEGS, sent, back, stories, strict=True)
        ]
        tell.as_json({"complete": all(back), "letters": listed})
    else:
        _show(stage, stories, back)
    return DONE if all(back) else REFUSED


def written(network: Stage, leg: Leg) -> bytes:
    """One of the demonstration's letters, with its parties, its time and identifiers of its own."""
    sender, receiver = (_participant(network, gln) for gln in (leg.sender, leg.receiver))
    return drafted(leg.letter, sender, receiver, network.clock())


def _participant(network: Stage, gln: str) -> Participant:
    participant = network.directory.participant(gln)
    if participant is None:
        raise Refused(NO_PARTICIPANT.at("", gln=gln))
    return participant


def is_back(leg: Leg, story: Sequence[Node]) -> bool:
    """Whether a letter's story is whole: its receipt and its envelope's receipt reached its sender."""
    reached = {node.type or node.name for node in _walk(story) if _reached(node, leg.sender)}
    layers = {node.name for node in _walk(story) if node.layer == "receipt" and _reached(node, leg.sender)}
    return leg.receipt in reached and "PositiveMessage" in layers


def _walk(story: Sequence[Node]) -> Iterable[Node]:
    for root in story:
        yield from root.walk()


def _reached(node: Node, gln: str) -> bool:
    return node.receiver == gln and any(step.what == "taken" for step in node.steps)


def _show(network: Stage, stories: Sequence[Sequence[Node]], back: Sequence[bool]) -> None:
    console = Console()
    names = {participant.gln: participant.name for participant in network.directory}
    for leg, story, done in zip(LEGS, stories, back, strict=True):
        mark = "[green]every receipt is back[/]" if done else "[red]a receipt is missing[/]"
        console.print(f"\n[bold]{leg.title}[/]: {mark}")
        tell.story([asdict(root) for root in story], names, console)
    console.print(f"\n{sum(back)} of {len(back)} letters crossed the network and were receipted.")
