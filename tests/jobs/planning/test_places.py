"""What a plan says of each row, found by its number."""

import zoneinfo
from array import array
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dialer.clock import from_ms, to_ms
from dialer.jobs.planning.places import QUARTER_MS, Places
from dialer.jobs.planning.timetable import Timetable
from dialer.schedule.by_row import row_set
from dialer.schedule.instants import Instants
from dialer.schedule.places.whereabouts import Whereabouts

NEW_YORK = Whereabouts(("America/New_York",), ("US", "US-NY"))
KATHMANDU = Whereabouts(("Asia/Kathmandu",), ("NP",))


@pytest.mark.slow
def test_all_clocks_change_at_a_quarter_of_an_hour() -> None:
    """Slots of one quarter have the same hour and day on any clock: over four years, in every zone there is."""
    quarter = timedelta(milliseconds=QUARTER_MS)
    days = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(4 * 365)]
    for name in zoneinfo.available_timezones():
        zone = zoneinfo.ZoneInfo(name)
        offsets = [day.astimezone(zone).utcoffset() or timedelta() for day in days]
        assert not any(offset % quarter for offset in offsets), name


def test_calls_are_counted_by_the_clocks_of_their_people() -> None:
    """Each slot counts once, under the hour that a clock of its zone shows at that instant."""
    start_ms = to_ms(datetime(2026, 11, 1, 5, 7, 30, tzinfo=UTC))  # New York repeats an hour on this day
    slots = Instants(range(start_ms, start_ms + 3 * 3_600_000, 61_000))
    rows = array("i", range(2, 2 + len(slots)))
    where = {NEW_YORK: rows[::2], KATHMANDU: rows[1::2]}
    places, table = Places(where), Timetable(rows, slots, row_set(()), 0)

    def clock(zones: tuple[str, ...], instant_ms: int) -> tuple[str, str]:
        return zones[0], f"{from_ms(instant_ms).astimezone(zoneinfo.ZoneInfo(zones[0])):%Y-%m-%d %H %z}"

    found: Counter[tuple[str, str]] = Counter()
    for zones, instant_ms, calls in places.calls_by_quarter(table):
        found[clock(zones, instant_ms)] += calls
    assert found == Counter(clock(places[row].zones, slot) for row, slot in zip(rows, slots, strict=True))


def test_a_row_that_is_not_to_be_planned_is_nowhere() -> None:
    """Also one beyond the last that is."""
    places = Places({NEW_YORK: [3]})
    assert [places[row] for row in (2, 3, 4_000)] == [Whereabouts((), ()), NEW_YORK, Whereabouts((), ())]
