"""Reads a worksheet row by row: its values by a reader for each kind of workbook, and what else there is to tell of its
cells by a module for each format.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from dialer.errors import SheetError
from dialer.sheets.record import NOTHING_SHOWN, Record
from dialer.sheets.workbooks.calamine_workbook import NEW_SUFFIXES, calamine_workbook
from dialer.sheets.workbooks.cell_text import exact_text, is_formatted, is_other_number
from dialer.sheets.workbooks.metadata.model import WorksheetMetadata, no_number_formats
from dialer.sheets.workbooks.metadata.ods import ods_metadata
from dialer.sheets.workbooks.metadata.xls import xls_metadata
from dialer.sheets.workbooks.metadata.xlsb import xlsb_metadata
from dialer.sheets.workbooks.metadata.xlsx import xlsx_metadata
from dialer.sheets.workbooks.ods_workbook import ods_workbook
from dialer.sheets.workbooks.openpyxl_workbook import openpyxl_workbook
from dialer.sheets.workbooks.safety_check import check_workbook
from dialer.sheets.workbooks.workbook import Workbook, parsing

_METADATA_OF: dict[str, Callable[[Path, str], WorksheetMetadata]] = {
    ".xlsx": xlsx_metadata,
    ".xlsm": xlsx_metadata,
    ".xls": xls_metadata,
    ".xlsb": xlsb_metadata,
    ".ods": ods_metadata,
}


_Read = TypeVar("_Read")


class Worksheet:
    """One worksheet of a workbook, with its marks. Construct it with `open_worksheet`.

    `others` are the names of the other visible ones, `notes` tell aloud what is left out.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        values: Callable[[], Iterator[Sequence[Any]]],
        metadata: WorksheetMetadata,
        sheets: Sequence[tuple[str, bool]],
    ) -> None:
        self._path = path
        self._values = values
        self.name = name
        self.metadata = metadata
        self.others = tuple(other for other, is_visible in sheets if is_visible and other != name)
        self.notes = _notes(sheets, name)

    def records(self, exact: frozenset[int] | None) -> Iterator[Record]:
        """Yield every row from the first of the sheet on, blank ones too.

        Cells of the 0-based columns *exact* are read by their whole value, the others as a spreadsheet program shows
        them; `None` is all exact, which is quicker. Raises `SheetError` for a workbook that cannot be read.
        """
        asked = self.metadata.number_formats
        rows = no_number_formats() if asked is None or exact is None or not self._has_formats() else asked()
        with parsing(self._path):
            for number, (values, number_formats) in enumerate(zip(self._values(), rows, strict=False), start=1):
                cells = [exact_text(value) for value in values]
                if "\0" in "".join(cells):
                    raise self._garbled(number)
                shown = NOTHING_SHOWN
                for index, number_format in number_formats:
                    if exact is None or index >= len(cells):
                        continue
                    text = self.metadata.tell(values[index], number_format)
                    if index not in exact:
                        cells[index] = cells[index] if text is None else text
                    elif text != cells[index] and is_other_number(values[index], text):
                        shown = {**shown, index: text}
                yield Record(number, cells, shown)

    def _garbled(self, number: int) -> SheetError:
        """Word what is said of a row with NUL characters: the reader took two bytes of a letter for two letters."""
        return SheetError(
            f'{self._path}, worksheet "{self.name}": row {number} holds NUL characters, which no text has; some'
            " programs write .xls so. Open it in a spreadsheet program and save it again as .xlsx."
        )

    def _has_formats(self) -> bool:
        """Return whether some cell may be shown otherwise than its value is."""
        with parsing(self._path):
            return self.metadata.formats_texts or any(is_formatted(value) for row in self._values() for value in row)


