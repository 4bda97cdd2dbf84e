"""The rules are what was read, every row says where from and until when, and the strictest satisfies them all."""

from datetime import date, timedelta

import holidays
import phonenumbers
import pytest

from dialer.campaign.values import Hours, parse_hours
from dialer.schedule.places.regions import name_of
from dialer.schedule.rules import (
    STRICTEST,
    Rule,
    all_rules,
    common_hours,
    consent_notes,
    regions_without_rule,
    rules_digest,
    rules_expiring,
    rules_for,
)
from tests.schedule.rules_as_read import (
    AS_READ,
    CONSENT_FIRST,
    FEDERAL,
    FRIDAYS,
    NO_HOURS_READ,
    OF_ONE_TRADE_OR_OFFER,
    STATES,
)

ROWS = list(all_rules().values())


def test_every_row_is_the_one_that_was_read() -> None:
    """Hours, holidays and caps of every country and state are those of the sources, and there is no other row."""
    expected = (
        dict.fromkeys((f"US-{state}" for state in FEDERAL.split()), AS_READ["US"])
        | dict.fromkeys(NO_HOURS_READ.split(), AS_READ[STRICTEST])
        | AS_READ
    )
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
        for region, (*hours, caps) in expected.items()
    }
    fridays = {rule.region: rule.friday for rule in ROWS if rule.friday is not None}
    assert fridays == {region: parse_hours(text) for region, text in FRIDAYS.items()}


def test_no_american_state_is_forgotten() -> None:
    """The 50 states, the District of Columbia and Puerto Rico have a row each, and nothing else of the country has."""
    assert {region for region in all_rules() if region.startswith("US-")} == {f"US-{each}" for each in STATES.split()}


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: str(rule.region))
def test_every_row_says_where_from_and_until_when(rule: Rule) -> None:
    """A row has a source, the day it was read and a day on which it ends; one read in a summary ends sooner."""
    country, _, state = rule.region.partition("-")
    assert rule.region == STRICTEST or country in phonenumbers.SUPPORTED_REGIONS
    assert not state or state in holidays.list_supported_countries()[country]
    assert name_of(rule.region) in {None, rule.name}
    assert all(rule.sources)
    assert rule.read < rule.expires
    if rule.region != STRICTEST:
        assert (rule.expires - rule.read).days <= (365 if rule.reading == "primary" else 182)


@pytest.mark.parametrize("rule", ROWS, ids=lambda rule: str(rule.region))
def test_the_strictest_hours_lie_within_every_row(rule: Rule) -> None:
    """Whoever has no rule is called when every rule allows it, but for one trade's or offer's, Fridays, Ramadan."""
    strictest = all_rules()[STRICTEST]
    for day in (date(2026, 12, 7 + n) for n in range(7)):
        hours = strictest.hours_on(day, holiday=False, eve=False)
        inside = common_hours(hours, rule.hours_on(day, holiday=False, eve=rule.friday is None))
        apart = rule.region in {"ES", "SA"} or (rule.friday is not None and day.weekday() == 4)
        assert inside == hours or apart
    assert strictest.hours_on(date(2026, 12, 25), holiday=True, eve=False) == ()
    for cap in rule.caps if rule.region not in OF_ONE_TRADE_OR_OFFER else ():
        most = min(own.calls * -(-cap.period_ms // own.period_ms) for own in strictest.caps)
        assert most <= cap.calls


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        (("US", "US-NY"), ["US", "US-NY"]),
        (("US", "US-FL"), ["US", "US-FL"]),
        (("US", "US-ZZ"), ["US", STRICTEST]),
        (("CZ",), [STRICTEST]),
        (("BR", "BR-SP"), ["BR"]),
        (("BR", "BR-RJ"), ["BR", "BR-RJ"]),
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
    assert regions_without_rule(("US", "US-ZZ", "US-NY", "CZ")) == ["US-ZZ", "CZ"]


def test_where_consent_comes_first_it_is_said() -> None:
    """Of every country that forbids calls without consent a sentence says so, with the day it began; of no other."""
    told = {note.partition(":")[0]: note for note in consent_notes(all_rules())}

    assert sorted(told) == CONSENT_FIRST.split()
    assert "since 2026-08-11" in told["FR"]
    assert 'consent = "required"' in told["DE"]


def test_rows_about_to_end_are_found_in_time() -> None:
    """On the day that a row ends within the time given it is told, first the first to end; the day before it is not."""
    first = min(rule.expires for rule in ROWS)
    within = timedelta(days=60)
    soon = rules_expiring(first - within, within)

    assert not rules_expiring(first - within - timedelta(days=1), within)
    assert soon
    assert {rule.expires for rule in soon} == {first}
    assert [rule.expires for rule in rules_expiring(first, timedelta(days=365))] == sorted(
        rule.expires for rule in ROWS if rule.region != STRICTEST and rule.expires <= first + timedelta(days=365)
    )


def test_hours_of_a_friday_and_of_an_eve_are_their_own_where_the_rule_says_so() -> None:
    """In Italy the day before a holiday is called as a Saturday is, in Israel a Friday until noon."""
    wednesday, friday = date(2026, 12, 9), date(2026, 12, 11)

    assert all_rules()["IT"].hours_on(wednesday, holiday=False, eve=True) == parse_hours("10:00-19:00")
    assert all_rules()["GB"].hours_on(wednesday, holiday=False, eve=True) == parse_hours("08:00-21:00")
    assert all_rules()["IL"].hours_on(friday, holiday=False, eve=False) == parse_hours("10:00-12:00")
    assert all_rules()["SA"].hours_on(friday, holiday=False, eve=False) == ()


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
