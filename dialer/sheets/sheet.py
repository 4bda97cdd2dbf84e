"""Opens a sheet, checks that all of it can be read, and streams its rows as text with their true numbers."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, starmap
from pathlib import Path
from typing import NamedTuple

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.delimited import open_delimited
from dialer.sheets.disguises import refuse_disguise
from dialer.sheets.header_row import LOOKED_AT_ROWS, find_header_row
from dialer.sheets.list_worksheets import refuse_other_list
from dialer.sheets.record import (
    JSON_LINES_SUFFIXES,
    NOTHING_SHOWN,
    SUFFIXES,
    TEXT_SUFFIXES,
    WORKBOOK_SUFFIXES,
    Record,
)
from dialer.sheets.results_format import is_neutralised, is_plan, is_result_column, restore
from dialer.sheets.sources.json_lines import json_line_records
from dialer.sheets.stamp import Stamp, stamp_of
from dialer.sheets.workbooks.metadata.model import WorksheetMetadata
from dialer.sheets.workbooks.worksheet import open_worksheet
from dialer.words import command, trouble


class SheetRow(NamedTuple):
    """One row as read: *number* as a spreadsheet program shows it (the first row is 1), every cell as text.

    A row of a well-formed sheet has as many cells as the header; a ragged one has more or fewer. *shown* tells of a
    `Record` what a number format makes of a cell.
    """

    number: int
    cells: tuple[str, ...]
    shown: Mapping[int, str | None] = NOTHING_SHOWN


Records = Callable[[frozenset[int] | None], Iterator[Record]]
"""Yields the file's rows from its first on, blank rows too, each time it is called. The argument are
the columns whose cells are read exactly, not as they are shown; `None` is all of them."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read once to its end and found sound. Construct it with `open_sheet`.

    `name` is the worksheet of a workbook. `header` holds the stripped headers, without empty ones at the end; `blank`
    are the 0-based columns with neither a header nor a cell with text. `notes` tell aloud what was found or guessed.
    `height` is the number of the last row, `metadata` tell of a workbook's hidden rows and formulas. `sha256` (hex) is
    that of the file's bytes and of the settings it is read with. *stamp* is None of what lies in no file. *source* is
    what people call a sheet that came from elsewhere: *path* is then a private copy.
    """

    path: Path
    name: str | None
    header: tuple[str, ...]
    blank: frozenset[int]
    notes: tuple[str, ...]
    sha256: str
    header_row: int
    height: int
    metadata: WorksheetMetadata
    records: Records
    stamp: Stamp | None
    source: str = ""

    @property
    def label(self) -> str:
        """What people call the sheet: its path, or the address it came from."""
        return self.source or str(self.path)

    @property
    def short_label(self) -> str:
        """What a report calls the sheet: the name of its file, or the address it came from."""
        return self.source or self.path.name

    @property
    def where(self) -> str:
        """The label, and the worksheet if there is one, for messages."""
        return self.label if self.name is None else f'{self.label}, worksheet "{self.name}"'

    def rows(self, exact: frozenset[int] | None = None) -> Iterator[SheetRow]:
        """Stream the rows below the header in order, without those that hold no text.

        A row has as many cells as the header unless it is ragged: cells beyond the header are kept when one
        of them holds text. Numbers and dates of a workbook are read as its owner sees them, those in the 0-based
        columns *exact* by their whole value; without *exact*, all are. In results that were written as CSV, the
        apostrophe that kept a cell from becoming a formula is taken off. Raises `SheetError` when the file changed
        since it was opened.
        """
        self._check_unchanged()
        has_apostrophes = is_neutralised(self.header)
        try:
            for number, cells, shown in islice(self.records(exact), self.header_row, None):
                fitted = _fit(cells, len(self.header))
                if fitted:
                    yield SheetRow(number, tuple(map(restore, fitted)) if has_apostrophes else fitted, shown)
        except SheetError:
            self._check_unchanged()
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        if self.stamp is not None and stamp_of(self.path) != self.stamp:
            raise SheetError(f"{self.label}: was changed while it was being read. Save it, then start again.")


def open_sheet(path: Path, contacts: Contacts, *, may_be_empty: bool = False, digits_alone: bool = False) -> Sheet:
    """Open the sheet *path* as the campaign's *contacts* say, and read it once to its end.

    Raises `SheetError` for a file that is missing, empty, of an unknown kind, damaged, encrypted or too
    large, for text that is not what it should be, for a quote that is not closed, for a missing worksheet or
    header, and, unless it *may_be_empty*, for a sheet without rows below its header. Where *digits_alone* count, no
    doubt about its letters is one.
    """
    if path.suffix.lower() in JSON_LINES_SUFFIXES:
        contacts = contacts.model_copy(update={"header_row": 1})
    stamp = stamp_of(path)
    if stamp.size_bytes == 0:
        raise SheetError(f"{path}: is empty. Save the sheet again.")
    try:
        name, records, notes, metadata = open_records(path, contacts, digits_alone=digits_alone)
        found = read_through(path, records, contacts, is_list=digits_alone)
        sha256 = _fingerprint(path, name, contacts, found.header_row)
    except OSError as error:
        raise SheetError(f"{path}: cannot be read: {trouble(error)}.") from error
    if not found.has_rows and not may_be_empty:
        raise SheetError(f"{path}: there are no rows below the header (row {found.header_row}).")
    if name is not None and notes and any(map(is_result_column, found.header)):
        notes = (f'This is a workbook of results: its worksheet "{name}" is read.',)  # `sheet` does not apply to it
    if contacts.header_row is None and found.header_row > 1:
        notes = (*notes, f"The header is row {found.header_row}; what stands above it is left out.")
    return Sheet(
        path=path,
        name=name,
        header=found.header,
        blank=found.blank,
        notes=notes,
        sha256=sha256,
        header_row=found.header_row,
        height=found.height,
        metadata=metadata,
        records=records,
        stamp=stamp,
    )


def open_records(
    path: Path, contacts: Contacts, *, digits_alone: bool = False
) -> tuple[str | None, Records, tuple[str, ...], WorksheetMetadata]:
    """Open *path* by its ending: the worksheet's name, its rows, notes and metadata. Raises `SheetError`."""
    suffix = path.suffix.lower()
    if suffix in (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES):
        refuse_disguise(path)
    if suffix in JSON_LINES_SUFFIXES:
        return None, lambda _exact: json_line_records(path), (), WorksheetMetadata()
    if suffix in TEXT_SUFFIXES:
        text = open_delimited(path, contacts, digits_alone=digits_alone)
        return (
            None,
            lambda _exact: starmap(Record, text.records()),
            () if text.note is None else (text.note,),
            WorksheetMetadata(),
        )
    if suffix in WORKBOOK_SUFFIXES:
        worksheet = open_worksheet(path, contacts.sheet)
        if contacts.sheet is None:
            refuse_other_list(path, worksheet, contacts)
        return worksheet.name, worksheet.records, worksheet.notes, worksheet.metadata
    known = ", ".join(SUFFIXES)
    if not suffix:
        raise SheetError(f"{path}: its name has no ending that tells what kind of sheet it is. Give it one of {known}.")
    raise SheetError(f'{path}: "{suffix}" is no kind of sheet that can be read ({known}). Save it as one of these.')


