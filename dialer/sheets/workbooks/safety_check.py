"""Guards a workbook before it is parsed: what could fill the memory or the time is refused, with the limit named."""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from dialer.errors import SheetError
from dialer.sheets.workbooks.cell_count import MAX_CELLS, measure_for
from dialer.sheets.workbooks.metadata.model import LAST_COLUMN, LAST_ROW
from dialer.sheets.workbooks.workbook import unreadable
from dialer.sheets.workbooks.xlsx_measure import DisorderError

MAX_UNZIPPED_BYTES = 1 << 30
"""What all parts of a workbook may measure unzipped: ten times a sheet of a million short rows."""

MAX_RATIO = 200
"""How many times its zipped size a large workbook may measure; sheets reach about 20, zip bombs 1,000."""

RATIO_COUNTS_FROM_BYTES = 64 << 20
"""Below this unzipped size a high ratio does no harm: a small sheet of equal rows may have one."""

MAX_PARTS = 10_000
"""Parts of a workbook: a worksheet needs a few, and a million empty ones take minutes to list."""

MAX_OLD_BYTES = 256 << 20
"""The size of an .xls workbook, whose parts are not zipped: four times one that is full."""

_CHUNK_BYTES = 1 << 20
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_SIGN = 64
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
_OLD_SUFFIX = ".xls"


def check_workbook(path: Path) -> None:
    """Refuse what must not reach a parser: no workbook, an encrypted or damaged one, a zip bomb, XML entities (billion
    laughs, quadratic blow-up), a stray far cell.

    Every part is unzipped once, in pieces, so that a size stated wrongly is found out. Raises `SheetError`.
    """
    with path.open("rb") as file:
        start = file.read(8)
    is_old = start.startswith(_OLD_EXCEL)
    if path.suffix.lower() == _OLD_SUFFIX and (is_old or start.startswith(_BIFF)):
        _check_old(path)
        return
    if is_old:
        raise SheetError(
            f"{path}: is protected by a password or is an older workbook under a new name. Open it, remove the"
            " password, and save it as .xlsx."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            _check_sizes(path, len(parts), sum(part.file_size for part in parts), path.stat().st_size)
            _check_names(path, [part.filename for part in parts])
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


def _check_old(path: Path) -> None:
    size = path.stat().st_size
    if size > MAX_OLD_BYTES:
        raise SheetError(
            f"{path}: measures {size:,} bytes; at most {MAX_OLD_BYTES:,} bytes are read of an .xls workbook. Save the"
            " sheet as CSV UTF-8."
        )


def _check_sizes(path: Path, parts: int, unzipped: int, zipped: int) -> None:
    is_bomb = unzipped > RATIO_COUNTS_FROM_BYTES and unzipped > MAX_RATIO * zipped
    if unzipped > MAX_UNZIPPED_BYTES or is_bomb:
        raise SheetError(
            f"{path}: unzips to {unzipped:,} bytes, {unzipped // max(zipped, 1)} times its size; at most"
            f" {MAX_UNZIPPED_BYTES:,} bytes and {MAX_RATIO} times are read. Save the sheet as CSV UTF-8."
        )
    if parts > MAX_PARTS:
        raise SheetError(f"{path}: has {parts:,} parts; at most {MAX_PARTS:,} are read. Save the sheet as CSV UTF-8.")


def _check_names(path: Path, names: Sequence[str]) -> None:
    """Refuse two parts of one name, whatever its case and slashes: each reader takes another one of them."""
    counts = Counter(name.replace("\\", "/").lower() for name in names)
    name, count = counts.most_common(1)[0] if counts else ("", 0)
    if count > 1:
        raise SheetError(
            f"{path}: holds the part {name} {count} times, so that programs differ in which they read. Open it in a"
            " spreadsheet program, look at its rows, and save it again as .xlsx."
        )


def _check_part(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unzip one part, which checks its length and checksum, and measure what its cells span."""
    name = part.filename.lower()
    is_xml = name.endswith((".xml", ".rels"))
    measure = measure_for(part.filename)
    tail = b""
    with archive.open(part) as content:
        while chunk := content.read(_CHUNK_BYTES):
            seam = tail + chunk
            if is_xml and _ENTITY.search(seam.replace(b"\0", b"")):
                raise SheetError(
                    f"{path}: its part {part.filename} declares XML entities, which no spreadsheet program writes and"
                    " which can fill any memory. Save the sheet as CSV UTF-8."
                )
            tail = seam[-_LONGEST_SIGN:]
            try:
                measure.add(chunk)
            except DisorderError as error:
                raise SheetError(
                    f"{path}: its part {part.filename} holds {error}, so that programs differ in what they show"
                    " of it. Open it in a spreadsheet program, look at the rows there, and save it again as .xlsx."
                ) from error
            if measure.cells > MAX_CELLS or measure.height > LAST_ROW or measure.width > LAST_COLUMN + 1:
                raise SheetError(
                    f"{path}: the worksheet {part.filename} spans {measure.height:,} rows and {measure.width:,}"
                    f" columns; at most {LAST_ROW:,} rows and {MAX_CELLS:,} cells are read. Delete the stray"
                    " cell far out, or save the sheet as CSV UTF-8."
                )
