"""An instant is open exactly when every wall clock in question shows an open hour."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from dialer.campaign.values import Hours, parse_hours
from dialer.clock import from_ms, to_ms
from dialer.schedule.calendar import Calendar
from dialer.schedule.windows import LONGEST_INTERVAL_MS, open_intervals

DAY_MS = 86_400_000
FIRST_MS = to_ms(datetime(2026, 1, 1, tzinfo=UTC))


def every_day(text: str) -> dict[int, Hours]:
    """Return the same hours to all seven days."""
    return dict.fromkeys(range(7), parse_hours(text))


def written(week: Mapping[int, Hours], zones: Sequence[str], start: str, end: str) -> list[str]:
    """Write the intervals between two UTC dates as a person would."""
    start_ms, end_ms = (to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC)) for text in (start, end))
    return [
        f"{from_ms(opens):%d %H:%M}-{from_ms(closes):%d %H:%M}"
        for opens, closes in open_intervals(Calendar(week), zones, start_ms=start_ms, end_ms=end_ms)
    ]


def test_office_hours_are_the_persons_own() -> None:
    """09:00-17:30 in New York is 14:00-22:30 UTC in winter, on the days asked for."""
    week = {day: parse_hours("09:00-17:30") for day in range(5)}

    assert written(week, ["America/New_York"], "2026-11-20", "2026-11-25") == [
        "20 14:00-20 22:30",
        "23 14:00-23 22:30",
        "24 14:00-24 22:30",
    ]


def test_several_zones_share_only_what_all_allow() -> None:
    """A number that may be in New York or Los Angeles has the hours that both have."""
    zones = ["America/New_York", "America/Los_Angeles"]

    assert written(every_day("09:00-17:30"), zones, "2026-11-23", "2026-11-24") == ["23 17:00-23 22:30"]


def test_zones_that_share_no_hour_never_open() -> None:
    """Where the intersection is empty, so is the answer."""
    assert written(every_day("09:00-12:00"), ["Asia/Tokyo", "America/New_York"], "2026-11-23", "2026-11-30") == []


def test_no_zone_means_no_hour() -> None:
    """Without a zone nothing opens, even in a week that never closes."""
    assert written(every_day("00:00-24:00"), [], "2026-11-23", "2026-11-30") == []


@pytest.mark.slow
@pytest.mark.parametrize("week", [{}, {0: ()}])
def test_no_hours_never_open(week: dict[int, Hours]) -> None:
    """A week without hours opens in none of three hundred years, and the search for an hour ends."""
    assert written(week, ["Europe/Paris"], "2026-01-01", "2326-01-01") == []


def test_hours_over_midnight_are_one_interval() -> None:
    """22:00-24:00 and 00:00-06:00 make one night."""
    assert written(every_day("22:00-24:00, 00:00-06:00"), ["UTC"], "2026-06-01T12:00", "2026-06-02T12:00") == [
        "01 22:00-02 06:00"
    ]


def test_the_clip_is_exact() -> None:
    """The first and last interval begin and end at the very millisecond asked for."""
    noon_ms = to_ms(datetime(2026, 6, 1, 12, tzinfo=UTC))

    found = open_intervals(Calendar(every_day("00:00-24:00")), ["UTC"], start_ms=noon_ms + 1, end_ms=noon_ms + 777)

    assert list(found) == [(noon_ms + 1, noon_ms + 777)]


def test_a_skipped_hour_never_opens() -> None:
    """On the day that skips 02:00-03:00, hours within it give nothing."""
    assert written(every_day("02:00-03:00"), ["America/New_York"], "2026-03-08", "2026-03-09") == []


def test_hours_around_a_skipped_hour_are_an_hour_shorter() -> None:
    """01:30-03:30 lasts one hour on the day the clocks go forward."""
    assert written(every_day("01:30-03:30"), ["America/New_York"], "2026-03-08", "2026-03-09") == ["08 06:30-08 07:30"]


def test_a_repeated_hour_opens_twice() -> None:
    """01:30-02:00 comes twice on the day the clocks go back, and is closed in between."""
    assert written(every_day("01:30-02:00"), ["America/New_York"], "2026-11-01", "2026-11-02") == [
        "01 05:30-01 06:00",
        "01 06:30-01 07:00",
    ]


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Africa/Cairo", "2026-04-23T12:00", "23 22:00-23 23:30"),  # 00:00 becomes 01:00
        ("America/Havana", "2026-03-07T12:00", "08 05:00-08 06:30"),  # 00:00 becomes 01:00
        ("Asia/Beirut", "2026-03-28T12:00", "28 22:00-28 23:30"),  # 00:00 becomes 01:00
        ("America/Santiago", "2026-09-05T12:00", "06 04:00-06 05:30"),  # 24:00 becomes 01:00
    ],
)
def test_a_change_at_midnight_keeps_the_right_day(zone: str, day: str, expected: str) -> None:
    """Where the clocks skip the hour after midnight, a day's hours begin with the day's first instant."""
    end = (datetime.fromisoformat(day) + timedelta(days=1)).isoformat()

    assert written(every_day("00:00-02:30"), [zone], day, end) == [expected]


def test_half_an_hour_is_skipped_on_lord_howe() -> None:
    """Lord Howe moves its clocks by thirty minutes: 02:00 becomes 02:30."""
    assert written(every_day("01:30-03:00"), ["Australia/Lord_Howe"], "2026-10-03T12:00", "2026-10-04T12:00") == [
        "03 15:00-03 16:00"
    ]


def test_a_whole_day_can_be_missing() -> None:
    """Samoa had no 30 December 2011, a Friday; nothing opens on it."""
    assert written({4: parse_hours("00:00-24:00")}, ["Pacific/Apia"], "2011-12-28", "2012-01-02") == []


def test_a_week_that_never_closes_comes_in_pieces_that_touch() -> None:
    """Looking far ahead takes no time: the first piece comes before the rest is computed."""
    far_ms = to_ms(datetime(9000, 1, 1, tzinfo=UTC))

    pieces = list(
        islice(
            open_intervals(Calendar(every_day("00:00-24:00")), ["Europe/Paris"], start_ms=FIRST_MS, end_ms=far_ms), 3
        )
    )

    assert pieces[0][0] == FIRST_MS
    assert all(earlier[1] == later[0] for earlier, later in pairwise(pieces))
    assert all(LONGEST_INTERVAL_MS - DAY_MS < closes - opens <= LONGEST_INTERVAL_MS for opens, closes in pieces)
