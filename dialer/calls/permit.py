"""What a run may take of the limit that its key has for everybody: permits, and leases of a share of them. Values.

The sum over all runs is kept by the bucket that hands both out: it counts a permit at an instant of its own clock, for
a window that is longer than a second by all that a request may differ from that instant.
"""

from typing import NamedTuple

PERMIT_SECONDS = 0.03
"""So long after the instant at which its permit counts a request leaves, or takes another one."""

NETWORK_SECONDS = 0.01
"""So differently long requests take to the API."""

WINDOW_SECONDS = 1.0 + PERMIT_SECONDS + NETWORK_SECONDS

AHEAD_SECONDS = 0.25
"""So early a permit is given for an instant to come, so that nobody is late for it."""


class Permit(NamedTuple):
    """Leave for one request between two instants of the monotonic clock."""

    not_before: float
    not_after: float


class Lease(NamedTuple):
    """A share of the key's limit for one run alone, whether the bucket can be reached or not.

    *permits* in any window may be used between two instants of the monotonic clock. *name* is the bucket's.
    """

    name: str
    permits: int
    not_before: float
    not_after: float


def permits_of(requests_per_second: float) -> tuple[int, float]:
    """Return how many permits a key has in a window, and how long that is in seconds."""
    return max(1, int(requests_per_second)), WINDOW_SECONDS * max(1.0, 1 / requests_per_second)
