"""Public holidays are the library's, by country and state, and the legal ones that it lacks are our own data."""

from datetime import date

import pytest
from holidays import country_holidays

from dialer.schedule.public_holidays import holidays_of, knows_holidays, legal_holidays
from dialer.schedule.rules import all_rules
from tests.schedule.legal_days import LEGAL_DAYS, ORDINARY_DAYS


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
        ("US", ("US-ZZ",), False, date(2027, 5, 4), True),  # or Rhode Island
        ("US", (), True, date(2027, 5, 4), True),
        ("US", ("US-MA",), True, date(2027, 5, 4), False),
        ("BR", ("BR-RJ",), False, date(2027, 4, 23), True),  # Saint George, in Rio de Janeiro
        ("BR", ("BR-SP",), False, date(2027, 4, 23), False),
        ("AC", (), True, date(2026, 12, 25), False),  # a country that the library does not know
    ],
)
def test_a_day_is_a_holiday_where_it_is_one(
    *, country: str, states: tuple[str, ...], regional: bool, day: date, is_holiday: bool
) -> None:
    """National days count everywhere, a state's own in that state, and in all of them where the state is unknown."""
    assert (holidays_of(country, states, regional=regional)(day) is not None) == is_holiday


@pytest.mark.parametrize("state", LEGAL_DAYS)
def test_the_legal_holidays_of_our_own_are_those_of_the_law(state: str) -> None:
    """From 2026 to 2028 the days that our data adds are those that laws and public calendars give, and no others."""
    found = [
        day for row in legal_holidays() if row.region == state for year in (2026, 2027, 2028) for day in row.dates(year)
    ]

    assert sorted(map(str, found)) == sorted(LEGAL_DAYS[state].split())
    assert all(holidays_of("US", [state], regional=False)(day) for day in found)


def test_no_state_has_legal_holidays_that_were_not_looked_up() -> None:
    """Every region with days of our own has its days listed from elsewhere."""
    assert {row.region for row in legal_holidays()} == set(LEGAL_DAYS)


@pytest.mark.parametrize(
    ("name", "states"),
    [("Mardi Gras", ["US-AL"]), ("Good Friday", ["US-PA", "US-UT"]), ("Election Day", ["US-PA", "US-RI"])],
)
def test_days_that_move_are_those_of_the_library_for_louisiana(name: str, states: list[str]) -> None:
    """What hangs on Easter or on an election falls on the day on which Louisiana keeps it, by the library."""
    days = {str(day) for day, text in country_holidays("US", "LA", years=range(2026, 2029)).items() if text == name}

    assert days
    assert all(days <= set(LEGAL_DAYS[state].split()) for state in states)


@pytest.mark.parametrize(("state", "days"), ORDINARY_DAYS.items())
def test_a_day_beside_a_legal_holiday_is_none(state: str, days: str) -> None:
    """An odd year has no election in Rhode Island, a moved holiday no second day, another state's day no effect."""
    holiday = holidays_of("US", [state], regional=False)

    assert [day for day in days.split() if holiday(date.fromisoformat(day))] == []


@pytest.mark.parametrize(
    ("state", "day"),
    [
        ("US-RI", date(2027, 5, 4)),
        ("US-PA", date(2027, 11, 2)),
        ("US-PA", date(2027, 3, 26)),
        ("US-AL", date(2027, 2, 9)),
    ],
)
def test_a_rule_that_closes_on_holidays_closes_on_legal_ones(state: str, day: date) -> None:
    """The independence of Rhode Island, a Pennsylvanian election, Good Friday and Mardi Gras ring nobody."""
    rule = all_rules()[state]
    name = holidays_of("US", [state], regional=rule.regional_holidays)(day)

    assert name in rule.legal_holidays
    assert rule.hours_on(day, holiday=True, eve=False) == ()


def test_a_country_without_holidays_is_told() -> None:
    """A plan can say aloud where no holiday is known."""
    assert knows_holidays("GB")
    assert not knows_holidays("AC")
