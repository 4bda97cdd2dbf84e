"""The instants of the server's clock, by the monotonic clock of this machine."""

from math import inf

_DRIFT = 0.001
"""So much the two clocks may part in a second: twice what a machine that sets its time right does (500 ppm)."""


class ServerTime:
    """What is known of the server's clock: between which two numbers it is behind the monotonic one, in seconds.

    The answer to one quick question tells both within a millisecond, and counts for the slow ones after it.
    """

    def __init__(self) -> None:
        self._least, self._most, self._heard_at = -inf, inf, 0.0

    def heard(self, server_seconds: float, *, asked_at: float, answered_at: float) -> bool:
        """Learn that the server's clock showed *server_seconds*, rounded down to a millisecond, between two instants.

        Return False where it was set meanwhile, so that what was known of it counts no more.
        """
        drift = _DRIFT * (answered_at - self._heard_at)
        least, most = asked_at - server_seconds - 0.001, answered_at - server_seconds
        is_even = max(least, self._least - drift) <= min(most, self._most + drift)
        if is_even:
            least, most = max(least, self._least - drift), min(most, self._most + drift)
        self._least, self._most, self._heard_at = least, most, answered_at
        return is_even

    def earliest(self, server_seconds: float) -> float:
        """Return the instant before which the server's clock surely does not show *server_seconds*."""
        return server_seconds + self._least

    def latest(self, server_seconds: float) -> float:
        """Return the instant at which the server's clock surely shows *server_seconds*."""
        return server_seconds + self._most
