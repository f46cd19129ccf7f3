"""Who takes what over time, as bars on an axis of days: places are shares of its width, in percent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from envelope.catalogue import find
from routing.directory import Directory, Participant, Takes

BEFORE, AFTER = timedelta(days=120), timedelta(days=240)
"""How much of the axis lies before the first change and behind the last one, or today."""

_MOST_TICKS = 8
_STEPS = (1, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Bar:
    """Types that are taken over the same time.

    Attributes:
        left: where it begins.
        width: how long it is.
        lane: counted from above.
        family: of its first type; "other" for what the catalogue does not know.
        label: the types.
        since: the first day; None from the beginning.
        until: the first day after it; None for good.
    """

    left: str
    width: str
    lane: int
    family: Literal["old", "new", "other"]
    label: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """What changes for a participant on a day."""

    day: date
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """The days that a chart shows, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days lie between its ends."""
        return (self.last - self.first).days

    def offset(self, day: date) -> int:
        """How many days a day lies behind the first; a day outside counts as the end that is nearer."""
        return min(max((day - self.first).days, 0), self.days)

    def place(self, day: date) -> str:
        """Where a day is."""
        return _percent(self.offset(day) / self.days)

    def ticks(self) -> list[tuple[str, str]]:
        """Where months to be named begin, and their names: a year, or a year and a month."""
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        step = next((step for step in _STEPS if months / step <= _MOST_TICKS), _STEPS[-1])
        found = []
        for number in range(months + 1):
            year, month = divmod(self.first.year * 12 + self.first.month - 1 + number, 12)
            day = date(year, month + 1, 1)
            if (year * 12 + month) % step == 0 and day >= self.first:
                found.append((self.place(day), str(year) if step >= 12 else f"{year}-{month + 1:02}"))  # noqa: PLR2004 (months)
        return found


def axis_of(directory: Directory, today: date, more: Iterable[date] = ()) -> Axis:
    """An axis that shows every change of a directory, today, and more days."""
    days = [today, *more]
    for participant in directory:
        for line in participant.takes:
            days += [day for day in (line.since, line.until) if day is not None]
    first, last = min(days) - BEFORE, max(days) + AFTER
    return Axis(first.replace(day=1), last)


def bars_of(participant: Participant, axis: Axis) -> list[Bar]:
    """The bars of one participant; those over the same time are one, and none stands on another."""
    spans: dict[tuple[date | None, date | None], list[Takes]] = {}
    for line in participant.takes:
        spans.setdefault((line.since, line.until), []).append(line)
    lanes: list[date] = []
    bars = []
    for (since, until), lines in sorted(spans.items(), key=lambda item: item[0][0] or date.min):
        begin, end = since or date.min, until or date.max
        lane = next((number for number, free in enumerate(lanes) if free <= begin), len(lanes))
        lanes[lane : lane + 1] = [end]
        left, right = axis.offset(max(begin, axis.first)), axis.offset(min(end, axis.last))
        width = _percent((right - left) / axis.days)
        label = ", ".join(_named(line) for line in lines)
        bars.append(Bar(_percent(left / axis.days), width, lane, _family(lines[0].type), label, since, until))
    return bars


def changes_of(participant: Participant) -> list[Change]:
    """On which days what a participant takes changes, and how."""
    found = []
    for day in sorted({day for line in participant.takes for day in (line.since, line.until) if day is not None}):
        gone = tuple(_named(line) for line in participant.takes if line.until == day)
        new = tuple(_named(line) for line in participant.takes if line.since == day)
        found.append(Change(day, gone, new))
    return found


def taken(participant: Participant, day: date) -> Sequence[Takes]:
    """What is taken on a day, without the receipts that come by themselves."""
    return [line for line in participant.takes if line.holds_on(day)]


def _named(line: Takes) -> str:
    return f"{line.type} {line.version}" if line.version else line.type


def _family(type_: str) -> Literal["old", "new", "other"]:
    known = find(type_)
    if known is None:
        return "other"
    families: dict[str, Literal["old", "new"]] = {"FHIR": "new", "OIOXML": "old"}
    return families.get(known.family, "other")


def _percent(share: float) -> str:
    return f"{100 * share:.3f}%"
