"""Which night a start belongs to, whatever the hour, the zone and the change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.nightly.night_date import EARLY, is_too_late, night_of

BERLIN = ZoneInfo("Europe/Berlin")
TEN_AT_NIGHT = time(22, 0)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of November 2026 on Berlin's clocks."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (local(24, 22), 24),
        (local(24, 21, 1), 24),
        (local(24, 20, 59), 23),
        (local(25, 2), 24),
        (local(25, 8), 24),
        (local(25, 22), 25),
    ],
    ids=["on time", "an hour early", "earlier", "after midnight", "made up in the morning", "the next night"],
)
def test_a_night_is_named_after_the_day_it_begins(now: datetime, night: int) -> None:
    """A late start finishes its own night and does not use up the next one."""
    assert night_of(now, at=TEN_AT_NIGHT, zone=BERLIN) == date(2026, 11, night)


def test_a_batch_of_the_day_belongs_to_its_day() -> None:
    """A timer at nine in the morning that is made up in the afternoon is that day's, and the next is the next day's."""
    at = time(9, 0)
    assert [night_of(local(day, hour), at=at, zone=BERLIN).day for day, hour in ((24, 9), (24, 14), (25, 9))] == [
        24,
        24,
        25,
    ]


@given(st.integers(0, 3 * 365 * 1440), st.times(), st.sampled_from(["UTC", "Europe/Berlin"]))
def test_every_instant_has_one_night_and_nights_follow_each_other(minute: int, at: time, zone: str) -> None:
    """A day later it is the next night, or at a clock change the same or the one after it; never an earlier one."""
    instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    first, second = (
        night_of(moment, at=at.replace(tzinfo=None), zone=ZoneInfo(zone))
        for moment in (instant, instant + timedelta(hours=24))
    )
    assert timedelta(0) <= second - first <= timedelta(days=2)
    assert first <= (instant + EARLY).astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_each_date_has_its_night_over_a_clock_change(change: datetime) -> None:
    """Started at its hour on the wall clock, no date is left out and none comes twice, whichever way the clocks go."""
    for at in (time(1, 30), time(3, 30), TEN_AT_NIGHT):
        days = [change.date() + timedelta(days=offset) for offset in range(-2, 3)]
        starts = [datetime.combine(day, at, tzinfo=BERLIN).astimezone(UTC) for day in days]
        assert [night_of(start, at=at, zone=BERLIN) for start in starts] == days


@pytest.mark.parametrize(
    ("now", "not_after", "late"),
    [
        (local(25, 5, 59), time(6), False),
        (local(25, 6, 1), time(6), True),
        (local(24, 23, 59), time(23, 30), True),
        (local(25, 12), None, False),
    ],
)
def test_a_night_is_not_begun_after_its_last_hour(now: datetime, not_after: time | None, *, late: bool) -> None:
    """`not_after` is the first such hour after the beginning, on the next day where it is earlier than `at`."""
    night = night_of(now, at=TEN_AT_NIGHT, zone=BERLIN)
    assert is_too_late(now, night=night, at=TEN_AT_NIGHT, not_after=not_after, zone=BERLIN) == late
