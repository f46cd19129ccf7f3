"""One message: its way as a picture, the letter as a clinician reads it, and both sides of its conversion."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urlencode

from fastapi import APIRouter, Response

from envelope.findings import Refused
from routing.ledger import messages
from routing.ledger.timeline import Node, timeline
from simulator.errors import NOT_FOUND
from simulator.services.recording import records
from simulator.web.pages.hops import attached, made_of, outs, pictures
from simulator.web.pages.letter import Attached
from simulator.web.pages.panes import Linked, Links, Pane, document, letter_read, linked
from simulator.web.pages.view import Here, View, saved

router = APIRouter()

PARTS = ("reading", "letter", "envelope")
LAYOUTS = ("pretty", "raw")
PATIENCE = 5.0
"""Seconds that a page waits for a letter which was handed in a moment ago."""


@router.get("/messages/{identifier:path}")
async def show(view: Here, identifier: str) -> Response:
    """The page of whatever has this identifier, on either side; `at`, `part` and `layout` choose what is laid open."""
    roots = await (_awaited_story if "told" in view.request.query_params else _story)(view, identifier)
    nodes = {node.key: node for root in roots for node in root.walk()}
    query = view.request.query_params
    at = nodes.get(_number(query.get("at", "")), _chosen(roots, identifier))
    part = _one_of(PARTS, query.get("part"))
    layout = _one_of(LAYOUTS, query.get("layout"))
    before, after = _sides(at, nodes)
    record = Linked()
    if part == "letter":
        before, record = await _recorded(view, roots, before, len(after))
    return view.page(
        "message.html",
        identifier=identifier,
        root=roots[0],
        at=at,
        part=part,
        layout=layout,
        parts=PARTS,
        layouts=LAYOUTS,
        made=made_of(roots[0]),
        open_keys={node.key for node in (*before, *after)},
        link=_links(view, {"at": str(at.key), "part": part, "layout": layout}),
        pictures=pictures(roots),
        name_of=view.name_of,
        people=list(view.network.directory),
        panes=await _panes(view, (before, after), record, part, pretty=layout == "pretty"),
        record=record.rows,
        told=[node for node in nodes.values() if node.findings],
        nodes=sorted(nodes.values(), key=lambda node: node.key),
    )


@router.get("/bodies/{key}")
async def body(view: Here, key: int) -> Response:
    """The envelope as it travelled, to be saved."""
    view.must_show_patients()
    [found] = await _bodies(view, [key])
    return saved([found], f"{key}.xml")


@router.get("/bodies/{key}/attachments/{number}")
async def attachment(view: Here, key: int, number: int) -> Response:
    """An attachment, decoded, to be saved."""
    view.must_show_patients()
    [found] = await _bodies(view, [key])
    letter = await asyncio.to_thread(letter_read, found)
    attachments = letter.attachments if letter is not None else ()
    if number >= len(attachments) or (content := attachments[number].content) is None or content.problem is not None:
        raise Refused(NOT_FOUND.at("", identifier=f"{key}/attachments/{number}"))
    return saved(content.decoded(), _file_name(attachments[number]))


def _links(view: View, now: dict[str, str]) -> Callable[..., str]:
    """Makes addresses of this page with some of what is laid open chosen otherwise."""

    def link(**other: object) -> str:
        return f"{view.request.url.path}?{urlencode(now | {name: str(value) for name, value in other.items()})}"

    return link


def _file_name(item: Attached) -> str:
    name = item.title or item.identifier or "attachment"
    extension = item.kind.rpartition("/")[2]
    return name if not extension or name.lower().endswith(f".{extension.lower()}") else f"{name}.{extension}"


async def _story(view: View, identifier: str) -> tuple[Node, ...]:
    # Nothing that is named by what cannot be written was ever taken in, and not every database can be asked for it.
    roots = await timeline(view.network.ledger, identifier) if identifier.isprintable() else ()
    if not roots:
        raise Refused(NOT_FOUND.at("", identifier=ascii(identifier)[1:-1]))
    return roots


async def _awaited_story(view: View, identifier: str) -> tuple[Node, ...]:
    """The story of what was handed in a moment ago, as soon as the network has taken it in."""
    ledger = view.network.ledger
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while True:
                changes = ledger.changes
                with suppress(Refused):
                    return await _story(view, identifier)
                await ledger.wait_for_change(changes)
    return await _story(view, identifier)


def _chosen(roots: Sequence[Node], identifier: str) -> Node:
    """The letter that an identifier means: the one that has it and came in, else the first of the story."""
    named = [
        node
        for root in roots
        for node in root.walk()
        if identifier in {node.envelope_id, node.message_id, node.letter_id, node.letter_envelope_id}
    ]
    if not named:
        return roots[0]
    return named[0]


def _one_of(known: Sequence[str], asked: str | None) -> str:
    return asked if asked is not None and asked in known else known[0]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else -1


def _sides(at: Node, nodes: dict[int, Node]) -> tuple[list[Node], list[Node]]:
    """What came in, and what went out: of what was made by a conversion, what it was made of too."""
    source = at
    if at.way == "made" and at.relation == "converted":
        source = next((one for one in nodes.values() if at in made_of(one)), at)
    elif at.relation == "attachment":
        source = next((one for one in nodes.values() if at in one.children), at)
    made = made_of(source)
    if made:
        return [source, *attached(source)], made
    return [source], [] if outs(source) == [source] or not outs(source) else outs(source)


async def _bodies(view: View, keys: Sequence[int]) -> list[bytes]:
    rows = {row.key: row.data for row in await messages.kept(view.network.ledger, keys)}
    missing = [key for key in keys if key not in rows]
    if missing:
        raise Refused(NOT_FOUND.at("", identifier=missing[0]))
    return [bytes(rows[key]) for key in keys]


async def _recorded(view: View, roots: Sequence[Node], before: list[Node], after: int) -> tuple[list[Node], Linked]:
    """The record of the conversion of these messages, and they in its order; as they are when nothing was converted."""
    names = [node.envelope_id for node in before]
    for told in await records(view.network.ledger, roots):
        if before[0].envelope_id in told["sources"]:
            order = [name for name in told["sources"] if name in names]
            ordered = sorted(
                before, key=lambda node: order.index(node.envelope_id) if node.envelope_id in order else 99
            )
            return ordered, linked(told["record"], len(before), after)
    return before, Linked()


async def _panes(
    view: View, sides: tuple[list[Node], list[Node]], record: Linked, part: str, *, pretty: bool
) -> list[Pane]:
    rows = {
        row.key: row.data for row in await messages.kept(view.network.ledger, [n.key for side in sides for n in side])
    }
    masked = not view.session.shown
    panes = []
    for side, nodes, links in (("before", sides[0], record.before), ("after", sides[1], record.after)):
        for number, node in enumerate(nodes):
            data = rows.get(node.key)
            if data is None:
                continue
            mine = links[number] if number < len(links) else {}
            panes.append(
                await asyncio.to_thread(_pane, node, side, bytes(data), mine, part, pretty=pretty, masked=masked)
            )
    return panes


def _pane(node: Node, side: str, data: bytes, links: Links, part: str, *, pretty: bool, masked: bool) -> Pane:
    label = f"{node.type} {node.version or ''}".strip() if node.layer == "message" and node.type else node.name or ""
    if part == "reading":
        return Pane(node.key, side, label, node.envelope_id, letter_read(data), None, len(data), shortened=False)
    text, size, shortened = document(data, part, pretty=pretty, masked=masked, links=links)
    return Pane(node.key, side, label, node.envelope_id, None, text, size, shortened)
