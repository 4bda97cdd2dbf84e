"""Finds the rows that an XLSX worksheet hides: by hand or by a filter, their owner does not mean them now."""

import re
from contextlib import suppress
from pathlib import Path

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]{0,2000})>")
_NUMBER = re.compile(rb"""\br=["']([0-9]{1,7})["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_PIECE_BYTES = 1 << 20
_LONGEST_TAG = 2048


def hidden_rows(path: Path, name: str) -> frozenset[int]:
    """Give the numbers (from 1) of the rows that the worksheet *name* of the checked workbook *path* hides.

    calamine does not tell them, and openpyxl only where it holds the whole sheet. Empty where openpyxl cannot find the
    worksheet's part.
    """
    from openpyxl.reader.excel import ExcelReader  # noqa: PLC0415 - a third of a second that others need not pay

    # Whatever it stumbles on, of a file that was read before: it is then read as if nothing were hidden.
    with suppress(Exception), path.open("rb") as file:
        reader = ExcelReader(file, read_only=True, data_only=True, keep_links=False)
        reader.read_manifest()
        reader.read_workbook()
        part = next(rel.target for sheet, rel in reader.parser.find_sheets() if sheet.name == name)
        found: set[int] = set()
        tail = b""
        with reader.archive.open(part) as content:
            while piece := content.read(_PIECE_BYTES):
                data = tail + piece
                found |= _found(data)
                tail = data[-_LONGEST_TAG:]
        return frozenset(found)
    return frozenset()


def _found(data: bytes) -> set[int]:
    if b"hidden" not in data:
        return set()
    tags = (tag for tag in _ROW.findall(data) if _HIDDEN.search(tag))
    return {int(number[1]) for tag in tags if (number := _NUMBER.search(tag)) is not None}
