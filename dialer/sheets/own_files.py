"""Finds out whether a file is one that this program wrote: then a campaign's words about its own sheet do not apply."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.edited_worksheet import edited_worksheet
from dialer.sheets.encodings import decodes, find_encoding, has_mark, is_utf8, read_lines
from dialer.sheets.header_row import LOOKED_AT_ROWS
from dialer.sheets.record import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from dialer.sheets.results_format import AS_WRITTEN, COLUMNS, REMEDY
from dialer.sheets.sheet import open_records
from dialer.sheets.workbooks.worksheet import first_rows

_OURS = frozenset({*COLUMNS, REMEDY, AS_WRITTEN})
_UNMARKED = {"dialer_".encode(encoding): encoding for encoding in ("utf-16-le", "utf-16-be")}
"""How a file of ours shows that it is UTF-16, which LibreOffice saves without a mark: at an even place each."""
_NAMED_BYTES = (b"dialer_", *_UNMARKED)
_LOOKED_AT_BYTES = 1 << 18
_DELIMITER = re.compile(r'dialer_[a-z_]+"?(.)"?dialer_[a-z_]')
"""Two of our columns that stand side by side, and what the program that saved the file put between them."""


def reading_of(path: Path, contacts: Contacts) -> Contacts:
    """Return how to read *path*: as *contacts* say, or, for results and rejected rows, as what they are.

    Such a file is known by its columns, whatever stood above the header of the sheet that its rows are from, and
    whichever program saved it last. Its delimiter is the one between our columns; it is UTF-8 where it can be, else of
    the campaign's encoding, else of one that is guessed aloud. Of a workbook of ours, the worksheet that was changed is
    read. Raises `SheetError` where both were changed.
    """
    if not path.is_file():
        return contacts  # `open_sheet` says what it is
    suffix = path.suffix.lower()
    try:
        if suffix in TEXT_SUFFIXES:
            return _reading_of_text(path, contacts) or contacts
        own = _own_worksheets(path) if suffix in WORKBOOK_SUFFIXES else {}
    except (OSError, SheetError):
        return contacts  # `open_sheet` says what it is
    if not own:
        return contacts
    plain = contacts.model_copy(update={"encoding": None, "delimiter": None})
    readings = {
        name: plain.model_copy(update={"sheet": name, "header_row": header_row}) for name, header_row in own.items()
    }
    chosen = contacts.sheet if contacts.sheet in readings else edited_worksheet(path, readings)
    return readings[str(chosen)]


def _reading_of_text(path: Path, contacts: Contacts) -> Contacts | None:
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT_BYTES)
    if not any(name in start for name in _NAMED_BYTES):
        return None
    if has_mark(start) or is_utf8(path):
        return _reading_in(None, path, contacts)
    unmarked = next((encoding for name, encoding in _UNMARKED.items() if start.find(name) % 2 == 0), None)
    declared = unmarked or contacts.encoding
    if declared and decodes(path, declared) and (reading := _reading_in(declared, path, contacts)):
        return reading
    return _reading_in(None, path, contacts)


def _reading_in(encoding: str | None, path: Path, contacts: Contacts) -> Contacts | None:
    """Return how to read a text file of ours that has this *encoding* (`None`: found out), if it is one."""
    lines = islice(read_lines(path, encoding or find_encoding(path)[0]), LOOKED_AT_ROWS)
    between = _DELIMITER.search("".join(lines))
    delimiter = between[1] if between else None
    plain = contacts.model_copy(update={"encoding": encoding, "delimiter": delimiter, "header_row": 1, "sheet": None})
    _, records, *_ = open_records(path, plain)
    header_row = _header_row(record.cells for record in islice(records(None), LOOKED_AT_ROWS))
    return None if header_row is None else plain.model_copy(update={"header_row": header_row})


def _own_worksheets(path: Path) -> dict[str, int]:
    """Return the worksheets with our columns, each with the row of its headers."""
    found = ((name, _header_row(rows)) for name, rows in first_rows(path, LOOKED_AT_ROWS).items())
    return {name: header_row for name, header_row in found if header_row is not None}


def _header_row(rows: Iterable[Sequence[str]]) -> int | None:
    """Return the first row (from 1) that holds one of our columns."""
    ours = (number for number, cells in enumerate(rows, 1) if any(cell.strip().casefold() in _OURS for cell in cells))
    return next(ours, None)
