"""What is wrong with the rules' data itself, found without trusting any of it."""

from collections.abc import Iterable, Iterator
from datetime import date

from holidays import list_supported_countries
from pydantic import ValidationError

from dialer.campaign.values import Hours
from dialer.schedule.public_holidays import LegalHoliday, holiday_names, knows_holidays, legal_holidays
from dialer.schedule.rules import STRICTEST, Rule, all_rules

PRIMARY_DAYS, SECONDARY_DAYS = 365, 182
"""How long a row stands alone after it was read: in its own text, and in a summary."""

_EARLIEST, _LATEST = 7 * 60, 22 * 60
"""The earliest and the latest minute of a day at which any rule that was read lets people be called."""

_TERRITORIES = frozenset({"AS", "GU", "MP", "UM", "VI"})
"""Countries of their own to the phone library, and no states of the United States here."""

_YEARS = 3


def data_faults(today: date) -> list[str]:
    """Return what is wrong with the rules and holidays of this package, a sentence each; none when all is well."""
    try:
        return rule_faults(all_rules().values(), legal_holidays(), today)
    except ValidationError as error:
        return [f"dialer/schedule/rules: {line}" for line in str(error).splitlines()]


def rule_faults(rules: Iterable[Rule], holidays: Iterable[LegalHoliday], today: date) -> list[str]:
    """Return what is wrong with these *rules* and legal *holidays* on *today*, a sentence each.

    Every source says something, dates are in order, hours are such as people are called at, no American state is
    missing, and every holiday that a rule means has a date this year or in the next two.
    """
    years = range(today.year, today.year + _YEARS)
    rules = list(rules)
    regions = [rule.region for rule in rules]
    found = [f"{region}: it has two rows." for region in sorted({each for each in regions if regions.count(each) > 1})]
    found += [
        f"{state}: it has no row; an American state needs one, if only as the federal rule."
        for state in sorted(american_states() - set(regions))
    ]
    for rule in rules:
        faults = [*_without_source(rule.sources), *_dates(rule, today), *_hours(rule), *_holidays(rule, years)]
        found += [f"{rule.region}: {fault}" for fault in faults]
    for holiday in holidays:
        faults = [*_without_source(holiday.sources), *_days(holiday, today, years)]
        found += [f"{holiday.region}, {holiday.name}: {fault}" for fault in faults]
    return found


def american_states() -> frozenset[str]:
    """Return the codes of the 50 states, the District of Columbia and Puerto Rico (`US-AL`), as `holidays` has them."""
    return frozenset(f"US-{code}" for code in list_supported_countries()["US"] if code not in _TERRITORIES)


def _without_source(sources: Iterable[str]) -> Iterator[str]:
    if not all(source.strip() for source in sources):
        yield "a source is empty; write where the rule was read."


def _dates(rule: Rule, today: date) -> Iterator[str]:
    if rule.read > today:
        yield f"it was read on {rule.read}, which is still to come."
    if rule.expires <= rule.read:
        yield f"it expires on {rule.expires}, not after {rule.read}, the day it was read."
    longest = PRIMARY_DAYS if rule.reading == "primary" else SECONDARY_DAYS
    if rule.region != STRICTEST and (rule.expires - rule.read).days > longest:
        yield f"read as {rule.reading} on {rule.read}, it stands at most {longest} days, and not until {rule.expires}."


def _hours(rule: Rule) -> Iterator[str]:
    if not rule.monday_to_friday:
        yield "it has no hours from Monday to Friday."
    hours: list[Hours | None] = [rule.monday_to_friday, rule.friday, rule.saturday, rule.sunday, rule.holidays]
    minutes = [minute for each in (*hours, rule.eve_of_holidays) for span in each or () for minute in span]
    if minutes and not _EARLIEST <= min(minutes) <= max(minutes) <= _LATEST:
        yield "its hours begin before 07:00 or end after 22:00, which no rule read so far allows."


def _holidays(rule: Rule, years: Iterable[int]) -> Iterator[str]:
    closes = rule.holidays is not None or rule.eve_of_holidays is not None
    if closes and rule.region != STRICTEST and not knows_holidays(rule.region[:2]):
        yield "it has hours for holidays, and the holidays of the country are not known."
    names = frozenset[str]().union(*(holiday_names(rule.region, year) for year in years)) if rule.legal_holidays else ()
    for name in rule.legal_holidays:
        if name not in names:
            yield f"{name!r} is on no day of {min(years)}-{max(years)}; name it as its calendar does, or add its days."


def _days(holiday: LegalHoliday, today: date, years: Iterable[int]) -> Iterator[str]:
    if holiday.read > today:
        yield f"it was read on {holiday.read}, which is still to come."
    if holiday.name.endswith("(observed)"):
        return  # only in years in which the day itself falls on a week-end
    if not any(tuple(holiday.dates(year)) for year in years):
        yield f"it has no day in {min(years)}-{max(years)}: {holiday.days}."
