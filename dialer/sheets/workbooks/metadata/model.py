"""What a worksheet tells of its cells besides their values: hidden, calculated, erroneous, merged, shown how."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

from dialer.sheets.workbooks.cell_text import shown_text

NumberFormats = Sequence[tuple[int, str]]
"""Of one row, the cells that are shown otherwise than their value is: (0-based column, what tells how)."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_383
"""The largest worksheet of any format: rows count from 1, columns from 0."""

NOT_AVAILABLE = "#N/A"
"""What stands in the place of a value that cannot be read. In a file of rejected rows it stands until it is mended."""


def no_number_formats() -> Iterator[NumberFormats]:
    """Return rows of which nothing is known."""
    return repeat(())


class Area(NamedTuple):
    """A rectangle of cells: rows from 1, columns from 0, the last ones included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


class CellSet:
    """Cells of one worksheet that share a mark. A few bytes of a file may mark a million of them at once."""

    def __init__(self) -> None:
        self._single: dict[int, set[int]] = {}
        self._areas: list[Area] = []

    def add(self, row: int, column: int) -> None:
        """Take one cell."""
        self._single.setdefault(column, set()).add(row)

    def add_area(self, area: Area) -> None:
        """Take a rectangle, which may reach beyond the worksheet."""
        self._areas.append(area)

    def rows(self, column: int) -> frozenset[int]:
        """Return the rows whose cell in *column* is marked."""
        rows = set(self._single.get(column, ()))
        reached = 0
        for first, last in sorted(area[:2] for area in self._areas if area.first_column <= column <= area.last_column):
            rows.update(range(max(first, reached + 1), min(last, LAST_ROW) + 1))
            reached = max(reached, min(last, LAST_ROW))
        return frozenset(rows)


@dataclass(frozen=True, slots=True)
class WorksheetMetadata:
    """The marks of one worksheet.

    `hidden` are row numbers. `formulas` are cells whose value is what a program calculated last; `errors` those that
    hold an error, a formula that was never calculated, or a value that cannot be read; `merged` those that a merge
    covers beside its first cell. `number_formats` streams those of every row from the first on, at least as many as the
    sheet has; `tell` makes of a cell's value and its format the text that the sheet's owner sees, `None` where nobody
    can tell which digits are seen. `formats_texts` tells that some format adds to texts, too. With `are_unknown`,
    nobody could find out.
    """

    hidden: frozenset[int] = frozenset()
    formulas: CellSet = field(default_factory=CellSet)
    errors: CellSet = field(default_factory=CellSet)
    merged: CellSet = field(default_factory=CellSet)
    number_formats: Callable[[], Iterator[NumberFormats]] | None = None
    tell: Callable[[Any, str], str | None] = shown_text
    formats_texts: bool = False
    are_unknown: bool = False


class MetadataBuilder:
    """Collects marks while a worksheet is walked through."""

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.formulas, self.errors, self.merged = CellSet(), CellSet(), CellSet()

    def add_merge(self, area: Area) -> None:
        """Take the rectangle of a merge: its first cell keeps the value, and what the others hold is not shown."""
        if area.last_column > area.first_column:
            self.merged.add_area(area._replace(last_row=area.first_row, first_column=area.first_column + 1))
        if area.last_row > area.first_row:
            self.merged.add_area(area._replace(first_row=area.first_row + 1))

    def metadata(
        self,
        number_formats: Callable[[], Iterator[NumberFormats]] | None = None,
        *,
        tell: Callable[[Any, str], str | None] = shown_text,
        formats_texts: bool = False,
    ) -> WorksheetMetadata:
        """Return what was found, with how cells are shown."""
        return WorksheetMetadata(
            frozenset(self.hidden), self.formulas, self.errors, self.merged, number_formats, tell, formats_texts
        )
