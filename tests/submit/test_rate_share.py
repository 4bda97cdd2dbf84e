"""The share of the rate gives way to an API that puts requests off, comes back, and is told."""

import pytest

from dialer.submit.rate_share import LEAST, RateShare


def sent(share: RateShare, count: int) -> None:
    """Send *count* requests that nobody puts off."""
    for _ in range(count):
        share.sent()


def test_it_gives_way_a_little_and_comes_back() -> None:
    """One 429 costs a twentieth of the rate; half a minute of sending brings it back, and no more than that."""
    share = RateShare(50)
    share.give_way()
    assert share.share == pytest.approx(0.95)
    sent(share, 15 * 50)
    assert 0.95 < share.share < 1
    sent(share, 15 * 50)
    assert share.share == 1.0


def test_what_is_put_off_together_counts_once() -> None:
    """The requests that one full second puts off are one reason to give way; the next second is another."""
    share = RateShare(50)
    for _ in range(10):
        share.give_way()
        share.sent()
    assert share.share == pytest.approx(0.95, abs=0.001)
    sent(share, 40)
    share.give_way()
    assert share.share == pytest.approx(0.95 * 0.95, abs=0.003)
    assert share.put_off == 11


@pytest.mark.parametrize("rate", [0.01, 0.5, 1, 5, 500])
def test_it_stays_between_half_and_the_whole(rate: float) -> None:
    """Whatever the API does, neither too little nor too much is ever sent."""
    share = RateShare(rate)
    for _ in range(200):
        sent(share, max(1, int(rate)))
        share.give_way()
        assert LEAST <= share.share <= 1.0
    sent(share, 1_000 * max(1, int(rate)))
    assert share.share == 1.0
    assert share.lowest < 1.0


@pytest.mark.parametrize("real", [25, 35, 45, 49])
def test_it_finds_an_api_that_allows_less_than_agreed(real: int) -> None:
    """Where the API allows less, hardly a request in a hundred is put off, and nearly all that it allows is used."""
    share, seconds, used = RateShare(50), 500, []
    for _ in range(seconds):
        wanted = int(50 * share.share)
        sent(share, wanted)
        if wanted > real:
            share.give_way()
        used.append(wanted)

    assert share.put_off < 0.01 * sum(used)
    assert sum(used[50:]) / len(used[50:]) > 0.93 * real


def test_it_is_told_in_words_and_in_json() -> None:
    """Whoever reads the summary learns how often the API said no, and what that cost."""
    share = RateShare(50)
    assert share.described == ""
    assert share.as_json() is None
    share.give_way()
    sent(share, 500)

    assert share.described == (
        "The API answered 1 request with 429, so the run gave way: it used 95% of 50/s at least, and 97% at the end."
    )
    assert share.as_json() == {"requests_per_second": 50, "put_off": 1, "lowest_share": 0.95, "last_share": 0.97}
