"""What a text becomes in a workbook's cell: a number or a day where that reads back the same, else a text. Pure.

Amounts and dates of a workbook are read as they are shown there, so the look is found again in the text. A date stays a
text where its day and month could change places, and where its month has a name, which another country shows otherwise.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from dialer.sheets.rewritten_numbers import CURRENCY
from dialer.sheets.workbooks.format_sections import GENERAL

XLSX_MAX_CHARACTERS = 32_767
"""The most UTF-16 units that one cell can hold; a longer text is cut there. CSV and JSON hold it all."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,8})(?:\.\d{0,3}[1-9])?", re.ASCII)
_MOST_DIGITS = 9
"""Of a number that is written as one: any longer one may be a telephone number, or shown as an exponent."""
_AMOUNT = re.compile(
    rf"(?P<sign>-?)(?P<before>(?:{CURRENCY})[ \u00a0]?)?(?P<whole>\d{{1,3}}(?:,\d{{3}})+|0|[1-9]\d*)"
    rf"(?:\.(?P<fraction>\d+))?(?P<behind>[ \u00a0]?(?:%|{CURRENCY}))?",
    re.ASCII,
)
_MOST_AMOUNT_DIGITS = 15
"""Of an amount: more are not kept by any spreadsheet program."""
_DATES = (
    (
        re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})", re.ASCII),
        "yyyy{}{m}{}{d}",
    ),
    (re.compile(r"(?P<day>\d{1,2})(?P<mark>\.)(?P<month>\d{1,2})\.(?P<year>\d{4})", re.ASCII), "{d}{}{m}{}yyyy"),
)
_FIRST_YEAR = 1910
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_held(text: str) -> str:
    """Return a text as a cell can hold it: without what XML cannot, and not too long."""
    if not text.isprintable():
        text = _NO_XML.sub("", text)
    if len(text) > XLSX_MAX_CHARACTERS // 2:
        text = text.encode("utf-16-le")[: 2 * XLSX_MAX_CHARACTERS].decode("utf-16-le", "ignore")
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # xlsxwriter takes it for its own markup of a rich text, and writes it as it stands
    return text


class TypedCell(NamedTuple):
    """A number or a date, and the number format by which it looks as its text does."""

    value: float | date
    number_format: str


@lru_cache(maxsize=4096)
def typed_cell(text: str) -> TypedCell | None:
    """Return the number or the day that reads back as *text*; None for any other text, and an empty one."""
    if not text or (text[0].isalpha() and not text[-1].isdigit()):  # spares names the patterns
        return None
    return number_of(text) or amount_of(text) or date_of(text)


def number_of(text: str) -> TypedCell | None:
    """Return the number that reads back as *text* without any format; None for any other text."""
    if not _NUMBER.fullmatch(text) or text == "-0" or sum(map(str.isdigit, text)) > _MOST_DIGITS:
        return None
    return TypedCell(float(text) if "." in text else int(text), GENERAL)


def amount_of(text: str) -> TypedCell | None:
    """Return the amount that *text* shows, such as `$1,234.50`, `12.50`, `7 %` or `EUR 3`; None for any other text."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    sign, before, whole, fraction, behind = (part or "" for part in found.groups())
    is_marked = bool(before or behind or "," in whole)
    digits = len(whole.replace(",", "")) + len(fraction)
    number = Decimal(f"{sign}{whole.replace(',', '')}.{fraction or 0}")
    if digits > (_MOST_AMOUNT_DIGITS if is_marked else _MOST_DIGITS) or (sign and not number) or (before and behind):
        return None
    look = "#,##0" if "," in whole or (is_marked and len(whole) <= len("100")) else "0"
    look += "." + "0" * len(fraction) if fraction else ""
    value = number / 100 if "%" in behind else number
    return TypedCell(float(value), _quoted(before) + look + (behind if "%" in behind else _quoted(behind)))


def _quoted(text: str) -> str:
    return f'"{text}"' if text else ""


def date_of(text: str) -> TypedCell | None:
    """Return the day that *text* shows where nobody can read another one; None for any other text."""
    for pattern, look in _DATES:
        if found := pattern.fullmatch(text):
            return _dated(found, look)
    return None


def _dated(found: "re.Match[str]", look: str) -> TypedCell | None:
    day, month = found["day"], found["month"]
    is_padded = len(day) == len(month) == len("01")
    if not is_padded and "0" in (day[0], month[0]):
        return None
    try:
        value = date(int(found["year"]), int(month), int(day))
    except ValueError:
        return None
    mark = "\\/" if found["mark"] == "/" else found["mark"]  # a bare slash is another mark in another country
    letters = {"d": "dd", "m": "mm"} if is_padded else {"d": "d", "m": "m"}
    return TypedCell(value, look.format(mark, mark, **letters)) if value.year >= _FIRST_YEAR else None
