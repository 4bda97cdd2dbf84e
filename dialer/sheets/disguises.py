"""Finds out what a file is by its content, where its name says something else."""

import re
import zipfile
from pathlib import Path

from dialer.errors import SheetError

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_LOOKED_AT_BYTES = 4_096
_PAGE = re.compile(
    rb"(?:\s+|<\?xml.*?\?>|<!--.*?-->)*+"
    rb"<(?:!doctype\s+html|html|head|meta|style|script|body|table|div|form|p|h1)\b",
    re.DOTALL | re.IGNORECASE,
)
"""How a web page may begin, below a declaration of XML and comments."""

_MARKS = b"\xef\xbb\xbf\xfe\xff"
_PARTS = {"xl/workbook.xml": ".xlsx", "xl/workbook.bin": ".xlsb", "content.xml": ".ods"}
_SAME = {".xlsm": ".xlsx", ".tsv": ".csv", ".txt": ".csv"}


def refuse_disguise(path: Path) -> None:
    """Raise `SheetError` for a file of another kind than its name says, with the name that it should have."""
    named = _SAME.get(path.suffix.lower(), path.suffix.lower())
    kind = kind_of(path)
    if kind == "page":
        raise SheetError(
            f"{path}: is a web page under the name of a sheet. If it shows the rows, open it in a spreadsheet program"
            ' and save it as .xlsx or "CSV UTF-8"; if it shows something else, such as a login, export the sheet again.'
        )
    if kind not in {None, named}:
        found = "a text" if kind == ".csv" else f"an {kind} workbook"
        raise SheetError(f"{path}: is {found} under another name. Name it {path.stem}{kind}, and write that name.")


def kind_of(path: Path) -> str | None:
    """Return the ending that the content calls for, "page" for HTML, `None` where it does not tell."""
    with path.open("rb") as file:
        start = file.read(_LOOKED_AT_BYTES)
    if start.startswith(_ZIP):
        return _zipped_kind(path)
    if start.startswith(_OLD):
        return ".xls" if path.suffix.lower() in {".csv", ".tsv", ".txt"} else None  # or a workbook with a password
    if _PAGE.match(start.lstrip(_MARKS).replace(b"\0", b"")):  # UTF-16 too
        return "page"
    is_text = b"\0" not in start and b"\n" in start and not any(byte < ord("\t") for byte in start)
    return ".csv" if is_text else None


def _zipped_kind(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return None  # damaged, which its reader tells
    return next((kind for part, kind in _PARTS.items() if part in names), None)
