"""Reads the files of numbers that must never be called. An entry that cannot be read stops everything."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from dialer.campaign.tables import Contacts
from dialer.contacts.phones.phone_cell import Phone, PhoneProblem, read_any_number, read_phone
from dialer.contacts.resolve_columns import alias_columns
from dialer.contacts.unreliable_cells import format_problem
from dialer.errors import SheetError
from dialer.sheets.header_names import shown
from dialer.sheets.sheet import WORKBOOK_SUFFIXES, Sheet, SheetRow, open_sheet
from dialer.sheets.workbooks.metadata.model import CellSet
from dialer.sheets.workbooks.worksheet import filled_worksheets

_LOOKED_AT_ROWS = 1_000
_WRITTEN_AS_NUMBER = re.compile(r"(?:\+|00|\(|0(?=[1-9 ()/-]))[0-9 ()/-]{6,}|[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}")
"""With a sign of a telephone number: ids, dates and amounts are digits, too."""


def load_suppressed(files: Sequence[Path], contacts: Contacts) -> frozenset[str]:
    """Collect the E.164 numbers of all *files*: sheets with a phone column, or one column of bare numbers; of a
    workbook all visible worksheets.

    A number without `+` is read as one of the campaign's region; numbers of any country and type are taken.
    Of *contacts* nothing else counts: these files are no contact sheets. A file may hold a header and no
    entry yet. Raises `SheetError` for a missing or unreadable file, and for a row without a readable number:
    an entry lost silently would be a call to someone who asked for none.
    """
    return frozenset(
        number for file in files for sheet in _sheets(file, contacts) for number in _numbers(sheet, contacts)
    )


def _sheets(file: Path, contacts: Contacts) -> Iterator[Sheet]:
    """Open every visible worksheet of the file that holds anything, rows that it hides among them."""
    reading = Contacts(region=contacts.region, header_row=1, hidden_rows=True)
    names: Sequence[str | None] = [None]
    if file.suffix.lower() in WORKBOOK_SUFFIXES:
        with suppress(OSError):  # `open_sheet` says what it is
            names = (filled_worksheets(file) if file.stat().st_size else None) or names
    for name in names:
        yield open_sheet(file, reading.model_copy(update={"sheet": name}), may_be_empty=True)


def _numbers(sheet: Sheet, contacts: Contacts) -> Iterator[str]:
    columns = alias_columns(sheet.header, "phone")
    labels = sheet.header
    if columns:
        rows = sheet.rows(frozenset(columns))
        _refuse_other_numbers(sheet, columns, contacts)
    elif len(sheet.header) == 1:
        columns, rows, labels = [0], _with_first_row(sheet), ("A",)
    else:
        headers = ", ".join(map(shown, sheet.header))
        raise SheetError(
            f'{sheet.where}: no column is known to hold the numbers. Name its header "phone". The headers'
            f" are: {headers}."
        )
    unreadable = [cells.rows(column) for cells in _marked(sheet) for column in columns]
    for row in rows:
        filled = [column for column in columns if column < len(row.cells) and row.cells[column].strip()]
        if not filled:
            raise SheetError(f"{sheet.where}: row {row.number} holds no number. Fill it in, or delete the row.")
        if any(row.number in rows_ for rows_ in unreadable):
            raise SheetError(
                f"{sheet.where}: row {row.number}: the number is a formula, an error or merged with another row. Copy"
                " the column, and paste it in its place as values."
            )
        for column in filled:
            found = _numbers_of(row, column, labels[column], contacts)
            if isinstance(found, PhoneProblem):
                raise SheetError(f"{sheet.where}: row {row.number}: {found.message}")
            yield from found


def _numbers_of(row: SheetRow, column: int, label: str, contacts: Contacts) -> list[str] | PhoneProblem:
    """Read the number of a cell, and the other one that its number format shows: the doubt goes against the call."""
    texts = [row.cells[column], row.shown.get(column, row.cells[column])]
    found = [
        format_problem(row.cells[column], text, label)
        if text is None
        else read_any_number(text, region=contacts.region, column=label)
        for text in texts
    ]
    numbers = [number for number in found if not isinstance(number, PhoneProblem)]
    problems = [problem for problem in found if isinstance(problem, PhoneProblem)]
    return problems[0] if problems and (None in texts or not numbers) else numbers


def _marked(sheet: Sheet) -> tuple[CellSet, ...]:
    return sheet.metadata.formulas, sheet.metadata.errors, sheet.metadata.merged


def _refuse_other_numbers(sheet: Sheet, known: Sequence[int], contacts: Contacts) -> None:
    """Refuse a sheet with another column of numbers under a header that says nothing: nobody would be spared by it."""
    filled: Counter[int] = Counter()
    valid: Counter[int] = Counter()
    for row in islice(sheet.rows(), _LOOKED_AT_ROWS):
        spared = {
            read_any_number(row.cells[at], region=contacts.region, column="") for at in known if at < len(row.cells)
        }
        for column, text in enumerate(row.cells[: len(sheet.header)]):
            if column not in known and text.strip():
                filled[column] += 1
                is_written = _WRITTEN_AS_NUMBER.fullmatch(text.strip()) is not None
                found = read_phone(text, region=contacts.region, allowed=(), column="") if is_written else None
                valid[column] += isinstance(found, Phone) and found.e164 not in spared
    for column, count in filled.items():
        if valid[column] * 2 > count:
            raise SheetError(
                f"{sheet.where}: the column {shown(sheet.header[column])} seems to hold numbers too, and its header is"
                ' none that is known. Put every number in a row of its own under "phone", or delete the column.'
            )


def _with_first_row(sheet: Sheet) -> Iterator[SheetRow]:
    """Yield the first row as an entry too: a single column without a known header has none."""
    yield SheetRow(sheet.header_row, sheet.header)
    yield from sheet.rows(frozenset({0}))
