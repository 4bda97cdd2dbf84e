"""Measures how many cells a worksheet's part spans, piece by piece, before a parser holds them all. Pure.

A parser keeps the rectangle around all filled cells, so that one stray cell far out spans billions; and a part may say
"this cell a million times" in a few bytes.
"""

from functools import lru_cache
from typing import Protocol
from xml.parsers import expat

from dialer.sheets.workbooks.metadata.model import LAST_ROW
from dialer.sheets.workbooks.xlsb_records import XlsbRecords

MAX_CELLS = 20_000_000
"""Cells of the rectangle around all filled ones, held in memory at once."""


class Measure(Protocol):
    """Takes a part's bytes in pieces and tells the rectangle around the cells seen so far."""

    height: int
    width: int

    @property
    def cells(self) -> int:
        """How many cells a parser would hold."""
        ...

    def add(self, piece: bytes) -> None:
        """Take the next piece. Raises `ValueError` for one that cannot be what the part says it is."""
        ...


def measure_for(part: str) -> Measure | None:
    """Return the measure for a *part* of a workbook, by its name; `None` for one that holds no cells."""
    name = part.lower()
    if "worksheets/" in name and name.endswith(".xml"):
        return XlsxMeasure()
    if "worksheets/" in name and name.endswith(".bin"):
        return XlsbMeasure()
    return OdsMeasure() if name == "content.xml" else None


class DisorderError(ValueError):
    """A worksheet gives a row or a cell twice, or after one that comes later: readers differ in what they take of it.

    Its text names what stands where. Of 3,257 worksheets among the test files of eight libraries one does so, which was
    made to break readers.
    """


class XlsxMeasure:
    """The filled cells of an XLSX worksheet, `<c r="C17"><v>`, whose addresses ascend [ECMA-376-1 18.3.1.73].

    A row or a cell without an address comes after the one before. One that is only in bold holds nothing.
    """

    def __init__(self) -> None:
        self.height = self.width = 0
        self._row = self._column = 0
        self._is_numbered = self._is_elsewhere = False
        self._row_name = self._cell_name = ""
        self._value_names: frozenset[str] = frozenset()
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start

    @property
    def cells(self) -> int:
        """The rectangle around the filled cells."""
        return self.height * self.width

    def add(self, piece: bytes) -> None:
        """Parse a piece. Raises `ValueError` for what is no XML, and `DisorderError`."""
        _parse(self._parser, piece)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._cell_name:
            self._go_to_cell(attributes.get("r"))
        elif name in self._value_names:
            self.height = self._row
            self.width = max(self.width, self._column)
        elif name == self._row_name:
            self._go_to_row(attributes.get("r"))
        elif name.rpartition(":")[2] == "sheetData":  # the anchor of a button has a row, too, by another prefix
            prefix = name.removesuffix("sheetData")
            self._row_name, self._cell_name = f"{prefix}row", f"{prefix}c"
            self._value_names = frozenset({f"{prefix}v", f"{prefix}is"})

    def _go_to_row(self, number: str | None) -> None:
        row = self._row + 1 if number is None else int(number)
        if row <= self._row:
            raise DisorderError(f"row {row} after row {self._row}" if self._row else f"row {row}")
        self._row, self._column = row, 0
        self._is_numbered, self._is_elsewhere = number is not None, False
        if row > LAST_ROW:  # an empty row takes no room, but a reader writes all before this one out
            self.height = row

    def _go_to_cell(self, address: str | None) -> None:
        if address is None:
            if self._is_elsewhere:
                raise DisorderError(f"a cell without an address in row {self._row}")
            self._column += 1
            return
        letters = address.rstrip("0123456789")
        row, column = int(address[len(letters) :]), column_number(letters)
        if row != self._row:  # a row that does not say which it is may be a later one: that of its first cell
            if self._is_numbered or self._column or row < self._row:
                raise DisorderError(f"the cell {address} in row {self._row}")
            self._row, self._is_elsewhere = row, True
        if column <= self._column:
            raise DisorderError(f"the cell {address} after the column {self._column} of its row")
        self._column = column


class OdsMeasure:
    """The cells of an ODS document. Empty cells and rows repeat to the sheet's edge in every file, and take no room."""

    def __init__(self) -> None:
        self.height = self.width = 0
        self._depth = self._row = self._column = 0
        self._repeat = 1
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    @property
    def cells(self) -> int:
        """The rectangle around the filled cells of the largest table."""
        return self.height * self.width

    def add(self, piece: bytes) -> None:
        """Parse a piece. Raises `ValueError` for what is no XML."""
        _parse(self._parser, piece)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._depth += 1
            self._row = self._row if self._depth > 1 else 0
        elif self._depth != 1:  # a table within a cell, of which no reader takes anything
            return
        elif name == "table:table-row":
            self._repeat = repeats(attributes, "table:number-rows-repeated")
            self._column = 0
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            self._column += repeats(attributes, "table:number-columns-repeated")
            if "office:value-type" in attributes:
                self._fill()
        elif name == "text:p":
            self._fill()

    def _fill(self) -> None:
        self.width = max(self.width, self._column)
        self.height = max(self.height, self._row + self._repeat)

    def _end(self, name: str) -> None:
        if name == "table:table":
            self._depth -= 1
        elif name == "table:table-row" and self._depth == 1:
            self._row += self._repeat


def _parse(parser: expat.XMLParserType, piece: bytes) -> None:
    try:
        parser.Parse(piece)
    except (expat.ExpatError, LookupError) as error:  # an encoding that nobody knows
        raise ValueError("no XML") from error


def repeats(attributes: dict[str, str], name: str) -> int:
    """Return how many equal rows or cells an element of ODS stands for: one, unless its attribute *name* says more.

    Raises `ValueError` for what is no positive number.
    """
    times = attributes.get(name, "1").strip()
    if not (times.isascii() and times.isdecimal() and int(times)):
        raise ValueError("no positive number")
    return int(times)


class XlsbMeasure:
    """The filled cells of an XLSB worksheet: of all kinds but the blank one, which is 1. They ascend as in an XLSX."""

    _ROW, _BLANK, _LAST_CELL, _BEGIN, _END = 0, 1, 11, 145, 146
    """BrtRowHdr, BrtCellBlank, BrtFmlaError, BrtBeginSheetData, BrtEndSheetData [MS-XLSB 2.4]."""

    def __init__(self) -> None:
        self.height = self.width = 0
        self._row = self._column = 0
        self._is_data = False
        self._records = XlsbRecords()

    @property
    def cells(self) -> int:
        """The rectangle."""
        return self.height * self.width

    def add(self, piece: bytes) -> None:
        """Look at the records of a piece. Raises `DisorderError`."""
        for kind, content in self._records.add(piece):
            if kind in {self._BEGIN, self._END}:
                self._is_data = kind == self._BEGIN
            if not self._is_data or len(content) < 4:  # noqa: PLR2004 - a 32-bit index
                continue
            number = int.from_bytes(content[:4], "little") + 1
            if kind == self._ROW:
                _ascend("row", number, self._row)
                self._row, self._column = number, 0
            elif self._BLANK <= kind <= self._LAST_CELL:
                _ascend(f"in row {self._row} column", number, self._column)
                self._column = number
                if kind != self._BLANK:
                    self.height = max(self.height, self._row)
                    self.width = max(self.width, number)


def _ascend(what: str, number: int, last: int) -> None:
    if number <= last:
        raise DisorderError(f"{what} {number} after {last}")


@lru_cache(maxsize=20_000)
def column_number(letters: str) -> int:
    """Return the number of a column from 1: `A`, `Z`, `AA`."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
