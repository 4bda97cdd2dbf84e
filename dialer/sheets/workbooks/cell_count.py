"""Measures how many cells a worksheet's part spans, piece by piece, before a parser holds them all. Pure.

A parser keeps the rectangle around all filled cells, so that one stray cell far out spans billions; and a part may say
"this cell a million times" in a few bytes.
"""

from typing import Protocol
from xml.parsers import expat

from dialer.sheets.workbooks.xlsb_records import XlsbRecords
from dialer.sheets.workbooks.xlsx_measure import DisorderError, XlsxMeasure, parse

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


def measure_for(part: str) -> Measure:
    """Return the measure for a *part* of a workbook: XLSX alone tells by the content whether it holds cells."""
    name = part.replace("\\", "/").lower()
    if "worksheets/" in name and name.endswith(".bin"):
        return XlsbMeasure()
    return OdsMeasure() if name == "content.xml" else XlsxMeasure()


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
        """Parse a piece. Raises `ValueError` for what is no XML, and `DisorderError`."""
        parse(self._parser, piece)

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
        elif name.endswith((":table-row", ":table-cell", ":covered-table-cell")):
            raise DisorderError(f"<{name}>, in a namespace under another name, in row {self._row + 1}")

    def _fill(self) -> None:
        self.width = max(self.width, self._column)
        self.height = max(self.height, self._row + self._repeat)

    def _end(self, name: str) -> None:
        if name == "table:table":
            self._depth -= 1
        elif name == "table:table-row" and self._depth == 1:
            self._row += self._repeat


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
