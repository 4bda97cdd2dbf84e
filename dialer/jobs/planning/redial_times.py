"""From when on somebody is called again: after the wait, and at another time of day than last time if so wished."""

from collections.abc import Iterable
from datetime import timedelta

from dialer.campaign.file import Campaign
from dialer.clock import MILLISECOND, from_ms
from dialer.ledger.transitions.reopened import Due
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.windows import Interval

APART = timedelta(hours=3)
"""How far apart, by the clock, two times of day are at least that count as different."""

SOUGHT = timedelta(days=14)
"""So far ahead another time of day is sought; people whose hours have none are called after the wait alone."""

DAY_MS = timedelta(days=1) // MILLISECOND


def redial_from(campaign: Campaign, due: Due, *, now_ms: int) -> int:
    """Return the instant (ms) from which on a person may be called again; what they asked for themselves stays."""
    if not campaign.redial.another_time or due.is_asked:
        return due.not_before_ms
    zones, regions = (tuple(filter(None, text.split("|"))) for text in (due.zones, due.regions))
    first_ms = max(due.not_before_ms, now_ms)
    compliance = Compliance(campaign.schedule, campaign.limits)
    last_ms = first_ms + SOUGHT // MILLISECOND
    hours = compliance.intervals(Whereabouts(zones, regions), start_ms=first_ms, end_ms=last_ms)
    margin_ms = campaign.schedule.end_margin // MILLISECOND
    found = at_another_time(hours, due.last_ms, zone=zones[0], margin_ms=margin_ms)
    return due.not_before_ms if found is None else found


def at_another_time(hours: Iterable[Interval], last_ms: int, *, zone: str, margin_ms: int) -> int | None:
    """Return the first instant of *hours*, less the margin at each end, `APART` from the time of day of *last_ms*."""
    apart_ms, last = APART // MILLISECOND, _time_of_day_ms(last_ms, zone)
    for opens, closes in hours:
        since_ms = (_time_of_day_ms(opens, zone) - last) % DAY_MS
        is_apart = apart_ms <= since_ms <= DAY_MS - apart_ms
        instant_ms = opens if is_apart else opens + (apart_ms - since_ms) % DAY_MS
        if instant_ms < closes - margin_ms:
            return instant_ms
    return None


def _time_of_day_ms(instant_ms: int, zone: str) -> int:
    clock = from_ms(instant_ms).astimezone(load_zone(zone))
    since = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
    return since // MILLISECOND
