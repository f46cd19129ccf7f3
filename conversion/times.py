"""Danish local time, as OIOXML writes it, to and from moments with a zone, as FHIR writes them.

OIOXML knows date and time to the minute, without a zone; MedCom asks for Danish time (mapping.md 5.6). The last Sunday
of October has the hour from 02:00 to 03:00 twice: the first one is meant, in summer time, since nothing in the letter
says otherwise. The last Sunday of March does not have it at all: a clock that was not yet put forward wrote it, so
02:30 is the moment half an hour after the change, 03:30 summer time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from conversion.errors import TIME_UNREADABLE
from envelope.findings import Refused

DENMARK = ZoneInfo("Europe/Copenhagen")
_CLOCK = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")
_LEAP_SECOND = re.compile("(?<=T[0-9]{2}:[0-9]{2}:)60")


def instant(date: str, time: str, location: str = "") -> str:
    """The moment that a Danish clock showed, as FHIR writes it, with seconds and the zone of that day.

    Args:
        date: YYYY-MM-DD.
        time: HH:MM.
        location: where they stand, for the refusal.

    Raises:
        Refused: no such day or time (VS-505).
    """
    try:
        if _CLOCK.fullmatch(f"{date} {time}") is None:
            raise Refused(TIME_UNREADABLE.at(location, value=f"{date} {time}"))
        clock = datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=DENMARK)
        return clock.astimezone(UTC).astimezone(DENMARK).isoformat(timespec="seconds")
    except (ValueError, OverflowError) as error:
        raise Refused(TIME_UNREADABLE.at(location, value=f"{date} {time}")) from error


def local(moment: str, location: str = "") -> tuple[str, str]:
    """What a Danish clock shows at a moment: date (YYYY-MM-DD) and time (HH:MM); seconds are dropped.

    Args:
        moment: FHIR instant or dateTime with a zone; a date alone is its midnight in Denmark.
        location: where it stands, for the refusal.

    Raises:
        Refused: not a moment, or a time without a zone (VS-505).
    """
    try:
        read = datetime.fromisoformat(_LEAP_SECOND.sub("59", moment))
        if read.tzinfo is None and len(moment) == len("YYYY-MM-DD"):
            read = read.replace(tzinfo=DENMARK)
        if read.tzinfo is None:
            raise Refused(TIME_UNREADABLE.at(location, value=moment))
        clock = read.astimezone(DENMARK)
    except (ValueError, OverflowError) as error:
        raise Refused(TIME_UNREADABLE.at(location, value=moment)) from error
    return clock.date().isoformat(), clock.time().isoformat("minutes")
