"""Finds the marks of an XLSX worksheet: calamine does not tell them, and openpyxl only where it holds a whole sheet."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET
from xml.parsers import expat

from dialer.sheets.workbooks.cell_count import column_number
from dialer.sheets.workbooks.metadata.model import Area, MetadataBuilder, NumberFormats, WorksheetMetadata

_MARKED = re.compile(rb"""\bhidden=|\bht=["']0|<(?:\w+:)?(?:f[\s/>]|mergeCell\b)|\bt=["']e""")
_LONGEST_MARK = 64
_PIECE_BYTES = 1 << 20
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_TRUE = frozenset({"1", "true"})
_OVER_MANY = frozenset({"array", "dataTable"})
"""Formulas that are written down once for all their cells."""

_FORMATTED_TYPES = frozenset("nd")


def xlsx_metadata(path: Path, name: str) -> WorksheetMetadata:
    """Give the marks of the worksheet *name* of the checked workbook *path*. Never fails: they may be unknown."""
    number_formats = partial(_number_formats, path, name)
    with suppress(Exception), zipfile.ZipFile(path) as archive:
        part = _part_of(archive, name)
        found = _walked(archive, part) if _has_metadata(archive, part.name) else MetadataBuilder()
        return found.metadata(number_formats)
    return WorksheetMetadata(number_formats=number_formats, are_unknown=True)


class _Part(NamedTuple):
    """Where a worksheet lies, and whether its formulas are to be calculated when it is opened: none was before."""

    name: str
    is_uncalculated: bool


def _part_of(archive: zipfile.ZipFile, name: str) -> _Part:
    """Find the part by the sheet's relation: by local names, since strict workbooks have namespaces of their own.

    Names of parts are the same whatever their case, and some programs write them with backslashes.
    """
    parts = {part.replace("\\", "/").lower(): part for part in archive.namelist()}
    package = _related(archive, parts["_rels/.rels"], "")
    book = next(target for kind, target in package.values() if kind.endswith("/officeDocument"))
    folder, file = posixpath.split(book)
    relations = _related(archive, parts[posixpath.join(folder, "_rels", f"{file}.rels").lower()], folder)
    root = ET.fromstring(archive.read(parts[book.lower()]))  # noqa: S314 - XML with entities was refused
    calculation = next((each for each in root.iter() if _local(each.tag) == "calcPr"), None)
    is_uncalculated = calculation is not None and calculation.get("fullCalcOnLoad") in _TRUE
    sheet = next(each for each in root.iter() if _local(each.tag) == "sheet" and each.get("name") == name)
    relation = next(value for key, value in sheet.items() if key.startswith("{") and _local(key) == "id")
    return _Part(parts[relations[relation][1].lower()], is_uncalculated)


def _related(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    """Give the relations of a part by their ids: (type, the part related to)."""
    root = ET.fromstring(archive.read(part))  # noqa: S314 - as above
    return {
        each.get("Id", ""): (
            each.get("Type", ""),
            posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/"),
        )
        for each in root
    }


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as content:
        while piece := content.read(_PIECE_BYTES):
            yield piece


def _has_metadata(archive: zipfile.ZipFile, part: str) -> bool:
    """Look whether there is anything to find: most sheets have neither, and need not be parsed once more."""
    tail = b""
    for piece in _pieces(archive, part):
        if _MARKED.search(tail + piece):
            return True
        tail = piece[-_LONGEST_MARK:]
    return False


def _walked(archive: zipfile.ZipFile, part: _Part) -> MetadataBuilder:
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
            self._is_hidden = attributes.get("hidden") in _TRUE or float(attributes.get("ht", 1)) == 0
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
        self._column = self._column + 1 if address is None else column_number(address[1].encode()) - 1
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
    cells = [(int(corner[2]), column_number(corner[1].encode()) - 1) for corner in corners if corner is not None]
    return Area(cells[0][0], cells[-1][0], cells[0][1], cells[-1][1])


def _number_formats(path: Path, name: str) -> Iterator[NumberFormats]:
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
