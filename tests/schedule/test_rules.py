"""The rules are what was read, every row says where from and until when, and the strictest satisfies them all."""

from datetime import date

import phonenumbers
import pytest

from dialer.campaign.values import Hours, parse_hours
from dialer.schedule.regions import name_of
from dialer.schedule.rules import (
    STRICTEST,
    Rule,
    all_rules,
    common_hours,
    regions_without_rule,
    rules_digest,
    rules_for,
)

ROWS = list(all_rules().values())
AS_READ = {
    # region: Monday to Friday, Saturday, Sunday, holidays (None: as the weekday), caps
    "US": ("08:00-21:00", "08:00-21:00", "08:00-21:00", None, ""),
    "CA": ("09:00-21:30", "10:00-18:00", "10:00-18:00", "10:00-18:00", ""),
    "GB": ("08:00-21:00", "09:00-21:00", "", "", ""),
    "DE": ("08:00-20:00", "09:00-18:00", "", "", "3/24h 15/7d"),
    "FR": ("10:00-13:00, 14:00-20:00", "", "", "", "4/30d"),
    "ES": ("09:00-15:00, 16:00-21:00", "", "", "", ""),
    "IT": ("09:00-20:00", "10:00-19:00", "", "", ""),
    "IN": ("10:00-21:00", "10:00-21:00", "10:00-21:00", "10:00-21:00", ""),
    "AU": ("09:00-20:00", "09:00-17:00", "", "", ""),
    "ZA": ("08:00-20:00", "09:00-13:00", "", "", ""),
    "BR": ("09:00-21:00", "10:00-16:00", "", "", ""),
    "AE": ("09:00-18:00", "09:00-18:00", "09:00-18:00", "09:00-18:00", "1/24h 2/7d"),
    "US-FL": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, "3/24h"),
    "US-WA": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, ""),
    "US-MD": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, "3/24h"),
    "US-OK": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, "3/24h"),
    "US-ME": ("09:00-17:00", "", "", "", "1/8h"),
    "US-LA": ("08:00-20:00", "08:00-20:00", "", "", ""),
    "US-AL": ("08:00-20:00", "08:00-20:00", "", "", ""),
    "US-MS": ("08:00-20:00", "08:00-20:00", "", None, ""),
    "US-RI": ("09:00-18:00", "10:00-17:00", "", "", ""),
    "US-UT": ("08:00-21:00", "08:00-21:00", "", "", ""),
    "US-PA": ("08:00-21:00", "08:00-21:00", "", "", ""),
    "US-TX": ("09:00-21:00", "09:00-21:00", "12:00-21:00", None, ""),
    "US-KY": ("10:00-21:00", "10:00-21:00", "10:00-21:00", None, ""),
    "US-CT": ("09:00-20:00", "09:00-20:00", "09:00-20:00", None, ""),
    "US-MA": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, ""),
    "US-WY": ("08:00-20:00", "08:00-20:00", "08:00-20:00", None, ""),
    "US-MI": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),
    "US-MN": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),
    "US-NV": ("09:00-20:00", "09:00-20:00", "09:00-20:00", None, ""),
    "US-NM": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),
    "US-IL": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),
    "US-CA": ("09:00-21:00", "09:00-21:00", "09:00-21:00", None, ""),
    STRICTEST: ("10:00-13:00, 14:00-17:00", "", "", "", "1/24h 2/7d 4/30d"),
}
"""The two tables of the project's reliability reference (sections 7.1 and 7.2), typed a second time."""


def test_every_row_is_the_one_that_was_read() -> None:
    """Hours, holidays and caps of every country and state are those of the tables, and there is no other row."""
    found = {
        region: (
            rule.monday_to_friday,
            rule.saturday,
            rule.sunday,
            rule.holidays,
            " ".join(str(cap) for cap in rule.caps),
        )
        for region, rule in all_rules().items()
    }

    assert found == {
        region: (*(None if text is None else parse_hours(text) for text in hours), caps)
        for region, (*hours, caps) in AS_READ.items()
    }


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: str(rule.region))
def test_every_row_says_where_from_and_until_when(rule: Rule) -> None:
    """A row has a source, the day it was read and a day on which it ends; one read in a summary ends sooner."""
    country = rule.region[:2]
    assert rule.region == STRICTEST or country in phonenumbers.SUPPORTED_REGIONS
    assert "-" not in rule.region or name_of(rule.region) == rule.name
    assert all(rule.sources)
    assert rule.read < rule.expires
    if rule.region != STRICTEST:
        assert (rule.expires - rule.read).days <= (365 if rule.reading == "primary" else 182)


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: str(rule.region))
def test_the_strictest_hours_lie_within_every_row(rule: Rule) -> None:
    """Whoever has no rule is called when every rule would allow it, but for the Spanish operators' own pause at 15."""
    strictest = all_rules()[STRICTEST]
    for day in (date(2026, 12, 7 + n) for n in range(7)):
        hours = strictest.hours_on(day, holiday=False, eve=False)
        inside = common_hours(hours, rule.hours_on(day, holiday=False, eve=True))
        assert inside == hours or rule.region == "ES"
    assert strictest.hours_on(date(2026, 12, 25), holiday=True, eve=False) == ()
    longest = max(cap.period_ms for cap in strictest.caps)
    assert all(
        any(own.calls <= cap.calls and own.period_ms >= cap.period_ms for own in strictest.caps)
        for cap in rule.caps
        if cap.period_ms <= longest
    )


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        (("US", "US-NY"), ["US"]),
        (("US", "US-FL"), ["US", "US-FL"]),
        (("US", "US-ZZ"), ["US", STRICTEST]),
        (("PL",), [STRICTEST]),
        (("US", "CA", "CA-ON"), ["US", "CA"]),
        (("US", "US-FL", "US-RI"), ["US", "US-FL", "US-RI"]),
        ((), [STRICTEST]),
    ],
)
def test_what_holds_for_whom(regions: tuple[str, ...], expected: list[str]) -> None:
    """All rules of all places hold together; no rule, no known state and no place at all mean the strictest."""
    assert [rule.region for rule in rules_for(regions)] == expected


def test_what_has_no_rule_is_named() -> None:
    """A plan can say aloud which countries and states it knows no rule for."""
    assert regions_without_rule(("US", "US-ZZ", "US-NY", "PL")) == ["US-ZZ", "PL"]


def test_an_eve_of_a_holiday_has_hours_of_its_own_where_the_rule_says_so() -> None:
    """In Italy the day before a holiday is called as a Saturday is."""
    wednesday = date(2026, 12, 9)

    assert all_rules()["IT"].hours_on(wednesday, holiday=False, eve=True) == parse_hours("10:00-19:00")
    assert all_rules()["GB"].hours_on(wednesday, holiday=False, eve=True) == parse_hours("08:00-21:00")


def test_common_hours_are_those_in_both() -> None:
    """Where two allow different hours, what both allow is left; meeting ends leave nothing."""

    def hours(text: str) -> Hours:
        return parse_hours(text)

    assert common_hours(hours("09:00-17:30"), hours("10:00-13:00, 14:00-20:00")) == hours("10:00-13:00, 14:00-17:30")
    assert common_hours(hours("09:00-12:00"), hours("12:00-13:00")) == ()


def test_the_digest_is_of_everything() -> None:
    """The fingerprint of the rules is a SHA-256, the same each time it is asked for."""
    assert rules_digest() == rules_digest()
    assert len(bytes.fromhex(rules_digest())) == 32
