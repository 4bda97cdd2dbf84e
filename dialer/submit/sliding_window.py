"""How many requests the last second holds, as an API counts them that looks back from each."""

from collections import deque
from math import ceil


class SlidingWindow:
    """Lets no more than *requests_per_second* through in any second, and in *slack_seconds* more.

    The slack is what the way to the API may differ between two requests. Below one a second, and at a fraction, the
    window is as long as a whole number of requests takes: one in two seconds at 0.5 a second.

    A request that leaves late costs its own lateness, once in a window. In a leaky bucket that is nearly full it costs
    the same at each request: `AsyncLimiter(1, 1/rate)` loses a third of 500 a second (measured).
    """

    def __init__(self, requests_per_second: float, slack_seconds: float) -> None:
        self._rate = requests_per_second
        self._slack_seconds = slack_seconds
        self._most = ceil(requests_per_second)
        self._passed: deque[float] = deque(maxlen=self._most)  # instants, the oldest first
        self._has_left: deque[bool] = deque(maxlen=self._most)  # whether each is known to have left

    def opens_at(self, share: float, ahead: int = 0) -> float:
        """Return the instant from which one more may pass where only *share* of the rate is used.

        With *ahead*, it is the one after so many others that pass until then.
        A share of 0.8 is 80 in a second and not 100 in 1.25 seconds: an API that allows less counts seconds as well.
        """
        fewer = self._after(int(self._most * share) or 1, self._rate * share, ahead)
        return max(self._after(self._most, self._rate, ahead), fewer)

    def _after(self, most: int, rate: float, ahead: int = 0) -> float:
        """Return when *most* requests at *rate* have room for another after so many *ahead* of it."""
        place = max(1, most - ahead)
        return self._passed[-place] + most / rate + self._slack_seconds if len(self._passed) >= place else 0.0

    def pass_at(self, instant: float) -> None:
        """Count one that passes at *instant*, which is not before that of the last."""
        self._count(instant, has_left=False)

    def leave(self, passed_at: float, instant: float) -> None:
        """Count one from now on that leaves at *instant*, which is now, and passed at *passed_at* or just before."""
        self._give_back(passed_at)
        self._count(instant, has_left=True)

    def may_leave(self, passed_at: float, instant: float) -> bool:
        """Return whether one may leave at *instant*, which is now, that passed at *passed_at* or just before.

        From then on it counts at *instant*, or not at all: where many left late, the second may be full by now.
        """
        self._give_back(passed_at)
        has_room = self._after(self._most, self._rate) <= instant
        if has_room:
            self._count(instant, has_left=True)
        return has_room

    def _give_back(self, passed_at: float) -> None:
        """Count one no more that passed, never one that has left: a stall may lie between its pass and *passed_at*."""
        for index in reversed(range(len(self._passed))):
            if self._passed[index] <= passed_at and not self._has_left[index]:
                del self._passed[index], self._has_left[index]
                break

    def _count(self, instant: float, *, has_left: bool) -> None:
        self._passed.append(instant)
        self._has_left.append(has_left)
