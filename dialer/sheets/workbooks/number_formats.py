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

GENERAL = "General"

_PIECE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|E[+-]|AM/PM|A/P|[0#?]+|General|.', re.IGNORECASE | re.DOTALL)
_LOCALE = re.compile(r"\[\$(?P<sign>[^\-\]]*)(?:-(?P<language>[0-9A-Fa-f]*))?\]")
_CONDITION = re.compile(r"\[(?P<sign><=|>=|<>|<|>|=)(?P<number>-?\d+(?:\.\d+)?)\]")
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.IGNORECASE)
_LITERAL = frozenset(" $-+/():!^&'~{}<>=€£¥₹\u00a0.,")
_LOCALE_DATES = {"mm-dd-yy", "m/d/yy h:mm", "general"}
"""Excel's formats 14 and 22, as openpyxl spells them: each computer shows them in the order of its own country."""

_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")
_ADDED = re.compile(r"[0-9+]")
_TEXT_SECTION = 3
_NAMED = re.compile("mmm|ddd", re.IGNORECASE)
_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne}
_PRIMARY_LANGUAGE, _ENGLISH = 0x3FF, 0x09

_LARGEST = 10**15
"""Beyond this a spreadsheet program keeps no units, and shows zeros in their place."""

_MOST_DECIMALS = 12
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
    sections = _sections(code)
    if isinstance(value, (date, time, timedelta)):
        pieces = sections[0]
        if code.casefold() in _LOCALE_DATES or pieces is None:
            return None
        return show_moment(value, pieces)
    number = Decimal(repr(value))
    if not number.is_finite() or abs(number) > _LARGEST:
        return None
    conditions = _conditions(code)
    index = _section_for(number, conditions) if any(conditions) else _section_of(number, len(sections))
    if index is None or sections[index] is None:
        return None
    has_own_sign = number < 0 and len(sections) > 1 and not any(conditions)
    return _show_number(abs(number) if has_own_sign else number, code, index)


def render_text(text: str, code: str) -> str | None:
    """Show a *text* by the format *code*, whose fourth section, or only one, may put more around it (`"+"@`)."""
    sections = _sections(code)
    pieces = sections[0] if len(sections) == 1 else sections[_TEXT_SECTION] if len(sections) > _TEXT_SECTION else None
    if pieces is None or "@" not in pieces:
        return None
    literals = [text if piece == "@" else _literal(piece) for piece in pieces]
    return "".join(piece for piece in literals if piece is not None) if None not in literals else None


def adds_digits(code: str) -> bool:
    """Return whether the format *code* shows digits or a `+` of its own beside those of the number."""
    pieces = (piece for section in _sections(code) for piece in section or ())
    return any(piece[0] not in "0#?Ee[" and _ADDED.search(piece) for piece in pieces)


def hides_number(code: str) -> bool:
    """Return whether the format *code* shows no digit of a positive number: `;;;` nothing, `"x"` another text."""
    first = _sections(code)[0]
    return first is not None and not any(piece[0] in "0#?" or piece == GENERAL for piece in first)


def _section_of(number: Decimal, count: int) -> int:
    """Choose among the sections `positive; negative; zero`."""
    wanted = 1 if number < 0 else 2 if number == 0 else 0
    return wanted if wanted < count else 0


def _section_for(number: Decimal, conditions: Sequence[tuple[str, Decimal] | None]) -> int | None:
    """Choose the first section whose condition holds, such as `[<=9999999]`; the last one needs none."""
    if None in conditions[:-1]:
        return None
    for index, condition in enumerate(conditions):
        if condition is None or _SIGNS[condition[0]](number, condition[1]):
            return index
    return None


@lru_cache(maxsize=512)
def _conditions(code: str) -> list[tuple[str, Decimal] | None]:
    """Find the condition of each section."""
    found: list[tuple[str, Decimal] | None] = [None]
    for piece in _PIECE.findall(code):
        condition = _CONDITION.fullmatch(piece)
        if piece == ";":
            found.append(None)
        elif condition is not None:
            found[-1] = (condition["sign"], Decimal(condition["number"]))
    return found


