"""A budget in numbers: what calls have cost, and how many more there may be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialer.campaign.budget import Budget, Spending


@pytest.mark.parametrize(
    ("keys", "spending", "left"),
    [
        ({}, Spending(1_000, 0, 1_000), None),
        ({"cost_per_minute": 0.1}, Spending(1_000, 0, 1_000), None),
        ({"max_calls": 3}, Spending(), 3),
        ({"max_calls": 3}, Spending(2, 0, 2), 1),
        ({"max_calls": 3}, Spending(7, 0, 7), 0),
        ({"max_calls": 0}, Spending(), 0),
        # 10 for calls of 2 minutes at 0.5: ten calls; by hand.
        ({"cost_per_minute": 0.5, "max_cost": 10}, Spending(), 10),
        ({"cost_per_minute": 0.5, "max_cost": 10}, Spending(10, 0, 10), 0),
        ({"cost_per_minute": 0.5, "max_cost": 10}, Spending(10, 600, 0), 5),  # each took one minute: half is left
        ({"cost_per_minute": 0.5, "max_cost": 10}, Spending(10, 1_800, 0), 0),  # three minutes each: 15 spent
        ({"cost_per_minute": 0.5, "max_cost": 10, "max_calls": 12}, Spending(10, 600, 0), 2),
        ({"cost_per_minute": 0.1, "minutes_per_call": 3, "max_cost": 0.9}, Spending(), 3),  # no binary rounding
    ],
)
def test_calls_left(keys: dict[str, float], spending: Spending, left: int | None) -> None:
    """The stricter limit counts; a call without a known end costs what is expected, an ended one what it took."""
    assert Budget.model_validate(keys).calls_left(spending) == left


@given(
    price=st.decimals("0.01", "9", places=2),
    minutes=st.decimals("0.1", "9", places=1),
    most=st.decimals("0", "500", places=2),
    seconds=st.floats(0, 10_000),
    reserved=st.integers(0, 50),
)
def test_what_is_left_never_passes_the_limit(
    price: Decimal, minutes: Decimal, most: Decimal, seconds: float, reserved: int
) -> None:
    """Reserving every call that is left stays within `max_cost`, and one more would pass it."""
    budget = Budget(cost_per_minute=price, minutes_per_call=minutes, max_cost=most)
    spending = Spending(reserved, seconds, reserved)
    left = budget.calls_left(spending)
    assert left is not None
    after = budget.spent(Spending(0, seconds, reserved + left))
    beyond = budget.spent(Spending(0, seconds, reserved + left + 1))
    assert after is not None
    assert beyond is not None
    assert left == 0 or after <= most
    assert beyond > most


def test_a_limit_of_cost_needs_a_price() -> None:
    """Without a price nothing could be counted, so the file is refused."""
    with pytest.raises(ValidationError, match="cost_per_minute"):
        Budget.model_validate({"max_cost": 10})
