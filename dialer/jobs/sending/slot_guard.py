"""Looks at every slot once more before its call is handed over: the hours on every clock, and the caps."""

from collections import defaultdict, deque
from functools import lru_cache

from dialer.calls.attempt import MOVED_MS, PlannedCall
from dialer.ledger.slots import Page
from dialer.schedule.caps import next_allowed_ms
from dialer.schedule.compliance import Compliance

MINUTE_MS = 60_000
"""Permitted hours begin and end with a minute, and clocks are set at one: no minute needs to be judged twice."""

OUTSIDE_HOURS = (
    "Its slot lay outside the permitted hours when its turn came; it was not sent. A later run plans it anew."
)
TOO_SOON = "It would have been called again before its wait was over; it was not sent. A later run plans it anew."
BEYOND_CAP = "Its number would have been called more often than allowed; it was not sent. A later run plans it anew."


class SlotGuard:
    """Judges planned calls by what the ledger holds of them, whoever planned them and however long ago.

    So a mistake in the plan, or a row that somebody has changed, rings nobody at a wrong hour. *under_way* is how many
    calls may have been handed over and not be in the ledger yet.
    """

    def __init__(self, compliance: Compliance, *, under_way: int) -> None:
        self._compliance = compliance
        self._is_open = lru_cache(maxsize=10_000)(lambda where, minute: compliance.allows(where, minute * MINUTE_MS))
        self._handed: deque[PlannedCall] = deque()
        self._under_way = under_way
        self._slots: defaultdict[str, list[int]] = defaultdict(list)

    def refusal(self, call: PlannedCall, page: Page) -> str | None:
        """Return why *call*, of *page*, must not be sent; None when it may, and is counted from then on."""
        where = page.where.get(call.contact_id)
        if call.slot_ms < page.not_before_ms.get(call.contact_id, 0):
            return TOO_SOON
        if where is None or not self._is_open(where, call.slot_ms // MINUTE_MS):
            return OUTSIDE_HOURS
        made = page.made_ms.get(call.phone, [])
        handed = self._slots.get(call.phone, [])
        # A call in the ledger so near to one handed over is that one.
        others = [*made, *(slot for slot in handed if all(abs(slot - other) >= MOVED_MS for other in made))]
        if others and call.slot_ms < (next_allowed_ms(sorted(others), self._compliance.caps(where.regions)) or 0):
            return BEYOND_CAP
        self._remember(call)
        return None

    def _remember(self, call: PlannedCall) -> None:
        self._handed.append(call)
        self._slots[call.phone].append(call.slot_ms)
        if len(self._handed) > self._under_way:
            old = self._handed.popleft()
            self._slots[old.phone].remove(old.slot_ms)
            if not self._slots[old.phone]:
                del self._slots[old.phone]
