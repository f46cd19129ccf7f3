"""Messages: the list of letters, live; searched, selected, sent again and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Response
from starlette.responses import StreamingResponse

from envelope.findings import Finding, Refused
from routing.ledger import search
from routing.ledger.errors import LedgerClosed
from routing.ledger.search import Listed, Wanted
from simulator.search import TERMS, parse
from simulator.web.pages.view import Here, View

router = APIRouter()

PAGE = 100
"""Letters of one page; the next comes when its end is seen."""

PAUSE = 0.3
"""Seconds between two tellings of what is new: a crowd of changes is told once."""

SILENCE = 20.0
"""Seconds after which a listener is told that nothing happened, so that both sides know that the other is there."""


@router.get("/")
async def show(view: Here) -> Response:
    """The list."""
    wanted, findings = _wanted(view)
    rows = await search.letters(view.network.ledger, wanted, most=PAGE + 1, below=_below(view))
    return view.page(
        "messages.html",
        rows=_named(view, rows[:PAGE]),
        following=_following(rows),
        query=view.request.query_params.get("q", ""),
        findings=[one.as_dict() for one in findings],
        terms=[(name, example) for name, (_, example) in TERMS.items()],
        address=f"{view.request.url.scheme}://{view.request.headers.get('host', '')}",
    )


@router.get("/letters")
async def more(view: Here) -> Response:
    """The next page of the list, below a letter."""
    wanted, _ = _wanted(view)
    rows = await search.letters(view.network.ledger, wanted, most=PAGE + 1, below=_below(view))
    return view.page(
        "messages-rows.html",
        rows=_named(view, rows[:PAGE]),
        following=_following(rows),
        query=view.request.query_params.get("q", ""),
    )


@router.get("/live")
async def live(view: Here) -> Response:
    """The first page of the list as it changes, as server-sent events."""
    wanted, _ = _wanted(view)
    return StreamingResponse(_news(view, wanted), media_type="text/event-stream")


async def _news(view: View, wanted: Wanted) -> AsyncIterator[str]:
    ledger = view.network.ledger
    yield "retry: 2000\n\n"
    known: dict[int, Listed] = {}
    changes = -1  # what came between the page and this call is told at once
    while True:
        try:
            async with asyncio.timeout(SILENCE):
                changes = await ledger.wait_for_change(changes)
            begun = asyncio.get_running_loop().time()
            rows = await search.letters(ledger, wanted, most=PAGE)
        except TimeoutError:
            yield ": nothing\n\n"
            continue
        except LedgerClosed:
            return
        told = [row for row in rows if known.get(row.key) != row]
        # When not one of them is known, there may be others between: the list begins anew.
        flood = bool(known) and not any(row.key in known for row in rows)
        known = {row.key: row for row in rows}
        if told:
            yield _event(view, told, "page" if flood else "letters")
        await asyncio.sleep(max(PAUSE, 5 * (asyncio.get_running_loop().time() - begun)))


def _event(view: View, rows: list[Listed], name: str) -> str:
    html = view.part("messages-rows.html", rows=_named(view, rows), following=None, query="")
    lines = "".join(f"data: {line}\n" for line in html.splitlines() if line.strip())
    return f"event: {name}\n{lines}\n"


def _wanted(view: View) -> tuple[Wanted, tuple[Finding, ...]]:
    """What the search asks for; everything when it cannot be read, and why."""
    network = view.network
    try:
        return parse(view.request.query_params.get("q", ""), network.directory, network.clock()), ()
    except Refused as refused:
        return Wanted(), refused.findings


def _below(view: View) -> int | None:
    """The letter below which a page begins."""
    text = view.request.query_params.get("below", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None  # noqa: PLR2004 (63 bits)


def _following(rows: list[Listed]) -> str | None:
    return str(rows[PAGE - 1].key) if len(rows) > PAGE else None


def _named(view: View, rows: list[Listed]) -> list[dict[str, object]]:
    return [{"one": row, "sender": view.name_of(row.sender), "receiver": view.name_of(row.receiver)} for row in rows]
