"""Finds the marks of an XLSX worksheet: no reader tells them without holding the whole sheet."""

import re
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat

from dialer.sheets.workbooks.cell_text import formats_text
from dialer.sheets.workbooks.metadata.model import Area, MetadataBuilder, WorksheetMetadata
from dialer.sheets.workbooks.metadata.xlsx_formats import xlsx_number_formats
from dialer.sheets.workbooks.metadata.xlsx_parts import (
    PIECE_BYTES,
    TRUE,
    WorksheetPart,
    number_formats_of,
    worksheet_part,
)
from dialer.sheets.workbooks.xlsx_measure import column_number

_MARKED = re.compile(
    rb"""\bhidden\s*=|\bht\s*=\s*["'][^1-9]|\bt\s*=\s*["'][e&]|<(?:[^\s<>/:]+:)?(?:f[\s/>]|mergeCell\b)"""
)
_LONGEST_MARK = 64
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_OVER_MANY = frozenset({"array", "dataTable"})
"""Formulas that are written down once for all their cells."""


def xlsx_metadata(path: Path, name: str) -> WorksheetMetadata:
    """Return the marks of the worksheet *name* of the checked workbook *path*; unknown ones of a damaged part."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = worksheet_part(archive, name)
            codes = number_formats_of(archive, part.styles)
            found = _walked(archive, part) if _has_metadata(archive, part.name) else MetadataBuilder()
    except (ET.ParseError, expat.ExpatError, LookupError, ValueError):
        return WorksheetMetadata(are_unknown=True)
    adds_to_texts = any(code is not None and formats_text(code) for code in codes)
    return found.metadata(partial(xlsx_number_formats, path, name), formats_texts=adds_to_texts)


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as content:
        while piece := content.read(PIECE_BYTES):
            yield piece


def _has_metadata(archive: zipfile.ZipFile, part: str) -> bool:
    """Look whether there is anything to find: most sheets have neither, and need not be parsed once more."""
    tail = b""
    for piece in _pieces(archive, part):
        if _MARKED.search(tail + piece):
            return True
        tail = piece[-_LONGEST_MARK:]
    return False


def _walked(archive: zipfile.ZipFile, part: WorksheetPart) -> MetadataBuilder:
    walker = _Walker(is_uncalculated=part.is_uncalculated)
    parser = expat.ParserCreate()
    parser.StartElementHandler = walker.start
    parser.EndElementHandler = walker.end
    parser.CharacterDataHandler = walker.text
    for piece in _pieces(archive, part.name):
        parser.Parse(piece)
    parser.Parse(b"", True)  # its end, which a part cut short does not have
    return walker.found


class _Walker:
    """Follows rows and cells through a worksheet's part; those without an address come after the one before."""

    def __init__(self, *, is_uncalculated: bool) -> None:
        self.found = MetadataBuilder()
        self._is_uncalculated = is_uncalculated
        self._row = 0
        self._column = -1
        self._type = ""
        self._value = ""
        self._is_hidden = self._is_formula = self._is_in_cell = self._is_in_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        local = name.rpartition(":")[2]
        if local == "c":
            self._open_cell(attributes)
        elif local == "v":
            self._is_in_value = self._is_in_cell
        elif local == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = -1
            self._is_hidden = attributes.get("hidden") in TRUE or float(attributes.get("ht", 1)) == 0
            self._hide()
        elif local == "f" and self._is_in_cell:  # lists of a drop-down or a sparkline are formulas, too
            self._is_formula = True
            self.found.formulas.add(self._row, self._column)
            if attributes.get("t") in _OVER_MANY and "ref" in attributes:
                self.found.formulas.add_area(_area(attributes["ref"]))
        elif local == "mergeCell":
            self.found.add_merge(_area(attributes["ref"]))

    def end(self, name: str) -> None:
        """Take the end of an element."""
        local = name.rpartition(":")[2]
        if local == "v":
            self._is_in_value = False
        elif local == "c":
            self._is_in_cell = False
            is_lacking = not self._value and self._type != "str"  # a formula's text may be empty
            is_placeholder = self._is_uncalculated and self._value in {"", "0"}
            if self._type == "e" or (self._is_formula and (is_placeholder or is_lacking)):
                self.found.errors.add(self._row, self._column)

    def text(self, text: str) -> None:
        """Take text."""
        if self._is_in_value:
            self._value += text

    def _open_cell(self, attributes: dict[str, str]) -> None:
        address = _ADDRESS.fullmatch(attributes.get("r", ""))
        self._column = self._column + 1 if address is None else column_number(address[1]) - 1
        if address is not None and int(address[2]) != self._row:  # the cell's own address counts, for every reader
            self.found.hidden.discard(self._row)
            self._row = int(address[2])
            self._hide()
        self._type = attributes.get("t", "")
        self._value = ""
        self._is_in_cell, self._is_formula = True, False

    def _hide(self) -> None:
        if self._is_hidden:
            self.found.hidden.add(self._row)


def _area(reference: str) -> Area:
    """Read `B2:B5`, or `B2`."""
    corners = [_ADDRESS.fullmatch(corner) for corner in reference.upper().split(":")]
    cells = [(int(corner[2]), column_number(corner[1]) - 1) for corner in corners if corner is not None]
    (first_row, last_row), (first_column, last_column) = map(sorted, zip(cells[0], cells[-1], strict=True))
    return Area(first_row, last_row, first_column, last_column)
