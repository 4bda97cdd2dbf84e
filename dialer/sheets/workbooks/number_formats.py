"""Shows a number or a date by an Excel number format, as the sheet's owner sees it. Pure.

By hand: `ssf`, the package of the index that does it, shows a value by the locale of the machine, does not start on one
without, and has no way to say that it is in doubt, which here decides whether somebody is called. This knows what
people use: digits with zeros before and after, thousands, currency, percent, dates and times. A format outside that, or
in a language whose month names we would have to guess, is answered with `None`, and so is one that hides digits behind
an exponent: the exact value is then read instead. Source: ECMA-376 part 1, 18.8.31.
"""

import operator
import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from dialer.sheets.workbooks.date_formats import show_moment
from dialer.sheets.workbooks.format_sections import GENERAL, Condition, Pieces, literal, sections_of

_LOCALE_DATES = {"mm-dd-yy", "m/d/yy h:mm", "general"}
"""Excel's formats 14 and 22, as openpyxl spells them: each computer shows them in the order of its own country."""

_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")
_ADDED = re.compile(r"[0-9+]")
_HIDING = re.compile(r" *(?:general|@|(?=.*[0#?])[0#?]*\.?[0#?]*(?:e[+-][0#?]+)?|[0#?]+ +[#?]+/[#?]+) *", re.IGNORECASE)
_MOMENT = re.compile(r"\[?(?:[yhms]|d(?!b))", re.IGNORECASE)
_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne}

_OWN_DIGITS = frozenset("123456789")
_PLACES = frozenset("0#?.,")

_LARGEST = 10**15
"""Beyond this a spreadsheet program keeps no units, and shows zeros in their place."""

_MOST_OF_A_KIND = 12
"""Decimals, signs of percent and commas of one section: of more, the exact number would be too long to keep."""

_SIGNIFICANT = 10
"""Digits that a cell without a format shows of a fraction (Excel's General)."""


class _Shape(NamedTuple):
    """A section for numbers: texts around it, and the places between them, each `0#?`, `.`, `,`, `%` or a literal."""

    parts: tuple[tuple[str, bool], ...]
    decimals: int
    grouped: bool
    divisor: Decimal
    percent: int


def render(value: float | date | time | timedelta, code: str) -> str | None:
    """Show *value* by the format *code*; `None` where that is not known, or would hide a part of the number."""
    numbers, conditions, _ = sections_of(code)
    if isinstance(value, (date, time, timedelta)):
        pieces = numbers[0]
        if code.casefold() in _LOCALE_DATES or pieces is None or any(conditions):
            return None
        return show_moment(value, pieces)
    number = Decimal(repr(value))
    if not number.is_finite() or abs(number) > _LARGEST:
        return None
    index = _section_for(number, conditions) if any(conditions) else _section_of(number, len(numbers))
    if index is None or (pieces := numbers[index]) is None:
        return None
    has_own_sign = number < 0 and len(numbers) > 1 and not any(conditions)
    return _show_number(abs(number) if has_own_sign else number, pieces)


def render_text(text: str, code: str) -> str | None:
    """Show a *text* by the section of the format *code* for texts, which may put more around it (`"+"@`), or hide it.

    Without such a section it shows itself; `None` where the section is not known.
    """
    pieces = sections_of(code).text
    if pieces is None:
        return text
    texts = [text if piece == "@" else literal(piece) for piece in pieces]
    return "".join(piece for piece in texts if piece is not None) if None not in texts else None


def keeps_digits(code: str) -> bool:
    """Return whether the format *code* may hide digits of a whole number, and shows no others: an exponent, a fraction.

    Not so a percentage, thousands left out, digits or a `+` of its own, or what is not known here.
    """
    return all(
        pieces is not None and _HIDING.fullmatch("".join(map(_outline, pieces))) for pieces in sections_of(code).numbers
    )


def shows_moments(code: str) -> bool:
    """Return whether the format *code* is of dates or times, or may be: its section for numbers is not known."""
    pieces = sections_of(code).numbers[0]
    return pieces is None or any(_MOMENT.match(piece) for piece in pieces)


def _outline(piece: str) -> str:
    """Return a piece as `_HIDING` looks at it: a place, a blank for a text without digits, `!` for any other."""
    if piece[0] in "0#?.Ee/@" or piece.casefold() == GENERAL.casefold():
        return piece
    text = literal(piece)
    return "!" if text is None or piece == "," or _ADDED.search(text) else " "


def _section_of(number: Decimal, count: int) -> int:
    """Choose among the sections `positive; negative; zero`."""
    wanted = 1 if number < 0 else 2 if number == 0 else 0
    return wanted if wanted < count else 0


