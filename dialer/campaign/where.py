"""`where` under `[contacts]`: which rows are meant, as conditions on their columns. Parses them only. Pure."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

if TYPE_CHECKING:
    from lark import Lark

LONGEST = 2_000
"""Characters of a condition: so deeply nothing is nested in it that Python could not follow."""

Operator = Literal["==", "!=", "<", "<=", ">", ">="]


class Column(NamedTuple):
    """A column of the sheet, by its header."""

    header: str


Operand = Column | Decimal | str | date
"""A number, a text, a day, or (as a `datetime`) an instant without a zone, beside a column."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values, at least one of them a column's."""

    left: Operand
    operator: Operator
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """What holds where *part* does not."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Several:
    """What holds where all of *parts* do, or where *any* of them does."""

    parts: tuple["Condition", ...]
    any: bool


Condition = Comparison | Not | Several

_GRAMMAR = r"""
?start: either
?either: both (_OR both)*
?both: single (_AND single)*
?single: _NOT single -> negated
    | "(" either ")"
    | operand OPERATOR operand -> comparison
    | operand _IN _listed -> is_in
    | operand _NOT _IN _listed -> is_not_in
_listed: ("[" operand ("," operand)* ","? "]") | ("(" operand ("," operand)* ","? ")")
?operand: NAME -> column
    | QUOTED_NAME -> quoted_column
    | NUMBER -> number
    | TEXT -> text
OPERATOR: "==" | "!=" | "<=" | ">=" | "<" | ">"
_OR.2: /or\b/i
_AND.2: /and\b/i
_NOT.2: /not\b/i
_IN.2: /in\b/i
NAME: /[^\W\d]\w*/
QUOTED_NAME: /`[^`]+`/
NUMBER: /[+-]?\d+(\.\d+)?/
TEXT: /'[^']*'|"[^"]*"/
%ignore /\s+/
"""

_HOW = (
    "Write comparisons (==, !=, <, <=, >, >=, in) of columns with numbers, or with texts in quotes, joined by and, or,"
    " not: Plan == 'gold' and `Balance Due` > 0. A header that is no single word, or one of these, stands between"
    " ` and `"
)


@cache
def parse_where(text: str) -> Condition:
    """Read a condition such as `Plan in ['gold', 'basic'] and Balance > 0`.

    A text that is a day (`'2026-12-01'`), or a day and a time, stands for that. Raises `ValueError` saying where it
    cannot be read, or what it compares in vain.
    """
    from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError  # noqa: PLC0415 - 0.1 s that other campaigns need not pay

    if len(text) > LONGEST:
        raise ValueError(f"has more than {LONGEST:,} characters")
    try:
        return cast("Condition", _parser().parse(unicodedata.normalize("NFC", text)))
    except UnexpectedInput as error:
        is_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        rest = "" if is_end else text[error.pos_in_stream :].strip()
        place = f'at "{rest[:20]}"' if rest else "at its end"
        raise ValueError(f"cannot be read {place}. {_HOW}") from error
    except VisitError as error:
        raise ValueError(str(error.orig_exc)) from error


def checked_where(text: str) -> str:
    """Return *text* as it is. Raises `ValueError` as `parse_where` does."""
    parse_where(text)
    return text


def columns_of(where: str | None) -> tuple[str, ...]:
    """Return the headers that the condition names, each once, in its order; none where there is no condition."""
    return () if where is None else tuple(dict.fromkeys(_headers(parse_where(where))))


def _headers(condition: Condition) -> list[str]:
    if isinstance(condition, Not):
        return _headers(condition.part)
    if isinstance(condition, Several):
        return [header for part in condition.parts for header in _headers(part)]
    return [side.header for side in (condition.left, condition.right) if isinstance(side, Column)]


@cache
def _parser() -> "Lark":
    from lark import Lark, Transformer  # noqa: PLC0415 - as above

    built = type("Built", (Transformer,), {name: staticmethod(build) for name, build in _BUILDERS.items()})
    return Lark(_GRAMMAR, parser="lalr", transformer=built())


def _several(parts: list[Condition], *, any_: bool) -> Condition:
    return parts[0] if len(parts) == 1 else Several(tuple(parts), any_)


def _negated(part: Condition) -> Condition:
    return part.part if isinstance(part, Not) else Not(part)


def _comparison(left: Operand, operator: Operator, right: Operand) -> Comparison:
    others = [side for side in (left, right) if not isinstance(side, Column)]
    if len(others) > 1:
        raise ValueError(f"compares {_shown(left)} with {_shown(right)}, and no column. {_HOW}")
    if others and isinstance(others[0], str) and operator not in ("==", "!="):
        raise ValueError(
            f"compares with the text {_shown(others[0])}, of which nothing is smaller or larger. Write a number without"
            " quotes, or a day such as '2026-12-01'"
        )
    return Comparison(left, operator, right)


def _shown(side: Operand) -> str:
    return f"'{side}'" if isinstance(side, str) else str(side)


def _text_or_day(text: str) -> str | date:
    """Return the day or the instant that *text* writes as ISO 8601 does, else the text."""
    for kind, length in ((date, len("2026-12-01")), (datetime, len("2026-12-01T09:30"))):
        if len(text) >= length and text[4] == text[7] == "-":
            try:
                found = kind.fromisoformat(text)
            except ValueError:
                continue
            if not isinstance(found, datetime) or found.tzinfo is None:
                return found
    return text


_BUILDERS: dict[str, Callable[[list[Any]], Any]] = {
    "column": lambda found: Column(str(found[0])),
    "quoted_column": lambda found: Column(found[0][1:-1]),
    "number": lambda found: Decimal(found[0]),
    "text": lambda found: _text_or_day(found[0][1:-1]),
    "comparison": lambda found: _comparison(found[0], found[1].value, found[2]),
    "is_in": lambda found: _several([_comparison(found[0], "==", other) for other in found[1:]], any_=True),
    "is_not_in": lambda found: Not(_several([_comparison(found[0], "==", other) for other in found[1:]], any_=True)),
    "negated": lambda found: _negated(found[0]),
    "either": lambda found: _several(found, any_=True),
    "both": lambda found: _several(found, any_=False),
}
"""What is made of each rule of the grammar, given what was made of its parts."""
