"""Which days are public holidays where: the `holidays` library, asked once a year and a region."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

from holidays import country_holidays, list_supported_countries

from dialer.schedule.regions import UNKNOWN

Holidays = Callable[[date], str | None]
"""Names the public holiday that a day is; None on any other day."""


def holidays_of(country: str, states: Sequence[str], *, regional: bool) -> Holidays:
    """Tell the holidays of a *country* and of some of its *states* (`US-FL`), also the days on which they are observed.

    With *regional*, and no state known, a holiday of any state counts: nobody knows in which the person is. A country
    that the library does not know has none.
    """
    codes = tuple(sorted(state.partition("-")[2] for state in states))

    def name(day: date) -> str | None:
        return _of_year(country, codes, regional, day.year).get(day)

    return name


def knows_holidays(country: str) -> bool:
    """Tell whether the library knows the country's holidays."""
    return country in _supported()


@cache
def _of_year(country: str, codes: tuple[str, ...], regional: bool, year: int) -> dict[date, str]:  # noqa: FBT001 - the key of a cache
    if country not in _supported():
        return {}
    known = set(_supported()[country])
    wanted = set(codes) & known
    if (regional and not codes) or UNKNOWN in codes:
        wanted = known
    found = dict(country_holidays(country, years=year).items())
    for code in sorted(wanted):
        found = dict(country_holidays(country, subdiv=code, years=year).items()) | found
    return found


@cache
def _supported() -> dict[str, list[str]]:
    return list_supported_countries()
