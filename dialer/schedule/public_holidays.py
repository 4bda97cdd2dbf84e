"""Which days are public holidays where: the `holidays` library's, and the legal holidays that it lacks."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from dialer.schedule.places.regions import UNKNOWN
from dialer.schedule.rules import rule_tables

if TYPE_CHECKING:
    from dateutil.rrule import rrule, rruleset

Holidays = Callable[[date], str | None]
"""Names the public holiday that a day is; None on any other day."""

_START = datetime(1996, 1, 1)  # noqa: DTZ001 - days have no zone
"""Where every recurrence starts: a leap year, so that `INTERVAL=2` means even years and `INTERVAL=4` leap years."""


def _recurrence(text: str) -> "rrule | rruleset":
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - 10 ms that a command which plans nothing spares

    return rrulestr(text, dtstart=_START)


def _checked(text: str) -> str:
    _recurrence(text)
    return text


class LegalHoliday(BaseModel):
    """A holiday of a *region* (`US-RI`), by the rule of RFC 5545 that its *days* follow.

    `FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=4` is every fourth of May, `FREQ=YEARLY;BYEASTER=-2` Good Friday (dateutil's own
    addition to the standard), and `FREQ=YEARLY;INTERVAL=2;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8` the Tuesday
    after the first Monday of November, in even years.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2,3})?$")]
    name: Annotated[str, Field(min_length=1)]
    days: Annotated[str, AfterValidator(_checked)]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    read: date

    def dates(self, year: int) -> Iterator[date]:
        """Yield its days of a *year*."""
        first, last = datetime(year, 1, 1), datetime(year, 12, 31)  # noqa: DTZ001 - as above
        for day in _recurrence(self.days).between(first, last, inc=True):
            yield day.date()


@cache
def legal_holidays() -> tuple[LegalHoliday, ...]:
    """Return every holiday that is data of our own, in the order of the files."""
    return tuple(LegalHoliday.model_validate(row) for row in rule_tables("holidays"))


def holidays_of(country: str, states: Sequence[str], *, regional: bool) -> Holidays:
    """Return the holidays of a *country* and of some of its *states* (`US-FL`), also the days they are observed on.

    With *regional*, and no state known, a holiday of any state counts: nobody knows in which the person is. A country
    that neither the library nor our own data knows has none.
    """
    codes = tuple(sorted(state.partition("-")[2] for state in states))

    def name(day: date) -> str | None:
        return _of_year(country, codes, regional, day.year).get(day)

    return name


def holiday_names(region: str, year: int) -> frozenset[str]:
    """Return every name of a holiday of the country or state *region* (`US-FL`) in a *year*, as its calendar has it."""
    from holidays.constants import HOLIDAY_NAME_DELIMITER  # noqa: PLC0415 - 40 ms that a campaign without holidays spares

    country, _, code = region.partition("-")
    days = _days(country, frozenset({code} if code else ()), year)
    return frozenset(name for _, names in days for name in names.split(HOLIDAY_NAME_DELIMITER))


def knows_holidays(country: str) -> bool:
    """Return whether the library knows the country's holidays."""
    return country in _supported()


@cache
def _of_year(country: str, codes: tuple[str, ...], regional: bool, year: int) -> dict[date, str]:  # noqa: FBT001 - the key of a cache
    everywhere = (regional and not codes) or UNKNOWN in codes
    found: dict[date, str] = {}
    for day, name in _days(country, _subdivisions(country) if everywhere else frozenset(codes), year):
        found.setdefault(day, name)
    return found


def _days(country: str, codes: frozenset[str], year: int) -> Iterator[tuple[date, str]]:
    """Yield the holidays of a country and of those of its states whose *codes* (`FL`) are given, with their names."""
    from holidays import country_holidays  # noqa: PLC0415 - as above

    if country in _supported():
        yield from country_holidays(country, years=year).items()
        for code in sorted(codes & set(_supported()[country])):
            yield from country_holidays(country, subdiv=code, years=year).items()
    for row in legal_holidays():
        if row.region == country or (row.region[:2] == country and row.region[3:] in codes):
            yield from ((day, row.name) for day in row.dates(year))


@cache
def _subdivisions(country: str) -> frozenset[str]:
    own = {row.region[3:] for row in legal_holidays() if row.region.startswith(f"{country}-")}
    return frozenset({*_supported().get(country, ()), *own})


@cache
def _supported() -> dict[str, list[str]]:
    from holidays import list_supported_countries  # noqa: PLC0415 - as above

    return list_supported_countries()
