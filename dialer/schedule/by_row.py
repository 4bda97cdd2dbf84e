"""Numbers and texts by row of a sheet, in arrays: a dict takes 20 times the memory, and a sheet has a million rows."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, count, repeat
from typing import Literal

_WIDER: tuple[Literal["h", "i", "q"], ...] = ("h", "i", "q")
_END = {code: 1 << (8 * array(code).itemsize - 1) for code in _WIDER}
_NONE = -1
_AHEAD = 1_024


class ByRow:
    """A number of at least 0 for each row that has one, all of them in the bytes that the largest needs: 1, 2, 4 or 8.

    Rows are never negative. Iteration gives the rows that have a number, ascending.
    """

    def __init__(self) -> None:
        self._values = array("b")

    def __setitem__(self, row: int, value: int) -> None:
        if row >= len(self._values):
            self._values.extend(repeat(_NONE, row + _AHEAD - len(self._values)))
        try:
            self._values[row] = value
        except OverflowError:
            self._values = array(next(code for code in _WIDER if value < _END[code]), self._values)
            self._values[row] = value

    def __delitem__(self, row: int) -> None:
        self._values[row] = _NONE

    def __getitem__(self, row: int) -> int:
        value = self.get(row)
        if value is None:
            raise KeyError(row)
        return value

    def __contains__(self, row: object) -> bool:
        return isinstance(row, int) and row < len(self._values) and self._values[row] >= 0

    def __len__(self) -> int:
        return len(self._values) - self._values.count(_NONE)

    def __iter__(self) -> Iterator[int]:
        return compress(count(), map(_NONE.__lt__, self._values))

    def get(self, row: int) -> int | None:
        """Return the number of *row*, if it has one."""
        value = self._values[row] if row < len(self._values) else _NONE
        return value if value >= 0 else None


class TextByRow(Mapping[int, str]):
    """A text for each row that has one, kept once however many rows have it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []
        self._of_row = ByRow()

    def __setitem__(self, row: int, text: str) -> None:
        self._of_row[row] = number = self._numbers.setdefault(text, len(self._numbers))
        if number == len(self._texts):
            self._texts.append(text)

    def __getitem__(self, row: int) -> str:
        return self._texts[self._of_row[row]]

    def __contains__(self, row: object) -> bool:
        return row in self._of_row

    @property
    def texts(self) -> Sequence[str]:
        """The different texts, each at its number."""
        return self._texts

    def number_of(self, row: int) -> int | None:
        """Return the number of the text of *row*, if it has one."""
        return self._of_row.get(row)

    def __iter__(self) -> Iterator[int]:
        return iter(self._of_row)

    def __len__(self) -> int:
        return len(self._of_row)


def row_set(rows: Iterable[int]) -> ByRow:
    """Return a set of rows, a byte for each up to the last."""
    found = ByRow()
    for row in rows:
        found[row] = 1
    return found
