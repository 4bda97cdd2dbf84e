"""Chooses, in a workbook of results that comes back, the worksheet in which rows were mended."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.results_format import AS_WRITTEN, REMEDY, is_result_column, own_cells_digest
from dialer.sheets.sheet import open_records

_ROW = "dialer_row"


class _Row(NamedTuple):
    """One row as it is now: its number in the sheet it comes from, its digest, and the digest it was written with."""

    place: int
    number: str
    digest: str
    as_written: str


def edited_worksheet(path: Path, readings: Mapping[str, Contacts]) -> str:
    """Return the name of the worksheet to read, of those of ours in *path*; *readings* tell how each is read.

    A row to mend stands in two of them. Where rows were changed in the one of only these, that one is read, else the
    one of all rows. Raises `SheetError` where rows were changed in both, and not to the same.
    """
    to_mend = next((name for name in readings if REMEDY in _header(path, readings[name])), None)
    first = next((name for name in readings if name != to_mend), None)
    if to_mend is None or first is None:
        return next(iter(readings))
    mended = {row.number: row for row in _rows(path, readings[to_mend])}
    changed = [row for row in mended.values() if row.digest != row.as_written]
    if not changed:
        return first
    elsewhere, is_same = None, True
    unseen = {row.number for row in changed}
    for row in _rows(path, readings[first]):
        unseen.discard(row.number)
        other = mended.get(row.number)
        if row.number and other is None:
            continue  # it needed no mending
        if other is None or row.digest != other.digest:
            is_same = False
            elsewhere = elsewhere or (row if other is None or row.digest != other.as_written else None)
    if elsewhere is not None:
        raise SheetError(
            f'{path}: rows were changed in two worksheets, such as row {changed[0].place} of "{to_mend}" and row'
            f' {elsewhere.place} of "{first}". Make all changes in one of them, and undo those in the other.'
        )
    return first if is_same and not unseen else to_mend


def _header(path: Path, reading: Contacts) -> list[str]:
    _, records, *_ = open_records(path, reading)
    row = (reading.header_row or 1) - 1
    return [cell.strip() for record in islice(records(None), row, row + 1) for cell in record.cells]


def _rows(path: Path, reading: Contacts) -> Iterator[_Row]:
    """Yield the rows with text, as a spreadsheet program shows them."""
    header = _header(path, reading)
    at = {name: index for index, name in enumerate(header)}
    own = {name: index for name, index in at.items() if name and not is_result_column(name)}
    _, records, *_ = open_records(path, reading)
    for number, cells, _ in islice(records(frozenset()), reading.header_row, None):
        if any(cell.strip() for cell in cells):
            row, as_written = (_cell(cells, at.get(name)) for name in (_ROW, AS_WRITTEN))
            shown = {name: _cell(cells, index) for name, index in own.items()}
            yield _Row(number, row.removesuffix(".0"), own_cells_digest(shown), as_written)


def _cell(cells: Sequence[str], index: int | None) -> str:
    return cells[index].strip() if index is not None and index < len(cells) else ""
