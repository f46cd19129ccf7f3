"""The directory and the rollout as a terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_WAYS: Mapping[str, tuple[str, str, str]] = {
    "as-is": ("as is", "green", "as it is"),
    "to-fhir": ("to FHIR", "cyan", "converted from OIOXML to FHIR"),
    "to-oioxml": ("to OIOXML", "magenta", "converted from FHIR to OIOXML"),
    "refused": ("refused", "red", "refused by the network"),
}
_MOST_NAMED = 6
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def directory(document: Mapping[str, Any]) -> None:
    """Who takes what on a day, a line each; and when that changes."""
    console = Console()
    day = document["day"]
    console.print(f"On {day}:", style="bold")
    for one in document["participants"]:
        taken = [
            f"{line['type']} {line['version'] or ''}".strip()
            for line in one["takes"]
            if (line["from"] or day) <= day < (line["until"] or "9999")
        ]
        name = Text.assemble((one["gln"], "cyan"), f" {one['name']} ({one['kind']}): {', '.join(taken) or 'nothing'}")
        if changes := _changes(one, day):
            name.append(f"; changes {changes}", "dim")
        console.print(name)
    if document["conversion_until"]:
        console.print(f"Letters are converted until {document['conversion_until']}.")


def _changes(one: Mapping[str, Any], today: str) -> str:
    """The days behind today on which it takes something else, with their waves."""
    days = {
        day: line["wave"]
        for line in one["takes"]
        for day in (line["from"], line["until"])
        if day is not None and day > today
    }
    return ", ".join(f"{day} ({wave})" if wave else day for day, wave in sorted(days.items()))


def matrix(document: Mapping[str, Any]) -> None:
    """The ways of a day, group by group, and what changes after it."""
    console = Console()
    groups = document["matrix"]["groups"]
    paths = {(cell["from"], cell["to"]): cell for cell in document["matrix"]["paths"]}
    senders = [place for place in range(len(groups)) if any(one == place for one, _ in paths)]
    receivers = [place for place in range(len(groups)) if any(to == place for _, to in paths)]
    console.print(f"On {document['matrix']['day']}, letters from (across) to (down):", style="bold")
    for place in sorted({*senders, *receivers}):
        count = len(groups[place]["participants"])
        console.print(f"  {_sign(place)}  {groups[place]['name']} ({count})", highlight=False)
    table = Table("", *(_sign(place) for place in senders), box=None, padding=(0, 1, 0, 0))
    for receiver in receivers:
        table.add_row(_sign(receiver), *(_cell(paths.get((sender, receiver))) for sender in senders))
    console.print(table)
    for refused in sorted({cell["rule"] for cell in paths.values() if cell["way"] == "refused"}):
        reason = next(cell["reason"] for cell in paths.values() if cell["rule"] == refused)
        console.print(f"refused: {refused}, such as: {reason}", style="red", highlight=False)
    for boundary in document["boundaries"]:
        _boundary(console, boundary)


def _sign(place: int) -> str:
    return _SIGNS[place] if place < len(_SIGNS) else str(place + 1)


def _cell(cell: Mapping[str, Any] | None) -> Text:
    return Text() if cell is None else Text(*_WAYS[cell["way"]][:2])


def _boundary(console: Console, boundary: Mapping[str, Any]) -> None:
    waves = f" ({', '.join(boundary['waves'])})" if boundary["waves"] else ""
    console.print(Text(f"\n{boundary['day']}{waves}", "bold"))
    if boundary["conversion_ends"]:
        console.print("  letters are converted no more")
    for way, counts in boundary["paths"].items():
        console.print(f"  {_WAYS[way][2]}: {counts['before']} pairs before, {counts['after']} after")
    changes = boundary["changes"]
    for change in changes[:_MOST_NAMED]:
        before, after = (", ".join(change[when]) or "nothing" for when in ("before", "after"))
        console.print(f"  {change['name']} ({change['gln']}): {before} -> {after}", highlight=False)
    if len(changes) > _MOST_NAMED:
        console.print(f"  and {len(changes) - _MOST_NAMED} more")
