"""Finds the marks of an XLS worksheet with xlrd, which tells number formats and hidden rows; formulas are looked up in
the records of the file themselves, since it tells only their values.
"""

import os
from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialer.sheets.workbooks.cell_text import formats_text, shown_text
from dialer.sheets.workbooks.metadata.model import (
    NOT_AVAILABLE,
    Area,
    MetadataBuilder,
    NumberFormats,
    WorksheetMetadata,
)
from dialer.sheets.workbooks.number_formats import shows_moments
from dialer.sheets.workbooks.subprocess_trial import can_be_formatted

if TYPE_CHECKING:
    from xlrd import Book

_TEXT, _NUMBER, _DATE, _ERROR = 1, 2, 3, 5
"""xlrd's types of cells."""

_LOCALE_DATES = frozenset({14, 22})
"""Formats that each computer shows in the order of its own country (see `number_formats`)."""

_FORMULA = frozenset({0x0006, 0x0206, 0x0406})
"""FORMULA of BIFF5 and BIFF8, of BIFF3 and of BIFF4 [MS-XLS 2.4.127]."""

_BEGINS = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_ENDS, _BOUND_SHEET = 0x000A, 0x0085
_WORKSHEET = 0


def xls_metadata(path: Path, name: str) -> WorksheetMetadata:
    """Return the marks of the worksheet *name* of the checked workbook *path*; unknown ones of a damaged file.

    A file that takes xlrd too much memory or time is found out in a process of its own.
    """
    if not can_be_formatted(path):
        return WorksheetMetadata(are_unknown=True)
    try:
        with _opened(path) as book:
            found = _found(book, name)
            adds_to_texts = any(code is not None and formats_text(code) for code in _codes(book))
    except Exception:  # noqa: BLE001 - xlrd raises what it stumbles on; the worksheet is refused
        return WorksheetMetadata(are_unknown=True)
    return found.metadata(partial(_number_formats, path, name), tell=_told, formats_texts=adds_to_texts)


def _told(value: Any, number_format: str) -> str | None:
    """Return what is shown; of a number that calamine takes for a date, as in files of Excel 95, `NOT_AVAILABLE`."""
    if isinstance(value, (date, time, timedelta)) and not shows_moments(number_format):
        return NOT_AVAILABLE
    return shown_text(value, number_format)


def _found(book: "Book", name: str) -> MetadataBuilder:
    found = MetadataBuilder()
    sheet = book.sheet_by_name(name)
    found.hidden.update(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden or info.height == 0)
    for first, end, left, right in sheet.merged_cells:
        found.add_merge(Area(first + 1, end, left, right - 1))
    for row in range(sheet.nrows):
        kinds = sheet.row_types(row)
        for column in [at for at, kind in enumerate(kinds) if kind == _ERROR] if _ERROR in kinds else ():
            found.errors.add(row + 1, column)
    _add_formulas(found, book, name)
    return found


def _opened(path: Path) -> "Book":
    import xlrd  # noqa: PLC0415 - for no other format

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:  # it prints its doubts
        return xlrd.open_workbook(
            str(path), logfile=nowhere, formatting_info=True, on_demand=True, ignore_workbook_corruption=True
        )


def _number_formats(path: Path, name: str) -> Iterator[NumberFormats]:
    with _opened(path) as book:
        sheet = book.sheet_by_name(name)
        formats = _codes(book)
        kinds_shown = (
            {_TEXT, _NUMBER, _DATE} if any(code and formats_text(code) for code in formats) else {_NUMBER, _DATE}
        )
        for row in range(sheet.nrows):
            kinds = sheet.row_types(row)
            codes = [
                (at, formats[sheet.cell_xf_index(row, at)]) for at, kind in enumerate(kinds) if kind in kinds_shown
            ]
            yield [(at, code) for at, code in codes if code is not None]
    yield from repeat(())


def _codes(book: "Book") -> list[str | None]:
    return [_format_of(book, xf.format_key) for xf in book.xf_list]


def _format_of(book: "Book", key: int) -> str | None:
    return None if key in _LOCALE_DATES or key not in book.format_map else str(book.format_map[key].format_str)


def _add_formulas(found: MetadataBuilder, book: "Book", name: str) -> None:
    """Walk through the records of the worksheet: (type, size, content), with row and column first in those of cells."""
    depth = 0
    for kind, content in _records(book, _start_of(book, name)):
        depth += (kind in _BEGINS) - (kind == _ENDS)
        if depth == 0:
            break
        if kind in _FORMULA and depth == 1:  # a chart within the sheet has records of its own
            found.formulas.add(int.from_bytes(content[:2], "little") + 1, int.from_bytes(content[2:4], "little"))


def _start_of(book: "Book", name: str) -> int:
    """Return where the worksheet begins in the stream; the oldest files hold one worksheet and no list."""
    lists = [content for kind, content in _records(book, 0, until=_ENDS) if kind == _BOUND_SHEET]
    starts = [int.from_bytes(content[:4], "little") for content in lists if content[5] == _WORKSHEET]
    return starts[book.sheet_names().index(name)] if starts else 0


def _records(book: "Book", at: int, until: int | None = None) -> Iterator[tuple[int, bytes]]:
    stream = memoryview(book.mem)[book.base : book.base + book.stream_len]
    kind = -1
    while kind != until and at + 4 <= len(stream):
        kind, size = int.from_bytes(stream[at : at + 2], "little"), int.from_bytes(stream[at + 2 : at + 4], "little")
        yield kind, bytes(stream[at + 4 : at + 4 + size])
        at += 4 + size
