"""The slots there are already: how near a new one may come to them, and how many a day may hold. Pure."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence

DAY_MS = 86_400_000
NEVER_MS = 2**63


class SlotSpacing:
    """The slots committed earlier, passed once from left to right, with those that the plan adds.

    *slots_ms* ascend. New slots keep *gap_ms* from each. With a *daily_limit*, a new slot has fewer than that many
    others, earlier and new, within 24 hours on either side: then no stretch of 24 hours holds more.
    """

    def __init__(self, slots_ms: Sequence[int], *, gap_ms: int, daily_limit: int | None) -> None:
        self._slots_ms = slots_ms
        self._gap_ms = gap_ms
        self._limit = daily_limit
        self._next = 0
        self._added: deque[int] = deque()  # of the last 24 hours, where there is a limit
        self._instant_ms = 0

    def clear_from(self, instant_ms: int) -> int:
        """Return the first instant from *instant_ms* on that keeps the gap on both sides, on a day with room."""
        while True:
            clear_ms = self._apart_from(instant_ms)
            instant_ms = self._roomy_from(clear_ms)
            if instant_ms == clear_ms:
                self._instant_ms = instant_ms
                return instant_ms

    def add(self, slots_ms: Iterable[int]) -> None:
        """Note slots that the plan has just given."""
        if self._limit is not None:
            self._added.extend(slots_ms)

    @property
    def blocked_from_ms(self) -> int:
        """The first instant, after the one last found clear, from which it has to be asked again."""
        blocked_ms = NEVER_MS
        if self._next < len(self._slots_ms):
            blocked_ms = self._slots_ms[self._next] - self._gap_ms + 1
        if self._limit is not None:
            beyond = bisect_left(self._slots_ms, self._instant_ms + DAY_MS)
            if beyond < len(self._slots_ms):  # from then on one more lies within 24 hours
                blocked_ms = min(blocked_ms, self._slots_ms[beyond] - DAY_MS + 1)
        return blocked_ms

    @property
    def room(self) -> int | None:
        """How many slots the day has room for at the instant last found clear, at least; None for any number."""
        return None if self._limit is None else self._limit - self._near(self._instant_ms)

    def _apart_from(self, instant_ms: int) -> int:
        slots, gap = self._slots_ms, self._gap_ms
        self._next = bisect_right(slots, instant_ms - gap, lo=self._next)
        while self._next < len(slots) and slots[self._next] < instant_ms + gap:
            instant_ms = slots[self._next] + gap
            self._next += 1
        return instant_ms

    def _roomy_from(self, instant_ms: int) -> int:
        while self._limit is not None and self._near(instant_ms) >= self._limit:
            before = bisect_right(self._slots_ms, instant_ms - DAY_MS)
            oldest = [*self._slots_ms[before : before + 1], *list(self._added)[:1]]
            instant_ms = min(oldest) + DAY_MS
        return instant_ms

    def _near(self, instant_ms: int) -> int:
        """Count the slots within 24 hours of *instant_ms*, on either side."""
        while self._added and self._added[0] <= instant_ms - DAY_MS:
            self._added.popleft()
        earlier = bisect_right(self._slots_ms, instant_ms - DAY_MS)
        later = bisect_left(self._slots_ms, instant_ms + DAY_MS)
        return later - earlier + len(self._added)