@lru_cache(maxsize=512)
def _sections(code: str) -> list[tuple[str, ...] | None]:
    """Cut a format into its sections, each a list of pieces without colours and fillings; `None` for an unknown one."""
    sections: list[list[str]] = [[]]
    for piece in _PIECE.findall(code):
        if piece == ";":
            sections.append([])
        elif piece[0] != "*" and not _COLOUR.fullmatch(piece) and not _CONDITION.fullmatch(piece):
            sections[-1].append(" " if piece[0] == "_" else piece)
    return [_plain(section) for section in sections]


def _plain(section: list[str]) -> tuple[str, ...] | None:
    pieces = []
    for piece in section:
        locale = _LOCALE.fullmatch(piece)
        if locale is None:
            pieces.append(piece)
        elif locale["sign"]:
            pieces.append(f'"{locale["sign"]}"')
        elif not _is_english(locale["language"]) and _NAMED.search("".join(section)):
            return None
    return tuple(pieces)


def _is_english(language: str | None) -> bool:
    """Return whether a Windows language id is English, or none."""
    return not language or int(language, 16) & _PRIMARY_LANGUAGE == _ENGLISH


@lru_cache(maxsize=512)
def _shape(code: str, index: int) -> _Shape | None:
    """Read a section for numbers. `None` for fractions, exponents, conditions and dates."""
    pieces = _sections(code)[index] or ()
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
            text = _literal(piece)
            if text is None or (piece == "/" and any(next_[0] in "0#?" for next_ in pieces[position:])):
                return None
            parts.append((text, False))
    return _Shape(tuple(parts), decimals, grouped, Decimal(1000) ** commas, percent)


def _literal(piece: str) -> str | None:
    if piece[0] == '"':
        return piece[1:-1]
    if piece[0] == "\\":
        return piece[1:]
    return piece if piece in _LITERAL else None


def _show_number(number: Decimal, code: str, index: int) -> str | None:
    pieces = _sections(code)[index] or ()
    if "".join(pieces).casefold() in {"general", "@"}:
        return _general(number)
    shape = _shape(code, index)
    if shape is None or shape.decimals > _MOST_DECIMALS or not any(is_place for _, is_place in shape.parts):
        return None
    scaled = number * Decimal(100) ** shape.percent / shape.divisor
    rounded = scaled.quantize(Decimal(1).scaleb(-shape.decimals), ROUND_HALF_UP)
    whole, _, fraction = format(abs(rounded), "f").partition(".")
    sign = "-" if rounded < 0 else ""
    return sign + _filled(shape, "" if whole == "0" else whole, fraction)


def _general(number: Decimal) -> str:
    if number == number.to_integral_value():
        return format(number.to_integral_value(), "f")
    return format(Decimal(f"{number:.{_SIGNIFICANT}g}").normalize(), "f")


def _filled(shape: _Shape, whole: str, fraction: str) -> str:
    """Put the digits into their places: those before the point from the right, those after it from the left."""
    texts = [text for text, _ in shape.parts]
    point = next((at for at, (text, is_place) in enumerate(shape.parts) if is_place and text == "."), len(texts))
    places = [at for at, (_, is_place) in enumerate(shape.parts[:point]) if is_place]
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
            optional = len(wanted) - len(wanted.rstrip("#"))
            texts[at] = taken[: len(wanted) - optional] + taken[len(wanted) - optional :].rstrip("0")
    return "".join(texts)


def _take(digits: str, places: str, *, takes_all: bool) -> tuple[str, str]:
    """Take the last digits for *places* off; the leftmost place takes all that are left. Gives (rest, filled)."""
    taken = digits if takes_all else digits[max(len(digits) - len(places), 0) :]
    rest = digits[: len(digits) - len(taken)]
    missing = places[: max(len(places) - len(taken), 0)]
    return rest, missing.replace("#", "").replace("?", " ") + taken
