"""Cuts an Excel number format into its sections, for numbers and for texts. Pure.

Source: ECMA-376 part 1, 18.8.31, and for sections that are fewer than four SheetJS SSF, which was tested against Excel.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from dialer.sheets.workbooks.date_formats import literal_text

GENERAL = "General"

_PIECE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|E[+-]|AM/PM|A/P|[0#?]+|General|.', re.IGNORECASE | re.DOTALL)
_LOCALE = re.compile(r"\[\$(?P<sign>[^\-\]]*)(?:-(?P<language>[0-9A-Fa-f]*))?\]")
_CONDITION = re.compile(r"\[(?P<sign><=|>=|<>|<|>|=)(?P<number>-?\d+(?:\.\d+)?)\]")
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.IGNORECASE)
_LITERAL = frozenset(" $-+/():!^&'~{}<>=\u20ac\u00a3\u00a5\u20b9\u00a0.,")
_MOST_NUMBERS = 3
_NAMED = re.compile("mmm|ddd", re.IGNORECASE)
_PRIMARY_LANGUAGE, _ENGLISH = 0x3FF, 0x09

Pieces = tuple[str, ...]
"""A section's places, letters, quoted and escaped texts in their order, without colours and fillings."""

Condition = tuple[str, Decimal]
"""When a section is meant: a sign of comparison, and what a number is compared with."""


class Sections(NamedTuple):
    """The sections of a format: those for `numbers` (`None` for an unknown one), the condition of each, if it has one,
    and the one for texts, if there is one.
    """

    numbers: tuple[Pieces | None, ...]
    conditions: tuple[Condition | None, ...]
    text: Pieces | None


@lru_cache(maxsize=512)
def sections_of(code: str) -> Sections:
    """Cut the format *code* into its sections. The fourth is for texts, and so is a last one with an `@`."""
    cut: list[list[str]] = [[]]
    conditions: list[Condition | None] = [None]
    for piece in _PIECE.findall(code):
        condition = _CONDITION.fullmatch(piece)
        if piece == ";":
            cut.append([])
            conditions.append(None)
        elif condition is not None:
            conditions[-1] = (condition["sign"], Decimal(condition["number"]))
        elif piece[0] != "*" and not _COLOUR.fullmatch(piece):
            cut[-1].append(" " if piece[0] == "_" else piece)
    sections = tuple(map(_plain, cut))
    if len(cut) <= _MOST_NUMBERS and "@" not in cut[-1]:
        return Sections(sections, tuple(conditions), None)
    numbers = sections[: min(len(cut) - 1, _MOST_NUMBERS)] or ((GENERAL,) if cut[0] == ["@"] else None,)
    return Sections(numbers, tuple(conditions[: len(numbers)]), sections[min(len(cut) - 1, _MOST_NUMBERS)])


def literal(piece: str) -> str | None:
    """Return the text that a *piece* shows as it stands; `None` for one that means something, or is not known."""
    return literal_text(piece, _LITERAL)


def _plain(section: list[str]) -> Pieces | None:
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
