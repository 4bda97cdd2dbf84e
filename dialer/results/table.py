"""Writes the file people open: one line for every row of the sheet, as CSV, XLSX or JSON, swapped in whole."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from dialer.clock import iso_ms
from dialer.errors import ResultsNotWritten, UsageError
from dialer.ledger.row_reports import CallEnd, RowReport
from dialer.results.atomic_write import refuse_unwritable, write_atomically
from dialer.sheets.damaged_numbers import whole_digits
from dialer.sheets.results_format import COLUMNS, RESULT_VALUE_PREFIX, neutralise, neutralised
from dialer.words import trouble

FORMATS = (".csv", ".xlsx", ".json")
BYTES_A_ROW = 300
"""What a row of eight columns takes as CSV, with what is told of its call."""

_COMPARED = 6
"""Digits at the end of a number that are the same in every way of writing it."""


def refuse_format(path: Path) -> None:
    """Raise `UsageError` where no results can be written to *path*: by its suffix, and to a folder."""
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path}: results are written as {', '.join(FORMATS)}; choose one of these endings.")
    if path.is_dir():
        raise UsageError(f"{path}: is a folder. Name a file for the results, such as {path / 'results.csv'}.")


def write_table(
    path: Path, header: Sequence[str], rows: Iterable[RowReport], *, result_columns: Sequence[str] = ()
) -> None:
    """Write *rows* to *path*, in the format of its suffix, beside the target first and then swapped in.

    Behind our own columns stands one for each of *result_columns*, the values that calls have brought back.
    A reader never sees half a file, and a failure leaves the old one. The file is 0600: it holds people's numbers.
    Raises `UsageError` for another suffix and `ResultsNotWritten` when the disk refuses.
    """
    refuse_format(path)
    writers: dict[str, Callable[[IO[bytes], Sequence[str], Iterator[list[Any]]], None]] = {
        ".csv": _write_csv,
        ".xlsx": _write_workbook,
        ".json": _write_json,
    }
    writer = writers[path.suffix.lower()]
    names, lines = table_lines(header, rows, result_columns)
    with _place_for(path):
        write_atomically(path, lambda file: writer(file, names, lines))


def refuse_unwritable_table(path: Path, *, row_count: int) -> None:
    """Raise as `write_table` does where *path* cannot be written, or its disk has no room for so many rows."""
    with _place_for(path):
        refuse_unwritable(path, row_count * BYTES_A_ROW)


@contextmanager
def _place_for(path: Path) -> Iterator[None]:
    """Make the folder of *path*, and tell what keeps a file from being written there."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ResultsNotWritten(
            f"{path}: cannot be written: {trouble(error)}. Nothing is lost: mend that and give the command again; of a"
            " run, `dialer results` writes what became of every row."
        ) from error


def table_lines(
    header: Sequence[str], rows: Iterable[RowReport], result_columns: Sequence[str]
) -> tuple[list[str], Iterator[list[Any]]]:
    """Return the names of the table's columns, and its lines."""
    own = [index for index, name in enumerate(header) if not name.startswith("dialer_")]
    names = [*(header[index] for index in own), *COLUMNS, *(RESULT_VALUE_PREFIX + name for name in result_columns)]
    return names, (_line(row, own, header, result_columns) for row in rows)


def _line(row: RowReport, own: Sequence[int], header: Sequence[str], result_columns: Sequence[str]) -> list[Any]:
    cells = [row.cells[index] if index < len(row.cells) else "" for index in own]
    taken = column_of(row.phone, cells) if row.phone else None
    return [
        *cells,
        row.row,
        str(row.status),
        str(row.reason),
        row.message,
        row.call_id or "",
        row.phone or "",
        "" if taken is None else header[own[taken]],
        _instant(row.slot_ms),
        row.attempts,
        _instant(row.submitted_at_ms),
        row.choice.call_template_id or "",
        row.choice.from_number or "",
        *_told_of_call(row.end, result_columns),
    ]


def column_of(phone: str, cells: Sequence[str]) -> int | None:
    """Return the 0-based position of the first of *cells* that ends as the E.164 number *phone* does."""
    last = phone[-1]
    for at, text in enumerate(cells):  # spares a million rows the reading of most cells
        if text.endswith(last) and _ends_alike(phone, text):
            return at
    return next((at for at, text in enumerate(cells) if _ends_alike(phone, text)), None)


_NO_DIGIT = re.compile(r"\D+")


def _ends_alike(phone: str, text: str) -> bool:
    if text.endswith(phone[-_COMPARED:]) and "." not in text and "," not in text:
        return True  # as nearly all do: the rest reads decimals and exponents
    digits = whole_digits(text.strip()) or _NO_DIGIT.sub("", text)
    return len(digits) >= _COMPARED and str(int(digits[-_COMPARED:])).zfill(_COMPARED) == phone[-_COMPARED:]


def _told_of_call(end: CallEnd | None, result_columns: Sequence[str]) -> list[Any]:
    if end is None:
        return [""] * (len(COLUMNS) - _BEFORE_CALL + len(result_columns))
    seconds = end.duration_seconds
    return [
        end.status,
        end.status_code,
        "" if seconds is None else int(seconds) if seconds.is_integer() else seconds,
        _instant(end.ended_at_ms),
        end.recording_url,
        *(end.results.get(name, "") for name in result_columns),
    ]


_BEFORE_CALL = list(COLUMNS).index("dialer_call_status")


def _instant(instant_ms: int | None) -> str:
    return "" if instant_ms is None else iso_ms(instant_ms)


def _write_csv(file: IO[bytes], names: Sequence[str], lines: Iterator[list[Any]]) -> None:
    # csv and not pandas: this runs beside the sending, a page of rows at a time, and every field is quoted so that
    # no cell can start another. The byte order mark makes spreadsheet programs read UTF-8.
    file.write(b"\xef\xbb\xbf")
    text = TextIOWrapper(file, "utf-8", "surrogatepass", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([neutralise(name) for name in names])
    writer.writerows(map(neutralised, lines))
    text.detach()  # the file stays open


def _write_workbook(file: IO[bytes], names: Sequence[str], lines: Iterator[list[Any]]) -> None:
    from dialer.results.workbook import write_workbook  # noqa: PLC0415 - 40 ms that other formats spare

    write_workbook(file, names, lines)


def _write_json(file: IO[bytes], names: Sequence[str], lines: Iterator[list[Any]]) -> None:
    separator = b"[\n"
    for line in lines:
        entry = dict(zip(names, line, strict=True))
        file.write(separator + json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        separator = b",\n"
    file.write(b"[]\n" if separator == b"[\n" else b"\n]\n")
