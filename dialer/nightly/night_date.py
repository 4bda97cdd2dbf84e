"""Which night it is: the date that a nightly run belongs to, and whether it is too late to begin it. Pure."""

from datetime import date, datetime, time, timedelta, tzinfo

EARLY = timedelta(hours=1)
"""How much earlier than its time a night may be begun: timers differ, and so do clocks over a change of daylight time.
"""


def night_of(now: datetime, *, at: time, zone: tzinfo) -> date:
    """Return the date of the night that *now* belongs to: the day on which it last was *at* in *zone*.

    From an hour before *at* the coming night counts. So a start at 22:00, one at 02:00 after it, and one that makes up
    for it the next morning belong to the same night. Days are counted on the wall clock: where daylight saving repeats
    or skips an hour, each date still has one night.
    """
    local = (now + EARLY).astimezone(zone).replace(tzinfo=None)
    return local.date() if local.time() >= at else local.date() - timedelta(days=1)


def is_too_late(now: datetime, *, night: date, at: time, not_after: time | None, zone: tzinfo) -> bool:
    """Return whether *now* is past the first *not_after* on the wall clock that follows *at* of the *night*."""
    if not_after is None:
        return False
    last = datetime.combine(night, not_after)
    if not_after <= at:
        last += timedelta(days=1)
    return now.astimezone(zone).replace(tzinfo=None) > last
