"""Who is called first, by a cell."""

import pytest

from dialer.campaign.tables import Priority
from dialer.contacts.choosing.priority import priority_in

NUMBERS = Priority(column="Balance")
WORDS = Priority(column="Plan", order=("Gold", "basic"))


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("9", "10"), ("-5", "0"), ("999,99", "1.000,00"), ("$999.99", "$1,234"), ("8 %", "12 %"), ("0.5", "0.75")],
)
def test_larger_numbers_come_first(smaller: str, larger: str) -> None:
    """By their value, however they are written."""
    low, high = priority_in(smaller, NUMBERS), priority_in(larger, NUMBERS)
    assert low is not None
    assert high is not None
    assert low < high


def test_words_come_in_the_order_that_is_given() -> None:
    """In any case of letters; the first is the largest."""
    gold, basic = priority_in(" gold ", WORDS), priority_in("BASIC", WORDS)
    assert gold is not None
    assert basic is not None
    assert gold > basic


@pytest.mark.parametrize(("text", "priority"), [("", NUMBERS), ("n/a", NUMBERS), ("", WORDS), ("silver", WORDS)])
def test_a_cell_that_says_nothing_has_none(text: str, priority: Priority) -> None:
    """Its row is the last, and not lost."""
    assert priority_in(text, priority) is None