@dataclass(frozen=True, slots=True)
class _Found:
    """What reading a sheet to its end found."""

    header_row: int
    header: tuple[str, ...]
    blank: frozenset[int]
    height: int
    has_rows: bool


def read_through(path: Path, records: Records, contacts: Contacts, *, is_list: bool) -> _Found:
    """Find the header and whether any row below it holds text, having read every record."""
    stream = records(None)
    first = list(islice(stream, LOOKED_AT_ROWS if contacts.header_row is None else contacts.header_row))
    header_row = contacts.header_row or find_header_row([record.cells for record in first], contacts)
    header = _trimmed([cell.strip() for cell in first[header_row - 1].cells], 0) if len(first) >= header_row else ()
    blank = {index for index, text in enumerate(header) if not text}
    has_rows, height = False, len(first)
    for number, cells, _ in chain(first[header_row:], stream):
        height = number
        has_rows = has_rows or any(cell.strip() for cell in cells)
        if blank:
            blank -= {index for index in blank if index < len(cells) and cells[index].strip()}
    if not header:
        remedy = "Delete the empty rows above it" if is_list else "Set header_row under [contacts] to the row that does"
        raise SheetError(f"{path}: row {header_row} holds no header. {remedy}.")
    if is_neutralised(header):
        header = tuple(map(restore, header))
    if is_plan(header):
        raise SheetError(
            f"{path}: is a plan, which names no numbers, and no sheet or results file. Follow it with"
            f" {command('run', 'CAMPAIGN', '--plan', path)}"
        )
    return _Found(header_row, header, frozenset(blank), height, has_rows)


def _fit(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Return the cells without the empty ones beyond the header; nothing at all for a row without text."""
    text = "".join(cells)
    if not text or text.isspace():
        return ()
    return tuple(cells) if len(cells) <= width else _trimmed(cells, width)


def _trimmed(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Cut empty cells off the end, down to *width*."""
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return tuple(cells[:end])


def _fingerprint(path: Path, name: str | None, contacts: Contacts, header_row: int) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    settings = [name, header_row, contacts.encoding, contacts.delimiter]
    digest.update(json.dumps(settings).encode())
    return digest.hexdigest()
