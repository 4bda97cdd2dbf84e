"""The hours of one day for one person: the campaign's, the rules', the holidays', and why a day is closed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dialer.campaign.values import WEEKDAYS, Hours
from dialer.schedule.days_of_rest import DaysOfRest
from dialer.schedule.public_holidays import Holidays
from dialer.schedule.rules import Rule, common_hours

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class RuleHere:
    """A rule with the holidays of its region and, where it stands for rules that nobody has read, the days of rest."""

    rule: Rule
    holiday: Holidays
    rest: DaysOfRest | None = None


@dataclass(frozen=True)
class Calendar:
    """The hours of each day, in the local time of people to whom the same rules apply.

    *week* are the campaign's own hours (Monday = 0), *closed* its extra closed days. *holidays* are those on which the
    campaign calls nobody; each rule has its own besides. *strictest* holds on the days on which a rule has expired.
    """

    week: Mapping[int, Hours]
    rules: Sequence[RuleHere] = ()
    strictest: RuleHere | None = None
    holidays: Sequence[Holidays] = ()
    closed: frozenset[date] = frozenset()
    _seen: dict[int, Hours] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, day: int) -> Hours:
        """Return the hours of *day*, counted from 1970-01-01; empty when closed."""
        if day not in self._seen:
            self._seen[day] = self.hours_on(date.fromordinal(day + _EPOCH_ORDINAL))
        return self._seen[day]

    def hours_on(self, day: date) -> Hours:
        """Return the hours of *day* as `Hours`: campaign, rules, holidays and closed days together."""
        if day in self.closed or any(holiday(day) for holiday in self.holidays):
            return ()
        hours = self.week.get(day.weekday(), ())
        for here in self._rules_on(day):
            hours = common_hours(hours, _hours_of(here, day))
        return hours

    def why_closed(self, day: date) -> list[str]:
        """Say in words what closes *day*, or shortens its hours; nothing where the campaign alone decides."""
        said = ["closed in the campaign file"] if day in self.closed else []
        said += [f"holiday: {name}" for name in dict.fromkeys(holiday(day) for holiday in self.holidays) if name]
        week = self.week.get(day.weekday(), ())
        if not week:
            said.append(f"the campaign has no hours on {WEEKDAYS[day.weekday()]}")
        for here in self._rules_on(day):
            hours = _hours_of(here, day)
            if common_hours(week, hours) != week:
                name = here.holiday(day) if here.rule.holidays is not None else None
                reason = f" ({name})" if (name := name or _rest(here, day)) else ""
                said.append(f"{here.rule.region}: {hours_text(hours)}{reason}")
        return said

    def _rules_on(self, day: date) -> Sequence[RuleHere]:
        if self.strictest is not None and any(here.rule.is_expired(day) for here in self.rules):
            return [*self.rules, self.strictest]
        return self.rules


def hours_text(hours: Hours) -> str:
    """Write hours as a campaign file does; `closed` for none."""
    return ", ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in hours) or "closed"


def hours_by_day(rule: Rule) -> dict[str, str]:
    """Return a rule's hours as text: `Mon-Fri`, `Sat`, `Sun`, `holidays`; `Fri`, `eve of holidays` if it has any."""
    days = {
        "Mon-Fri": rule.monday_to_friday,
        "Fri": rule.friday,
        "Sat": rule.saturday,
        "Sun": rule.sunday,
        "holidays": rule.holidays,
        "eve of holidays": rule.eve_of_holidays,
    }
    texts = {day: hours_text(hours) for day, hours in days.items() if hours is not None}
    return texts if "holidays" in texts else texts | {"holidays": "as its weekday"}


def _hours_of(here: RuleHere, day: date) -> Hours:
    eve = here.rule.eve_of_holidays is not None and here.holiday(day + timedelta(days=1)) is not None
    hours = here.rule.hours_on(day, holiday=here.holiday(day) is not None, eve=eve)
    return common_hours(hours, here.rule.sunday) if _rest(here, day) else hours


def _rest(here: RuleHere, day: date) -> str | None:
    return None if here.rest is None else here.rest(day)
