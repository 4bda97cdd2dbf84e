"""Measures how many cells a worksheet's part spans, piece by piece, before a parser holds them all. Pure.

A parser keeps the rectangle around all filled cells, so that one stray cell far out spans billions; and a part may say
"this cell a million times" in a few bytes.
"""

import re
from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

from dialer.sheets.workbooks.metadata.model import LAST_ROW

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


class XlsxMeasure:
    """The filled cells of an XLSX worksheet: `<c r="C17"><v>`, or `<c>` without an address; a bold one may be empty."""

    _CELL = re.compile(
        rb"""<(?:[^\s<>/:]{1,99}:)?c(?=[\s>])(?:[^>]{0,200}?\sr=["']([A-Z]{1,3})([0-9]{1,20})["'])?"""
        rb"""(?:[^>]{0,200}+(?<!/)>(?!</)|[^>]{201})"""
    )
    _ROW = re.compile(rb"""\sr=["'][\s+]*([0-9]{7,20})\s*["']""")
    """Empty rows take no room, but for those that no worksheet has: a reader writes all before them out."""

    _LONGEST = 512

    def __init__(self) -> None:
        self.height = self.width = 0
        self._count = self._seen_twice = 0
        self._tail = b""

    @property
    def cells(self) -> int:
        """The rectangle, or the cells counted where they have no addresses."""
        return max(self.height * self.width, self._count)

    def add(self, piece: bytes) -> None:
        """Find the cells of a piece, and of the seam before it."""
        data = self._tail + piece
        found = self._CELL.findall(data)
        self.height = max([self.height, *(row for row in map(int, self._ROW.findall(data)) if row > LAST_ROW)])
        self._tail = data[-self._LONGEST :]
        self._count += max(len(found) - self._seen_twice, 0)
        self._seen_twice = len(self._CELL.findall(self._tail))
        for letters, row in set(found):
            if letters:
                self.width = max(self.width, column_number(letters))
                self.height = max(self.height, int(row))


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
        try:
            self._parser.Parse(piece)
        except (expat.ExpatError, LookupError) as error:  # an encoding that nobody knows
            raise ValueError("no XML") from error

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


def repeats(attributes: dict[str, str], name: str) -> int:
    """Return how many equal rows or cells an element of ODS stands for: one, unless its attribute *name* says more.

    Raises `ValueError` for what is no positive number.
    """
    times = attributes.get(name, "1").strip()
    if not (times.isascii() and times.isdecimal() and int(times)):
        raise ValueError("no positive number")
    return int(times)


class XlsbRecords:
    """Cuts the bytes of an XLSB part into its records: (type, size, content) [MS-XLSB 2.1.4]."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """Return the type and the content of each whole record; what is left of the last one is kept."""
        data, at = self._rest + piece, 0
        while True:
            kind, start = _varint(data, at, 2)
            size, start = _varint(data, start, 4)
            if start < 0 or start + size > len(data):
                break
            yield kind, data[start : start + size]
            at = start + size
        self._rest = data[at:]


class XlsbMeasure:
    """The filled cells of an XLSB worksheet: of all kinds but the blank one, which is 1."""

    _ROW, _FIRST_CELL, _LAST_CELL = 0, 2, 11

    def __init__(self) -> None:
        self.height = self.width = 0
        self._row = 0
        self._records = XlsbRecords()

    @property
    def cells(self) -> int:
        """The rectangle."""
        return self.height * self.width

    def add(self, piece: bytes) -> None:
        """Look at the records of a piece."""
        for kind, content in self._records.add(piece):
            if len(content) < 4:  # noqa: PLR2004 - a 32-bit index
                continue
            index = int.from_bytes(content[:4], "little")
            if kind == self._ROW:
                self._row = index + 1
            elif self._FIRST_CELL <= kind <= self._LAST_CELL:
                self.height = max(self.height, self._row)
                self.width = max(self.width, index + 1)


def _varint(data: bytes, at: int, longest: int) -> tuple[int, int]:
    """Read a number of 7 bits a byte; gives it and where it ends, or (0, -1) where the data ends first."""
    value = 0
    if at < 0:
        return 0, -1
    for index in range(longest):
        if at + index >= len(data):
            return 0, -1
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more follows
            return value, at + index + 1
    return value, at + longest


def column_number(letters: bytes) -> int:
    """Return the number of a column from 1: `A`, `Z`, `AA`."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
