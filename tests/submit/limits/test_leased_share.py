"""A leased share is spent within its lease, and never faster than its permits allow."""

from random import Random

from dialer.calls.permit import PERMIT_SECONDS, Lease
from dialer.submit.limits.leased_share import LeasedShare

WINDOW = 1.04


def _share(permits: int, not_before: float = 0.0, not_after: float = 1e9) -> LeasedShare:
    return LeasedShare(Lease("lease", permits, not_before, not_after), WINDOW)


def test_no_window_has_more_than_the_leases_permits() -> None:
    """However many are taken at once, and whenever."""
    random, now, given = Random(1), 0.0, list[float]()
    share = _share(7)
    for _ in range(500):
        now += random.expovariate(5)
        permits = random.randint(1, 7)
        permit = share.take(permits, now)
        assert permit is not None
        given += [permit.not_before] * permits
    assert given == sorted(given)
    assert all(later - sooner >= WINDOW - 1e-6 for sooner, later in zip(given, given[7:], strict=False))


def test_nothing_leaves_outside_of_the_lease() -> None:
    """Neither before it holds nor after; what cannot leave in time is not given."""
    share = _share(2, not_before=5.0, not_after=6.0)
    assert share.take(2, 1.0) == (5.0, 5.0 + PERMIT_SECONDS)
    assert share.take(1, 5.5) is None
    assert share.given_back.not_after == 5.0 + PERMIT_SECONDS


def test_a_smaller_share_counts_what_was_given_before() -> None:
    """A renewed lease of fewer permits holds from then on."""
    share = _share(4)
    share.take(4, 10.0)
    share.lease = share.lease._replace(permits=2)
    assert share.take(2, 10.5) == (10.0 + WINDOW, 10.0 + WINDOW + PERMIT_SECONDS)
