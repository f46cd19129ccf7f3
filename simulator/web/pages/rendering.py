"""Templates and what they may call: everything is escaped, and a name that is not there is an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.services.moments import DENMARK
from simulator.web.pages.texts import Words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"

_WORD = re.compile("(?<=[a-z])(?=[A-Z])")
AGES = ("now", "second", "minute", "hour", "day", "later")
"""The words of an age."""

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template filled in."""
    return environment().get_template(template).render(values)


@cache
def environment() -> Environment:
    """Where templates are kept, made when the first page is asked for: a network starts without it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(moment=moment, iso=iso, thousands=thousands, breakable=breakable)
    return made


def at(value: datetime | str) -> datetime:
    """A time as the ledger or its readers give it, in Denmark."""
    read = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).astimezone(DENMARK)


def moment(value: datetime | str, precision: str = "seconds") -> str:
    """A time as people read it: Danish time."""
    return at(value).replace(tzinfo=None).isoformat(" ", precision)


def iso(value: datetime | str) -> str:
    """A time as machines read it."""
    return at(value).isoformat(timespec="milliseconds")


def thousands(value: int) -> str:
    """A number in groups of three, parted by a narrow blank in both languages."""
    return f"{value:,}".replace(",", "\u202f")


def breakable(text: str) -> Markup:
    """A name that may be parted where a word begins within it, as CareCommunication."""
    from markupsafe import Markup, escape  # noqa: PLC0415

    return Markup("<wbr>").join(escape(part) for part in _WORD.split(text))


def age(words: Words, value: datetime | str, now: datetime) -> str:
    """How long ago a time is by the network clock, in its largest unit."""
    seconds = int((now - at(value)).total_seconds())
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            told = words(f"age.{unit}", n=abs(seconds) // size)
            return told if seconds > 0 else words("age.later", age=told)
    return words("age.now")
