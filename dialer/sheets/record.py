"""What the readers of sheets read, and what they give: a file by its ending, row by row. Pure."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
JSON_LINES_SUFFIXES = (".jsonl", ".ndjson")
SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *JSON_LINES_SUFFIXES)

NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What no text holds: a NUL, or half of a character (a surrogate)."""

NOTHING_SHOWN: Mapping[int, str | None] = MappingProxyType({})


class Record(NamedTuple):
    """A row's *number* (the first of the file is 1) and its *cells* as text.

    *shown* holds, of the cells that were to be read exactly, those in which a number format shows another number than
    the cell holds: by 0-based column what is shown, or `None` where nobody can tell what.
    """

    number: int
    cells: Sequence[str]
    shown: Mapping[int, str | None] = NOTHING_SHOWN
