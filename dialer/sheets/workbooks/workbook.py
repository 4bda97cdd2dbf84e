"""What every reader of workbooks gives: the worksheets, and the rows of each as values."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import error as StructError  # noqa: N812 - an exception, named as one
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile

from dialer.errors import SheetError

Rows = Callable[[str], Iterator[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook that was opened.

    *sheets* are its worksheets in their order, without charts: (name, is visible). *rows* gives of a worksheet, by its
    name, every row from the first on, blank ones too: values from the first column on, empty cells as "", each row as
    long as the others. It gives them anew each time.
    """

    sheets: tuple[tuple[str, bool], ...]
    rows: Rows


def squared(rows: Rows) -> Rows:
    """Return every row as many cells as the longest one of its worksheet has."""
    widths: dict[str, int] = {}

    def padded(name: str) -> Iterator[Sequence[Any]]:
        if name not in widths:
            widths[name] = max(map(len, rows(name)), default=0)
        return ([*row, *[""] * (widths[name] - len(row))] for row in rows(name))

    return padded


def unreadable(path: Path) -> SheetError:
    """Word what is said of any workbook that cannot be parsed."""
    return SheetError(
        f"{path}: is not a whole workbook: it is damaged, cut short, protected by a password, of another format, or"
        " takes more than 2 GiB or two minutes to read. Open it in a spreadsheet program and save it again as .xlsx, or"
        " as CSV UTF-8."
    )


@contextmanager
def parsing(path: Path) -> Iterator[None]:
    """Turn what the parsers raise of a damaged workbook into a `SheetError`, the panics of calamine among it."""
    try:
        yield
    except OverflowError as error:
        raise SheetError(
            f"{path}: a cell holds a number that is too large for the time or date that its number format makes of it,"
            ' such as a telephone number in the format [h]:mm. Give such cells the number format "0", and save again.'
        ) from error
    except (ParseError, ExpatError, BadZipFile, ValueError, LookupError, OSError, StructError) as error:
        raise unreadable(path) from error
    except BaseException as error:
        # calamine's errors and panics are no exceptions of these kinds, and the class of panics can be imported from
        # nowhere.
        if type(error).__module__ not in {"python_calamine", "pyo3_runtime"}:
            raise
        raise unreadable(path) from None
