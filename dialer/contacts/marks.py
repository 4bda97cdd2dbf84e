"""What a worksheet tells of its cells besides their values: hidden rows, formulas, and how each cell is shown."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from dialer.contacts.cells import shown_text

Looks = Sequence[tuple[int, str]]
"""Of one row, the cells that are shown otherwise than their value is: (0-based column, what tells how)."""


def no_looks() -> Iterator[Looks]:
    """Give rows of which nothing is known."""
    return repeat(())


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one worksheet. Rows count from 1, columns from 0.

    `formulas` holds for each column the rows whose cell is a formula: its value is what a program calculated last.
    `looks` streams the looks of every row from the first on, at least as many as the sheet has; `tell` makes of a
    cell's value and its look the text that the sheet's owner sees. `notes` tell aloud what could not be found out.
    """

    hidden: frozenset[int] = frozenset()
    formulas: Mapping[int, frozenset[int]] = field(default_factory=dict)
    looks: Callable[[], Iterator[Looks]] | None = None
    tell: Callable[[Any, str], str] = shown_text
    notes: tuple[str, ...] = ()


class Found:
    """Collects hidden rows and formulas while a worksheet is walked through."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self._formulas: dict[int, set[int]] = {}

    def add_formula(self, row: int, column: int) -> None:
        """Remember a formula, by its row from 1 and its column from 0."""
        self._formulas.setdefault(column, set()).add(row)

    def formulas(self) -> dict[int, frozenset[int]]:
        """Give the rows of every column's formulas."""
        return {column: frozenset(rows) for column, rows in self._formulas.items()}
