"""How often one number may be called: when the next call of a number is allowed, after those there are. Pure."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dialer.campaign.values import Cap


def next_allowed_ms(calls_ms: Sequence[int], caps: Iterable[Cap]) -> int | None:
    """Return the first instant from which one more call breaks no cap; None: any instant.

    *calls_ms* are all calls of the number, made or planned, ascending, in UTC milliseconds. A cap of n calls in a time
    p holds over any stretch of length p that the new call is in; one that was broken before, or by laxer caps, is none
    of its doing. So the call may come p after the n-th last of those there are: from then on no stretch holds more than
    n - 1 of them. A call before planned ones is never squeezed in. The plan and the look before sending both ask this.
    """
    ends = [calls_ms[-cap.calls] + cap.period_ms for cap in caps if len(calls_ms) >= cap.calls]
    return max(ends, default=None)


@dataclass(frozen=True, slots=True)
class CappedRow:
    """A row whose number has calls already, or that shares its number with another row, or that has to wait.

    *caps* are those it has; *not_before_ms* is the first instant at which it may be called again.
    """

    row: int
    phone: str
    caps: tuple[Cap, ...]
    not_before_ms: int = 0


class CapBook:
    """Keeps, while a plan is made, when each capped row becomes free.

    *history* holds the calls of each number, made or planned, ascending. The rows of one number come one after the
    other, in the sheet's order: the next becomes free when the one before it has its slot.
    """

    def __init__(self, rows: Iterable[CappedRow], history: Mapping[str, Sequence[int]]) -> None:
        self._calls = {phone: sorted(calls) for phone, calls in history.items()}
        self._queues: defaultdict[str, list[CappedRow]] = defaultdict(list)
        for item in sorted(rows, key=lambda item: -item.row):
            self._queues[item.phone].append(item)
        self._phones = {item.row: phone for phone, queue in self._queues.items() for item in queue}
        self._free_ms: dict[int, int] = {}
        for phone in self._queues:
            self._free_next(phone)

    def __contains__(self, row: int) -> bool:
        return row in self._phones

    def free_ms(self, row: int) -> int | None:
        """Return the instant from which nothing forbids *row*; None while another row of its number comes first."""
        return self._free_ms.get(row)

    def note(self, row: int, slot_ms: int) -> int | None:
        """Note that *row* has a slot; return the row that becomes free by it, if any."""
        phone = self._phones[row]
        insort(self._calls.setdefault(phone, []), slot_ms)
        return self._free_next(phone)

    def _free_next(self, phone: str) -> int | None:
        if not self._queues[phone]:
            return None
        item = self._queues[phone].pop()
        allowed_ms = next_allowed_ms(self._calls.get(phone, ()), item.caps) or 0
        self._free_ms[item.row] = max(allowed_ms, item.not_before_ms)
        return item.row
