"""The share of the agreed rate that a run uses: it gives way when the API puts a request off, and comes back."""

from dataclasses import dataclass
from math import inf

from typing_extensions import TypedDict

DECREASE = 0.95
"""What a request that was put off leaves of the share. It is no more, for the window keeps the limit by itself: a 429
means that the API counts a little differently, or that the network bunched requests up."""

INCREASE = 0.002
"""What comes back of the share with as many requests as the rate allows in a second: a cut takes 25 s of sending."""

LEAST = 0.5
"""No API is asked more slowly than at half of the rate that was agreed; whoever needs less says so in the campaign."""


class PaceJson(TypedDict):
    """How a run gave way: how many requests the API put off, and the least and the last share of the rate."""

    requests_per_second: float
    put_off: int
    lowest_share: float
    last_share: float


@dataclass(slots=True)
class RateShare:
    """Additive increase, multiplicative decrease (Chiu and Jain, 1989), between `LEAST` and 1."""

    requests_per_second: float
    share: float = 1.0
    lowest: float = 1.0
    put_off: int = 0
    _sent_since: float = inf

    def sent(self) -> None:
        """Take back a little, for one request that leaves."""
        self.share = min(1.0, self.share + INCREASE / self.requests_per_second)
        self._sent_since += 1

    def give_way(self) -> None:
        """Leave the API more room, once for all requests that it puts off within a second."""
        self.put_off += 1
        if self._sent_since >= self.requests_per_second:
            self.share = max(LEAST, DECREASE * self.share)
            self.lowest = min(self.lowest, self.share)
            self._sent_since = 0.0

    @property
    def described(self) -> str:
        """Say how the run gave way; "" where it did not."""
        if not self.put_off:
            return ""
        requests = "1 request" if self.put_off == 1 else f"{self.put_off} requests"
        return (
            f"The API answered {requests} with 429, so the run gave way: it used {self.lowest:.0%} of"
            f" {self.requests_per_second:g}/s at least, and {self.share:.0%} at the end."
        )

    def as_json(self) -> PaceJson | None:
        """Return the object that `--json` prints; None where the API put nothing off."""
        if not self.put_off:
            return None
        return {
            "requests_per_second": self.requests_per_second,
            "put_off": self.put_off,
            "lowest_share": round(self.lowest, 4),
            "last_share": round(self.share, 4),
        }
