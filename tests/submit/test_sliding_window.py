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
    assert window.may_leave(100.1 + 1e-6, 100.5)
    assert window.opens_at(1.0) == pytest.approx(101.0)
    window.pass_at(101.0)
    assert window.opens_at(1.0) == pytest.approx(101.2)
    window.pass_at(101.2)
    assert window.opens_at(1.0) == pytest.approx(101.5)


def test_what_has_left_counts_however_late_others_hear_that_they_passed() -> None:
    """Where the program stood still between the pass of the second and its next step, the first has left meanwhile."""
    window = SlidingWindow(2, 0.0)
    window.pass_at(100.0)
    window.pass_at(100.1)
    assert window.may_leave(100.0, 100.8)
    assert window.may_leave(100.9, 100.9)
    assert window.opens_at(1.0) == pytest.approx(101.8)


def test_what_leaves_in_any_case_counts_from_then_on() -> None:
    """A look moves its place as a call does, and is never held back."""
    window = SlidingWindow(1, 0.0)
    window.pass_at(100.0)
    window.leave(100.0, 100.6)
    assert window.opens_at(1.0) == pytest.approx(101.6)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("longest", [0.5, 5.0])
def test_however_late_what_passed_leaves_no_second_holds_more_than_the_rate(rate: float, longest: float) -> None:
    """What may not leave any more has given its turn up, and everything else is counted where it left."""
    random, window, now, left = Random(8), SlidingWindow(rate, 0.02), 0.0, []
    waiting: list[tuple[float, float]] = []  # when each leaves, and when it passed
    for _ in range(1_000):
        now = max(now, window.opens_at(1.0))
        while waiting and min(waiting)[0] <= now:
            leaves, passed = min(waiting)
            waiting.remove((leaves, passed))
            left += [leaves] * window.may_leave(passed, leaves)
            now = max(now, window.opens_at(1.0))
        window.pass_at(now)
        waiting.append((now + random.choice([0, 0, random.random() * longest / rate]), now))

    seconds = max(1.0, 1 / rate) + 0.02
    held = [bisect_left(left, first + seconds - 1e-9) - index for index, first in enumerate(left)]
    assert max(held) == max(1, ceil(rate))
    assert len(left) > 100
