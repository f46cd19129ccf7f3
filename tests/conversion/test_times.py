from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversion.times import instant, local
from envelope.findings import Refused


@pytest.mark.parametrize(
    ("clock", "moment"),
    [
        (("2023-11-20", "17:45"), "2023-11-20T17:45:00+01:00"),
        (("2024-07-15", "23:59"), "2024-07-15T23:59:00+02:00"),
        (("2024-01-01", "00:00"), "2024-01-01T00:00:00+01:00"),
        (("2024-03-31", "01:59"), "2024-03-31T01:59:00+01:00"),
        (("2024-03-31", "03:00"), "2024-03-31T03:00:00+02:00"),
        (("2024-10-27", "03:00"), "2024-10-27T03:00:00+01:00"),
    ],
)
def test_danish_time_gets_the_zone_of_its_day(clock: tuple[str, str], moment: str) -> None:
    """A local time becomes a moment, and the moment shows the same local time."""
    assert instant(*clock) == moment
    assert local(moment) == clock


def test_the_doubled_hour_of_october_is_the_first_one() -> None:
    """The hour that a Danish clock shows twice is read as summer time."""
    assert instant("2024-10-27", "02:30") == "2024-10-27T02:30:00+02:00"
    assert local("2024-10-27T02:30:00+01:00") == ("2024-10-27", "02:30")


def test_the_missing_hour_of_march_is_read_by_a_clock_not_put_forward() -> None:
    """An hour that no Danish clock should show is the moment that a clock on winter time means."""
    assert instant("2024-03-31", "02:30") == "2024-03-31T03:30:00+02:00"


@pytest.mark.parametrize(
    ("moment", "clock"),
    [
        ("2024-05-01T22:30:00Z", ("2024-05-02", "00:30")),
        ("2024-05-02T00:30:59.9999999+02:00", ("2024-05-02", "00:30")),
        ("2023-12-31T18:00:00-05:00", ("2024-01-01", "00:00")),
        ("2024-05-02", ("2024-05-02", "00:00")),
        ("2016-12-31T23:59:60Z", ("2017-01-01", "00:59")),
    ],
)
def test_a_moment_is_shown_by_a_danish_clock(moment: str, clock: tuple[str, str]) -> None:
    """The date goes over midnight with the time, seconds are dropped, and a date alone begins at midnight."""
    assert local(moment) == clock


@pytest.mark.parametrize(
    "moment", ["", "i morgen", "2024-05-01T22:30:00", "2024-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_what_is_no_moment_is_refused(moment: str) -> None:
    """Words, times without a zone and moments beyond the calendar are refused with their place."""
    with pytest.raises(Refused) as refusal:
        local(moment, "Bundle.timestamp")
    assert [(finding.rule.id, finding.location) for finding in refusal.value.findings] == [
        ("VS-505", "Bundle.timestamp")
    ]


@pytest.mark.parametrize(
    "clock",
    [
        ("2023-02-29", "12:00"),
        ("2024-02-29", "24:00"),
        ("20240229", "12:00"),
        ("2024-02-29", "12:00:30"),
        ("", ""),
        ("0001-01-01", "00:00"),
    ],
)
def test_a_day_that_does_not_exist_is_refused(clock: tuple[str, str]) -> None:
    """Dates and times that no clock shows are refused."""
    with pytest.raises(Refused) as refusal:
        instant(*clock, location="/Emessage/Envelope/Sent")
    assert refusal.value.findings[0].rule.id == "VS-505"


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001
def test_a_moment_keeps_its_minute_there_and_back(moment: datetime) -> None:
    """Whatever the zone, a moment shown by a Danish clock and read again is less than the doubled hour away."""
    written = moment.replace(tzinfo=UTC)
    back = datetime.fromisoformat(instant(*local(written.isoformat())))
    assert timedelta(0) <= written - back < timedelta(hours=1, minutes=1)
