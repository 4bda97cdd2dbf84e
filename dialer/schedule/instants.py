"""A column of instants, such as the slots of a plan: a million of them in four bytes each. Pure."""

from array import array
from collections.abc import Iterable, Iterator

_PAGE = 1_024


class Instants:
    """Instants in UTC milliseconds, in the order in which they were appended.

    Each takes 4 bytes while those of a page lie within 49 days after the first of it, and 8 otherwise.
    """

    def __init__(self, instants_ms: Iterable[int] = ()) -> None:
        self._first_ms = array("q")  # by page
        self._after = array("I")  # milliseconds since the first of its page
        for instant_ms in instants_ms:
            self.append(instant_ms)

    def append(self, instant_ms: int) -> None:
        """Add one at the end."""
        if len(self._after) % _PAGE == 0:
            self._first_ms.append(instant_ms)
        after_ms = instant_ms - self._first_ms[-1]
        try:
            self._after.append(after_ms)
        except OverflowError:
            self._after = array("q", self._after)
            self._after.append(after_ms)

    def __len__(self) -> int:
        return len(self._after)

    def __getitem__(self, index: int) -> int:
        at = range(len(self._after))[index]
        return self._first_ms[at // _PAGE] + self._after[at]

    def __iter__(self) -> Iterator[int]:
        for page, first_ms in enumerate(self._first_ms):
            yield from map(first_ms.__add__, self._after[page * _PAGE : (page + 1) * _PAGE])
