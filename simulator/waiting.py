"""Waiting for a letter to be as a test expects it; when it never is, what came nearest and how it differs.

A wait is a search: the same words, each of which a letter must fit. What fits all but one of them, and that one as late
as may be, is nearest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from itertools import combinations

from routing.ledger import search
from routing.ledger.ledger import Ledger
from routing.ledger.search import Listed, Wanted

_WORDS = ("words", "parties")
_LAST_LEFT_OUT = ("sender", "receiver", "words")
"""Terms that say which letter is meant rather than what has become of it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One term of a search that a letter does not fit.

    Attributes:
        term: as it is written in a search.
        wanted: what it asks for.
        found: what the letter has there.
    """

    term: str
    wanted: str
    found: str

    def __str__(self) -> str:
        return f"its {self.term} is {self.found or 'none'}, not {self.wanted}"

    def as_dict(self) -> dict[str, str]:
        """The same as JSON takes it."""
        return {"term": self.term, "wanted": self.wanted, "found": self.found}


@dataclass(frozen=True, slots=True)
class Nearest:
    """The letter that came nearest, and every term that it does not fit."""

    letter: Listed
    differs: tuple[Difference, ...]


async def wait_for(ledger: Ledger, wanted: Wanted, seconds: float, count: int = 1) -> list[Listed]:
    """The letters that a search asks for, as soon as there are so many; fewer when the time is out.

    Args:
        ledger: tells of every change, so that nothing is asked in vain.
        wanted: the search.
        seconds: real ones, at the most.
        count: how many letters there must be.
    """
    changes = ledger.changes
    found = await search.letters(ledger, wanted, most=count)
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while len(found) < count:
                changes = await ledger.wait_for_change(changes)
                found = await search.letters(ledger, wanted, most=count)
    return found


async def nearest(ledger: Ledger, wanted: Wanted) -> Nearest | None:
    """The latest letter that fits as many of a search's terms as any does; None when there is no letter at all."""
    for less, names in relaxed(wanted):
        if rows := await search.letters(ledger, less, most=1):
            return Nearest(rows[0], tuple(_difference(wanted, name, rows[0]) for name in names))
    return None


def terms_of(wanted: Wanted) -> list[str]:
    """The names of the terms that a search has, those that only say what has become of a letter first."""
    names = [one.name for one in fields(Wanted) if one.name not in _WORDS and getattr(wanted, one.name) is not None]
    names += ["words"] if wanted.words else []
    return sorted(names, key=lambda name: name in _LAST_LEFT_OUT)


def relaxed(wanted: Wanted) -> Iterator[tuple[Wanted, tuple[str, ...]]]:
    """The search without one term, without two, and so on, with the names of those that are left out."""
    names = terms_of(wanted)
    for count in range(1, len(names) + 1):
        for left_out in combinations(names, count):
            yield _without(wanted, left_out), left_out


def _without(wanted: Wanted, names: tuple[str, ...]) -> Wanted:
    plain: dict[str, object] = {name: None for name in names if name != "words"}
    if "words" in names:
        plain |= dict.fromkeys(_WORDS, ())
    return replace(wanted, **plain)  # type: ignore[arg-type]


_SAID = {"sender": "from", "receiver": "to", "words": "text"}


def _difference(wanted: Wanted, name: str, letter: Listed) -> Difference:
    asked = getattr(wanted, name)
    return Difference(
        _SAID.get(name, name),
        " ".join(asked) if name == "words" else asked.isoformat() if hasattr(asked, "isoformat") else str(asked),
        _found(name, letter),
    )


def _found(name: str, letter: Listed) -> str:
    match name:
        case "receipt":
            return "none" if letter.receipt is None else f"{'positive' if letter.positive else 'negative'}"
        case "type":
            return " ".join((letter.type, *letter.made))
        case "after" | "before":
            return letter.accepted_at.isoformat()
        case "words":
            return letter.envelope_id
        case _:
            return str(getattr(letter, name) or "none")
