"""Finds the hidden rows and the formulas of an XLSB worksheet in its records; no package of the index reads them.

Its number formats are not read.
"""

import posixpath
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from xml.etree import ElementTree as ET

from dialer.sheets.workbooks.cell_count import XlsbRecords
from dialer.sheets.workbooks.metadata.model import Area, MetadataBuilder, WorksheetMetadata

UNFORMATTED_NOTE = (
    "Of .xlsb workbooks no number formats are read: dates come as 2026-12-01, amounts without their currency, yes and"
    " no as the file stores them. Save the sheet as .xlsx to have it as it is shown."
)

_BOOK, _RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
_PIECE_BYTES = 1 << 20
_ROW, _FORMULAS, _ERRORS, _SHEET, _MERGE = 0, range(8, 12), {3, 11}, 156, 176
"""BrtRowHdr, BrtFmlaString to BrtFmlaError, BrtCellError and BrtFmlaError, BrtBundleSh, BrtMergeCell [MS-XLSB 2.4]."""

_ROW_FLAGS, _IS_HIDDEN = 11, 0x10
"""Where BrtRowHdr keeps its flags, and fDyZero among them."""


def xlsb_metadata(path: Path, name: str) -> WorksheetMetadata:
    """Give the marks of the worksheet *name* of the checked workbook *path*. Never fails: they may be unknown."""
    with suppress(Exception), zipfile.ZipFile(path) as archive:
        found = _walked(archive, _part_of(archive, name))
        return found.metadata(notes=(UNFORMATTED_NOTE,))
    return WorksheetMetadata(notes=(UNFORMATTED_NOTE,), are_unknown=True)


def _part_of(archive: zipfile.ZipFile, name: str) -> str:
    """Find the part by the sheet's relation: BrtBundleSh holds a state, a number, the relation's id and the name."""
    relations = ET.fromstring(archive.read(_RELATIONS))  # noqa: S314 - XML with entities was refused
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for kind, content in XlsbRecords().add(archive.read(_BOOK)):
        if kind == _SHEET:
            relation, end = _text(content, 8)
            if _text(content, end)[0] == name:
                return posixpath.normpath(posixpath.join("/xl", targets[relation])).lstrip("/")
    raise KeyError(name)


def _text(content: bytes, at: int) -> tuple[str, int]:
    """Read a text: how many characters it has, and each in two bytes. Gives it and where it ends."""
    end = at + 4 + 2 * int.from_bytes(content[at : at + 4], "little")
    return content[at + 4 : end].decode("utf-16-le"), end


def _walked(archive: zipfile.ZipFile, part: str) -> MetadataBuilder:
    found, records, row = MetadataBuilder(), XlsbRecords(), 0
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE_BYTES):
            for kind, content in records.add(piece):
                if kind == _ROW:
                    row = int.from_bytes(content[:4], "little") + 1
                    if content[_ROW_FLAGS] & _IS_HIDDEN:
                        found.hidden.add(row)
                elif kind == _MERGE:
                    first, last, left, right = struct.unpack("<4I", content[:16])
                    found.add_merge(Area(first + 1, last + 1, left, right))
                if kind in _FORMULAS:
                    found.formulas.add(row, int.from_bytes(content[:4], "little"))
                if kind in _ERRORS:
                    found.errors.add(row, int.from_bytes(content[:4], "little"))
    return found
