"""A pandas DataFrame in place of a sheet: its columns are the header, each value the text that a sheet would hold."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import pandas as pd

from dialer.campaign.tables import Contacts
from dialer.errors import SheetError
from dialer.sheets.record import NO_TEXT, Record
from dialer.sheets.sheet import Records, Sheet, read_through
from dialer.sheets.workbooks.metadata.model import WorksheetMetadata

Frame = pd.DataFrame

WHERE = Path("DataFrame")
"""Stands for the file's path in messages, results and the ledger."""


def open_frame(frame: Frame, contacts: Contacts) -> Sheet:
    """Return *frame* as a sheet whose header is row 1 and whose first line is row 2; the index is no column.

    A note tells of an index that has a name, for it may have been a column. The values are taken now: what becomes of
    the frame later changes nothing. Raises `SheetError` for a frame without rows or columns, and for what is none.
    """
    if not (hasattr(frame, "columns") and hasattr(frame, "itertuples")):
        raise SheetError(f"{WHERE}: contacts is a {type(frame).__name__}. Give a pandas DataFrame.")
    header = tuple(map(_header, frame.columns))
    rows = [header, *(tuple(map(cell_text, line)) for line in frame.itertuples(index=False))]
    for number, row in enumerate(rows, start=1):
        if NO_TEXT.search("".join(row)):
            raise SheetError(
                f"{WHERE}: row {number} holds a NUL, or half of a character (a surrogate): no text has them."
            )
    records = _records(rows)
    found = read_through(WHERE, records, contacts.model_copy(update={"header_row": 1}), is_list=False)
    if not found.has_rows:
        raise SheetError(f"{WHERE}: there are no rows below the columns.")
    return Sheet(
        path=WHERE,
        name=None,
        header=found.header,
        blank=found.blank,
        notes=tuple(_notes(frame)),
        sha256=hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest(),
        header_row=1,
        height=found.height,
        metadata=WorksheetMetadata(),
        records=records,
        stamp=None,
    )


def _header(column: Any) -> str:
    """Return the header of a column: of one with several levels, the names of all of them."""
    return " ".join(filter(None, map(cell_text, column))) if isinstance(column, tuple) else cell_text(column)


def _notes(frame: Frame) -> Iterator[str]:
    names = [str(name) for name in frame.index.names if name is not None]
    if names:
        yield f"The index ({', '.join(names)}) is not read. If it is a column, give frame.reset_index()."


def _records(rows: list[tuple[str, ...]]) -> Records:
    def read(_exact: frozenset[int] | None) -> Iterator[Record]:
        return (Record(number, cells) for number, cells in enumerate(rows, start=1))

    return read


def cell_text(value: Any) -> str:
    """Return the text that a sheet would hold for *value*: nothing for a missing one, a whole number without a point.

    pandas makes floats of whole numbers where one is missing, and a number with a point is no phone number.
    """
    if isinstance(value, str):
        return value
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, Real) and not isinstance(value, Integral) and (number := float(value)).is_integer():
        return str(int(number))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if value.time() != datetime.min.time() else value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
