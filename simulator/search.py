"""What a reader writes to search for letters: `to:5790 type:XDIS91 state:refused after:10:00 word`.

A word with a colon asks for one thing, any other word has to be found somewhere in the letter's row; what holds blanks
stands in quotes. The text of letters is not searched: it is the patient's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time

from envelope.findings import Refused
from routing.directory import Directory
from routing.ledger.search import Wanted
from simulator.services.moments import DENMARK, duration, moment
from simulator.web.errors import NO_SEARCH

_TERM = re.compile(r'(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))')
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_SPOKEN = ("positive", "negative", "none")

Term = Callable[[str, datetime], dict[str, object]]


def _text(name: str) -> Term:
    return lambda value, _: {name: value}


def _receipt(value: str, _: datetime) -> dict[str, object]:
    if value not in _SPOKEN:
        raise Refused(NO_SEARCH.at("", term=ascii(f"receipt:{value}"), known=", ".join(_SPOKEN)))
    return {"receipt": value}


def _time(name: str) -> Term:
    return lambda value, now: {name: _moment(value, now)}


TERMS: Mapping[str, tuple[Term, str]] = {
    "from": (_text("sender"), "5790000121526"),
    "to": (_text("receiver"), "5790"),
    "type": (_text("type"), "XDIS91"),
    "state": (_text("state"), "refused"),
    "rule": (_text("rule"), "D-convert"),
    "receipt": (_receipt, "negative"),
    "after": (_time("after"), "10:00"),
    "before": (_time("before"), "2025-12-01"),
}
"""What can be asked for: how it is read, and an example."""


def parse(text: str, directory: Directory, now: datetime) -> Wanted:
    """What a search asks for.

    Args:
        text: as it was written.
        directory: whose names words may mean.
        now: network time, which times of day are of.

    Raises:
        Refused: VS-796, there is no such term; VS-701, no such time.
    """
    wanted = Wanted()
    words: list[str] = []
    for key, quoted, bare in _TERM.findall(text):
        value = quoted or bare
        if not key:
            words.append(value)
        elif key in TERMS:
            wanted = replace(wanted, **TERMS[key][0](value, now))  # type: ignore[arg-type]
        elif key == "urn":
            words.append(f"{key}:{value}")
        else:
            raise Refused(NO_SEARCH.at("", term=ascii(f"{key}:"), known=", ".join(f"{name}:" for name in TERMS)))
    words = [word for word in words if word]
    named = tuple(tuple(one.gln for one in directory if word.lower() in one.name.lower()) for word in words)
    return replace(wanted, words=tuple(words), parties=named)


def _moment(text: str, now: datetime) -> datetime:
    local = now.astimezone(DENMARK)
    if clock := _CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in clock.groups())
        return datetime.combine(local.date(), time(hour, minute, second), DENMARK)
    if text[-1:].isalpha() and text[:1].isdigit() and not text.endswith("Z"):
        return now - duration(text)
    return moment(text)
