"""A story as a picture: who is on which side, and line by line what went between them and the network.

Each line is one letter: on one side of the network as it came in, on the other as it went out, a conversion between
them. What answers it stands in the same line: receipts of the letter as arrows back, those of the envelope as ticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from routing.ledger.timeline import Node, Step

Way = Literal["right", "left"]

_MADE_OF = frozenset({"converted"})


@dataclass(frozen=True, slots=True)
class Tick:
    """An envelope receipt where it passed: its kind, when, and whether it says that all is well."""

    kind: str
    at: str
    good: bool
    key: int


@dataclass(frozen=True, slots=True)
class Hop:
    """One envelope between a party and the network.

    Attributes:
        key: of the message.
        label: what it carries.
        at: when it was accepted, or put on the inbox.
        taken: when its receiver took it; None while it has not, or on the way in.
        ticks: the envelope receipts on this side.
    """

    key: int
    label: str
    at: str | None
    taken: str | None
    ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One letter, or one letter receipt, through the network.

    Attributes:
        node: what came in; of what the network makes itself, that.
        way: to which side it goes.
        left, right: its hops on either side.
        answers: the letter receipts that answer it, each with its own ticks.
        faults: what a fault did to it, in words.
    """

    node: Node
    way: Way
    left: tuple[Hop, ...]
    right: tuple[Hop, ...]
    answers: tuple[Line, ...] = field(default=())
    faults: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """The lines between two parties."""

    left: str
    right: str
    lines: tuple[Line, ...]


def pictures(roots: Iterable[Node]) -> list[Picture]:
    """A picture for every two parties that roots of the story go between, the first sender on the left."""
    found: dict[frozenset[str], tuple[str, str, list[Line]]] = {}
    for root in roots:
        parties = frozenset((root.sender, root.receiver))
        left, _, lines = found.setdefault(parties, (root.sender, root.receiver, []))
        lines += _lines(root, left)
    return [Picture(left, right, tuple(lines)) for left, right, lines in found.values()]


def made_of(node: Node) -> list[Node]:
    """What a conversion made of a message."""
    return [one for one in node.children if one.way == "made" and one.relation in _MADE_OF and one.layer == node.layer]


def attached(node: Node) -> list[Node]:
    """The attachment letters that were converted with a letter."""
    return [one for one in node.children if one.relation == "attachment"]


def outs(node: Node) -> list[Node]:
    """What left the network of a message: what was made of it, or itself."""
    return made_of(node) or ([node] if _step(node, "sent") is not None else [])


def _lines(node: Node, left: str) -> Iterator[Line]:
    """A letter's line, and those of what else hangs below it and answers nothing, such as a duplicate."""
    yield _line(node, left)
    for one in _below(node):
        if one.layer == "message" and one.relation not in {"answers-letter", "refusal", "attachment"}:
            yield from _lines(one, left)


def _line(node: Node, left: str) -> Line:
    way: Way = "right" if _is_from(node, left) else "left"
    came = (node, *attached(node)) if node.way == "in" else ()
    went = outs(node)
    below = _below(node)
    receipts = [one for one in below if one.layer == "receipt"]
    here = [_hop(one, _accepted(one), None, _ticks(one, node, receipts, outgoing=False)) for one in came]
    there = [
        _hop(one, _step(one, "sent"), _step(one, "taken"), _ticks(one, node, receipts, outgoing=True)) for one in went
    ]
    sides = (tuple(here), tuple(there)) if way == "right" else (tuple(there), tuple(here))
    answers = [one for one in below if one.layer == "message" and one.relation in {"answers-letter", "refusal"}]
    return Line(
        node,
        way,
        *sides,
        answers=tuple(_line(one, left) for one in answers),
        faults=tuple(step for step in node.steps if step.place == "faults" or step.what == "fault"),
    )


def _is_from(node: Node, left: str) -> bool:
    """Whether a message goes from the left; what the network itself sends goes to its receiver."""
    return node.sender == left if node.way == "in" or node.receiver != left else False


def _below(node: Node) -> list[Node]:
    """What hangs below a letter or below what was made of it, but for what was made of it."""
    made = made_of(node)
    return [one for parent in (node, *attached(node), *made) for one in parent.children if one not in made]


def _ticks(hop: Node, node: Node, receipts: Sequence[Node], *, outgoing: bool) -> tuple[Tick, ...]:
    """The envelope receipts of a hop: as its receiver gave them going out, as its sender got them coming in."""
    found = []
    for receipt in receipts:
        if outgoing:
            if receipt.way == "in" and receipt.sender == hop.receiver and receipt in hop.children:
                found.append(_tick(receipt, receipt.accepted_at))
        elif hop is node:
            for got in outs(receipt) if receipt.way == "in" else [receipt]:
                at = _step(got, "sent")
                if at is not None:
                    found.append(_tick(got, at))
    return tuple(found)


def _tick(receipt: Node, at: str) -> Tick:
    return Tick(receipt.name or "", at, receipt.name == "PositiveMessage", receipt.key)


def _hop(node: Node, at: str | None, taken: str | None, ticks: tuple[Tick, ...]) -> Hop:
    label = f"{node.type} {node.version or ''}".strip() if node.layer == "message" and node.type else node.name or ""
    return Hop(node.key, label, at, taken, ticks)


def _accepted(node: Node) -> str:
    return node.accepted_at


def _step(node: Node, what: str) -> str | None:
    return next((step.at for step in node.steps if step.what == what), None)
