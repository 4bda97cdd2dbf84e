"""A column of instants, such as the slots of a plan: a million of them in four bytes each. Pure."""

from array import array
from collections.abc import Iterable, Iterator


class Instants:
    """Instants in UTC milliseconds, in the order in which they were appended.

    Each takes 4 bytes while all lie within 49 days after the first, and 8 otherwise.
    """

    def __init__(self, instants_ms: Iterable[int] = ()) -> None:
        self._first_ms = 0
        self._after = array("I")  # milliseconds since the first
        for instant_ms in instants_ms:
            self.append(instant_ms)

    def append(self, instant_ms: int) -> None:
        """Add one at the end."""
        if not self._after:
            self._first_ms = instant_ms
        after_ms = instant_ms - self._first_ms
        try:
            self._after.append(after_ms)
        except OverflowError:
            self._after = array("q", self._after)
            self._after.append(after_ms)

    def __len__(self) -> int:
        return len(self._after)

    def __getitem__(self, index: int) -> int:
        return self._first_ms + self._after[index]

    def __iter__(self) -> Iterator[int]:
        return map(self._first_ms.__add__, self._after)
