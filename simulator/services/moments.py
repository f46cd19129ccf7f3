"""Times and durations as people write them: `2025-12-01T08:00`, `61m`, `2h30m`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from envelope.findings import Refused
from simulator.services.errors import NO_SUCH_TIME

DENMARK = ZoneInfo("Europe/Copenhagen")
_YEARS = range(1900, 2200)
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", re.ASCII)


def moment(text: str) -> datetime:
    """A time; without a zone it is Danish time.

    Raises:
        Refused: VS-701, it is none.
    """
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refused(NO_SUCH_TIME.at("", time=ascii(text))) from None
    return possible(read if read.tzinfo is not None else read.replace(tzinfo=DENMARK))


def possible(at: datetime) -> datetime:
    """A time that letters can be sent at.

    Raises:
        Refused: VS-701, it is none: arithmetic with it could leave the calendar.
    """
    if at.year not in _YEARS:
        raise Refused(NO_SUCH_TIME.at("", time=at.date().isoformat()))
    return at


def duration(text: str) -> timedelta:
    """A duration: days, hours, minutes and seconds, in this order, those that are wanted.

    Raises:
        Refused: VS-701, it is none.
    """
    read = _DURATION.fullmatch(text.strip())
    if not read or not any(read.groups()):
        raise Refused(NO_SUCH_TIME.at("", time=ascii(text)))
    parts = zip(_UNITS.values(), read.groups(), strict=True)
    return timedelta(**{unit: int(number) for unit, number in parts if number})
