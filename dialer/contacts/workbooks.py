"""Guards an XLSX workbook before it is parsed, chooses its worksheet, and writes its cells as a person sees
them.
"""

import difflib
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from dialer.errors import SheetError

MAX_UNZIPPED_BYTES = 1 << 30
"""What all parts of a workbook may measure unzipped: ten times a sheet of a million short rows."""

MAX_RATIO = 200
"""How many times its zipped size a large workbook may measure; sheets reach about 20, zip bombs 1,000."""

RATIO_COUNTS_FROM_BYTES = 64 << 20
"""Below this unzipped size a high ratio does no harm: a small sheet of equal rows may have one."""

MAX_CELLS = 20_000_000
"""Cells of the rectangle around all filled ones, held in memory at once: a stray cell far out spans billions.
"""

_CHUNK_BYTES = 1 << 20
_CELL = re.compile(rb'<(?:\w+:)?c [^>]{0,200}?\br="([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_MATCH = 256
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def check_workbook(path: Path) -> None:
    """Refuse what must not reach a parser: no zip, an encrypted or damaged one, a zip bomb, a stray far cell.

    Every part is unzipped once, in pieces, so that a size stated wrongly is found out. Raises `SheetError`.
    """
    with path.open("rb") as file:
        if file.read(4) == _OLD_EXCEL:
            raise SheetError(
                f"{path}: is protected by a password or is an older .xls workbook. Open it, remove the"
                " password, and save it as .xlsx."
            )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(path, sum(part.file_size for part in parts), path.stat().st_size)
            for part in parts:
                _check_part(path, archive, part)
    except (
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise unreadable(path) from error


def choose_worksheet(path: Path, sheets: Sequence[tuple[str, bool]], wanted: str | int | None) -> str:
    """Give the name of the worksheet to read.

    *sheets* are pairs of (name, is visible) in the workbook's order.
    *wanted* is a name, which may be that of a hidden worksheet, or a number that counts the visible ones from
    1; `None` is the first visible one. Raises `SheetError` listing the worksheets.
    """
    visible = [name for name, is_visible in sheets if is_visible]
    if isinstance(wanted, str):
        names = [name for name, _ in sheets]
        if wanted in names:
            return wanted
        near = difflib.get_close_matches(wanted, names, 1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
    else:
        number = 1 if wanted is None else wanted
        if 1 <= number <= len(visible):
            return visible[number - 1]
        hint = " A number counts the visible worksheets from 1."
    shown = (
        f'"{wanted}"' if isinstance(wanted, str) else f"number {wanted}" if wanted is not None else "that is visible"
    )
    listed = ", ".join(f'"{name}"' + ("" if is_visible else " (hidden)") for name, is_visible in sheets)
    raise SheetError(f"{path}: there is no worksheet {shown}; there are: {listed}. Set sheet under [contacts].{hint}")


def cell_text(value: Any) -> str:
    """Write a cell as text: `14155550123` without `.0`, `TRUE`, `2026-12-01`, `2026-12-01T09:30:00`."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def unreadable(path: Path) -> SheetError:
    """Word what is said of any workbook that cannot be parsed."""
    return SheetError(
        f"{path}: is not a whole workbook: it is damaged, cut short, protected by a password, or of another"
        " format. Open it in a spreadsheet program and save it again as .xlsx, or as CSV UTF-8."
    )


def _check_sizes(path: Path, unzipped: int, zipped: int) -> None:
    is_bomb = unzipped > RATIO_COUNTS_FROM_BYTES and unzipped > MAX_RATIO * zipped
    if unzipped > MAX_UNZIPPED_BYTES or is_bomb:
        raise SheetError(
            f"{path}: unzips to {unzipped:,} bytes, {unzipped // max(zipped, 1)} times its size; at most"
            f" {MAX_UNZIPPED_BYTES:,} bytes and {MAX_RATIO} times are read. Save the sheet as CSV UTF-8."
        )


def _check_part(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unzip one part, which checks its length and checksum, and measure the rectangle its cells span."""
    is_worksheet = "worksheets/" in part.filename and part.filename.endswith(".xml")
    width, height, tail = 0, 0, b""
    with archive.open(part) as content:
        while chunk := content.read(_CHUNK_BYTES):
            if not is_worksheet:
                continue
            text = tail + chunk
            tail = text[-_LONGEST_MATCH:]
            for letters, row in set(_CELL.findall(text)):
                width = max(width, _column_number(letters))
                height = max(height, int(row))
            if width * height > MAX_CELLS:
                raise SheetError(
                    f"{path}: the worksheet {part.filename} spans {height:,} rows and {width:,} columns; at"
                    f" most {MAX_CELLS:,} cells are read. Delete the stray cell far out, or save the sheet"
                    " as CSV UTF-8."
                )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _float_text(value: float) -> str:
    """Write a number without an exponent, and without a fraction it does not have."""
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _moment_text(value: datetime) -> str:
    """Write a date without the midnight that workbooks store with it."""
    return value.date().isoformat() if value.time() == time.min else value.isoformat(timespec="seconds")


def _duration_text(value: timedelta) -> str:
    minutes, seconds = divmod(int(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, str),
    (bool, lambda value: "TRUE" if value else "FALSE"),  # before int, which it is too
    (int, str),
    (float, _float_text),
    (datetime, _moment_text),  # before date, which it is too
    (date, date.isoformat),
    (time, time.isoformat),
    (timedelta, _duration_text),
)
