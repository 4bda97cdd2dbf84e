"""Nobody is called on a day of rest of a country whose rules nobody has read."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from dialer.campaign.file import parse_campaign
from dialer.schedule.compliance import Compliance
from dialer.schedule.days_of_rest import days_of_rest, rests_in
from tests.schedule.world import table

MONDAY = date(2026, 11, 23)
WEEK = [MONDAY + timedelta(days=n) for n in range(7)]
THURSDAY, FRIDAY, SATURDAY = WEEK[3:6]
ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LIBRARY_SAYS_LESS = {
    "AI": "its Saturday is a day of work by law",
    "BD": "Friday and Saturday, and no Sunday",
    "BN": "Friday and Sunday; Saturday is a day of work",
    "CD": "work on Saturday mornings",
    "DJ": "Friday and Saturday, and no Sunday",
    "HK": "work on Saturday mornings",
    "KN": "work on Saturday mornings",
    "MR": "Friday and Saturday, and no Sunday",
    "MV": "Friday and Saturday, and no Sunday",
    "NE": "work on Saturday mornings",
    "PY": "work on Saturday mornings",
    "TK": "work on Saturday mornings",
    "VE": "work on Saturday mornings",
}
"""Where the library has fewer days than CLDR; the strictest hours close Saturdays and Sundays everywhere."""


@pytest.mark.parametrize("row", table("weekends.csv"), ids=lambda row: row["country"])
def test_every_week_end_of_cldr_is_known(row: dict[str, str]) -> None:
    """A day on which a country rests by another source is a day of rest here, or a Saturday or Sunday."""
    for weekday in map(int, row["days"].split()):
        assert rests_in(row["country"], WEEK[weekday]) or weekday > FRIDAY.weekday()
        assert rests_in(row["country"], WEEK[weekday]) or row["country"] in LIBRARY_SAYS_LESS or not is_known(row)


def is_known(row: dict[str, str]) -> bool:
    """Whether anything is known of the country's week."""
    return any(rests_in(row["country"], day) for day in WEEK)


@pytest.mark.parametrize(
    ("country", "day", "is_open"),
    [
        ("EG", FRIDAY, False),
        ("IR", FRIDAY, False),
        ("LY", FRIDAY, False),
        ("DZ", FRIDAY, False),
        ("AF", THURSDAY, False),
        ("EG", SATURDAY, False),
        ("EG", THURSDAY, True),
        ("IR", THURSDAY, True),
        ("RO", FRIDAY, True),
        ("RO", SATURDAY, False),
    ],
)
def test_the_strictest_hours_are_strict_in_that_country(*, country: str, day: date, is_open: bool) -> None:
    """Where no rule is known, a Friday is closed for people whose week ends with it, and open for others."""
    assert bool(compliance().calendar((country,)).hours_on(day)) == is_open


def test_the_days_of_every_country_that_counts_are_kept() -> None:
    """A Romanian number of somebody in Egypt is called on no Friday."""
    assert compliance().calendar(("RO", "EG")).hours_on(FRIDAY) == ()
    assert compliance().calendar(("RO", "EG")).hours_on(THURSDAY) != ()


def test_a_day_of_rest_is_said() -> None:
    """An operator reads why a Friday is closed."""
    assert "strictest: closed (a day of rest in EG)" in compliance().calendar(("EG",)).why_closed(FRIDAY)
    assert days_of_rest(["EG", "RO"])(SATURDAY) == "a day of rest in EG, RO"
    assert days_of_rest(["ZZ"])(SATURDAY) is None


def compliance() -> Compliance:
    """Return the terms of a campaign that calls around the clock, all week."""
    tables = {"schedule": {"window": "00:00-24:00", "days": ALL_DAYS, "holidays": False}}
    campaign = parse_campaign(tables, Path("hours.toml"))
    return Compliance(campaign.schedule, campaign.limits)
