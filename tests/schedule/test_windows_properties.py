"""In any zones and any week, an instant is open exactly when every wall clock shows an open hour."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from dialer.campaign.values import Hours
from dialer.clock import EPOCH, from_ms, to_ms
from dialer.schedule.calendar import Calendar
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.windows import LONGEST_INTERVAL_MS, open_intervals

pytestmark = pytest.mark.slow

ALL_ZONES = sorted({zone for zones in TIMEZONE_DATA.values() for zone in zones})
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FIRST_MS = to_ms(datetime(2026, 1, 1, tzinfo=UTC))
LAST_MS = to_ms(datetime(2029, 1, 1, tzinfo=UTC))


def is_open(week: Mapping[int, Hours], zones: Sequence[str], instant_ms: int) -> bool:
    """Return the rule from the wall clocks: the judge of every property here."""
    for zone in zones:
        local = (EPOCH + timedelta(milliseconds=instant_ms)).astimezone(load_zone(zone))
        minute = local.hour * 60 + local.minute
        if not any(first <= minute < last for first, last in week.get(local.weekday(), ())):
            return False
    return True


def is_in(intervals: Sequence[tuple[int, int]], instant_ms: int) -> bool:
    """Whether an instant lies in one of some ascending intervals."""
    before = bisect_right(intervals, (instant_ms, 2**63)) - 1
    return before >= 0 and intervals[before][0] <= instant_ms < intervals[before][1]


@cache
def changes_of(zone: str) -> tuple[int, ...]:
    """Find the days, as instants, on which a zone changes its clocks in 2026-2028."""
    rules = load_zone(zone)
    days = range(FIRST_MS, LAST_MS, DAY_MS)
    offsets = [from_ms(day).astimezone(rules).utcoffset() for day in days]
    return tuple(day for day, (before, after) in zip(days, pairwise(offsets), strict=False) if before != after)


@st.composite
def hours(draw: st.DrawFn) -> Hours:
    """Hours of one day: any minutes, often at midnight, sometimes meeting."""
    edges = sorted(
        draw(st.sets(st.one_of(st.integers(0, 1440), st.sampled_from([0, 30, 60, 120, 180, 1440])), max_size=7))
    )
    return tuple(span for span in pairwise(edges) if draw(st.booleans()))


weeks = st.dictionaries(st.integers(0, 6), hours(), max_size=7)


@st.composite
def starts(draw: st.DrawFn, zone: str) -> int:
    """Draw an instant of 2026-2028, mostly within two days of a change of clocks where there is any."""
    changes = changes_of(zone)
    near = draw(st.integers(0, 4)) > 0
    if changes and near:
        return draw(st.sampled_from(changes)) + draw(st.integers(-2 * DAY_MS, 2 * DAY_MS))
    return draw(st.integers(FIRST_MS, LAST_MS))


@pytest.mark.parametrize("zone", ALL_ZONES)
def test_every_change_of_clocks_is_exact(zone: str) -> None:
    """Around each change of 2026-2028, in every zone a number can have, hours open as its clock says."""
    random = Random(zone)
    for change_ms in changes_of(zone):
        week = {day: random_hours(random) for day in range(7)}
        start_ms = change_ms - 6 * HOUR_MS
        end_ms = change_ms + DAY_MS + 6 * HOUR_MS
        intervals = list(open_intervals(Calendar(week), [zone], start_ms=start_ms, end_ms=end_ms))

        for instant_ms in range(start_ms, end_ms, 10 * 60_000):
            assert is_in(intervals, instant_ms) == is_open(week, [zone], instant_ms)
        for edge_ms in {edge for interval in intervals for edge in interval}:
            for instant_ms in (edge_ms - 1, edge_ms):
                if start_ms <= instant_ms < end_ms:
                    assert is_in(intervals, instant_ms) == is_open(week, [zone], instant_ms)


def random_hours(random: Random) -> Hours:
    """Two spans of one day, with a liking for the small hours, in which clocks change."""
    edges = sorted(random.sample([*range(0, 241, 30), *range(240, 1441, 60)][:-1], 3))
    return (edges[0], edges[1]), (edges[2], 1440)


@given(data=st.data(), week=weeks, zones=st.lists(st.sampled_from(ALL_ZONES), min_size=1, max_size=4))
@settings(max_examples=120, deadline=None)
def test_an_instant_is_open_as_every_clock_says(data: st.DataObject, week: dict[int, Hours], zones: list[str]) -> None:
    """Any zones together, any week, near changes of clocks: intervals hold the open instants and no other."""
    start_ms = data.draw(starts(zones[0]))
    end_ms = start_ms + data.draw(st.integers(1, 8 * DAY_MS))
    intervals = list(open_intervals(Calendar(week), zones, start_ms=start_ms, end_ms=end_ms))
    instants = set(data.draw(st.lists(st.integers(start_ms, end_ms - 1), max_size=40)))
    instants |= {edge + shift for interval in intervals for edge in interval for shift in (-1, 0)}
    instants |= set(range(start_ms, end_ms, 5 * HOUR_MS))

    for instant_ms in instants:
        if start_ms <= instant_ms < end_ms:
            assert is_in(intervals, instant_ms) == is_open(week, zones, instant_ms)


@given(data=st.data(), week=weeks, zone=st.sampled_from(ALL_ZONES))
@settings(deadline=None)
def test_intervals_are_ascending_apart_and_within(data: st.DataObject, week: dict[int, Hours], zone: str) -> None:
    """Intervals are never empty, never touch unless cut for length, and never leave what was asked for."""
    start_ms = data.draw(starts(zone))
    end_ms = start_ms + data.draw(st.integers(0, 21 * DAY_MS))

    intervals = list(open_intervals(Calendar(week), [zone], start_ms=start_ms, end_ms=end_ms))

    assert all(start_ms <= opens < closes <= end_ms for opens, closes in intervals)
    for earlier, later in pairwise(intervals):
        assert earlier[1] < later[0] or later[1] - earlier[0] > LONGEST_INTERVAL_MS - DAY_MS
        assert earlier[1] <= later[0]
