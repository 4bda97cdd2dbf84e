"""Finds the marks of an XLSX worksheet: calamine does not tell them, and openpyxl only where it holds a whole sheet."""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import repeat
from pathlib import Path
from xml.parsers import expat

from dialer.contacts.cell_measures import column_number
from dialer.contacts.marks import Found, Looks, Marks

UNKNOWN_NOTE = (
    "Which rows it hides and which cells hold formulas could not be found out: all are read as they are stored."
)

_MARKED = re.compile(rb"\bhidden=|<(?:\w+:)?f[\s/>]")
_LONGEST_MARK = 64
_PIECE_BYTES = 1 << 20
_ADDRESS = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_TRUE = frozenset({"1", "true"})
_FORMATTED_TYPES = frozenset("nd")


def xlsx_marks(path: Path, name: str) -> Marks:
    """Give the marks of the worksheet *name* of the checked workbook *path*.

    Never fails: of a file that calamine reads and openpyxl does not, nothing is known, and a note says so.
    """
    looks = partial(_number_formats, path, name)
    with suppress(Exception), zipfile.ZipFile(path) as archive:
        part = _part_of(path, name)
        found = _walked(archive, part) if _has_marks(archive, part) else Found()
        return Marks(frozenset(found.hidden), found.formulas(), looks)
    return Marks(looks=looks, notes=(UNKNOWN_NOTE,))


def _part_of(path: Path, name: str) -> str:
    from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 - a third of a second that others need not pay

    with path.open("rb") as file:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        return str(next(rel.target for sheet, rel in reader.parser.find_sheets() if sheet.name == name))


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as content:
        while piece := content.read(_PIECE_BYTES):
            yield piece


def _has_marks(archive: zipfile.ZipFile, part: str) -> bool:
    """Look whether there is anything to find: most sheets have neither, and need not be parsed once more."""
    tail = b""
    for piece in _pieces(archive, part):
        if _MARKED.search(tail + piece):
            return True
        tail = piece[-_LONGEST_MARK:]
    return False


def _walked(archive: zipfile.ZipFile, part: str) -> Found:
    walker = _Walker()
    parser = expat.ParserCreate()
    parser.StartElementHandler = walker.start
    for piece in _pieces(archive, part):
        parser.Parse(piece)
    parser.Parse(b"", True)  # its end, which a part cut short does not have
    return walker.found


class _Walker:
    """Follows rows and cells through a worksheet's part; those without an address come after the one before."""

    def __init__(self) -> None:
        self.found = Found()
        self._row = 0
        self._column = -1

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        local = name.rpartition(":")[2]
        if local == "c":
            address = _ADDRESS.fullmatch(attributes.get("r", ""))
            self._column = self._column + 1 if address is None else column_number(address[1].encode()) - 1
        elif local == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = -1
            if attributes.get("hidden") in _TRUE:
                self.found.hidden.add(self._row)
        elif local == "f":
            self.found.add_formula(self._row, self._column)


def _number_formats(path: Path, name: str) -> Iterator[Looks]:
    """Stream the number formats of a worksheet's numbers and dates, read by openpyxl.

    Where openpyxl cannot read what calamine can, no format is known and the values are told exactly.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - a third of a second that others need not pay

    # Whatever it stumbles on, of a file that was read before: a format is a nicety, and no value is lost.
    with suppress(Exception), path.open("rb") as file:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book[name]
        sheet.reset_dimensions()  # what a file says of its size need not be true
        for row in sheet.iter_rows():
            yield [
                (cell.column - 1, cell.number_format)
                for cell in row
                if cell.value is not None and cell.data_type in _FORMATTED_TYPES
            ]
    yield from repeat(())
