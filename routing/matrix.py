"""Who reaches whom, and how, on which day: senders by receivers by date, and what changes at each boundary.

MedCom introduces CareCommunication in waves, and every receiver changes on a date of its own. Each cell asks the
decision itself (`routing.decision.decide`) about a letter such as the sender's system writes, so that the matrix never
says anything else than the router does.

What a system sends is not in the directory. It is taken to write the format that it takes on the day: a system that
has changed over sends what it has changed to. Who takes neither sends no letter here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from envelope.catalogue import MessageType, document, find, transport
from envelope.model import Head, MetaInformation, Party
from routing.case import Arrival, History
from routing.decision import decide
from routing.directory import Directory, Participant, Takes
from routing.rules import Outcome

_DANISH = ZoneInfo("Europe/Copenhagen")
LETTERS = ("XDIS91", "CareCommunication")
"""The correspondence letter in its two formats."""


class Way(StrEnum):
    """What becomes of a letter on its way."""

    AS_IS = "as-is"
    TO_FHIR = "to-fhir"
    TO_OIOXML = "to-oioxml"
    REFUSED = "refused"


_CONVERTED: Mapping[str | None, Way] = {"CareCommunication": Way.TO_FHIR, "XDIS91": Way.TO_OIOXML}


@dataclass(frozen=True, slots=True)
class Path:
    """The way of a letter from one sender to one receiver on one day.

    Attributes:
        way: what becomes of it.
        rule: the decision's id; of a refusal the finding's.
        reason: in words.
    """

    way: Way
    rule: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """The path as JSON takes it."""
        return {"way": str(self.way), "rule": self.rule, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Group:
    """Participants that take the same on a day, and so are reached alike.

    Attributes:
        takes: the types that they take, with versions where one is named, without the receipts that come with them.
        sends: the format of the letters that they are taken to write; None when they take neither.
        glns: who they are, in the directory's order.
    """

    takes: tuple[tuple[str, str | None], ...]
    sends: str | None
    glns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The group in a word or two, such as `CareCommunication 5.0` or `XDIS91 + XBIN01`."""
        return " + ".join(f"{type_} {version}" if version else type_ for type_, version in self.takes) or "nothing"

    def as_dict(self) -> dict[str, Any]:
        """The group as JSON takes it."""
        return {"name": self.name, "sends": self.sends, "participants": list(self.glns)}


@dataclass(frozen=True, slots=True)
class Matrix:
    """One day: the groups, and the path between each two of which the first writes letters.

    Attributes:
        paths: by the place of the sender's group and that of the receiver's.
    """

    day: date
    groups: tuple[Group, ...]
    paths: Mapping[tuple[int, int], Path]

    def as_dict(self) -> dict[str, Any]:
        """The day as JSON takes it."""
        cells = [{"from": one, "to": other, **path.as_dict()} for (one, other), path in self.paths.items()]
        return {"day": self.day.isoformat(), "groups": [group.as_dict() for group in self.groups], "paths": cells}


@dataclass(frozen=True, slots=True)
class Change:
    """What one participant takes before and from a boundary on, and the wave that it follows, if any."""

    gln: str
    name: str
    wave: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON takes it."""
        return {
            "gln": self.gln,
            "name": self.name,
            "wave": self.wave,
            "before": list(self.before),
            "after": list(self.after),
        }


@dataclass(frozen=True, slots=True)
class Boundary:
    """A day on which something changes.

    Attributes:
        waves: the names of the waves that fall on it.
        changes: who takes something else from this day on.
        conversion_ends: whether letters are converted no more from this day on.
        paths: how many pairs of sender and receiver go which way before and after, where that changes.
    """

    day: date
    waves: tuple[str, ...]
    changes: tuple[Change, ...]
    conversion_ends: bool
    paths: Mapping[Way, tuple[int, int]]

    def as_dict(self) -> dict[str, Any]:
        """The boundary as JSON takes it."""
        return {
            "day": self.day.isoformat(),
            "waves": list(self.waves),
            "conversion_ends": self.conversion_ends,
            "changes": [change.as_dict() for change in self.changes],
            "paths": {str(way): {"before": before, "after": after} for way, (before, after) in self.paths.items()},
        }


def path(directory: Directory, sender: Participant, receiver: Participant, day: date) -> Path | None:
    """The way of a letter on a day; None when the sender's system writes none."""
    letter = sends(sender, day)
    return None if letter is None else _path(directory, sender.gln, receiver.gln, letter, day)


def sends(participant: Participant, day: date) -> MessageType | None:
    """The letter that a participant's system is taken to write on a day."""
    for line in participant.takes_on(day):
        if line.type in LETTERS:
            return find(line.type, line.version) or find(line.type)
    return None


