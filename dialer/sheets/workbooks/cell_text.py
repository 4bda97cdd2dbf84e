"""Writes the value of a workbook's cell as text: exactly, or as its owner sees it. Pure."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from dialer.sheets.opt_out_words import says_not_to_call
from dialer.sheets.workbooks.format_sections import GENERAL
from dialer.sheets.workbooks.number_formats import keeps_digits, render, render_text

_NOT_DIALLED = re.compile(r"[.,]0{1,2}\s*$|[^0-9+]")


def exact_text(value: Any) -> str:
    """Write a cell's whole value: `14155550123` without `.0`, `TRUE`, `2026-12-01`, `2026-12-01T09:30:00`."""
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def shown_text(value: Any, number_format: str) -> str | None:
    """Write a cell as a spreadsheet program shows it by its *number_format*, such as `0.00` or `dd.mm.yyyy`.

    Where the format only hides a part of the value (an exponent), or shows a moment in a way that is not known here,
    the value is written exactly; `None` where nobody can tell which number is seen.
    """
    if isinstance(value, str):
        shown = render_text(value, number_format) if value else value
        return shown if shown is None or shown.strip() or not value.strip() else None
    if isinstance(value, bool) or (isinstance(value, int) and number_format == GENERAL):
        return exact_text(value)
    shown = render(value, number_format)
    if shown is None and isinstance(value, (int, float)) and not keeps_digits(number_format):
        return None
    return exact_text(value) if shown is None else shown


def is_other_number(value: Any, shown: str | None) -> bool:
    """Return whether *shown* has other digits than a text or whole number *value*, or a `+` that this has not.

    So it has where it says that somebody is not to be called: `"DNC "0`.

    Marks between the digits do not count, nor do zeros after a decimal mark. What nobody can tell (`None`) is another.
    A date or a fraction is no telephone number, however it is shown.
    """
    if not isinstance(value, (str, int)) and not (isinstance(value, float) and value.is_integer()):
        return False
    if shown is None or _dialled(exact_text(value)) != _dialled(shown):
        return True
    return any(map(str.isalpha, shown)) and says_not_to_call(shown)


def formats_text(number_format: str) -> bool:
    """Return whether the format shows a text otherwise than it is."""
    shown = render_text("x", number_format)
    return shown is None or shown.strip() != "x"


def is_formatted(value: Any) -> bool:
    """Return whether a number format has a say in how *value* is shown."""
    return isinstance(value, (int, float, date, time, timedelta)) and not isinstance(value, bool)


def _dialled(text: str) -> str:
    return _NOT_DIALLED.sub("", text)


def _float_text(value: float) -> str:
    """Write a number without an exponent, and without a fraction it does not have."""
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def _moment_text(value: datetime) -> str:
    """Write a date without the midnight that workbooks store with it."""
    return value.date().isoformat() if value.time() == time.min else value.isoformat(timespec="seconds")


def _duration_text(value: timedelta) -> str:
    minutes, seconds = divmod(int(abs(value).total_seconds()), 60)
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


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
