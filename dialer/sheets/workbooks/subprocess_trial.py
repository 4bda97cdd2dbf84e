"""Tries a workbook in a process of its own, which may end badly in our place."""

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

MAX_BYTES = 2 << 30
"""Memory that reading a workbook may take: four times a worksheet that fills an .xls."""

MAX_SECONDS = 120
"""Time that reading one may take: a worksheet that fills an .xls takes ten seconds."""

_LIMITED = """
import sys
try:
    import resource
except ImportError:
    pass  # Windows has no such limits; the time is limited there too
else:
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
"""
_READ_ALL = """
from python_calamine import CalamineWorkbook, SheetTypeEnum
book = CalamineWorkbook.from_path(sys.argv[1])
for sheet in book.sheets_metadata:
    if sheet.typ == SheetTypeEnum.WorkSheet:
        book.get_sheet_by_name(sheet.name)
"""
_READ_FORMATS = """
import os
import xlrd
xlrd.open_workbook(sys.argv[1], logfile=open(os.devnull, "w"), formatting_info=True, ignore_workbook_corruption=True)
"""
_READ_BY_OPENPYXL = """
import io
import warnings
from openpyxl import load_workbook
warnings.simplefilter("ignore")
book = load_workbook(io.BytesIO(sys.stdin.buffer.read()), read_only=True, data_only=True, keep_links=False)
for sheet in book.worksheets:
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True):
        pass
"""


def can_be_read(path: Path) -> bool:
    """Return whether the parser gets through the workbook *path* within `MAX_BYTES` and `MAX_SECONDS`.

    Fuzzing found files of 3 KB that make it ask for all memory there is, and XML of a few lines that makes it panic:
    either ends the process that asks. They cannot be told from good ones without parsing them. Doing so once more costs
    30 ms for a small workbook and half a second for an .xlsx of 50,000 rows; a file that has not changed since is not
    tried again.
    """
    return _ended_well(_READ_ALL, path)


def can_be_formatted(path: Path) -> bool:
    """Return whether xlrd gets through the .xls workbook *path* within the same limits, tried as often."""
    return _ended_well(_READ_FORMATS, path)


def _ended_well(script: str, path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return True  # opening it says what it is
    return _tried_once(script, path, status.st_size, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=256)
def _tried_once(script: str, path: Path, *_stamp: int) -> bool:
    return _ends_well(script, path)


def openpyxl_can_read(path: Path, content: bytes) -> bool:
    """Return whether openpyxl gets through *content*, the mended workbook *path*, within the same limits."""
    return _ends_well(_READ_BY_OPENPYXL, path, content)


def _ends_well(script: str, path: Path, content: bytes = b"") -> bool:
    command = [sys.executable, "-I", "-c", _LIMITED + script, str(path), str(MAX_BYTES)]
    try:
        ended = subprocess.run(  # noqa: S603 - ourselves
            command, input=content, capture_output=True, check=False, timeout=MAX_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == 0
