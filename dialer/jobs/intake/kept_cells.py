"""Keeps what the ledger has of cells that a spreadsheet program wrote another way when a results file was saved."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dialer.contacts.loader import Loaded
from dialer.sheets.results_format import is_result_column
from dialer.sheets.rewritten_numbers import is_rewritten
from dialer.sheets.sheet import SheetRow
from dialer.words import counted

CellsOf = Callable[[list[int]], Mapping[int, str]]
"""Returns the cells (JSON text) that the ledger has of rows of the sheet, by their numbers."""


@dataclass
class KeptCells:
    """The cells of a results file that are re-written numbers. A phone is none: there every digit may be mended."""

    loaded: Loaded
    row_column: int
    """The 0-based column with the number that each row has in the sheet that it comes from."""
    _counts: Counter[str] = field(default_factory=Counter)
    _first: dict[str, int] = field(default_factory=dict)

    def keep(self, rows: Sequence[SheetRow], header: Sequence[str], cells_of: CellsOf) -> list[SheetRow]:
        """Return *rows* with such cells as the ledger has them; *header* is that of the sheet they come from."""
        known = cells_of([number for row in rows if (number := self._number(row)) is not None])
        at = {name: index for index, name in enumerate(header) if not is_result_column(name)}
        return [self._kept(row, at, known) for row in rows]

    def _number(self, row: SheetRow) -> int | None:
        text = row.cells[self.row_column].strip().removesuffix(".0") if self.row_column < len(row.cells) else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None  # noqa: PLR2004 - as any row

    def _kept(self, row: SheetRow, at: Mapping[str, int], known: Mapping[int, str]) -> SheetRow:
        number = self._number(row)
        if number is None or number not in known:
            return row
        stored, cells = json.loads(known[number]), list(row.cells)
        for index, name in enumerate(self.loaded.sheet.header[: len(cells)]):
            before = stored[at[name]].strip() if at.get(name, len(stored)) < len(stored) else ""
            if index not in self.loaded.mapping.phones and is_rewritten(before, cells[index].strip()):
                cells[index] = stored[at[name]]
                self._counts[name] += 1
                self._first.setdefault(name, row.number)
        return row._replace(cells=tuple(cells))

    def notes(self) -> Iterator[str]:
        """Word, by column, what was kept."""
        for name, count in self._counts.items():
            yield (
                f'Column "{name}": a spreadsheet program wrote {counted(count, "number or date", "numbers or dates")}'
                f" another way, such as in row"
                f" {self._first[name]}. What the sheet had is kept; if that is wrong, change it in the sheet."
            )
