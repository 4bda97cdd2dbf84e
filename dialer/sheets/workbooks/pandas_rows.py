"""Reads the worksheets of the older formats, XLS and XLSB: the only import of pandas."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def older_rows(path: Path, sheet: str) -> Iterator[tuple[Any, ...]]:
    """Return every row of the worksheet from its first on, blank ones too, as Python values; empty cells are "".

    Nothing is guessed: no cell is a missing value, no text becomes a number. Raises what pandas and calamine raise.
    """
    import pandas as pd  # noqa: PLC0415 - half a second that no other sheet need pay

    frame = pd.read_excel(
        path, sheet_name=sheet, header=None, dtype=object, engine="calamine", keep_default_na=False, na_filter=False
    )
    return frame.itertuples(index=False, name=None)
