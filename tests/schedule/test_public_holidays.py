"""Public holidays are the library's, by country and state, on the day itself and on the day it is observed."""

from datetime import date

import pytest

from dialer.schedule.public_holidays import holidays_of, knows_holidays


@pytest.mark.parametrize(
    ("country", "states", "regional", "day", "is_holiday"),
    [
        ("US", (), False, date(2026, 11, 26), True),  # Thanksgiving
        ("US", (), False, date(2026, 7, 3), True),  # the day on which the fourth, a Saturday, is observed
        ("US", (), False, date(2026, 7, 4), True),
        ("US", (), False, date(2026, 11, 27), False),
        ("US", ("US-FL",), False, date(2026, 11, 27), True),  # the Friday after, in Florida
        ("DE", (), False, date(2026, 10, 31), False),
        ("DE", ("DE-SN",), False, date(2026, 10, 31), True),  # Reformation day, in Saxony
        ("DE", (), True, date(2026, 10, 31), True),  # nobody knows in which Land, so it counts
        ("DE", ("DE-BY",), True, date(2026, 10, 31), False),
        ("US", ("US-ZZ",), False, date(2026, 11, 27), True),  # a state that nobody knows could be Florida
        ("AC", (), True, date(2026, 12, 25), False),  # a country that the library does not know
    ],
)
def test_a_day_is_a_holiday_where_it_is_one(
    *, country: str, states: tuple[str, ...], regional: bool, day: date, is_holiday: bool
) -> None:
    """National days count everywhere, a state's own in that state, and in all of them where the state is unknown."""
    assert (holidays_of(country, states, regional=regional)(day) is not None) == is_holiday


def test_a_country_without_holidays_is_told() -> None:
    """A plan can say aloud where no holiday is known."""
    assert knows_holidays("GB")
    assert not knows_holidays("AC")
