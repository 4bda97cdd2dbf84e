"""Recognises what a spreadsheet program leaves where somebody's number was: guessing it back rings a stranger. Pure."""

import re

_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d*)?E[+-]?\d+", re.IGNORECASE)
_DECIMAL = re.compile(r"(?!\+[1-9]\d{0,2}\.\d{6,})[+-]?\d+[.,]\d+")
"""But for `+1.2025550143`, as registries of domains write a number: no program that lost digits leaves a plus."""

_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+")
_ERROR_VALUE = re.compile(r"#[A-Z0-9/]+[!?]?|#+")
_NEGATIVE = re.compile(r"-\s*\(?\d.*")
"""The value of `+1-4155552671`, which a spreadsheet program takes for a sum; no number begins with a minus sign."""

_ROUND_END = re.compile(r"[^.,]*\d\)? ?[.,]0{1,2}")
"""`(301) 2345678.0`: the one decimal mark of the cell, before zeros that nobody dials."""

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(rf"(?:{_YEAR}-{_DAY}-{_DAY}|{_DAY}([.-]){_DAY}\1{_YEAR})(?:[ T].*)?")

_KINDS = (_EXPONENT, _DECIMAL, _THOUSANDS, _ERROR_VALUE, _NEGATIVE, _ROUND_END, _DATE)
_UNHARMED = re.compile(r"[+(]?[0-9][0-9 ()]*(?:-[0-9]{3,}|-[0-9]{3}-[0-9]{4})?")
"""How most numbers are written: nothing in it can be any of the damages, so they need not be looked for."""


_ZERO_DECIMAL = re.compile(r"(\d{7,15})[.,]0{1,2}")
_SHORT_EXPONENT = re.compile(r"(\d)[.,](\d{6,14})E\+?(\d{1,2})", re.IGNORECASE)


def whole_digits(text: str) -> str | None:
    """Return all digits of a number that a program wrote as a decimal without losing one; else `None`.

    `2125550101.0`, and `1.2125550101E10`, whose exponent counts exactly the digits after the mark; a comma is one, too.
    A zero that stood before them is gone even so.
    """
    decimal = _ZERO_DECIMAL.fullmatch(text)
    if decimal is not None:
        return decimal[1]
    exponent = _SHORT_EXPONENT.fullmatch(text)
    if exponent is not None and int(exponent[3]) == len(exponent[2]):
        return exponent[1] + exponent[2]
    return None


_KEPT_DIGITS = 15
"""Significant digits that spreadsheet programs keep of a number; workbooks store it as an IEEE 754 double."""

_SURELY_LONG, _LONGEST = 20, 64
"""From so many digits on, fewer than one whole number of 8,000 is a double; more than the other no id has."""


def is_shortened(text: str) -> bool:
    """Return whether *text* is a long number of which a spreadsheet program has kept the first digits only.

    It fills the others up with zeros, or a workbook holds the double that is nearest.
    """
    if not (text.isascii() and text.isdigit() and _SURELY_LONG <= len(text) <= _LONGEST):
        return False
    return not text[_KEPT_DIGITS:].strip("0") or int(float(text)) == int(text)


def is_damaged(text: str) -> bool:
    """Return whether *text*, freed of spaces around it, is no number as somebody wrote it.

    An exponent, a decimal mark, an error value, a minus sign in front (the result of a sum) or a date.
    """
    return not _UNHARMED.fullmatch(text) and any(kind.fullmatch(text) for kind in _KINDS)
