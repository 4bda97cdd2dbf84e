"""The numbers and moments that a cell's text may mean: all of them, where countries write them differently. Pure."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dialer.sheets.rewritten_numbers import numbers_read

_TIME = r"(?:(?:T|[ ]+)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<a>\d{{1,2}})(?P=mark)(?P<b>\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST = re.compile(rf"(?P<a>\d{{1,2}})(?P<mark>[-/.])(?P<b>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_TIME}", re.ASCII)


@lru_cache(maxsize=16_384)
def numbers_of(text: str) -> frozenset[Decimal]:
    """Return what the number in *text* may be: `1,234.50` and `1.234,50` are one, `1,234` and `7 %` may be two.

    Nothing of a text that is no number.
    """
    return numbers_read(text.strip())


@lru_cache(maxsize=16_384)
def moments_of(text: str) -> frozenset[datetime]:
    """Return what the day, or the day and time, in *text* may be: `03/04/2026` may be two; a day alone is its midnight.

    The time is as it is written, to the second, whatever offset from UTC stands behind it. Parts are in one order where
    the year stands first, or dots part them. Nothing of any other text, nor of a day that no calendar has.
    """
    found = _YEAR_FIRST.fullmatch(text.strip()) or _YEAR_LAST.fullmatch(text.strip())
    return frozenset() if found is None else frozenset(_read(found, _orders(found)))


def either(values: Iterable[Any]) -> str:
    """Write what a cell may mean: `1.234 or 1234`."""
    return " or ".join(f"{value:f}" if isinstance(value, Decimal) else str(value) for value in sorted(values))


def _orders(found: "re.Match[str]") -> set[tuple[int, int]]:
    """Return what month and day may be."""
    a, b = int(found["a"]), int(found["b"])
    if found.re is _YEAR_FIRST:
        return {(a, b)}
    return {(b, a)} if found["mark"] == "." else {(a, b), (b, a)}


def _read(found: "re.Match[str]", orders: Iterable[tuple[int, int]]) -> Iterable[datetime]:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    for month, day in orders:
        with suppress(ValueError):  # a day or an hour that there is not
            yield datetime(int(found["year"]), month, day, hour, minute, second)  # noqa: DTZ001 - a cell says no zone
