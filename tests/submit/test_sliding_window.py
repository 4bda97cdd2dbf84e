"""How many requests a second holds, wherever it begins."""

from bisect import bisect_left
from math import ceil
from random import Random

import pytest

from dialer.submit.sliding_window import SlidingWindow

RATES = [0.001, 0.5, 1, 1.5, 5, 10, 49.9, 200]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("slack", [0.0, 0.02])
def test_no_second_holds_more_than_the_rate(rate: float, slack: float) -> None:
    """However bunched the wish to send is, any second, with the slack, holds the rate at most."""
    random, window, now, passed = Random(7), SlidingWindow(rate, slack), 0.0, []
    for _ in range(1_000):
        now = max(now + random.choice([0, 0, 0, 0.3, 3]) / rate, window.opens_at(1.0))
        window.pass_at(now)
        passed.append(now)

    seconds = max(1.0, 1 / rate) + slack
    held = [bisect_left(passed, first + seconds - 1e-9) - index for index, first in enumerate(passed)]
    assert max(held) == max(1, ceil(rate))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_whole_share_is_used(rate: float, share: float) -> None:
    """Whoever always wants to send sends as many as the share of the rate says; being late costs its own time alone."""
    late, window, now = 0.0001, SlidingWindow(rate, 0.0), 0.0
    count = 20 * ceil(rate)
    for _ in range(count + 1):
        now = max(now, window.opens_at(share) + late)
        window.pass_at(now)

    assert count / now == pytest.approx(share * rate, rel=0.001)


def test_a_share_holds_for_each_second() -> None:
    """Where 80 of 100 are used no second holds more than 80, also after a rest."""
    window, now, passed = SlidingWindow(100, 0.0), 0.0, []
    for index in range(1_000):
        now = max(now + 3.3 * (index % 130 == 129), window.opens_at(0.8))
        window.pass_at(now)
        passed.append(now)

    assert min(later - first for first, later in zip(passed, passed[80:], strict=False)) >= 1 - 1e-9


def test_a_window_that_is_not_full_is_open() -> None:
    """The first requests of a run wait for nothing."""
    window = SlidingWindow(3, 0.02)
    for _ in range(3):
        assert window.opens_at(1.0) == 0.0
        window.pass_at(100.0)
    assert window.opens_at(1.0) == pytest.approx(101.02)


def test_what_leaves_late_counts_once_and_from_then_on() -> None:
    """The place of a request moves with it: nobody loses a turn by it, and nobody leaves too soon after it."""
    window = SlidingWindow(3, 0.0)
    for instant in (100.0, 100.1, 100.2):
        window.pass_at(instant)
    window.leaves_at(100.1 + 1e-6, 100.5)
    assert window.opens_at(1.0) == pytest.approx(101.0)
    window.pass_at(101.0)
    assert window.opens_at(1.0) == pytest.approx(101.2)
    window.pass_at(101.2)
    assert window.opens_at(1.0) == pytest.approx(101.5)


@pytest.mark.parametrize(("rate", "waits"), [(1, 0), (2, 1), (3, 2), (4, 3), (50, 3)])
def test_what_others_ask_takes_room_and_never_all_of_it(rate: int, waits: int) -> None:
    """Requests that a job made by other means count as well; one more may always pass at once."""
    window = SlidingWindow(rate, 0.0)
    window.leave_room(3, 100.0)
    passed = 0
    while window.opens_at(1.0) <= 100.0:
        window.pass_at(100.0)
        passed += 1
    assert passed == rate - waits
