"""From when on somebody is called again: after the wait, as caps allow, and at another time of day if so wished."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from dialer.campaign.file import Campaign
from dialer.clock import MILLISECOND, from_ms
from dialer.ledger.transitions.reopened import Due, Policy
from dialer.schedule.caps import next_allowed_ms
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.windows import Interval

APART = timedelta(hours=3)
"""How far apart, by the clock, two times of day are at least that count as different."""

SOUGHT = timedelta(days=14)
"""So far ahead another time of day is sought; people whose hours have none are called after the wait alone."""

DAY_MS = timedelta(days=1) // MILLISECOND


def policy_of(campaign: Campaign, *, now_ms: int) -> Policy:
    """Return whom a campaign calls again, how often, and from when on."""
    when = partial(redial_from, campaign, now_ms=now_ms)
    return replace(Policy.of(campaign.redial, campaign.limits), when=when)


def redial_from(campaign: Campaign, due: Due, *, now_ms: int) -> int:
    """Return the instant (ms) from which on a person may be called again; what they asked for themselves stays."""
    zones, regions = (tuple(filter(None, text.split("|"))) for text in (due.zones, due.regions))
    compliance = Compliance(campaign.schedule, campaign.limits)
    first_ms = due.not_before_ms
    if campaign.redial.next_phone:  # caps are of a number, and this person is called at several
        first_ms = max(first_ms, next_allowed_ms(due.calls_ms, compliance.caps(regions)) or first_ms)
    if not campaign.redial.another_time or due.is_asked:
        return first_ms
    soonest_ms = max(first_ms, now_ms)
    last_ms = soonest_ms + SOUGHT // MILLISECOND
    hours = compliance.intervals(Whereabouts(zones, regions), start_ms=soonest_ms, end_ms=last_ms)
    margin_ms = campaign.schedule.end_margin // MILLISECOND
    found = at_another_time(hours, due.last_ms, zone=zones[0], margin_ms=margin_ms)
    return first_ms if found is None else found


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
