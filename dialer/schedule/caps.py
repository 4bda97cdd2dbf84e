"""How often one number may be called: when the next call of a number is allowed, after those there are. Pure."""

from array import array
from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat

from dialer.calls.attempt import MOVED_MS
from dialer.campaign.values import Cap
from dialer.schedule.by_row import ByRow, TextByRow

_NOBODY = -1


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
    other, in the sheet's order: the next becomes free when the one before it has its slot. *phones* are those of the
    rows, and perhaps of others, where the caller has them by row: the book shares them, which spares 4 bytes a row.
    """

    def __init__(
        self, rows: Iterable[CappedRow], history: Mapping[str, Sequence[int]], phones: TextByRow | None = None
    ) -> None:
        self._caps: list[tuple[Cap, ...]] = []
        self._caps_of = ByRow()
        self._not_before_ms: dict[int, int] = {}
        self._phones = self._entered(rows, phones)
        numbers = len(self._phones.texts)
        # By number, as the bytes of an array: as lists they took 14 MiB of a plan of a million rows, a tenth of it.
        self._calls = [array("q", sorted(history.get(phone, ()))).tobytes() for phone in self._phones.texts]
        self._following = ByRow()  # the next row of the same number
        nobody = array("i", repeat(_NOBODY, numbers))
        self._turn, self._free = nobody, nobody[:]  # by number: whose turn comes next, and who is free or was last
        self._free_ms = array("q", nobody)  # by number: from when on
        for row in reversed(array("i", self._caps_of)):
            number = self._number_of(row)
            if self._turn[number] != _NOBODY:
                self._following[row] = self._turn[number]
            self._turn[number] = row
        for number in range(numbers):
            self._free_next(number)

    def _entered(self, rows: Iterable[CappedRow], phones: TextByRow | None) -> TextByRow:
        found = TextByRow() if phones is None else phones
        known: dict[tuple[Cap, ...], int] = {}
        for item in rows:
            if phones is None:
                found[item.row] = item.phone
            self._caps_of[item.row] = known.setdefault(item.caps, len(known))
            if item.not_before_ms:
                self._not_before_ms[item.row] = item.not_before_ms
        self._caps = list(known)
        self._most_calls = max((cap.calls for caps in known for cap in caps), default=0)
        return found

    def _number_of(self, row: int) -> int:
        number = self._phones.number_of(row)
        if number is None:
            raise KeyError(row)
        return number

    def __contains__(self, row: int) -> bool:
        return row in self._caps_of

    def __iter__(self) -> Iterator[int]:
        return iter(self._caps_of)

    def free_ms(self, row: int) -> int | None:
        """Return the instant from which nothing forbids *row*; None where another row of its number has the turn."""
        number = self._phones.number_of(row)
        return self._free_ms[number] if number is not None and self._free[number] == row else None

    def note(self, row: int, slot_ms: int) -> int | None:
        """Note that *row* has a slot; return the row that becomes free by it, if any."""
        number = self._number_of(row)
        calls = array("q", self._calls[number])
        insort(calls, slot_ms + MOVED_MS)
        self._calls[number] = calls[-self._most_calls :].tobytes()  # no cap looks further back
        return self._free_next(number)

    def _free_next(self, number: int) -> int | None:
        row = self._turn[number]
        if row == _NOBODY:
            return None
        following = self._following.get(row)
        self._turn[number] = _NOBODY if following is None else following
        calls = array("q", self._calls[number])
        allowed_ms = next_allowed_ms(calls, self._caps[self._caps_of[row]]) or 0
        self._free[number], self._free_ms[number] = row, max(allowed_ms, self._not_before_ms.get(row, 0))
        return row
