"""Reads workbooks by calamine: the only import of it. XLSX and XLSM directly, XLS and XLSB through pandas.

XLSX not through pandas: that keeps a third of the memory of a large sheet, because cells become Python values a row at
a time. XLS and XLSB hold fewer rows, and pandas reads both in one way.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialer.sheets.workbooks.pandas_rows import older_rows
from dialer.sheets.workbooks.subprocess_trial import can_be_read
from dialer.sheets.workbooks.workbook import Workbook, parsing, unreadable

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

NEW_SUFFIXES = frozenset({".xlsx", ".xlsm"})


def calamine_workbook(path: Path) -> Workbook:
    """Open the checked workbook *path*: .xlsx, .xlsm, .xlsb or .xls. Raises `SheetError` where it cannot be read."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - not for CSV

    if not can_be_read(path):
        raise unreadable(path)
    is_new = path.suffix.lower() in NEW_SUFFIXES
    with parsing(path):
        book = CalamineWorkbook.from_path(str(path))
        sheets = tuple(
            (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        )
    held: dict[str, CalamineSheet] = {}

    def new_rows(name: str) -> Iterator[Sequence[Any]]:
        sheet = held.get(name) or held.setdefault(name, book.get_sheet_by_name(name))
        left = [""] * sheet.start[1] if sheet.start else []
        return (left + row for row in sheet.iter_rows())

    return Workbook(sheets, new_rows if is_new else partial(older_rows, path))
