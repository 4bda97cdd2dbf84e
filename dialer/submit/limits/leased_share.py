"""The share of a key's limit that a run has leased: it spends it by itself, without asking anybody."""

from collections import deque
from itertools import islice

from dialer.calls.permit import PERMIT_SECONDS, Lease, Permit


class LeasedShare:
    """Hands out at most the lease's permits in any *window_seconds*, and none that would outlive the lease.

    Instants are those of the monotonic clock.
    """

    def __init__(self, lease: Lease, window_seconds: float) -> None:
        self._window_seconds = window_seconds
        self._given: deque[float] = deque()
        self._used_until = 0.0
        self.lease = lease

    @property
    def given_back(self) -> Lease:
        """The lease as it is when no more is taken: it ends when nothing leaves any more that was."""
        return self.lease._replace(not_after=self._used_until)

    def take(self, permits: int, now: float) -> Permit | None:
        """Return when so many requests, at most the lease's, may leave; None where the lease is too short for that."""
        at = max(now, self.lease.not_before, *islice(reversed(self._given), 1))  # one after the other, never before
        if len(self._given) > self.lease.permits - permits:
            at = max(at, self._given[permits - self.lease.permits - 1] + self._window_seconds)
        permit = Permit(at, at + PERMIT_SECONDS)
        if permit.not_after > self.lease.not_after:
            return None
        self._given.extend([at] * permits)
        self._used_until = permit.not_after
        while self._given[0] < at - self._window_seconds:
            self._given.popleft()
        return permit
