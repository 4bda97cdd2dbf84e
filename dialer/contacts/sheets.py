"""Opens a sheet, checks that all of it can be read, and streams its rows as text with their true numbers."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dialer.campaign_tables import Contacts
from dialer.contacts.columns import is_result_column
from dialer.contacts.contact import SheetRow
from dialer.contacts.delimited import open_delimited
from dialer.contacts.formulas import restore
from dialer.contacts.workbooks import cell_text, check_workbook, choose_worksheet, unreadable
from dialer.errors import SheetError

if TYPE_CHECKING:
    import pandas as pd

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")

Records = Callable[[], Iterator[tuple[int, Sequence[str]]]]
"""Yields (row number from 1, cells) from the file's first row on, blank rows too, each time it is called."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What changes when a file is written again or replaced."""

    size_bytes: int
    modified_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read once to its end and found sound. Construct it with `open_sheet`.

    `name` is the worksheet of a workbook. `header` holds the stripped headers, without empty ones at the end.
    `sha256` (hex) is that of the file's bytes and of the settings it is read with.
    """

    path: Path
    name: str | None
    header: tuple[str, ...]
    sha256: str
    header_row: int
    records: Records
    stamp: _Stamp

    @property
    def where(self) -> str:
        """The path, and the worksheet if there is one, for messages."""
        return str(self.path) if self.name is None else f'{self.path}, worksheet "{self.name}"'

    def rows(self) -> Iterator[SheetRow]:
        """Stream the rows below the header in order, without those that hold no text.

        A row has as many cells as the header unless it is ragged: cells beyond the header are kept when one
        of them holds text. In a results file, the apostrophe that kept a cell from becoming a formula is
        taken off. Raises `SheetError` when the file changed since it was opened.
        """
        self._check_unchanged()
        is_results_file = any(map(is_result_column, self.header))
        try:
            for number, cells in islice(self.records(), self.header_row, None):
                fitted = _fit(cells, len(self.header))
                if fitted:
                    yield SheetRow(number, tuple(map(restore, fitted)) if is_results_file else fitted)
        except SheetError:
            self._check_unchanged()
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        if _stamp(self.path) != self.stamp:
            raise SheetError(f"{self.path}: was changed while it was being read. Save it, then start again.")


def open_sheet(path: Path, contacts: Contacts, *, may_be_empty: bool = False) -> Sheet:
    """Open the sheet *path* as the campaign's *contacts* say, and read it once to its end.

    Raises `SheetError` for a file that is missing, empty, of an unknown kind, damaged, encrypted or too
    large, for text that is not what it should be, for a quote that is not closed, for a missing worksheet or
    header, and, unless it *may_be_empty*, for a sheet without rows below its header.
    """
    stamp = _stamp(path)
    if stamp.size_bytes == 0:
        raise SheetError(f"{path}: is empty. Save the sheet again.")
    try:
        name, records = _open_records(path, contacts)
        header, has_rows = _read_through(path, records, contacts.header_row)
        sha256 = _fingerprint(path, name, contacts)
    except OSError as error:
        raise SheetError(f"{path}: cannot be read: {error.strerror}.") from error
    if not has_rows and not may_be_empty:
        raise SheetError(f"{path}: there are no rows below the header (row {contacts.header_row}).")
    return Sheet(
        path=path,
        name=name,
        header=header,
        sha256=sha256,
        header_row=contacts.header_row,
        records=records,
        stamp=stamp,
    )


def _open_records(path: Path, contacts: Contacts) -> tuple[str | None, Records]:
    suffix = path.suffix.lower()
    if suffix in TEXT_SUFFIXES:
        return None, open_delimited(path, contacts).records
    if suffix in WORKBOOK_SUFFIXES:
        name, frame = _read_worksheet(path, contacts.sheet)
        return name, lambda: _frame_records(frame)
    known = ", ".join((*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES))
    raise SheetError(f'{path}: "{suffix}" is no kind of sheet that can be read ({known}). Save it as one of these.')


def _read_worksheet(path: Path, wanted: str | int | None) -> "tuple[str, pd.DataFrame]":
    """Read one worksheet as a frame of Python values whose first line is the worksheet's first row."""
    import pandas as pd  # noqa: PLC0415 - half a second that a CSV file need not pay
    from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - likewise

    check_workbook(path)
    try:
        with pd.ExcelFile(path, engine="calamine") as book:
            sheets = [
                (sheet.name, sheet.visible == SheetVisibleEnum.Visible)
                for sheet in book.book.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet
            ]
            name = choose_worksheet(path, sheets, wanted)
            frame = pd.read_excel(
                book, sheet_name=name, header=None, dtype=object, keep_default_na=False, na_filter=False
            )
    except (CalamineError, ValueError, KeyError, OSError) as error:
        raise unreadable(path) from error
    return name, frame


def _frame_records(frame: "pd.DataFrame") -> Iterator[tuple[int, list[str]]]:
    for number, values in enumerate(frame.itertuples(index=False, name=None), start=1):
        yield number, [cell_text(value) for value in values]


def _read_through(path: Path, records: Records, header_row: int) -> tuple[tuple[str, ...], bool]:
    """Give the header and whether any row below it holds text, having read every record."""
    header: tuple[str, ...] = ()
    has_rows = False
    for number, cells in records():
        if number > header_row:
            has_rows = has_rows or any(cell.strip() for cell in cells)
        elif number == header_row:
            header = _trimmed([cell.strip() for cell in cells], 0)
    if not header:
        raise SheetError(
            f"{path}: row {header_row} holds no header. Set header_row under [contacts] to the row that does."
        )
    if any(map(is_result_column, header)):
        header = tuple(map(restore, header))
    return header, has_rows


def _fit(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Give the cells without the empty ones beyond the header; nothing at all for a row without text."""
    if not any(cell and not cell.isspace() for cell in cells):
        return ()
    return tuple(cells) if len(cells) <= width else _trimmed(cells, width)


def _trimmed(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Cut empty cells off the end, down to *width*."""
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return tuple(cells[:end])


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise SheetError(
            f"{path}: there is no such file. Check the path, which starts at the campaign file."
        ) from error
    except OSError as error:
        raise SheetError(f"{path}: cannot be read: {error.strerror}.") from error
    if not path.is_file():
        raise SheetError(f"{path}: is no file.")
    return _Stamp(status.st_size, status.st_mtime_ns, status.st_ino)


def _fingerprint(path: Path, name: str | None, contacts: Contacts) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    settings = [name, contacts.header_row, contacts.encoding, contacts.delimiter]
    digest.update(json.dumps(settings).encode())
    return digest.hexdigest()
