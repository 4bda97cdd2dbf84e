"""Instants in a column: what a list would hold."""

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.schedule.instants import Instants

DAY_MS = 86_400_000
MOMENTS = st.integers(0, 400 * DAY_MS)


@given(instants=st.lists(MOMENTS, max_size=30))
def test_it_holds_what_a_list_would_hold(instants: list[int]) -> None:
    """However far apart they are, and in whatever order."""
    found = Instants(instants)

    assert list(found) == instants
    assert len(found) == len(instants)
    assert [found[at] for at in range(-len(instants), len(instants))] == instants * 2
    with pytest.raises(IndexError):
        found[len(instants)]


def test_a_plan_of_years_is_held_as_well() -> None:
    """One slot an hour, for a year: each page begins anew, so that none is too far from its first."""
    hourly = list(range(0, 365 * DAY_MS, DAY_MS // 24))
    found = Instants(hourly)

    assert list(found) == hourly
    assert [found[at] for at in range(len(hourly))] == hourly


@given(instants=st.lists(MOMENTS).map(sorted), moment=MOMENTS)
def test_it_is_searched_as_a_list_is(instants: list[int], moment: int) -> None:
    """A plan looks for its horizon by halves."""
    assert bisect_right(Instants(instants), moment) == bisect_right(instants, moment)
