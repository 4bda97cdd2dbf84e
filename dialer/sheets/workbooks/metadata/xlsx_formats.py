"""Streams the number formats of an XLSX worksheet's cells, from the two parts that hold them.

Not by openpyxl, which reads no format at all where it stumbles on anything else of a workbook: the text of a property,
a fill without a pattern, the namespaces of a strict workbook.
"""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path
from xml.parsers import expat

from dialer.sheets.workbooks.cell_text import formats_text
from dialer.sheets.workbooks.format_sections import GENERAL
from dialer.sheets.workbooks.metadata.model import NumberFormats
from dialer.sheets.workbooks.metadata.xlsx_parts import PIECE_BYTES, number_formats_of, worksheet_part
from dialer.sheets.workbooks.xlsx_measure import column_number

_NUMERIC = frozenset("nd")
_DIGITS = "0123456789"


def xlsx_number_formats(path: Path, name: str) -> Iterator[NumberFormats]:
    """Yield the formats of each row of the worksheet *name* from its first row on, without an end.

    Their order was checked before. Raises what a damaged part raises.
    """
    with zipfile.ZipFile(path) as archive:
        part = worksheet_part(archive, name)
        walker = _Walker(number_formats_of(archive, part.styles))
        parser = expat.ParserCreate()
        parser.StartElementHandler = walker.start
        parser.EndElementHandler = walker.end
        last = 0
        with archive.open(part.name) as content:
            while piece := content.read(PIECE_BYTES):
                parser.Parse(piece)
                for row, found in walker.taken():
                    yield from repeat((), row - last - 1)
                    yield found
                    last = row
    yield from repeat(())


class _Walker:
    """Follows the rows and cells of a part; those without an address come after the one before."""

    def __init__(self, codes: Sequence[str | None]) -> None:
        self._codes = codes
        self._text_codes = frozenset(code for code in codes if code is not None and formats_text(code))
        self._columns: dict[str, int] = {}
        self._row = 0
        self._column = -1
        self._found: list[tuple[int, str]] = []
        self._done: list[tuple[int, NumberFormats]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        local = name.rpartition(":")[2]
        if local == "c":
            self._take_cell(attributes)
        elif local == "row":
            self._go_to(int(attributes.get("r", self._row + 1)))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name.endswith("sheetData"):
            self._go_to(self._row + 1)

    def taken(self) -> list[tuple[int, NumberFormats]]:
        """Return the rows that are whole, and let them go."""
        done, self._done = self._done, []
        return done

    def _go_to(self, row: int) -> None:
        if self._found:
            self._done.append((self._row, self._found))
            self._found = []
        self._row = row
        self._column = -1

    def _take_cell(self, attributes: dict[str, str]) -> None:
        address = attributes.get("r")
        if address is None:
            self._column += 1
        else:
            letters = address.rstrip(_DIGITS)
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = column_number(letters) - 1
            row = int(address[len(letters) :])
            if row != self._row:  # the cell's own address counts, for every reader
                self._go_to(row)
            self._column = column
        code = self._codes[int(attributes.get("s") or 0)] if self._codes else GENERAL
        if code is not None and (attributes.get("t", "n") in _NUMERIC or code in self._text_codes):
            self._found.append((self._column, code))
