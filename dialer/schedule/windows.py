"""The hours of each day in several zones at once, as intervals of UTC. Pure but for the zone rules it loads.

Local hours are mapped to UTC piece by piece, each piece of one constant offset, so a gap or an overlap of
daylight saving needs no special case: an instant is inside exactly when the wall clock it maps to is.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta, tzinfo
from functools import reduce

from dialer.campaign.values import Hours
from dialer.clock import EPOCH
from dialer.schedule.places.tz_database import load_zone

Interval = tuple[int, int]
"""A half-open stretch of time: first instant inside, first instant after."""

HoursOfDay = Callable[[int], Hours]
"""Gives the `Hours` of a day, counted from 1970-01-01; empty when it is closed."""

LONGEST_INTERVAL_MS = 7 * 86_400_000
"""A week that never closes comes in pieces of at most this length, which touch: no endless look ahead."""

_DAY_SECONDS = 86_400
_SECOND = timedelta(seconds=1)


def open_intervals(hours_of: HoursOfDay, zones: Sequence[str], *, start_ms: int, end_ms: int) -> Iterator[Interval]:
    """Yield, in order, the stretches of [*start_ms*, *end_ms*) in which every zone is inside its local hours.

    *hours_of* gives the hours of each local day (`dialer.schedule.calendar.Calendar`). *zones* are IANA names. With no
    zone nothing is ever open: while nobody knows where a person is, no hour is right.

    Intervals are (open_ms, close_ms), half-open, in UTC milliseconds since the epoch, never empty, never
    overlapping, computed day by day as they are asked for. Hours that meet, also over midnight, give one
    interval (see `LONGEST_INTERVAL_MS`). A local time that daylight saving skips is never yielded, and one
    that it repeats counts both times.

    Raises `zoneinfo.ZoneInfoNotFoundError` for a zone that does not exist, at the first interval.
    """
    if not zones or start_ms >= end_ms:
        return
    rules = [load_zone(zone) for zone in sorted(set(zones))]
    first, last = start_ms // 1000, -(-end_ms // 1000)
    spans = reduce(_intersect, (_open_in_zone(hours_of, zone, first, last) for zone in rules))
    for open_s, close_s in _merge(spans):
        open_ms, close_ms = max(open_s * 1000, start_ms), min(close_s * 1000, end_ms)
        if open_ms < close_ms:
            yield open_ms, close_ms


def _open_in_zone(hours_of: HoursOfDay, zone: tzinfo, first: int, last: int) -> Iterator[Interval]:
    """Yield the open UTC seconds of one zone, in pieces that may touch."""
    for begin, end, offset in _constant_offsets(zone, first, last):
        local_begin, local_end = begin + offset, end + offset
        for day in range(local_begin // _DAY_SECONDS, (local_end - 1) // _DAY_SECONDS + 1):
            for first_minute, last_minute in hours_of(day):
                opens = max(day * _DAY_SECONDS + first_minute * 60, local_begin)
                closes = min(day * _DAY_SECONDS + last_minute * 60, local_end)
                if opens < closes:
                    yield opens - offset, closes - offset


def _constant_offsets(zone: tzinfo, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Cut [*first*, *last*) into (begin, end, offset) in seconds, none longer than a day of UTC.

    A day that begins and ends with one offset is taken as free of changes: no zone changes its clocks twice
    in a day and ends where it began.
    """
    begin, offset = first, _offset_at(zone, first)
    while begin < last:
        end = min((begin // _DAY_SECONDS + 1) * _DAY_SECONDS, last)
        next_offset = _offset_at(zone, end)
        yield from _split(zone, (begin, offset), (end, next_offset))
        begin, offset = end, next_offset


def _split(zone: tzinfo, begin: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """Halve a stretch between two (second, offset) until each piece has one offset."""
    if begin[1] == end[1] or end[0] - begin[0] == 1:
        yield begin[0], end[0], begin[1]
        return
    middle = (begin[0] + end[0]) // 2
    halfway = middle, _offset_at(zone, middle)
    yield from _split(zone, begin, halfway)
    yield from _split(zone, halfway, end)


def _offset_at(zone: tzinfo, second: int) -> int:
    offset = (EPOCH + second * _SECOND).astimezone(zone).utcoffset()
    return 0 if offset is None else offset // _SECOND


def _intersect(left: Iterator[Interval], right: Iterator[Interval]) -> Iterator[Interval]:
    """Yield what two ascending, disjoint sequences share, reading each no further than needed."""
    one, other = next(left, None), next(right, None)
    while one is not None and other is not None:
        opens, closes = max(one[0], other[0]), min(one[1], other[1])
        if opens < closes:
            yield opens, closes
        if one[1] <= other[1]:
            one = next(left, None)
        else:
            other = next(right, None)


def _merge(pieces: Iterator[Interval]) -> Iterator[Interval]:
    pending = next(pieces, None)
    if pending is None:
        return
    for piece in pieces:
        if piece[0] == pending[1] and (piece[1] - pending[0]) * 1000 <= LONGEST_INTERVAL_MS:
            pending = pending[0], piece[1]
        else:
            yield pending
            pending = piece
    yield pending
