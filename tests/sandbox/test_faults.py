"""Promises about when things go wrong: repeatable, as often as asked for, and limited exactly."""

from collections import Counter
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sandbox.faults import (
    NANOSECONDS,
    NO_FAULTS,
    Fate,
    Faults,
    SlidingWindow,
    judge_get,
    judge_post,
    retry_after_value,
)
from tests.sandbox.client import certain

MIXED = Faults(error_before=0.1, drop_before=0.1, refuse=0.1, error_after=0.1, drop_after=0.1, garbage=0.3)

steps = st.lists(st.sampled_from([0, 1, 100_000_000, 333_333_333, 999_999_999, NANOSECONDS]), max_size=60)


@given(limit=st.integers(1, 5), gaps_ns=steps)
@settings(deadline=None)
def test_the_window_admits_exactly_what_every_second_allows(limit: int, gaps_ns: list[int]) -> None:
    """A request is admitted if and only if fewer than *limit* were admitted in the second before it."""
    window, now_ns = SlidingWindow(limit), 0
    admitted: list[int] = []
    for gap_ns in gaps_ns:
        now_ns += gap_ns
        recent = [at for at in admitted if at > now_ns - NANOSECONDS]
        wait_ns = window.admit(now_ns)
        assert (wait_ns == 0) == (len(recent) < limit)
        if wait_ns == 0:
            admitted.append(now_ns)


def test_the_wait_is_told_to_the_nanosecond() -> None:
    """After the wait a request is admitted, one nanosecond earlier it is not."""
    window = SlidingWindow(2)
    assert [window.admit(0), window.admit(400), window.admit(1_000)] == [0, 0, NANOSECONDS - 1_000]

    assert window.admit(NANOSECONDS - 1) == 1
    assert window.admit(NANOSECONDS) == 0
    assert window.admit(NANOSECONDS + 399) == 1
    assert window.admit(NANOSECONDS + 400) == 0


def test_a_seed_repeats_every_verdict() -> None:
    """The verdict about a request hangs on seed and ordinal alone, in whatever order it is asked."""
    forwards = [judge_post(MIXED, ordinal) for ordinal in range(200)]
    backwards = [judge_post(MIXED, ordinal) for ordinal in reversed(range(200))]

    assert forwards == backwards[::-1]


def test_another_seed_gives_other_verdicts() -> None:
    """A seed matters."""
    other = Faults(seed=1, error_before=0.1, drop_before=0.1, refuse=0.1, error_after=0.1, drop_after=0.1, garbage=0.3)

    assert [judge_post(MIXED, ordinal) for ordinal in range(50)] != [
        judge_post(other, ordinal) for ordinal in range(50)
    ]


def test_probabilities_are_kept() -> None:
    """Over many requests each fault comes as often as asked for."""
    fates = Counter(judge_post(MIXED, ordinal).fate for ordinal in range(10_000))

    assert set(fates) == set(Fate)
    for fate in Fate:
        expected = 2_000 if fate is Fate.NORMAL else 1_000
        assert expected * 0.9 < fates[fate] < expected * 1.1, fate


@pytest.mark.parametrize(
    ("name", "fates"),
    [
        ("error_before", {Fate.ERROR_BEFORE}),
        ("drop_before", {Fate.DROP_BEFORE}),
        ("refuse", {Fate.REFUSE}),
        ("error_after", {Fate.ERROR_AFTER}),
        ("drop_after", {Fate.DROP_AFTER}),
        ("garbage", {Fate.GARBAGE_HTML, Fate.GARBAGE_CUT, Fate.GARBAGE_NO_ID}),
    ],
)
def test_probability_one_is_certain(name: str, fates: set[Fate]) -> None:
    """With probability 1 every request meets that fault and no other."""
    assert {judge_post(certain(name), ordinal).fate for ordinal in range(100)} == fates


def test_no_faults_means_none() -> None:
    """The default delays and breaks nothing."""
    for ordinal in range(100):
        post, listing = judge_post(NO_FAULTS, ordinal), judge_get(NO_FAULTS, ordinal, listing=True)
        assert (post.fate, post.delay_seconds) == (Fate.NORMAL, 0)
        assert (listing.fate, listing.delay_seconds) == (Fate.NORMAL, 0)


def test_latency_lies_between_its_bounds() -> None:
    """Every delay is the latency and at most the jitter more; delays differ from each other."""
    faults = Faults(latency_ms=100, latency_jitter_ms=50)
    delays = [judge_post(faults, ordinal).delay_seconds for ordinal in range(100)]
    delays += [judge_get(faults, ordinal, listing=False).delay_seconds for ordinal in range(100)]

    assert all(0.1 <= delay <= 0.15 for delay in delays)
    assert len(set(delays)) == 200


def test_latency_alone_is_constant() -> None:
    """Without jitter each request waits exactly the latency."""
    assert judge_post(Faults(latency_ms=100), 7).delay_seconds == 0.1
    assert judge_get(Faults(latency_ms=100), 7, listing=True).delay_seconds == 0.1


def test_only_a_listing_fails() -> None:
    """`list_errors` spares the reading of one call, and faults of a POST spare every GET."""
    faults = Faults(list_errors=0.5)
    fates = Counter(judge_get(faults, ordinal, listing=True).fate for ordinal in range(1_000))

    assert 400 < fates[Fate.ERROR_BEFORE] < 600
    assert {judge_get(faults, ordinal, listing=False).fate for ordinal in range(100)} == {Fate.NORMAL}
    assert {judge_get(MIXED, ordinal, listing=True).fate for ordinal in range(100)} == {Fate.NORMAL}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"drop_after": 1.1}, "drop_after"),
        ({"list_errors": -0.1}, "list_errors"),
        ({"garbage": float("nan")}, "garbage"),
        ({"error_before": 0.6, "refuse": 0.6}, "add up"),
        ({"latency_ms": -1}, "latency_ms"),
        ({"list_cap": -1}, "list_cap"),
        ({"error_retry_after_seconds": -1}, "error_retry_after_seconds"),
        ({"requests_per_second": 0}, "requests_per_second"),
        ({"error_status": 200}, "error_status"),
        ({"retry_after": "minutes"}, "retry_after"),
    ],
)
def test_impossible_faults_are_refused(wrong: dict[str, Any], named: str) -> None:
    """A value that cannot be is refused when written, naming the field."""
    with pytest.raises(ValueError, match=named):
        Faults(**wrong)


def test_probabilities_may_add_up_to_one() -> None:
    """Ten times a tenth is one, whatever floating point makes of it."""
    faults = Faults(error_before=0.1, drop_before=0.2, refuse=0.3, error_after=0.1, drop_after=0.2, garbage=0.1)

    assert all(judge_post(faults, ordinal).fate is not Fate.NORMAL for ordinal in range(1_000))


@pytest.mark.parametrize(("wait_ns", "written"), [(1, "1"), (NANOSECONDS, "1"), (NANOSECONDS + 1, "2")])
def test_retry_after_in_seconds_is_rounded_up(wait_ns: int, written: str) -> None:
    """Whoever waits as told is not early."""
    assert retry_after_value("seconds", wait_ns, now_seconds=0) == written


def test_retry_after_as_a_date_is_rounded_up() -> None:
    """The date is the first whole second after the wait, in GMT as HTTP writes it."""
    written = retry_after_value("date", NANOSECONDS // 2, now_seconds=1_697_101_680.6)

    assert written == "Thu, 12 Oct 2023 09:08:02 GMT"
    assert parsedate_to_datetime(written).timestamp() == 1_697_101_682