def filled_worksheets(path: Path) -> list[str]:
    """List the visible worksheets of the workbook *path* that hold anything. Raises as `open_worksheet` does."""

    def filled(book: Workbook) -> list[str]:
        with parsing(path):
            return [
                name
                for name, is_visible in book.sheets
                if is_visible and any(str(value).strip() for row in book.rows(name) for value in row)
            ]

    return _read_by_any(path, filled)


def first_rows(path: Path, count: int) -> dict[str, list[list[str]]]:
    """Return the first *count* rows of each visible worksheet, every cell exact. Raises as `open_worksheet` does."""

    def beginnings(book: Workbook) -> dict[str, list[list[str]]]:
        with parsing(path):
            return {
                name: [[exact_text(value) for value in row] for row in islice(book.rows(name), count)]
                for name, is_visible in book.sheets
                if is_visible
            }

    return _read_by_any(path, beginnings)


def open_worksheet(path: Path, wanted: str | int | None) -> Worksheet:
    """Open the worksheet *wanted* of the workbook *path*: a name, a number from 1, or the first visible one.

    Raises `SheetError` for a workbook that is refused, cannot be read, or has no such worksheet; and for one of which
    nobody can tell what it hides and how its cells are shown.
    """

    def opened(book: Workbook) -> tuple[Workbook, str]:
        name = choose_worksheet(path, book.sheets, wanted)
        with parsing(path):
            next(iter(book.rows(name)), ())
        return book, name

    book, name = _read_by_any(path, opened)
    metadata = _METADATA_OF[path.suffix.lower()](path, name)
    if metadata.are_unknown:
        raise SheetError(
            f"{path}: nobody can tell which rows the worksheet {name} hides, which cells are formulas or errors, and"
            " how its numbers are shown. Open it in a spreadsheet program and save it again as .xlsx."
        )
    return Worksheet(path, name, partial(book.rows, name), metadata, book.sheets)


def _read_by_any(path: Path, read: Callable[[Workbook], _Read]) -> _Read:
    """Check a workbook and read it by the reader for its kind; an XLSX that is none for that one, by the slower one."""
    check_workbook(path)
    suffix = path.suffix.lower()
    if suffix not in NEW_SUFFIXES:
        return read(ods_workbook(path) if suffix == ".ods" else calamine_workbook(path))
    try:
        return read(calamine_workbook(path))
    except SheetError:
        return read(openpyxl_workbook(path))


def choose_worksheet(path: Path, sheets: Sequence[tuple[str, bool]], wanted: str | int | None) -> str:
    """Return the name of the worksheet to read.

    *sheets* are pairs of (name, is visible) in the workbook's order.
    *wanted* is a name, which may be that of a hidden worksheet, or a number that counts the visible ones from
    1; `None` is the first visible one. Raises `SheetError` listing the worksheets.
    """
    visible = [name for name, is_visible in sheets if is_visible]
    if isinstance(wanted, str):
        names = [name for name, _ in sheets]
        if wanted in names:
            return wanted
        near = difflib.get_close_matches(wanted, names, 1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
    else:
        number = 1 if wanted is None else wanted
        if 1 <= number <= len(visible):
            return visible[number - 1]
        hint = " A number counts the visible worksheets from 1."
    shown = (
        f'"{wanted}"' if isinstance(wanted, str) else f"number {wanted}" if wanted is not None else "that is visible"
    )
    raise SheetError(
        f"{path}: there is no worksheet {shown}; there are: {_listed(sheets)}. Set sheet under [contacts].{hint}"
    )


def _listed(sheets: Sequence[tuple[str, bool]]) -> str:
    return ", ".join(f'"{name}"' + ("" if is_visible else " (hidden)") for name, is_visible in sheets)


def _notes(sheets: Sequence[tuple[str, bool]], name: str) -> tuple[str, ...]:
    others = [entry for entry in sheets if entry[0] != name]
    if not others:
        return ()
    note = (
        f'The worksheet "{name}" is read and no other; there are also: {_listed(others)}. Set sheet under [contacts] to'
        " read another."
    )
    return (note,)
