"""Finds the marks of an ODS worksheet: the format stores beside every value the very text that its owner sees."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile

from dialer.sheets.workbooks.cell_text import exact_text
from dialer.sheets.workbooks.metadata.model import Area, MetadataBuilder, NumberFormats, WorksheetMetadata
from dialer.sheets.workbooks.ods_rows import OdsCell, OdsRow, ods_rows

_SHOWN_TYPES = frozenset({"float", "currency", "percentage", "date", "time"})
_WITHHELD = re.compile(r"|#+|[-+]?\d+(?:[.,]\d*)?E[-+]?\d+", re.IGNORECASE)
"""A text that shows less than the value: none at all, a column too narrow, an exponent."""


def ods_metadata(path: Path, name: str) -> WorksheetMetadata:
    """Return the marks of the worksheet *name* of the checked workbook *path*; unknown ones of a damaged part."""
    found = MetadataBuilder()
    try:
        for row in ods_rows(path, name):
            _mark(found, row)
    except (expat.ExpatError, BadZipFile, LookupError, ValueError):
        return WorksheetMetadata(are_unknown=True)
    return found.metadata(partial(_number_formats, path, name), tell=_told)


def _told(value: Any, text: str) -> str:
    return exact_text(value) if _WITHHELD.fullmatch(text) else text


def _number_formats(path: Path, name: str) -> Iterator[NumberFormats]:
    """Yield the texts of each row's numbers and dates, by column."""
    for row in ods_rows(path, name):
        shown = [
            (at, cell.text)
            for cell in row.cells
            if cell.attributes.get("office:value-type") in _SHOWN_TYPES
            for at in cell.columns
        ]
        yield from repeat(shown, row.times)
    yield from repeat(())


def _mark(found: MetadataBuilder, row: OdsRow) -> None:
    """Add what the row hides and calculates; rows without any text are read by nobody, and may be a million."""
    if row.is_hidden and any(cell.is_filled for cell in row.cells):
        found.hidden.update(range(row.first, row.first + row.times))
    for cell in row.cells:
        if "table:formula" in cell.attributes:
            rows = int(cell.attributes.get("table:number-matrix-rows-spanned", "1"))
            columns = int(cell.attributes.get("table:number-matrix-columns-spanned", "1"))
            found.formulas.add_area(_area(row, cell, rows, columns))
        if _is_unreadable(cell):
            found.errors.add_area(_area(row, cell))
        rows, columns = (int(cell.attributes.get(f"table:number-{each}-spanned", "1")) for each in ("rows", "columns"))
        found.add_merge(Area(row.first, row.first + rows - 1, cell.column, cell.column + columns - 1))
        if cell.is_covered:
            found.merged.add_area(_area(row, cell))


def _area(row: OdsRow, cell: OdsCell, rows: int = 1, columns: int = 1) -> Area:
    width = max(cell.width, columns)
    return Area(row.first, row.first + row.times - 1 + rows - 1, cell.column, cell.column + width - 1)


def _is_unreadable(cell: OdsCell) -> bool:
    """Return whether the cell holds an error, a formula without a value, a text without a type, which is lost, two
    types or texts, or more than text.
    """
    kind, text = cell.attributes.get("office:value-type"), "".join(cell.text.split())
    has_two_types = cell.attributes.get("calcext:value-type", kind) != kind  # for LibreOffice, an error is a type
    value = "".join(cell.attributes.get("office:string-value", text).split())
    has_two_texts = kind == "string" and text not in {"", value}
    is_lost = kind is None and (bool(text) or "table:formula" in cell.attributes)
    return has_two_types or has_two_texts or is_lost or cell.is_doubtful
