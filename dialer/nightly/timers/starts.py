"""When a timer has to start a night: in the campaign's zone where a timer knows zones, in UTC where it does not. Pure.

An extra start is harmless, a missing one is a lost night: a night that is done is not done again, and whatever starts
from an hour before its time on belongs to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from dialer.schedule.places.tz_database import load_zone

YEAR = timedelta(days=366)
"""How far ahead the clock changes are looked for: every month, and each of its changes once."""

MONTHS = range(1, 13)


@dataclass(frozen=True, order=True)
class NightTime:
    """When a night begins: *at* on the wall clock (naive) of the IANA *zone*."""

    at: time
    zone: str

    def __str__(self) -> str:
        """Return it as `22:00 Europe/Berlin`, with seconds where there are any."""
        return f"{self.at.isoformat('seconds').removesuffix(':00')} {self.zone}"


@dataclass(frozen=True, order=True)
class UtcStart:
    """A start at *hour*:*minute* UTC on every day of *months* (1 to 12, sorted)."""

    hour: int
    minute: int
    months: tuple[int, ...]

    def cron(self) -> str:
        """Return the five fields of a crontab: minute, hour, day of the month, month, day of the week."""
        months = "*" if len(self.months) == len(MONTHS) else ",".join(map(str, self.months))
        return f"{self.minute} {self.hour} * {months} *"


def starts_in_utc(nights: Iterable[NightTime], now: datetime) -> list[UtcStart]:
    """Return the daily starts in UTC that begin each of *nights* on time in the year after *now* (aware), sorted.

    Each UTC time that a local time has is there with the months that have it, so the month of a clock change has both.
    Seconds are cut off: the start is earlier then. A local time that a clock change skips counts as the instant an hour
    later on the clock.
    """
    months: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    for night in nights:
        for start in _instants(night, now):
            months[start.hour, start.minute].add(start.month)
    return sorted(UtcStart(hour, minute, tuple(sorted(found))) for (hour, minute), found in months.items())


def starts_in_zone(night: NightTime, now: datetime) -> list[time]:
    """Return the local times at which a timer that knows zones starts *night* in the year after *now* (aware), sorted.

    It is the night's own, and where a clock change skips that on one day, also the time that the clock then shows:
    systemd has no start at all on a day without the time.
    """
    zone = load_zone(night.zone)
    return sorted({night.at} | {start.astimezone(zone).time() for start in _instants(night, now)})


def _instants(night: NightTime, now: datetime) -> Iterator[datetime]:
    """Return the instant (UTC) of *night* on each local day of the year after *now*."""
    zone = load_zone(night.zone)
    first = now.astimezone(zone).date()
    for days in range(-1, YEAR.days + 1):
        yield datetime.combine(first + timedelta(days=days), night.at, zone).astimezone(UTC)
