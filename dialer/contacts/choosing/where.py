"""Decides which rows `where` means, by what their cells say. Pure.

A cell that may say two things counts where both come to the same; where they do not, nobody can tell, and somebody has
to mend it. So it is with a cell that is compared with a number or a day and is none.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dialer.campaign.values import folded_word
from dialer.campaign.where import Column, Comparison, Condition, Not, Operand, Several, parse_where
from dialer.contacts.choosing.cell_values import either, moments_of, numbers_of
from dialer.contacts.contact import ExcludedRow
from dialer.contacts.unreliable_cells import ERROR_VALUES
from dialer.reasons import Reason

_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_TEXT, _NUMBER, _DAY, _MOMENT = "text", "number", "day such as 2026-12-01", "day and time such as 2026-12-01 09:30"
_EQUALITY = ("==", "!=")

_READERS: dict[str, Callable[[str], frozenset[Any]]] = {
    _TEXT: lambda text: frozenset([folded_word(text)]),
    _NUMBER: numbers_of,
    _DAY: lambda text: frozenset(moment.date() for moment in moments_of(text)),
    _MOMENT: moments_of,
}
"""What a cell may say, read as each kind of value; nothing where it is none. The case of letters does not count."""


def why_not_chosen(where: str, cells: Sequence[str], columns: Mapping[str, int]) -> ExcludedRow | None:
    """Return why *where* does not mean the row with these *cells*, or that nobody can tell; `None` where it does.

    *columns* are the 0-based columns of the headers that it names.
    """
    looked = _Look({header: cells[index].strip() for header, index in columns.items()})
    chosen = looked.at(parse_where(where))
    if chosen:
        return None
    if chosen is None:
        header, problem = looked.doubts[0]
        message = f'Column "{header}" {problem}, and where under [contacts] compares it. Mend the cell.'
        return ExcludedRow(Reason.WHERE_UNCLEAR, message, column=header)
    return ExcludedRow(Reason.LEFT_OUT_BY_WHERE, "where under [contacts] does not mean this row.")


class _Look:
    """One look at a row's *cells*, by header, with what was found that nobody can read."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.doubts: list[tuple[str, str]] = []

    def at(self, condition: Condition) -> bool | None:
        """Return whether *condition* holds; `None` where that depends on a cell that nobody can read."""
        if isinstance(condition, Not):
            held = self.at(condition.part)
            return None if held is None else not held
        if isinstance(condition, Several):
            parts = {self.at(part) for part in condition.parts}
            if condition.any in parts:
                return condition.any
            return None if None in parts else not condition.any
        return self._compare(condition)

    def _compare(self, comparison: Comparison) -> bool | None:
        sides, sign = (comparison.left, comparison.right), comparison.operator
        headers = [side.header for side in sides if isinstance(side, Column)]
        kind = self._kind(sides, headers)
        for header in headers:
            cell = self._cells[header]
            if cell in ERROR_VALUES:
                return self._doubt(header, "holds an error")
            if not cell and (kind != _TEXT or sign not in _EQUALITY):
                return sign == "!="  # nothing is neither more nor less than anything
            if kind == _TEXT and sign not in _EQUALITY:
                return self._doubt(header, "and the other column hold neither two numbers nor two days")
            if not _READERS[kind](cell):
                return self._doubt(header, f"holds no {kind}")
        one, two = (self._values(side, kind) for side in sides)
        came_to = {_HOLDS[sign](left, right) for left in one for right in two}
        if len(came_to) == 1:
            return came_to.pop()
        header = next(header for header in headers if len(_READERS[kind](self._cells[header])) > 1)
        return self._doubt(header, f"may hold {either(_READERS[kind](self._cells[header]))}")

    def _kind(self, sides: Sequence[Operand], headers: Sequence[str]) -> str:
        """Return what is compared: what the written side is, or what the cells of both columns can be read as."""
        for side in sides:
            for type_, kind in ((str, _TEXT), (Decimal, _NUMBER), (datetime, _MOMENT), (date, _DAY)):
                if isinstance(side, type_):
                    return kind
        cells = [self._cells[header] for header in headers]
        return next((kind for kind in (_NUMBER, _MOMENT) if all(map(_READERS[kind], cells))), _TEXT)

    def _values(self, side: Operand, kind: str) -> Iterable[Any]:
        if isinstance(side, Column):
            return _READERS[kind](self._cells[side.header])
        return _READERS[kind](side) if isinstance(side, str) else (side,)

    def _doubt(self, header: str, problem: str) -> bool | None:
        self.doubts.append((header, problem))
        return None
