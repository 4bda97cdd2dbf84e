"""Finds the marks and the number formats of an XLSB worksheet in its records.

By hand: `pyxlsb2` reads formulas, but neither hidden rows nor merges.
"""

import posixpath
import struct
import zipfile
from collections.abc import Iterator
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from dialer.sheets.workbooks.built_in_formats import BUILT_IN
from dialer.sheets.workbooks.cell_text import formats_text
from dialer.sheets.workbooks.format_sections import GENERAL
from dialer.sheets.workbooks.metadata.model import Area, MetadataBuilder, NumberFormats, WorksheetMetadata
from dialer.sheets.workbooks.xlsb_records import XlsbRecords

_BOOK, _RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
_PIECE_BYTES = 1 << 20
_ROW, _FORMULAS, _ERRORS, _SHEET, _MERGE = 0, range(8, 12), {3, 11}, 156, 176
"""BrtRowHdr, BrtFmlaString to BrtFmlaError, BrtCellError and BrtFmlaError, BrtBundleSh, BrtMergeCell [MS-XLSB 2.4]."""

_NUMBERS, _TEXTS = {2, 5, 9}, {6, 7, 8, 62}
"""BrtCellRk, BrtCellReal, BrtFmlaNum; BrtCellSt, BrtCellIsst, BrtFmlaString, BrtCellRString."""

_FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES = 44, 47, 617, 618
"""BrtFmt, BrtXF, BrtBeginCellXFs, BrtEndCellXFs."""

_ROW_FLAGS, _IS_HIDDEN = 11, 0x10
"""Where BrtRowHdr keeps its flags, and fDyZero among them."""


class _Parts(NamedTuple):
    worksheet: str
    styles: str | None


def xlsb_metadata(path: Path, name: str) -> WorksheetMetadata:
    """Return the marks of the worksheet *name* of the checked workbook *path*; unknown ones of a damaged part."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _parts_of(archive, name)
            adds_to_texts = any(code is not None and formats_text(code) for code in _codes(archive, parts.styles))
            found = _walked(archive, parts.worksheet)
    except (ET.ParseError, LookupError, ValueError, struct.error):
        return WorksheetMetadata(are_unknown=True)
    return found.metadata(partial(_number_formats, path, name), formats_texts=adds_to_texts)


def _parts_of(archive: zipfile.ZipFile, name: str) -> _Parts:
    """Find the parts by their relations: BrtBundleSh holds a state, a number, the relation's id and the name."""
    relations = ET.fromstring(archive.read(_RELATIONS))  # noqa: S314 - XML with entities was refused
    targets = {
        relation.get("Id"): posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")
        for relation in relations
    }
    styles = [targets[each.get("Id")] for each in relations if each.get("Type", "").endswith("/styles")]
    for kind, content in XlsbRecords().add(archive.read(_BOOK)):
        if kind == _SHEET:
            relation, end = _text(content, 8)
            if _text(content, end)[0] == name:
                return _Parts(targets[relation], styles[0] if styles else None)
    raise KeyError(name)


def _codes(archive: zipfile.ZipFile, styles: str | None) -> list[str | None]:
    """List the number format of each cell style by its index; `None` for one that depends on the country."""
    if styles is None:
        return []
    own: dict[int, str] = {}
    used: list[int] = []
    are_of_cells = False
    for kind, content in XlsbRecords().add(archive.read(styles)):
        if kind == _FORMAT:
            own[int.from_bytes(content[:2], "little")] = _text(content, 2)[0]
        elif kind in {_BEGIN_STYLES, _END_STYLES}:
            are_of_cells = kind == _BEGIN_STYLES
        elif kind == _STYLE and are_of_cells:
            used.append(int.from_bytes(content[2:4], "little"))
    codes = BUILT_IN | own
    return [codes.get(number) for number in used]


def _text(content: bytes, at: int) -> tuple[str, int]:
    """Read a text: how many characters it has, and each in two bytes. Returns it and where it ends."""
    end = at + 4 + 2 * int.from_bytes(content[at : at + 4], "little")
    return content[at + 4 : end].decode("utf-16-le"), end


def _records(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, bytes]]:
    records = XlsbRecords()
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE_BYTES):
            yield from records.add(piece)


def _walked(archive: zipfile.ZipFile, part: str) -> MetadataBuilder:
    found, row = MetadataBuilder(), 0
    for kind, content in _records(archive, part):
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


def _number_formats(path: Path, name: str) -> Iterator[NumberFormats]:
    """Yield the formats of each row from the first on, without an end. Raises `ValueError` for rows in no order."""
    with zipfile.ZipFile(path) as archive:
        parts = _parts_of(archive, name)
        codes = _codes(archive, parts.styles)
        text_codes = {code for code in codes if code is not None and formats_text(code)}
        last, found = 0, list[tuple[int, str]]()
        for kind, content in _records(archive, parts.worksheet):
            if kind == _ROW:
                row = int.from_bytes(content[:4], "little") + 1
                if row <= last:
                    raise ValueError("rows in no order")
                if last:
                    yield found
                yield from repeat((), row - last - 1)
                last, found = row, []
            elif kind in _NUMBERS or (text_codes and kind in _TEXTS):
                style = int.from_bytes(content[4:7], "little")  # a column, then the style in three bytes
                code = codes[style] if codes else GENERAL
                if code is not None and (kind in _NUMBERS or code in text_codes):
                    found.append((int.from_bytes(content[:4], "little"), code))
        yield found
    yield from repeat(())
