"""The window in which a key's permits count."""

import pytest

from dialer.calls.permit import NETWORK_SECONDS, PERMIT_SECONDS, WINDOW_SECONDS, permits_of


def test_no_second_has_more_requests_than_a_window_has_permits() -> None:
    """The window is a second and all that a request may be late: by its permit, and on its way; 93 % are left."""
    assert WINDOW_SECONDS >= 1 + PERMIT_SECONDS + NETWORK_SECONDS
    assert 1 / WINDOW_SECONDS >= 0.93


@pytest.mark.parametrize(("rate", "permits", "seconds"), [(20, 20, 1), (0.5, 1, 2), (2.9, 2, 1), (1, 1, 1)])
def test_a_rate_is_so_many_permits(rate: float, permits: int, seconds: float) -> None:
    """Below one a second there is one in a longer window; a fraction above that is left."""
    assert permits_of(rate) == (permits, seconds * WINDOW_SECONDS)
