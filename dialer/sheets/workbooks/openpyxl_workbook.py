"""Reads XLSX by openpyxl, which is slow, and takes some sound workbooks that calamine does not."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dialer.sheets.workbooks.subprocess_trial import openpyxl_can_read
from dialer.sheets.workbooks.workbook import Workbook, squared, unreadable

_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*>")
_STATE = re.compile(rb"""\sstate=["'](?!visible|hidden|veryHidden)\w*["']""")
"""What some programs write, and no reader needs: how large a worksheet is, and that it is shown."""


def openpyxl_workbook(path: Path) -> Workbook:
    """Open the checked workbook *path* (.xlsx, .xlsm). Raises `SheetError` where it cannot be read."""
    from openpyxl import load_workbook  # noqa: PLC0415 - a third of a second that others need not pay

    mended = _mended(path)
    if not openpyxl_can_read(path, mended):
        raise unreadable(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is left out, such as pictures
            book = load_workbook(io.BytesIO(mended), read_only=True, data_only=True, keep_links=False)
            sheets = tuple((sheet.title, sheet.sheet_state == "visible") for sheet in book.worksheets)
    except Exception as error:  # openpyxl raises what it stumbles on
        raise unreadable(path) from error

    def rows(name: str) -> Iterator[Sequence[Any]]:
        sheet = book[name]
        sheet.reset_dimensions()  # what a file says of its size need not be true
        try:
            for row in sheet.iter_rows(values_only=True):
                yield ["" if value is None else value for value in row]
        except Exception as error:
            raise unreadable(path) from error

    return Workbook(sheets, squared(rows))


def _mended(path: Path) -> bytes:
    """Copy the workbook without what stops every reader."""
    copy = io.BytesIO()
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as mended:
        for part in archive.infolist():
            content = archive.read(part)
            if part.filename.lower().endswith(".xml"):
                content = _STATE.sub(b"", _DIMENSION.sub(b"", content))
            mended.writestr(part.filename, content)
    return copy.getvalue()
