"""Finds the marks of an ODS worksheet: the format stores beside every value the very text that its owner sees."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any
from xml.parsers import expat

from dialer.sheets.workbooks.cell_text import exact_text
from dialer.sheets.workbooks.metadata.model import LAST_COLUMN, Area, MetadataBuilder, NumberFormats, WorksheetMetadata

_CONTENT = "content.xml"
_PIECE_BYTES = 1 << 18
_SHOWN_TYPES = frozenset({"float", "currency", "percentage", "date", "time"})
_HIDING = frozenset({"collapse", "filter"})
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
_MOST_BLANKS = 1_000
_WITHHELD = re.compile(r"|#+|[-+]?\d+(?:[.,]\d*)?E[-+]?\d+", re.IGNORECASE)
"""A text that shows less than the value: none at all, a column too narrow, an exponent."""


def ods_metadata(path: Path, name: str) -> WorksheetMetadata:
    """Give the marks of the worksheet *name* of the checked workbook *path*. Never fails: they may be unknown.

    The names of elements are those that every program uses; ODF 1.3 part 3, 9.1 and 19.
    """
    with suppress(Exception):
        found = MetadataBuilder()
        for row in _rows(path, name):
            row.mark(found)
        return found.metadata(partial(_number_formats, path, name), tell=_told)
    return WorksheetMetadata(are_unknown=True)


def _told(value: Any, text: str) -> str:
    return exact_text(value) if _WITHHELD.fullmatch(text) else text


def _number_formats(path: Path, name: str) -> Iterator[NumberFormats]:
    with suppress(Exception):  # of a file that was walked through before: the values are told exactly
        for row in _rows(path, name):
            number_formats = row.number_formats()
            yield from repeat(number_formats, row.times)
    yield from repeat(())


class _Row:
    """One row element, which stands for *times* equal rows from the number *first* on."""

    def __init__(self, first: int, attributes: dict[str, str]) -> None:
        self.first = first
        self.times = int(attributes.get("table:number-rows-repeated", "1"))
        self._is_hidden = attributes.get("table:visibility") in _HIDING
        self._column = 0
        self._width = 0
        self._is_shown = self._is_filled = False
        self._cell: dict[str, str] = {}
        self._text: list[str] = []
        self._shown: list[tuple[int, int, str]] = []
        self._marked: list[tuple[str, int, int, int]] = []

    def open_cell(self, attributes: dict[str, str]) -> None:
        """Take the start of a cell."""
        self._cell = attributes
        self._width = int(attributes.get("table:number-columns-repeated", "1"))
        self._is_shown = attributes.get("office:value-type") in _SHOWN_TYPES
        self._is_filled = self._is_filled or "office:value-type" in attributes
        self._text = []

    def add(self, text: str) -> None:
        """Take a piece of a cell's text."""
        self._text.append(text)
        self._is_filled = True

    def close_cell(self) -> None:
        """Take the end of a cell."""
        text = "".join(self._text)
        if self._is_shown:
            self._shown.append((self._column, self._width, text))
        if "table:formula" in self._cell:
            self._mark("formulas", "table:number-matrix-rows-spanned", "table:number-matrix-columns-spanned")
        if self._is_unreadable(text):
            self._mark("errors")
        if int(self._cell.get("table:number-rows-spanned", "1")) > 1:
            self._mark("merged", "table:number-rows-spanned", "table:number-columns-spanned")
        self._column += self._width

    def _is_unreadable(self, text: str) -> bool:
        """Tell whether the cell holds an error, a formula without a value, or a text without a type, which is lost."""
        has_type = "office:value-type" in self._cell
        is_error = self._cell.get("calcext:value-type") == "error"
        return is_error or (not has_type and (bool(text.strip()) or "table:formula" in self._cell))

    def _mark(self, what: str, rows: str = "", columns: str = "") -> None:
        """Remember a mark of the open cell, with how many rows and columns it spans."""
        width = max(self._width, int(self._cell.get(columns, "1")))
        self._marked.append((what, self._column, self._column + width - 1, int(self._cell.get(rows, "1"))))

    def number_formats(self) -> NumberFormats:
        """Give the texts of the row's numbers and dates, by column."""
        return [
            (at, text)
            for column, width, text in self._shown
            for at in range(column, min(column + width, LAST_COLUMN + 1))
        ]

    def mark(self, found: MetadataBuilder) -> None:
        """Add what the row hides and calculates; rows without any text are read by nobody, and may be a million."""
        if self._is_hidden and self._is_filled:
            found.hidden.update(range(self.first, self.first + self.times))
        for what, first, last, height in self._marked:
            area = Area(self.first, self.first + self.times - 1 + height - 1, first, last)
            if what == "merged":
                found.add_merge(area)
            else:
                (found.formulas if what == "formulas" else found.errors).add_area(area)


class _Walker:
    """Follows the rows of one table through a document; comments and shapes within cells are no part of their text."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._depth_in_table = self._depth_aside = 0
        self._row: _Row | None = None
        self._next_row = 1
        self._is_in_text = False
        self.done: list[_Row] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if name == "table:table" and (self._depth_in_table or attributes.get("table:name") == self._table):
            self._depth_in_table += 1
        elif _is_aside(name):
            self._depth_aside += 1
        elif self._depth_in_table != 1 or self._depth_aside:
            return
        elif name == "table:table-row":
            self._row = _Row(self._next_row, attributes)
            self._next_row += self._row.times
        elif self._row is not None and name in _CELLS:
            self._row.open_cell(attributes)
        elif name == "text:p":
            self._is_in_text = True
        elif name == "text:s" and self._row is not None and self._is_in_text:
            self._row.add(" " * min(int(attributes.get("text:c", "1")), _MOST_BLANKS))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "table:table" and self._depth_in_table:
            self._depth_in_table -= 1
        elif _is_aside(name):
            self._depth_aside -= 1
        elif name == "text:p":
            self._is_in_text = False
        elif self._depth_in_table == 1 and not self._depth_aside and self._row is not None:
            if name in _CELLS:
                self._row.close_cell()
            elif name == "table:table-row":
                self.done.append(self._row)
                self._row = None

    def text(self, text: str) -> None:
        """Take text."""
        if self._row is not None and self._is_in_text and not self._depth_aside:
            self._row.add(text)


def _is_aside(name: str) -> bool:
    return name == "office:annotation" or name.startswith("draw:")


def _rows(path: Path, name: str) -> Iterator[_Row]:
    walker = _Walker(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = walker.start
    parser.EndElementHandler = walker.end
    parser.CharacterDataHandler = walker.text
    with zipfile.ZipFile(path) as archive, archive.open(_CONTENT) as content:
        while piece := content.read(_PIECE_BYTES):
            parser.Parse(piece)
            yield from walker.done
            walker.done.clear()
    parser.Parse(b"", True)  # its end, which a part cut short does not have
