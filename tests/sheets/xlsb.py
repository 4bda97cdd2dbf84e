"""Writes a workbook of the binary format record by record [MS-XLSB]: no free program that we know of saves one."""

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_STYLES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
_FIRST_OWN = 164


class Calculated(NamedTuple):
    """A cell with a formula, and the value calculated last."""

    value: str


class Formatted(NamedTuple):
    """A number that is shown by a number format, which the workbook's styles hold."""

    value: float
    number_format: str


class HiddenRow(tuple[object, ...]):
    """A row that the worksheet hides."""

    __slots__ = ()


def write_xlsb(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Write worksheets of texts, numbers and formulas by their names."""
    names = list(sheets)
    cells = (value for rows in sheets.values() for row in rows for value in row)
    formats = ["General", *dict.fromkeys(value.number_format for value in cells if isinstance(value, Formatted))]
    bundle = [
        record(156, bytes(4) + struct.pack("<I", at) + text(f"rId{at}") + text(name))
        for at, name in enumerate(names, 1)
    ]
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATION}" Target="worksheets/sheet{at}.bin"/>'
        for at, _ in enumerate(names, 1)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("xl/workbook.bin", record(131) + record(143) + b"".join(bundle) + record(144) + record(132))
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'{relations}<Relationship Id="rId0" Type="{_STYLES}" Target="styles.bin"/></Relationships>',
        )
        archive.writestr("xl/styles.bin", _styles(formats))
        for at, name in enumerate(names, 1):
            archive.writestr(f"xl/worksheets/sheet{at}.bin", _worksheet(sheets[name], formats))
    return path


def _styles(formats: Sequence[str]) -> bytes:
    """Write a cell style for each number format: BrtFmt, and BrtXF within BrtBeginCellXFs and BrtEndCellXFs."""
    codes = [record(44, struct.pack("<H", at) + text(code)) for at, code in enumerate(formats, _FIRST_OWN)]
    used = [record(47, struct.pack("<HH", 0, at) + bytes(12)) for at, _ in enumerate(formats, _FIRST_OWN)]
    count = struct.pack("<I", len(formats))
    default = record(626, struct.pack("<I", 1)) + record(47, bytes(16)) + record(627)
    styles = [record(615, count), *codes, record(616), default, record(617, count), *used, record(618)]
    return b"".join([record(278), *styles, record(279)])


def _worksheet(rows: Sequence[Sequence[object]], formats: Sequence[str]) -> bytes:
    last = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    content = [record(129), record(148, last), record(145)]
    for at, row in enumerate(rows):
        flags = 0x10 if isinstance(row, HiddenRow) else 0
        content.append(record(0, struct.pack("<IIHBBBI", at, 0, 300, 0, flags, 0, 0)))
        content += [_cell(column, value, formats) for column, value in enumerate(row)]
    return b"".join([*content, record(146), record(130)])


def _cell(column: int, value: object, formats: Sequence[str]) -> bytes:
    if isinstance(value, Formatted):
        return record(5, struct.pack("<IId", column, formats.index(value.number_format), value.value))
    at = struct.pack("<II", column, 0)
    if isinstance(value, Calculated):
        return record(8, at + text(value.value) + struct.pack("<HII", 0, 0, 0))
    if isinstance(value, float):
        return record(5, at + struct.pack("<d", value))
    return record(6, at + text(str(value)))


def text(characters: str) -> bytes:
    """Return a text with its length before it, as XLWideString."""
    return struct.pack("<I", len(characters)) + characters.encode("utf-16-le")


def record(kind: int, content: bytes = b"") -> bytes:
    """Return a record: its type and its size in seven bits a byte, then its content."""
    return _varint(kind) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
