"""Which days of the week are days of rest where: the `holidays` library's week-ends, and what it lacks.

Only the strictest hours ask: they stand for a country whose own rules nobody has read, and a week that ends on Friday
there is no week that ends on Sunday. A country's own row says what it says of each day of the week.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

DaysOfRest = Callable[[date], str | None]
"""Says of what a day is the day of rest; None on any other day."""

_THURSDAY, _FRIDAY = 3, 4
_BESIDES = {
    "AF": {_THURSDAY},  # CLDR 48, weekData: Thursday and Friday; the library has Friday and Saturday
    "LY": {_FRIDAY},  # CLDR 48, weekData; the library has Saturday and Sunday
    "MY": {_FRIDAY},  # Kedah, Kelantan and Terengganu: en.wikipedia.org, Workweek and weekend
    "PS": {_FRIDAY},  # the same
    "SO": {_FRIDAY},  # the same
}
"""Days of rest that the library does not have, Monday = 0. Read on 2026-11-26."""


def days_of_rest(countries: Sequence[str]) -> DaysOfRest:
    """Return the days on which people rest in any of *countries* (ISO 3166). One that nobody knows has none."""

    def name(day: date) -> str | None:
        resting = [country for country in countries if rests_in(country, day)]
        return f"a day of rest in {', '.join(resting)}" if resting else None

    return name


def rests_in(country: str, day: date) -> bool:
    """Return whether *day* is a day of the week on which people of *country* rest: in Egypt, Friday and Saturday."""
    return day.weekday() in _week_end_of(country)


@cache
def _week_end_of(country: str) -> frozenset[int]:
    """Return the days of the week, Monday = 0, on which a country rests today."""
    from holidays import country_holidays, list_supported_countries  # noqa: PLC0415 - 40 ms that most campaigns spare

    library = country_holidays(country).weekend if country in list_supported_countries() else ()
    return frozenset(library) | frozenset(_BESIDES.get(country, ()))
