"""Reads JSON Lines (jsonlines.org) as numbered records: an object a line, or a list a line below a list of headers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from dialer.errors import SheetError
from dialer.sheets.delimited import MAX_COLUMNS
from dialer.sheets.encodings import read_lines
from dialer.sheets.record import NO_TEXT, Record


def json_line_records(path: Path) -> Iterator[Record]:
    """Yield the records of *path*. The header is row 1, so an object on line N is row N + 1; blank lines are none.

    The header of objects is every key that any of them has, in the order in which they first appear; that of lists is
    line 1, and a list on line N is row N. Values are taken as they are written: a number keeps its digits, null is
    an empty cell. Raises `SheetError` naming the line for whatever is no such JSON.
    """
    lines = _lines(path)
    first = next(lines, None)
    if first is not None and isinstance(first[1], list):
        yield Record(1, first[1])
        yield from (Record(number, _list(path, number, cells)) for number, cells in lines)
        return
    header = list(dict.fromkeys(key for number, found in _lines(path) for key in _object(path, number, found)))
    if len(header) > MAX_COLUMNS:
        raise SheetError(f"{path}: its objects have {len(header):,} keys; at most {MAX_COLUMNS:,} are read.")
    yield Record(1, header)
    for number, found in _lines(path):
        cells = _object(path, number, found)
        yield Record(number + 1, [cells.get(key, "") for key in header])


_Value = dict[str, str] | list[str]


def _lines(path: Path) -> Iterator[tuple[int, _Value]]:
    """Yield each line that is not blank: its number, and its object or list with every value as text."""
    for number, line in enumerate(read_lines(path, "utf-8", is_list=True), start=1):
        if line.isspace():
            continue
        try:
            value = _DECODER.decode(line)
            texts = _texts(value)
        except (ValueError, RecursionError) as error:
            what = error if isinstance(error, _TwiceError) else "is no JSON. Write one object on each line"
            raise SheetError(f"{path}: line {number} {what}.") from None  # the cause would quote the line
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            raise SheetError(
                f"{path}: line {number} is a list of objects. Write each object on a line of its own (jq -c '.[]')."
            )
        if not isinstance(value, dict | list):
            raise SheetError(f"{path}: line {number} is no object. Write one object on each line.")
        if "\\u" in line and NO_TEXT.search("".join((*texts, *texts.values()) if isinstance(texts, dict) else texts)):
            raise SheetError(
                f"{path}: line {number} holds a NUL, or half of a character (a surrogate): no text has them."
            )
        yield number, texts


class _Digits(str):
    """A number as it is written."""

    __slots__ = ()


class _TwiceError(ValueError):
    """An object has a key twice."""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and its like, which are no JSON


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError("gives one key twice. Write each key once")
    return found


_DECODER = json.JSONDecoder(parse_int=_Digits, parse_float=_Digits, parse_constant=_refuse, object_pairs_hook=_once)


def _texts(value: Any) -> _Value:
    """Return the values of an object or a list as text; nothing of anything else."""
    if isinstance(value, dict):
        return {key: _text(item) for key, item in value.items()}
    return list(map(_text, value)) if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    return "" if value is None else _json(value)


def _json(value: Any) -> str:
    """Write a value back, its numbers with the digits that they had."""
    if isinstance(value, _Digits):
        return str(value)
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {_json(item)}" for key, item in value.items())
            + "}"
        )
    return f"[{', '.join(map(_json, value))}]" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)


def _object(path: Path, number: int, found: _Value) -> dict[str, str]:
    if isinstance(found, list):
        raise _mixed(path, number, "a list", "an object")
    return found


def _list(path: Path, number: int, found: _Value) -> list[str]:
    if isinstance(found, dict):
        raise _mixed(path, number, "an object", "a list")
    return found


def _mixed(path: Path, number: int, what: str, first: str) -> SheetError:
    return SheetError(f"{path}: line {number} is {what}, and line 1 is {first}. Write all lines alike.")
