"""Reads a worksheet row by row: XLSX and XLSM by calamine, older formats by pandas; what else there is to tell of its
cells by a module for each format.

XLSX by calamine itself and not through pandas: that keeps a third of the memory of a large sheet, because cells become
Python values a row at a time. XLS, XLSB and ODS hold fewer rows, and pandas reads them all in one way.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialer.errors import SheetError
from dialer.sheets.workbooks.cell_count import MAX_CELLS
from dialer.sheets.workbooks.cell_text import exact_text, is_formatted
from dialer.sheets.workbooks.metadata.model import WorksheetMetadata, no_number_formats
from dialer.sheets.workbooks.metadata.ods import ods_metadata
from dialer.sheets.workbooks.metadata.xls import xls_metadata
from dialer.sheets.workbooks.metadata.xlsb import xlsb_metadata
from dialer.sheets.workbooks.metadata.xlsx import xlsx_metadata
from dialer.sheets.workbooks.pandas_rows import older_rows
from dialer.sheets.workbooks.safety_check import check_workbook, unreadable
from dialer.sheets.workbooks.subprocess_trial import can_be_read

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

NEW_SUFFIXES = (".xlsx", ".xlsm")
"""Workbooks that calamine reads here without pandas."""

_METADATA_OF: dict[str, Callable[[Path, str], WorksheetMetadata]] = {
    ".xlsx": xlsx_metadata,
    ".xlsm": xlsx_metadata,
    ".xls": xls_metadata,
    ".xlsb": xlsb_metadata,
    ".ods": ods_metadata,
}


class Worksheet:
    """One worksheet of a workbook, with its marks. Construct it with `open_worksheet`.

    `notes` tell aloud what is left out.
    """

    def __init__(self, path: Path, sheet: "CalamineSheet", metadata: WorksheetMetadata, notes: tuple[str, ...]) -> None:
        self._path = path
        self._sheet = sheet
        self.name = sheet.name
        self.metadata = metadata
        self.notes = (*notes, *metadata.notes)

    def records(self, exact: frozenset[int] | None) -> Iterator[tuple[int, list[str]]]:
        """Yield every row from the first of the sheet on as (number, cells), blank ones too.

        Cells of the 0-based columns *exact* are told by their whole value, the others as a spreadsheet program shows
        them; `None` is all exact, which is quicker. Raises `SheetError` for a workbook that cannot be read.
        """
        left = [""] * self._sheet.start[1] if self._sheet.start and self._is_new else []
        asked = self.metadata.number_formats
        all_looks = no_number_formats() if asked is None or exact is None or not self._has_formats(exact) else asked()
        for number, (values, number_formats) in enumerate(zip(self._values(), all_looks, strict=False), start=1):
            cells = left + [exact_text(value) for value in values]
            for index, look in number_formats:
                if exact is not None and index not in exact and len(left) <= index < len(cells):
                    cells[index] = self.metadata.tell(values[index - len(left)], look)
            yield number, cells

    def _values(self) -> Iterator[Sequence[Any]]:
        with _parsing(self._path):
            yield from self._sheet.iter_rows() if self._is_new else older_rows(self._path, self.name)

    @property
    def _is_new(self) -> bool:
        return self._path.suffix.lower() in NEW_SUFFIXES

    def _has_formats(self, exact: frozenset[int]) -> bool:
        """Tell whether some cell outside the columns *exact* is a number or a date."""
        first = self._sheet.start[1] if self._sheet.start and self._is_new else 0
        return any(
            is_formatted(value)
            for values in self._values()
            for index, value in enumerate(values, start=first)
            if index not in exact
        )


def filled_worksheets(path: Path) -> list[str]:
    """List the visible worksheets of the workbook *path* that hold anything. Raises as `open_worksheet` does."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - not for CSV

    check_workbook(path)
    if path.suffix.lower() not in NEW_SUFFIXES and not can_be_read(path):
        raise unreadable(path)
    with _parsing(path):
        book = CalamineWorkbook.from_path(str(path))
        return [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
            and sheet.visible == SheetVisibleEnum.Visible
            and any(str(value).strip() for row in book.get_sheet_by_name(sheet.name).iter_rows() for value in row)
        ]


def open_worksheet(path: Path, wanted: str | int | None, *, with_hidden_rows: bool = False) -> Worksheet:
    """Open the worksheet *wanted* of the workbook *path*: a name, a number from 1, or the first visible one.

    Raises `SheetError` for a workbook that is refused, cannot be read, or has no such worksheet; and for one of whose
    rows nobody can tell which are hidden, unless hidden ones are to be read, too.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - not for CSV

    check_workbook(path)
    if path.suffix.lower() not in NEW_SUFFIXES and not can_be_read(path):
        raise unreadable(path)
    with _parsing(path):
        book = CalamineWorkbook.from_path(str(path))
        sheets = [
            (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]
        name = choose_worksheet(path, sheets, wanted)
        sheet = book.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > MAX_CELLS:
        raise SheetError(
            f"{path}: the worksheet {name} spans {sheet.total_height:,} rows and {sheet.total_width:,} columns; at most"
            f" {MAX_CELLS:,} cells are read. Delete the stray cell far out, or save the sheet as CSV UTF-8."
        )
    metadata = _METADATA_OF[path.suffix.lower()](path, name)
    if metadata.are_unknown and not with_hidden_rows:
        raise SheetError(
            f"{path}: nobody can tell which rows the worksheet {name} hides, and which cells are formulas or errors."
            " Open it in a spreadsheet program and save it again as .xlsx; or, to have every row read as it is stored,"
            " set hidden_rows = true under [contacts]."
        )
    return Worksheet(path, sheet, metadata, _notes(sheets, name))


def choose_worksheet(path: Path, sheets: Sequence[tuple[str, bool]], wanted: str | int | None) -> str:
    """Give the name of the worksheet to read.

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


@contextmanager
def _parsing(path: Path) -> Iterator[None]:
    """Turn what calamine raises into a `SheetError`: its own errors, and the panics of its parser."""
    from python_calamine import CalamineError  # noqa: PLC0415 - not for CSV

    try:
        yield
    except (CalamineError, ValueError, KeyError, OSError, OverflowError) as error:
        raise unreadable(path) from error
    except BaseException as error:
        # A panic is no Exception, and its class can be imported from nowhere.
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable(path) from None
