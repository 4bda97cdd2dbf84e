"""Reads the files of numbers that must never be called. An entry that cannot be read stops everything."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path

from dialer.campaign.tables import Contacts
from dialer.contacts.countries import read_country
from dialer.contacts.phones.phone_cell import Phone, PhoneProblem, numbers_in, read_phone
from dialer.contacts.registry_lists import flat_number, is_flat, read_entry, read_tagged
from dialer.contacts.unreliable_cells import format_problem
from dialer.errors import SheetError
from dialer.sheets.header_names import alias_columns, normalise, says_phone, shown
from dialer.sheets.record import WORKBOOK_SUFFIXES
from dialer.sheets.sheet import Sheet, SheetRow, open_sheet
from dialer.sheets.workbooks.worksheet import filled_worksheets

_LOOKED_AT_ROWS = 1_000
_WRITTEN_AS_NUMBER = re.compile(r"(?:\+|00|\(|0(?=[1-9 ()/-]))[0-9 ()/-]{6,}|[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}")
"""With a sign of a telephone number: below a header that speaks of none, ids, dates and amounts are digits, too."""

_NUMBER_WORDS = """
    number, numbers, dnc, dnc number, dnc phone, do not call number, do not call, blocked number,
    blocked, caller id, ani, nummer, nummern, numéro, numéros, número, números, numero, numeri, numer, номер, 番号,
    号码, 번호
