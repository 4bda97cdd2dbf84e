"""Lays slots out by local day and hour, zone by zone, over the hours in which the people of each zone may be called."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from dialer.clock import from_ms, to_ms
from dialer.results.report import frames
from dialer.results.report.content import HourCell, ZoneDays
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.whereabouts import Whereabouts

MOST_ZONES, MOST_DAYS = 12, 10
"""Zones and days that are drawn; what is left out is told by its number."""

MOST_PLACES = 60
"""Places of a zone whose hours are looked up, those of most people: a list of a whole country has a few hundred."""

_HOUR = timedelta(hours=1)


def slots_by_zone(calls: frames.Frame, compliance: Compliance) -> list[ZoneDays]:
    """Return the slots of *calls* by zone, those of most calls first."""
    sizes = list(frames.zone_sizes(calls).items())[:MOST_ZONES]
    return [_zone_days(zone, size, calls[calls["zone"] == zone], compliance) for zone, size in sizes if zone]


def _zone_days(zone: str, size: int, calls: frames.Frame, compliance: Compliance) -> ZoneDays:
    counts = frames.slots_by_hour(calls)
    days = frames.days_of(calls)[-MOST_DAYS:]
    permitted = _permitted(frames.places(calls), days, load_zone(zone), compliance)
    lines = [
        (
            f"{day:%a %d %b}",
            [HourCell(counts.get((day.isoformat(), hour), 0), permitted[day, hour]) for hour in frames.HOURS],
        )
        for day in days
    ]
    earlier = sum(count for (day, _), count in counts.items() if day < days[0].isoformat())
    return ZoneDays(zone, size, lines, max(counts.values()), earlier)


def _permitted(
    places: Mapping[tuple[str, str], int], days: Sequence[date], zone: tzinfo, compliance: Compliance
) -> dict[tuple[date, int], str]:
    """Return for each hour of *days*, by the clock of *zone*, whether `all`, `some` or `none` of *places* are open."""
    busiest = sorted(places, key=lambda place: -places[place])[:MOST_PLACES]
    midnight = [datetime.combine(day, time(), zone) for day in (days[0], days[-1] + timedelta(days=1))]
    start_ms, end_ms = map(to_ms, midnight)
    open_hours: Counter[tuple[date, int]] = Counter()
    for zones, regions in busiest:
        where = Whereabouts(tuple(filter(None, zones.split("|"))), tuple(filter(None, regions.split("|"))))
        spans = compliance.intervals(where, start_ms=start_ms, end_ms=end_ms)
        open_hours.update(set(_hours_in(spans, zone)))
    return {
        (day, hour): "all" if (found := open_hours[day, hour]) == len(busiest) else "some" if found else "none"
        for day in days
        for hour in frames.HOURS
    }


def _hours_in(spans: Iterable[tuple[int, int]], zone: tzinfo) -> Iterable[tuple[date, int]]:
    """Yield each local hour, as its day and number, of which some part lies in *spans* (UTC ms)."""
    for open_ms, close_ms in spans:
        instant, closes = from_ms(open_ms), from_ms(close_ms)
        while instant < closes:
            local = instant.astimezone(zone)
            yield local.date(), local.hour
            instant += _HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
