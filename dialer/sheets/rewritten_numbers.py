"""Recognises a number or a date that a spreadsheet program wrote another way when it saved a text file. Pure.

Programs take a text that looks like a number for one: they drop leading zeros and a plus, write exponents out or in,
and keep 15 significant digits. Amounts are shown with the marks of the country, or with none at all. How many decimals
they show is up to the width of the column. Dates come out in the order of the country.
"""

import re
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

_CODES = "AED|AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MXN|NOK|NZD|PLN|SAR|SEK|SGD|USD|ZAR"
CURRENCY = f"[$\u00a3\u00a5\u20a0-\u20c0]|{_CODES}"
"""A pattern of what amounts are written with."""

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+(?:[Ee][+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([. \u00a0\u202f'\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII)
_BARE = re.compile(r"-?\d+(?:[.,]\d*[1-9])?", re.ASCII)
"""What becomes of an amount where a program saves values and not what it shows."""
_AMOUNT = re.compile(rf"([+-]?)({CURRENCY})?\s*([+-]?[^\s].*?)\s*({CURRENCY}|%)?")
_TIME = r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::00)?)?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})([-/.])(?P<a>\d{{1,2}})\2(?P<b>\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<mark>[-/.])(?P<b>\d{{1,2}})(?P=mark)(?:\d\d)?(?P<year>\d\d){_TIME}", re.ASCII
)
_LONGEST = 400
"""Characters of any number that a cell can hold."""
_KEPT_DIGITS = 15
"""Significant digits that spreadsheet programs keep of a number."""
_LEAST_SHOWN_DIGITS = 9
"""Fewer are shown of a number without an exponent only where it has no more."""


def is_rewritten(stored: str, read: str) -> bool:
    """Return whether *read* is what a spreadsheet program makes of the number or the date that the cell *stored*."""
    if stored == read or max(len(stored), len(read)) > _LONGEST:
        return False
    if _is_same_day(stored, read):
        return True
    (stored_mark, stored), (read_mark, read) = _amount(stored), _amount(read)
    if stored_mark != read_mark and not (read_mark == "" and _BARE.fullmatch(read)):
        return False
    share = 100 if stored_mark == "%" != read_mark else 1
    return any(_is_same(one / share, other, read) for one in _numbers(stored) for other in _numbers(read))


def numbers_read(text: str) -> frozenset[Decimal]:
    """Return all numbers that *text*, an amount or a share perhaps, is taken for in one country or another."""
    if len(text) > _LONGEST:
        return frozenset()
    mark, bare = _amount(text)
    numbers = frozenset(_numbers(bare))
    return numbers | {number / 100 for number in numbers} if mark == "%" else numbers


def _is_same_day(stored: str, read: str) -> bool:
    """Return whether both are the same day, one of them in another order; which of a and b is the day is not asked."""
    one, other = (_YEAR_FIRST.fullmatch(text) or _YEAR_LAST.fullmatch(text) for text in (stored, read))
    if one is None or other is None or _year_and_time(one) != _year_and_time(other):
        return False
    return bool(_orders(one) & _orders(other)) and (_is_ordered(one) or _is_ordered(other) or _ab(one) == _ab(other))


def _year_and_time(date: "re.Match[str]") -> tuple[int, int, int]:
    return int(date["year"]) % 100, int(date["hour"] or 0), int(date["minute"] or 0)


def _ab(date: "re.Match[str]") -> tuple[int, int]:
    return int(date["a"]), int(date["b"])


def _is_ordered(date: "re.Match[str]") -> bool:
    """Return whether everybody reads day and month of *date* alike: after the year, or parted by dots."""
    return date.re is _YEAR_FIRST or date["mark"] == "."


def _orders(date: "re.Match[str]") -> set[tuple[int, int]]:
    """Return what month and day *date* may mean."""
    a, b = _ab(date)
    if date.re is _YEAR_FIRST:
        return {(a, b)}
    return {(b, a)} if date["mark"] == "." else {(a, b), (b, a)}


def _amount(text: str) -> tuple[str, str]:
    """Return the currency, or the percent sign, that stands at either end of *text*, and the number beside it."""
    found = _AMOUNT.fullmatch(text)
    if found is None or not (found[2] or found[4]):
        return "", text
    return f"{found[2] or ''}{found[4] or ''}", found[1] + found[3]


def _numbers(text: str) -> Iterator[Decimal]:
    """Yield what a program may take *text* for: a comma parts decimals in one country, thousands in another."""
    if _PLAIN.fullmatch(text):
        yield Decimal(text)
    if _COMMA.fullmatch(text):
        yield Decimal(text.replace(",", "."))
    if _THOUSANDS.fullmatch(text):
        yield Decimal(text.replace(",", ""))
    if found := _GROUPED.fullmatch(text):
        yield Decimal(text.replace(found[1], "").replace(",", "."))


def _is_same(stored: Decimal, read: Decimal, text: str) -> bool:
    if stored == read:
        return True
    shown = len(read.as_tuple().digits)
    kept = {_KEPT_DIGITS}
    if "e" in text.lower() or shown >= _LEAST_SHOWN_DIGITS:
        kept.add(shown)
    modes = (ROUND_HALF_UP, ROUND_DOWN)
    return any(Context(prec=digits, rounding=mode).plus(stored) == read for digits in kept for mode in modes)