"""
_NUMBER_HEADERS = frozenset(normalise(word) for word in _NUMBER_WORDS.split(","))
"""Headers that mean the number in such a list; in a sheet of contacts they mean something else as often."""

_CONTACT_HEADERS = frozenset({"contact", "contacts"})
"""Headers that mean the number where none of those stands beside them, and the name where one does."""

_AREA_WORDS = "area code, area, npa, vorwahl, indicatif, prefijo, prefisso, ddd, netnummer, 市外局番, 区号"
_AREA_HEADERS = frozenset(normalise(word) for word in _AREA_WORDS.split(","))
_DAY = timedelta(days=1)


def load_suppressed(files: Sequence[Path], contacts: Contacts) -> frozenset[str]:
    """Collect the E.164 numbers of all *files*: sheets with a phone column, or one column of bare numbers; of a
    workbook all visible worksheets; lists of the US registry (`registry_lists`).

    A number without `+` is read as one of the campaign's region; numbers of any country and type are taken, and where
    two may be meant, both. Of *contacts* nothing else counts: these files are no contact sheets. A file may hold a
    header and no entry yet. Raises `SheetError` for a missing or unreadable file, and for a row without a readable
    number: an entry lost silently would be a call to someone who asked for none.
    """
    numbers, problem = read_suppressed(files, contacts)
    if problem is not None:
        raise problem
    return numbers


def read_suppressed(files: Iterable[Path], contacts: Contacts) -> tuple[frozenset[str], SheetError | None]:
    """Collect the numbers that can be read, as `load_suppressed` does, and the first error of all that cannot."""
    numbers, problem = set[str](), None
    for file in files:
        try:
            for found in _numbers_of(file, contacts):
                if isinstance(found, str):
                    numbers.add(found)
                else:
                    problem = problem or found
        except SheetError as error:
            problem = problem or error
    return frozenset(numbers), problem


def refuse_old_lists(files: Iterable[Path], max_age: timedelta | None, *, now_ms: int) -> None:
    """Refuse lists of numbers that were written longer than *max_age* ago. Raises `SheetError` naming the first."""
    if max_age is None:
        return
    for file in files:
        try:
            age = timedelta(milliseconds=now_ms) - timedelta(seconds=file.stat().st_mtime)
        except OSError:
            continue  # `open_sheet` says what it is
        if age > max_age:
            raise SheetError(
                f"{file}: was written {age / _DAY:.0f} days ago, and max_age under [suppression] allows"
                f" {max_age / _DAY:g}. Download the list again: whoever is on the new one would be called."
            )


def _numbers_of(file: Path, contacts: Contacts) -> Iterator[str | SheetError]:
    """Yield each number, and what is wrong with a row that holds none. Raises `SheetError` for the whole file."""
    if file.suffix.lower() == ".xml":
        yield from read_tagged(file)
        return
    for sheet in _sheets(file, contacts):
        yield from _numbers(sheet, contacts)


def _sheets(file: Path, contacts: Contacts) -> Iterator[Sheet]:
    """Open every visible worksheet of the file that holds anything, rows that it hides among them."""
    reading = Contacts(region=contacts.region, header_row=1, hidden_rows=True)
    names: Sequence[str | None] = [None]
    if file.suffix.lower() in WORKBOOK_SUFFIXES:
        with suppress(OSError):  # `open_sheet` says what it is
            names = (filled_worksheets(file) if file.stat().st_size else None) or names
    for name in names:
        yield open_sheet(file, reading.model_copy(update={"sheet": name}), may_be_empty=True, digits_alone=True)


def _numbers(sheet: Sheet, contacts: Contacts) -> Iterator[str | SheetError]:
    if is_flat(sheet.header):
        yield from _flat_numbers(sheet)
        return
    columns = (
        alias_columns(sheet.header, "phone") or _headed(sheet, _NUMBER_HEADERS) or _headed(sheet, _CONTACT_HEADERS)
    )
    labels = sheet.header
    if columns:
        rows = sheet.rows(frozenset(columns))
        _refuse_other_numbers(sheet, columns, contacts)
    elif len(sheet.header) == 1:
        columns, is_entry = [0], any(map(str.isdecimal, sheet.header[0]))
        rows, labels = (_with_first_row(sheet), ("A",)) if is_entry else (sheet.rows(frozenset({0})), sheet.header)
    else:
        headers = ", ".join(map(shown, sheet.header))
        raise SheetError(
            f'{sheet.where}: no column is known to hold the numbers. Name its header "phone". Its headers: {headers}.'
        )
    reading = _Reading(sheet, contacts, columns, labels)
    for row in rows:
        try:
            yield from reading.numbers(row)
        except SheetError as error:
            yield error


class _Reading:
    """How the rows of one sheet are read: the columns that hold its numbers, and those beside them."""

    def __init__(self, sheet: Sheet, contacts: Contacts, columns: list[int], labels: Sequence[str]) -> None:
        self._where = sheet.where
        self._contacts = contacts
        self._columns = columns
        self._labels = labels
        self._area = _headed(sheet, _AREA_HEADERS)[:1]
        self._country = alias_columns(sheet.header, "country")
        marked = (sheet.metadata.formulas, sheet.metadata.errors, sheet.metadata.merged)
        self._unreadable = [cells.rows(column) for cells in marked for column in columns]

    def numbers(self, row: SheetRow) -> list[str]:
        """Return the numbers of a row. Raises `SheetError` where one of its cells holds none that can be read."""
        filled = [column for column in self._columns if column < len(row.cells) and row.cells[column].strip()]
        if not filled:
            raise SheetError(f"{self._where}: row {row.number} holds no number. Fill it in, or delete the row.")
        if any(row.number in rows for rows in self._unreadable):
            raise SheetError(
                f"{self._where}: row {row.number}: the number is a formula, an error or merged with another row. Copy"
                " the column, and paste it in its place as values."
            )
        before = _first_of(row, self._area)
        regions = _regions(row, self._country, self._contacts, self._where)
        numbers: list[str] = []
        for column in filled:
            read = [_cell_numbers(row, column, self._labels[column], area=before, region=each) for each in regions]
            problems = [found for found in read if isinstance(found, PhoneProblem)]
            if len(problems) == len(read):
                raise SheetError(f"{self._where}: row {row.number}: {problems[0].message}")
            numbers += frozenset().union(*(found for found in read if not isinstance(found, PhoneProblem)))
        for text in row.cells[len(self._labels) :]:  # beyond the header, where several numbers lie side by side
            numbers += numbers_in(text, region=self._contacts.region)
        return numbers


def _cell_numbers(
    row: SheetRow, column: int, label: str, *, area: str, region: str | None
) -> frozenset[str] | PhoneProblem:
    """Read what a cell holds, and the other number that its format shows: the doubt goes against the call."""
    held = read_entry(row.cells[column], area=area, region=region, column=label)
    if column not in row.shown:
        return held
    shown_as = row.shown[column]
    if shown_as is None:
        return format_problem(row.cells[column], None, label)
    seen = read_entry(shown_as, area=area, region=region, column=label)
    if isinstance(seen, PhoneProblem) or isinstance(held, PhoneProblem):
        return held if isinstance(seen, PhoneProblem) else seen
    return held | seen


def _regions(row: SheetRow, columns: Sequence[int], contacts: Contacts, where: str) -> list[str | None]:
    """List the regions that the numbers of a row are read in: the one that it names, and all of the campaign's.

    A sheet of contacts may say in which of them its numbers are; a list of the same digits seldom does.
    """
    text = _first_of(row, columns)
    country = read_country(text) if text else None
    if text and country is None:
        raise SheetError(
            f"{where}: row {row.number}: the cell of its country names none that is known, or may name two. Write its"
            " two letters, such as US."
        )
    return list(
        dict.fromkeys(([] if country is None else [country.region]) + [contacts.region, *contacts.allowed_regions])
    )


def _first_of(row: SheetRow, columns: Sequence[int]) -> str:
    return next((row.cells[at].strip() for at in columns if at < len(row.cells)), "")


def _headed(sheet: Sheet, known: frozenset[str]) -> list[int]:
    return [at for at, header in enumerate(sheet.header) if normalise(header) in known]


def _flat_numbers(sheet: Sheet) -> Iterator[str | SheetError]:
    for row in _with_first_row(sheet):
        number = flat_number(row.cells) if is_flat(row.cells) else None
        if number is not None:
            yield number
        elif not is_flat(row.cells):
            yield SheetError(
                f"{sheet.where}: row {row.number} is no area code and number, as the rows above are. Download the list"
                " again."
            )


def _refuse_other_numbers(sheet: Sheet, known: Sequence[int], contacts: Contacts) -> None:
    """Refuse a sheet with another column of numbers under a header that says nothing: nobody would be spared by it."""
    filled: Counter[int] = Counter()
    valid: Counter[int] = Counter()
    for row in islice(sheet.rows(), _LOOKED_AT_ROWS):
        cells = [row.cells[at] for at in known if at < len(row.cells)]
        spared = frozenset().union(*(numbers_in(cell, region=contacts.region) for cell in cells))
        for column, text in enumerate(row.cells[: len(sheet.header)]):
            if column not in known and text.strip():
                filled[column] += 1
                is_written = says_phone(sheet.header[column]) or _WRITTEN_AS_NUMBER.fullmatch(text.strip())
                read = read_phone(text, region=contacts.region, allowed=(), column="") if is_written else None
                valid[column] += isinstance(read, Phone) and read.e164 not in spared
    for column, count in filled.items():
        if valid[column] * 2 > count:
            raise SheetError(
                f"{sheet.where}: the column {shown(sheet.header[column])} seems to hold numbers too, and its header is"
                ' none that is known. Put every number in a row of its own under "phone", or delete the column.'
            )


def _with_first_row(sheet: Sheet) -> Iterator[SheetRow]:
    """Yield the first row as an entry too: a single column that begins with digits has no header."""
    yield SheetRow(sheet.header_row, sheet.header)
    yield from sheet.rows(frozenset({0}))
