"""What the numbers and days of cells may mean."""

from datetime import datetime
from decimal import Decimal

import pytest

from dialer.contacts.choosing.cell_values import either, moments_of, numbers_of


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("7", {"7"}),
        (" -7.50 ", {"-7.5"}),
        ("1,234.50", {"1234.5"}),
        ("1.234,50", {"1234.5"}),
        ("1 234,50", {"1234.5"}),
        ("1'234.50", {"1234.5"}),
        ("1,234,567", {"1234567"}),
        ("1,5", {"1.5"}),
        ("$1,234.50", {"1234.5"}),
        ("1.234,50 €", {"1234.5"}),
        ("-$5", {"-5"}),
        ("EUR 3", {"3"}),
        ("1,234", {"1234", "1.234"}),
        ("1.234", {"1234", "1.234"}),
        ("12 %", {"12", "0.12"}),
        ("1E3", {"1000"}),
        ("", set()),
        ("n/a", set()),
        ("gold", set()),
        ("1.2.3", set()),
        ("12/01/2026", set()),
        ("1" * 500, set()),
    ],
)
def test_a_number_is_read_in_every_country_that_writes_it_so(text: str, numbers: set[str]) -> None:
    """What two countries read differently is both, and what nobody reads is none."""
    assert numbers_of(text) == {Decimal(number) for number in numbers}


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("2026-12-01", ["2026-12-01T00:00"]),
        ("2026-12-01T09:30:00", ["2026-12-01T09:30"]),
        ("2026-12-01 09:30", ["2026-12-01T09:30"]),
        ("2026-12-01 09:30:00.123456+01:00", ["2026-12-01T09:30"]),
        ("2026-12-01T09:30:00Z", ["2026-12-01T09:30"]),
        ("2026/1/2", ["2026-01-02"]),
        ("1.12.2026", ["2026-12-01"]),
        ("03/04/2026", ["2026-03-04", "2026-04-03"]),
        ("3-4-2026 8:05", ["2026-03-04T08:05", "2026-04-03T08:05"]),
        ("31/12/2026", ["2026-12-31"]),
        ("12/31/2026", ["2026-12-31"]),
        ("05/05/2026", ["2026-05-05"]),
        ("2026-02-30", []),
        ("2026-12-01 25:00", []),
        ("01/02/26", []),
        ("soon", []),
        ("", []),
    ],
)
def test_a_day_is_read_in_every_order_that_it_may_have(text: str, moments: list[str]) -> None:
    """After the year, or between dots, there is one order; a day that no calendar has is none."""
    assert moments_of(text) == {datetime.fromisoformat(moment) for moment in moments}


def test_what_a_cell_may_mean_is_written_in_order() -> None:
    """A person reads both."""
    assert either(numbers_of("1,234")) == "1.234 or 1234"
