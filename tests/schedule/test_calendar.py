"""What one day's hours are made of, and what is said of them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import parse_campaign
from dialer.campaign.values import parse_hours
from dialer.schedule.calendar import Calendar, hours_text
from dialer.schedule.compliance import Compliance
from dialer.schedule.places.whereabouts import Whereabouts

NEW_YORK = ("US", "US-NY")
TUESDAY, THANKSGIVING, FRIDAY, SUNDAY = date(2026, 11, 24), date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 29)
ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def compliance(**schedule: Any) -> Compliance:
    """Return the terms of a campaign that calls around the clock, but for *schedule*."""
    tables = {"schedule": {"window": "00:00-24:00", "days": ALL_DAYS} | schedule}
    campaign = parse_campaign(tables, Path("hours.toml"))
    return Compliance(campaign.schedule, campaign.limits)


@pytest.mark.parametrize(
    ("schedule", "regions", "day", "expected"),
    [
        ({}, NEW_YORK, TUESDAY, "08:00-21:00"),
        ({"window": "09:00-17:30"}, NEW_YORK, TUESDAY, "09:00-17:30"),
        ({"window": "07:00-09:00, 20:00-23:00"}, NEW_YORK, TUESDAY, "08:00-09:00, 20:00-21:00"),
        ({"windows": {"tue": "10:00-11:00"}}, NEW_YORK, TUESDAY, "10:00-11:00"),
        ({"days": ["mon"]}, NEW_YORK, TUESDAY, "closed"),
        ({"closed": ["2026-11-24"]}, NEW_YORK, TUESDAY, "closed"),
        ({}, NEW_YORK, THANKSGIVING, "closed"),
        ({"holidays": False}, NEW_YORK, THANKSGIVING, "08:00-21:00"),
        ({"holidays": False}, ("US", "US-UT"), THANKSGIVING, "closed"),  # Utah closes it by its own rule
        ({"rules": "off", "holidays": False}, ("US", "US-UT"), THANKSGIVING, "00:00-24:00"),
        ({"rules": "off"}, NEW_YORK, THANKSGIVING, "closed"),
        ({}, ("US", "US-FL"), TUESDAY, "08:00-20:00"),
        ({}, ("US", "US-FL"), FRIDAY, "closed"),  # a holiday of Florida
        ({}, NEW_YORK, FRIDAY, "08:00-21:00"),
        ({}, ("US", "US-FL", "US-KY"), TUESDAY, "10:00-20:00"),
        ({}, ("US", "US-AL"), SUNDAY, "closed"),
        ({}, ("US", "US-ZZ"), TUESDAY, "10:00-13:00, 14:00-17:00"),
        ({}, ("CZ",), TUESDAY, "10:00-13:00, 14:00-17:00"),
        ({}, ("FR",), TUESDAY, "10:00-13:00, 14:00-20:00"),
        ({"holidays": False}, ("IT",), date(2026, 12, 7), "10:00-19:00"),  # the eve of the Immaculate Conception
        ({"holidays": False}, ("US", "US-RI"), date(2027, 5, 4), "closed"),  # the independence of Rhode Island
        ({}, ("SA",), date(2026, 12, 4), "closed"),  # a Friday
        ({}, ("US", "US-CA"), date(2027, 11, 23), "09:00-21:00"),  # the last day on which the rules stand alone
        ({}, ("US", "US-CA"), date(2027, 11, 24), "10:00-13:00, 14:00-17:00"),
        ({"rules": "off"}, NEW_YORK, date(2027, 11, 24), "00:00-24:00"),
    ],
)
def test_the_hours_of_a_day(schedule: dict[str, Any], regions: tuple[str, ...], day: date, expected: str) -> None:
    """Campaign, rules, holidays and closed days together; a rule that has expired lets the strictest in besides."""
    assert hours_text(compliance(**schedule).calendar(regions).hours_on(day)) == expected


def test_a_calendar_counts_days_from_the_epoch() -> None:
    """Windows ask by the number of the day; 1970-01-01 was a Thursday."""
    calendar = Calendar({3: parse_hours("09:00-10:00")})

    assert [calendar(day) for day in range(3)] == [((540, 600),), (), ()]


def test_what_closes_a_day_is_said() -> None:
    """A person reads which holiday, which rule or which line of the campaign keeps a day closed or short."""
    calendar = compliance(window="07:00-20:30", closed=["2026-11-24"]).calendar(("US", "US-FL"))

    assert calendar.why_closed(TUESDAY)[0] == "closed in the campaign file"
    assert "holiday: Thanksgiving Day" in calendar.why_closed(THANKSGIVING)
    assert calendar.why_closed(date(2026, 12, 1)) == ["US: 08:00-21:00", "US-FL: 08:00-20:00"]
    assert compliance(days=["mon"]).calendar(NEW_YORK).why_closed(TUESDAY)[0] == "the campaign has no hours on tue"


def test_a_window_over_midnight_is_one_stretch() -> None:
    """Written as one on each day, late hours and early ones meet, and only a margin before the true end is lost."""
    midnight = 1_796_169_600_000  # 2026-12-02T00:00:00Z
    night = compliance(window="00:00-02:00, 22:00-24:00", rules="off")
    spans = night.intervals(Whereabouts(("UTC",), NEW_YORK), start_ms=midnight - 4 * 3_600_000, end_ms=midnight + 10**7)

    assert list(spans) == [(midnight - 2 * 3_600_000, midnight + 2 * 3_600_000)]


def test_the_longest_cap_is_as_far_as_one_looks_back() -> None:
    """What is older than every cap counts no more."""
    day = 86_400_000

    assert compliance().longest_cap_ms == 31 * day  # a month, in Brazil and Spain
    assert (
        Compliance(
            compliance(rules="off").schedule, compliance().limits.model_copy(update={"per_number": ()})
        ).longest_cap_ms
        == 0
    )
