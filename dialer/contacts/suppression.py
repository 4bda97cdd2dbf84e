"""Reads the files of numbers that must never be called. An entry that cannot be read stops everything."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dialer.campaign_tables import Contacts
from dialer.contacts.aliases import shown
from dialer.contacts.columns import alias_columns
from dialer.contacts.contact import SheetRow
from dialer.contacts.phones import PhoneProblem, read_any_number
from dialer.contacts.sheets import Sheet, open_sheet
from dialer.errors import SheetError


def load_suppressed(files: Sequence[Path], contacts: Contacts) -> frozenset[str]:
    """Collect the E.164 numbers of all *files*: sheets with a phone column, or one column of bare numbers.

    A number without `+` is read as one of the campaign's region; numbers of any country and type are taken.
    Of *contacts* nothing else counts: these files are no contact sheets. A file may hold a header and no
    entry yet. Raises `SheetError` for a missing or unreadable file, and for a row without a readable number:
    an entry lost silently would be a call to someone who asked for none.
    """
    reading = Contacts(region=contacts.region, header_row=1)
    return frozenset(
        number for file in files for number in _numbers(open_sheet(file, reading, may_be_empty=True), reading)
    )


def _numbers(sheet: Sheet, contacts: Contacts) -> Iterator[str]:
    columns = alias_columns(sheet.header, "phone")
    labels = sheet.header
    if columns:
        rows = sheet.rows()
    elif len(sheet.header) == 1:
        columns, rows, labels = [0], _with_first_row(sheet), ("A",)
    else:
        headers = ", ".join(map(shown, sheet.header))
        raise SheetError(
            f'{sheet.where}: no column is known to hold the numbers. Name its header "phone". The headers'
            f" are: {headers}."
        )
    for row in rows:
        filled = [column for column in columns if column < len(row.cells) and row.cells[column].strip()]
        if not filled:
            raise SheetError(f"{sheet.where}: row {row.number} holds no number. Fill it in, or delete the row.")
        for column in filled:
            number = read_any_number(row.cells[column], region=contacts.region, column=labels[column])
            if isinstance(number, PhoneProblem):
                raise SheetError(f"{sheet.where}: row {row.number}: {number.message}")
            yield number


def _with_first_row(sheet: Sheet) -> Iterator[SheetRow]:
    """Yield the first row as an entry too: a single column without a known header has none."""
    yield SheetRow(sheet.header_row, sheet.header)
    yield from sheet.rows()
