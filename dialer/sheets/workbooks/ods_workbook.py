"""Reads ODS workbooks: the packages that were tried lose white space within a text, or refuse sound files."""

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from xml.parsers import expat

from dialer.sheets.workbooks.ods_rows import CONTENT, PIECE_BYTES, OdsCell, ods_rows
from dialer.sheets.workbooks.workbook import Workbook, parsing, squared

_SPAN = re.compile(r"(?P<sign>-?)PT(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:[.,]\d+)?)S)?")


_BEYOND = re.compile(r"-|0000-|[0-9]{5}")
"""A year before 1 or after 9999, which a telephone number in the format of a date has."""


def ods_workbook(path: Path) -> Workbook:
    """Open the checked workbook *path*. Raises `SheetError` where it cannot be read."""
    lister = _Lister()
    parser = expat.ParserCreate()
    parser.StartElementHandler = lister.start
    parser.EndElementHandler = lister.end
    with parsing(path):
        with zipfile.ZipFile(path) as archive, archive.open(CONTENT) as content:
            while piece := content.read(PIECE_BYTES):
                parser.Parse(piece)
        parser.Parse(b"", True)
    return Workbook(tuple(lister.sheets()), squared(partial(_rows, path)))


class _Lister:
    """Collects the worksheets of a document; one is hidden by its style."""

    def __init__(self) -> None:
        self._tables: list[tuple[str, str]] = []
        self._depth = 0
        self._style = ""
        self._hidden: set[str] = set()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        if name == "table:table":
            if not self._depth:
                self._tables.append((attributes.get("table:name", ""), attributes.get("table:style-name", "")))
            self._depth += 1
        elif name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties" and attributes.get("table:display") == "false":
            self._hidden.add(self._style)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "table:table":
            self._depth -= 1

    def sheets(self) -> Iterator[tuple[str, bool]]:
        """Return the worksheets: (name, is visible)."""
        return ((name, style not in self._hidden) for name, style in self._tables)


def _rows(path: Path, name: str) -> Iterator[Sequence[Any]]:
    """Yield the rows; blank ones count when one with a value comes after them: a sheet ends with a million others."""
    blank = 0
    for row in ods_rows(path, name):
        values: list[Any] = []
        for cell in row.cells:
            if cell.is_filled:
                values += [""] * (cell.column - len(values))
                values += [_value(cell)] * len(cell.columns)
        if not values:
            blank += row.times
            continue
        for _ in range(blank):
            yield ()
        blank = 0
        for _ in range(row.times):
            yield values


def _value(cell: OdsCell) -> Any:
    """Return the value; a text without a type is none (see `ods_metadata`). Raises `ValueError`.

    A date beyond the calendar is read as it is shown.
    """
    kind = cell.attributes.get("office:value-type", "")
    if kind == "string":
        return cell.text or cell.attributes.get("office:string-value", "")
    attribute, read = _READERS.get(kind, ("", None))
    if read is None:
        return ""
    text = cell.attributes[attribute]
    return cell.text if kind == "date" and _BEYOND.match(text) else read(text)


def _number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


def _moment(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _time(text: str) -> timedelta:
    span = _SPAN.fullmatch(text)
    if span is None:
        raise ValueError("no time")
    length = timedelta(
        hours=int(span["hours"] or 0),
        minutes=int(span["minutes"] or 0),
        seconds=float((span["seconds"] or "0").replace(",", ".")),
    )
    return -length if span["sign"] else length


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "float": ("office:value", _number),
    "currency": ("office:value", _number),
    "percentage": ("office:value", _number),
    "date": ("office:date-value", _moment),
    "time": ("office:time-value", _time),
    "boolean": ("office:boolean-value", lambda text: text == "true"),
}
