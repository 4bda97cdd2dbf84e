"""What is wrong with the rules' data is told, each mistake of its own; the data of this package has none."""

from collections.abc import Sequence
from datetime import date

import pytest

from dialer.schedule.public_holidays import LegalHoliday, legal_holidays
from dialer.schedule.rule_faults import american_states, data_faults, rule_faults
from dialer.schedule.rules import Rule, all_rules

TODAY = date(2026, 11, 26)
ROWS = all_rules()
SOUND = ROWS["US-RI"]
ELECTION = LegalHoliday(
    region="US-RI", name="Election Day", days="FREQ=YEARLY;BYMONTH=11;BYDAY=2TU", sources=("the law",), read=TODAY
)


def faults_of(rule: Rule, holidays: Sequence[LegalHoliday] = ()) -> list[str]:
    """Return what is said when *rule* stands in for the row of its region."""
    return rule_faults([*(row for row in ROWS.values() if row.region != rule.region), rule], holidays, TODAY)


@pytest.mark.slow
def test_the_data_of_this_package_is_sound() -> None:
    """On the day it was read, and while its rows stand, nothing is wrong with it."""
    assert data_faults(TODAY) == []
    assert data_faults(max(rule.read for rule in ROWS.values())) == []
    assert rule_faults(ROWS.values(), legal_holidays(), date(2028, 1, 1)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": ("R.I. Gen. Laws", " ")}, "a source is empty"),
        ({"read": date(2026, 12, 1)}, "still to come"),
        ({"expires": date(2026, 11, 26)}, "not after 2026-11-26"),
        ({"expires": date(2027, 11, 27)}, "at most 365 days"),
        ({"reading": "secondary"}, "at most 182 days"),
        ({"monday_to_friday": ()}, "no hours from Monday to Friday"),
        ({"saturday": ((5 * 60, 17 * 60),)}, "before 07:00"),
        ({"friday": ((9 * 60, 23 * 60),)}, "after 22:00"),
        ({"eve_of_holidays": ((9 * 60, 22 * 60 + 1),)}, "after 22:00"),
        ({"legal_holidays": ("Victory Day", "Festivus")}, "'Festivus' is on no day of 2026-2028"),
    ],
)
def test_each_mistake_in_a_row_is_told_with_its_region(change: dict[str, object], said: str) -> None:
    """Of a row with one mistake one sentence is said, and it names the region."""
    (fault,) = faults_of(SOUND.model_copy(update=change))

    assert fault.startswith("US-RI: ")
    assert said in fault


@pytest.mark.slow
def test_a_state_without_a_row_and_one_with_two_are_told() -> None:
    """No American state is forgotten, and none has a second row that would take the first one's place."""
    rules = [rule for rule in ROWS.values() if rule.region != "US-WY"]
    (missing,) = rule_faults(rules, (), TODAY)
    (twice,) = rule_faults([*ROWS.values(), SOUND], (), TODAY)

    assert missing.startswith("US-WY: it has no row")
    assert twice == "US-RI: it has two rows."
    assert len(american_states()) == 52


def test_a_country_whose_holidays_nobody_knows_cannot_be_closed_on_them() -> None:
    """A rule with hours for holidays needs a calendar."""
    (fault,) = rule_faults([*ROWS.values(), ROWS["AU"].model_copy(update={"region": "AC"})], (), TODAY)

    assert fault == "AC: it has hours for holidays, and the holidays of the country are not known."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sources": ("",)}, "a source is empty"),
        ({"read": date(2027, 1, 1)}, "still to come"),
        ({"days": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "it has no day in 2026-2028"),
    ],
)
def test_each_mistake_in_a_legal_holiday_is_told(change: dict[str, object], said: str) -> None:
    """A holiday without a source or without a day is told with its region and name."""
    (fault,) = rule_faults(ROWS.values(), [ELECTION.model_copy(update=change)], TODAY)

    assert fault.startswith("US-RI, Election Day: ")
    assert said in fault


def test_days_that_are_no_recurrence_are_refused() -> None:
    """A slip of the pen in a recurrence is found when the data is read."""
    with pytest.raises(ValueError, match="days"):
        LegalHoliday(region="US-RI", name="Victory", days="FREQ=YEARLY;BYMONTH=AUG", sources=("the law",), read=TODAY)