def matrix(
    directory: Directory,
    day: date,
    senders: Callable[[Participant], bool] = lambda _: True,
    receivers: Callable[[Participant], bool] = lambda _: True,
) -> Matrix:
    """All paths of a day, between groups.

    Args:
        directory: who takes what.
        day: a Danish calendar day.
        senders: who is asked about as a sender.
        receivers: likewise as a receiver.
    """
    chosen = {one.gln for one in directory if senders(one)}, {one.gln for one in directory if receivers(one)}
    groups = tuple(_groups(directory, day, chosen[0] | chosen[1]))
    paths = {}
    for place, one in enumerate(groups):
        first = next((gln for gln in one.glns if gln in chosen[0]), None)
        letter = None if first is None else sends(directory.participants[first], day)
        if first is None or letter is None:
            continue
        for other_place, other in enumerate(groups):
            receiver = next((gln for gln in other.glns if gln in chosen[1]), None)
            if receiver is not None:
                paths[place, other_place] = _path(directory, first, receiver, letter, day)
    return Matrix(day, groups, paths)


def boundaries(directory: Directory, since: date | None = None, until: date | None = None) -> tuple[Boundary, ...]:
    """The days on which anything changes, in order, from `since` on and before `until`."""
    days = {day for one in directory for line in one.takes for day in (line.since, line.until) if day is not None}
    if directory.conversion_until is not None:
        days.add(directory.conversion_until)
    within = sorted(day for day in days if (since is None or since <= day) and (until is None or day < until))
    return tuple(_boundary(directory, day) for day in within)


def _boundary(directory: Directory, day: date) -> Boundary:
    eve = date.fromordinal(day.toordinal() - 1)
    changes = [
        Change(one.gln, one.name, _wave(one, day), before, after)
        for one in directory
        if (before := _taken(one, eve)) != (after := _taken(one, day))
    ]
    before_, after_ = (_count(matrix(directory, one)) for one in (eve, day))
    return Boundary(
        day,
        tuple(name for name, of_wave in directory.waves.items() if of_wave == day),
        tuple(changes),
        directory.conversion_until == day,
        {way: (before_.get(way, 0), after_.get(way, 0)) for way in Way if before_.get(way, 0) != after_.get(way, 0)},
    )


def _wave(participant: Participant, day: date) -> str | None:
    """The wave by which a participant changes on a day."""
    for line in participant.takes:
        if line.since == day and line.since_wave:
            return line.since_wave
        if line.until == day and line.until_wave:
            return line.until_wave
    return None


def _count(one: Matrix) -> dict[Way, int]:
    """How many pairs of different participants go which way."""
    counts: dict[Way, int] = {}
    for (sender, receiver), path_ in one.paths.items():
        pairs = len(one.groups[sender].glns) * (len(one.groups[receiver].glns) - (sender == receiver))
        if pairs:
            counts[path_.way] = counts.get(path_.way, 0) + pairs
    return counts


def _taken(participant: Participant, day: date) -> tuple[str, ...]:
    return tuple(f"{line.type} {line.version}" if line.version else line.type for line in _listed(participant, day))


def _listed(participant: Participant, day: date) -> Iterable[Takes]:
    return (line for line in participant.takes if line.holds_on(day))


def _groups(directory: Directory, day: date, glns: set[str]) -> Iterable[Group]:
    """Participants by what they take, those that take most alike beside each other."""
    found: dict[tuple[tuple[str, str | None], ...], list[str]] = {}
    for one in directory:
        if one.gln in glns:
            lines = dict.fromkeys((line.type, line.version) for line in _listed(one, day) if _counts(line.type))
            found.setdefault(tuple(lines), []).append(one.gln)
    for taken, members in sorted(
        found.items(), key=lambda item: [(type_, version or "") for type_, version in item[0]]
    ):
        letter = next((type_ for type_, _ in taken if type_ in LETTERS), None)
        yield Group(taken, letter, tuple(members))


def _counts(type_name: str) -> bool:
    """Whether taking a type has a part in how a letter comes: both formats, and the attachments of the older."""
    return type_name in {*LETTERS, "XBIN01"}


def _path(directory: Directory, sender: str, receiver: str, letter: MessageType, day: date) -> Path:
    decision = decide(_arrival(sender, receiver, letter), None, History(), directory, _noon(day))
    if decision.outcome is Outcome.REFUSE:
        return Path(Way.REFUSED, decision.findings[0].rule.id, decision.findings[0].text)
    return Path(_CONVERTED.get(decision.target, Way.AS_IS), decision.rule.id, decision.reason)


@cache
def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), _DANISH)


def _arrival(sender: str, receiver: str, letter: MessageType) -> Arrival:
    meta = MetaInformation("matrix", document(letter, 0, ""), transport=transport(letter))
    return Arrival(Head(Party(sender), Party(receiver), "matrix", "", message=meta), letter)
