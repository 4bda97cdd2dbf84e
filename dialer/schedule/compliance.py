"""When and how often people may be called under one campaign: its own terms and the rules of where they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import chain

from dialer.campaign.schedule_table import Schedule
from dialer.campaign.tables import Limits
from dialer.campaign.values import Cap, Hours
from dialer.clock import EPOCH, MILLISECOND, from_ms, to_ms
from dialer.contacts.choosing.call_times import ANY_TIME, CallTimes
from dialer.schedule.calendar import Calendar, RuleHere
from dialer.schedule.days_of_rest import days_of_rest
from dialer.schedule.places.tz_database import load_zone
from dialer.schedule.places.whereabouts import Whereabouts
from dialer.schedule.public_holidays import Holidays, holidays_of
from dialer.schedule.rules import STRICTEST, Rule, all_rules, rules_for
from dialer.schedule.windows import HoursOfDay, Interval, open_intervals

SECOND_MS = 1_000
"""What a repeated attempt may move its slot by stays before every end."""

SEARCH = timedelta(days=366)
"""How far ahead a permitted time is looked for when the campaign names no end."""


@dataclass(frozen=True)
class Compliance:
    """The terms under which a campaign calls: hours and caps for anybody, wherever they are."""

    schedule: Schedule
    limits: Limits
    _calendars: dict[tuple[str, ...], Calendar] = field(default_factory=dict, repr=False, compare=False)
    _caps: dict[tuple[str, ...], tuple[Cap, ...]] = field(default_factory=dict, repr=False, compare=False)

    def rules(self, regions: Sequence[str]) -> tuple[Rule, ...]:
        """Return the rules that hold for people of *regions*: none when the campaign has them off."""
        return () if self.schedule.rules == "off" else rules_for(regions)

    def calendar(self, regions: tuple[str, ...]) -> Calendar:
        """Return the hours of each day for people of *regions*."""
        if regions not in self._calendars:
            self._calendars[regions] = self._new_calendar(regions)
        return self._calendars[regions]

    def intervals(self, where: Whereabouts, *, start_ms: int, end_ms: int) -> Iterator[Interval]:
        """Yield when people *where* may be called, as `open_intervals` does; only at the times that they ask for.

        Such a time ends where it is said, and not by the margin before: the API's delay breaks no rule there.
        """
        spans = open_intervals(self.calendar(where.regions), where.zones, start_ms=start_ms, end_ms=end_ms)
        if where.times == ANY_TIME:
            return spans
        asked = open_intervals(_asked_hours(where.times), where.zones, start_ms=start_ms, end_ms=end_ms)
        return _asked_for(spans, asked, slack_ms=self.schedule.end_margin // MILLISECOND - SECOND_MS)

    def is_ever_open(self, where: Whereabouts, *, start_ms: int) -> bool:
        """Return whether people *where* may be called in the year from *start_ms* on, whenever the campaign ends."""
        margin_ms, end_ms = self.schedule.end_margin // MILLISECOND, to_ms(from_ms(start_ms) + SEARCH)
        spans = self.intervals(where, start_ms=start_ms, end_ms=end_ms)
        return any(closes - margin_ms > opens for opens, closes in spans)

    def is_asked_for(self, where: Whereabouts, *, start_ms: int) -> bool:
        """Return whether the time that people *where* ask for comes from *start_ms* on, in all their zones at once."""
        end_ms = to_ms(from_ms(start_ms) + SEARCH)
        return any(open_intervals(_asked_hours(where.times), where.zones, start_ms=start_ms, end_ms=end_ms))

    def caps(self, regions: tuple[str, ...]) -> tuple[Cap, ...]:
        """Return every cap that holds for a number of *regions*: the campaign's and the rules'."""
        if regions not in self._caps:
            by_rules = (cap for rule in self.rules(regions) for cap in rule.caps)
            self._caps[regions] = tuple(sorted({*self.limits.per_number, *by_rules}))
        return self._caps[regions]

    @property
    def longest_cap_ms(self) -> int:
        """How far back a call may count."""
        rules = () if self.schedule.rules == "off" else all_rules().values()
        caps = chain(self.limits.per_number, chain.from_iterable(rule.caps for rule in rules))
        return max((cap.period_ms for cap in caps), default=0)

    def allows(self, where: Whereabouts, instant_ms: int) -> bool:
        """Return whether *instant_ms* (UTC) is inside the hours that every clock shows. No zone: never.

        Asked again at the moment of sending. It looks at the clocks and not at the intervals that the plan was made
        of, so that a mistake there rings nobody. A day on which a rule has expired counts as the calendar says.
        """
        calendar, instant = self.calendar(where.regions), from_ms(instant_ms)
        clocks = (instant.astimezone(load_zone(zone)) for zone in where.zones)
        return bool(where.zones) and all(
            _is_inside(hours_on(clock.date()), clock)
            for clock in clocks
            for hours_on in (calendar.hours_on, where.times.hours_on)
        )

    def _new_calendar(self, regions: tuple[str, ...]) -> Calendar:
        observed: list[Holidays] = []
        if self.schedule.holidays:
            regional = {rule.region: rule.regional_holidays for rule in rules_for(regions)}
            countries = (region for region in regions if "-" not in region)
            observed += [_holidays(each, regions, regional=regional.get(each, True)) for each in countries]
        here = partial(_here, regions)
        strictest = None if self.schedule.rules == "off" else here(all_rules()[STRICTEST])
        return Calendar(
            week=self.schedule.week,
            rules=tuple(here(rule) for rule in self.rules(regions)),
            strictest=strictest,
            holidays=tuple(observed),
            closed=frozenset(self.schedule.closed),
        )


def _here(regions: tuple[str, ...], rule: Rule) -> RuleHere:
    """Return a rule with the days that count for people of *regions*; the strictest has those of all countries."""
    if rule.region != STRICTEST:
        return RuleHere(rule, _holidays(rule.region[:2], regions, regional=rule.regional_holidays))
    countries = [region for region in regions if "-" not in region]
    everywhere = [_holidays(country, regions, regional=rule.regional_holidays) for country in countries]
    return RuleHere(rule, lambda day: _first_name(everywhere, day), days_of_rest(countries))


def _first_name(holidays: Sequence[Holidays], day: date) -> str | None:
    return next((name for holiday in holidays if (name := holiday(day))), None)


def _holidays(country: str, regions: Sequence[str], *, regional: bool) -> Holidays:
    states = [region for region in regions if region.startswith(f"{country}-")]
    return holidays_of(country, states, regional=regional)


def _is_inside(hours: Hours, clock: datetime) -> bool:
    minute = clock.hour * 60 + clock.minute
    return any(first <= minute < last for first, last in hours)


def _asked_hours(times: CallTimes) -> HoursOfDay:
    return lambda day: times.hours_on(EPOCH.date() + timedelta(days=day))


def _asked_for(spans: Iterator[Interval], asked: Iterator[Interval], *, slack_ms: int) -> Iterator[Interval]:
    """Yield what *spans* and *asked* share, each reaching *slack_ms* beyond what is asked, but not beyond its span."""
    span, wish = next(spans, None), next(asked, None)
    while span is not None and wish is not None:
        opens, closes = max(span[0], wish[0]), min(span[1], wish[1] + slack_ms)
        if opens < min(span[1], wish[1]):
            yield opens, closes
        if span[1] <= wish[1]:
            span = next(spans, None)
        else:
            wish = next(asked, None)