def _section_for(number: Decimal, conditions: Sequence[Condition | None]) -> int | None:
    """Choose the first section whose condition holds, such as `[<=9999999]`; the last one needs none."""
    if None in conditions[:-1]:
        return None
    for index, condition in enumerate(conditions):
        if condition is None or _SIGNS[condition[0]](number, condition[1]):
            return index
    return None


@lru_cache(maxsize=512)
def _shape(pieces: Pieces) -> _Shape | None:
    """Read a section for numbers. `None` for fractions, exponents, conditions and dates."""
    parts: list[tuple[str, bool]] = []
    point = decimals = percent = commas = 0
    grouped = False
    for position, piece in enumerate(pieces):
        if piece[0] in "0#?":
            parts.append((piece, True))
            decimals += len(piece) if point else 0
            grouped, commas = grouped or commas > 0, 0
        elif piece == "." and not point:
            point = 1
            parts.append((".", True))
        elif piece == "," and parts and parts[-1][1]:
            commas += 1
        elif piece == "%":
            percent += 1
            parts.append(("%", False))
        else:
            text = piece if _is_own_digit(pieces, position) else literal(piece)
            if text is None or (piece == "/" and any(next_[0] in "0#?" for next_ in pieces[position:])):
                return None
            parts.append((text, False))
    if max(decimals, percent, commas) > _MOST_OF_A_KIND:
        return None
    return _Shape(tuple(parts), decimals, grouped, Decimal(1000) ** commas, percent)


def _is_own_digit(pieces: Pieces, position: int) -> bool:
    """Return whether a piece is a digit that the format adds (`+7 (000) 000`): beside no place, in no fraction."""
    beside = "".join((*pieces[max(position - 1, 0) : position], *pieces[position + 1 : position + 2]))
    return pieces[position] in _OWN_DIGITS and _PLACES.isdisjoint(beside) and "/" not in pieces[:position]


def _show_number(number: Decimal, pieces: Pieces) -> str | None:
    if not any(piece[0] in "0#?" for piece in pieces):
        return _show_words(number, pieces)
    shape = _shape(pieces)
    if shape is None:
        return None
    scaled = number * Decimal(100) ** shape.percent / shape.divisor
    if abs(scaled) > _LARGEST:
        return None
    rounded = scaled.quantize(Decimal(1).scaleb(-shape.decimals), ROUND_HALF_UP)
    whole, _, fraction = format(abs(rounded), "f").partition(".")
    sign = "-" if rounded < 0 else ""
    return sign + _filled(shape, "" if whole == "0" else whole, fraction)


def _show_words(number: Decimal, pieces: Pieces) -> str | None:
    """Show a number by a section without places: words in its stead (`"yes"`), or `General` with words beside it."""
    texts = [_general(abs(number)) if piece.casefold() == "general" else literal(piece) for piece in pieces]
    shown = "".join(text for text in texts if text is not None)
    if None in texts or not shown.strip():
        return None
    return f"-{shown}" if number < 0 else shown


def _general(number: Decimal) -> str:
    if number == number.to_integral_value():
        return format(number.to_integral_value(), "f")
    return format(Decimal(f"{number:.{_SIGNIFICANT}g}").normalize(), "f")


def _filled(shape: _Shape, whole: str, fraction: str) -> str:
    """Put the digits into their places: those before the point from the right, those after it from the left."""
    texts = [text for text, _ in shape.parts]
    point = next((at for at, (text, is_place) in enumerate(shape.parts) if is_place and text == "."), len(texts))
    places = [at for at, (_, is_place) in enumerate(shape.parts[:point]) if is_place]
    if not places:  # `.00` shows the whole number, too
        texts[point] = whole + texts[point]
    rest = whole
    for at in reversed(places):
        rest, texts[at] = _take(rest, texts[at], takes_all=at == places[0])
    if shape.grouped and places:
        digits = "".join(texts[at] for at in places)
        for at in places:
            texts[at] = ""
        texts[places[0]] = _THOUSANDS.sub(",", digits)
    for at in range(point + 1, len(texts)):
        if shape.parts[at][1]:
            wanted = texts[at]
            taken, fraction = fraction[: len(wanted)], fraction[len(wanted) :]
            certain = len(wanted.rstrip("#?"))
            filled = taken[:certain] + taken[certain:].rstrip("0")
            texts[at] = filled + " " * wanted[len(filled) :].count("?")
    return "".join(texts)


def _take(digits: str, places: str, *, takes_all: bool) -> tuple[str, str]:
    """Take the last digits for *places* off; the leftmost place takes all that are left. Gives (rest, filled)."""
    taken = digits if takes_all else digits[max(len(digits) - len(places), 0) :]
    rest = digits[: len(digits) - len(taken)]
    missing = places[: max(len(places) - len(taken), 0)]
    return rest, missing.replace("#", "").replace("?", " ") + taken
