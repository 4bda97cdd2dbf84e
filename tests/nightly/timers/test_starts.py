"""Promises about when a timer starts a night: each night once on time, whatever the clocks do."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.nightly.timers.starts import NightTime, UtcStart, starts_in_utc, starts_in_zone
from dialer.schedule.places.tz_database import load_zone

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Etc/GMT+3")

whole_minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def test_each_side_of_a_clock_change_has_its_start_in_its_months() -> None:
    """Ten at night in Berlin is 20:00 and 21:00 UTC; March and October, where the clock changes, have both."""
    assert starts_in_utc([NightTime(time(22), "Europe/Berlin")], NOW) == [
        UtcStart(20, 0, (3, 4, 5, 6, 7, 8, 9, 10)),
        UtcStart(21, 0, (1, 2, 3, 10, 11, 12)),
    ]


def test_a_zone_without_clock_changes_has_one_start() -> None:
    """Where the clock stays, one line serves the whole year."""
    (start,) = starts_in_utc([NightTime(time(22), "Asia/Kathmandu")], NOW)
    assert start.cron() == "15 16 * * *"


def test_nights_that_begin_together_share_a_start() -> None:
    """The same UTC time of two zones is there once, with the months of both."""
    both = [NightTime(time(22), "Europe/Berlin"), NightTime(time(21), "Europe/London")]
    assert starts_in_utc(both, NOW) == starts_in_utc(both[:1], NOW)


@pytest.mark.slow
@given(st.sampled_from(ZONES), whole_minutes, st.integers(0, 363))
def test_every_night_of_the_year_has_a_start_on_time(zone: str, at: time, days: int) -> None:
    """On each day some start is at the very instant that the clock shows the time, or shows it skipped."""
    starts = starts_in_utc([NightTime(at, zone)], NOW)
    wanted = datetime.combine((NOW + timedelta(days=days)).date(), at, load_zone(zone)).astimezone(UTC)

    assert any(
        (start.hour, start.minute) == (wanted.hour, wanted.minute) for start in starts if wanted.month in start.months
    )


@given(st.sampled_from(ZONES), whole_minutes)
def test_no_month_is_without_a_start(zone: str, at: time) -> None:
    """Even when a country gives its clock changes up, each month still has a start a day."""
    assert {month for start in starts_in_utc([NightTime(at, zone)], NOW) for month in start.months} == set(range(1, 13))


def test_seconds_make_a_start_earlier_and_never_later() -> None:
    """Cron knows no seconds: they are cut off, since up to an hour too early is still the coming night."""
    (start,) = starts_in_utc([NightTime(time(22, 0, 59), "UTC")], NOW)
    assert start.cron() == "0 22 * * *"


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (time(22), "Europe/Berlin", ["22:00"]),
        (time(2, 30), "Europe/Berlin", ["02:30", "03:30"]),
        (time(2, 15), "Australia/Lord_Howe", ["02:15", "02:45"]),
        (time(2, 30), "Asia/Kathmandu", ["02:30"]),
    ],
)
def test_a_time_that_a_clock_change_skips_has_a_second_start(at: time, zone: str, expected: list[str]) -> None:
    """A timer that knows zones has no start on a day without the time: it gets the one that the clock shows then."""
    assert [start.isoformat("minutes") for start in starts_in_zone(NightTime(at, zone), NOW)] == expected


@pytest.mark.slow
@given(
    st.sampled_from(ZONES),
    whole_minutes,
    st.integers(0, 3000).map(lambda days: NOW + timedelta(days=days)),
)
def test_starts_are_sorted_and_never_twice(zone: str, at: time, now: datetime) -> None:
    """No start is printed twice, and the order is the clock's."""
    night = NightTime(at, zone)
    assert all(one < other for one, other in pairwise(starts_in_utc([night], now)))
    assert all(one < other for one, other in pairwise(starts_in_zone(night, now)))


def test_a_night_is_told_as_people_write_it() -> None:
    """Seconds are shown only where there are any."""
    assert str(NightTime(time(22), "Europe/Berlin")) == "22:00 Europe/Berlin"
    assert str(NightTime(time(22, 0, 30), "UTC")) == "22:00:30 UTC"
