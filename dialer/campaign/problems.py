"""Explains a wrong key or value of a campaign file: where, what is wrong, the nearest right name."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from dialer.campaign.values import MEANINGS_OF_PATTERNS
from dialer.words import masked

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def explain(error: ValidationError, model: type[BaseModel], path: Path) -> str:
    """Turn pydantic's list of problems into one line for each: file, key, what is wrong, the nearest right name."""
    lines = []
    problems = error.errors(include_url=False, include_input=False)
    inside = {problem["loc"][:depth] for problem in problems for depth in range(len(problem["loc"]))}
    for problem in problems:
        if problem["type"] == "too_short" and problem["loc"] in inside:
            continue  # it is not empty: its items are wrong, and each has a line of its own
        where = [part for part in problem["loc"] if not str(part).startswith(("literal", "function-", "[key]"))]
        lines.append(f"{path}: {masked(_place(where))}: {_sentence(problem, where, model)}")
    return "\n".join(dict.fromkeys(lines))


def _place(where: list[Any]) -> str:
    """Write a key as people do: what stands in a list is counted from 1, as in `schedule.days (no. 1)`."""
    parts = (f" (no. {part + 1})" if isinstance(part, int) else f".{part}" for part in where)
    return "".join(parts).removeprefix(".") or "the file"


PLAIN: dict[str, str] = {
    "bool_parsing": "must be true or false, without quotes.",
    "bool_type": "must be true or false, without quotes.",
    "date_from_datetime_inexact": "must be a day without a time, such as 2026-12-24.",
    "decimal_parsing": "must be a number, such as 2.5, without quotes.",
    "decimal_type": "must be a number, such as 2.5.",
    "dict_type": "must be a table.",
    "empty": "must not be empty.",
    "finite_number": "must be a number other than inf and nan.",
    "float_parsing": "must be a number, such as 2.5, without quotes.",
    "float_type": "must be a number, such as 2.5.",
    "greater_than": "must be greater than {gt}.",
    "greater_than_equal": "must be at least {ge}.",
    "int_from_float": "must be a whole number.",
    "int_parsing": "must be a whole number, without quotes.",
    "int_parsing_size": "must be a smaller number.",
    "int_type": "must be a whole number.",
    "less_than": "must be less than {lt}.",
    "less_than_equal": "must be at most {le}.",
    "literal_error": "must be {expected}.",
    "missing": "is missing.",
    "model_type": "must be a table.",
    "path_type": "must be a path in quotes.",
    "single": "must be a single character.",
    "string_too_long": "must have at most {max_length:,} characters.",
    "string_type": "must be text in quotes.",
    "tuple_type": "must be a list in square brackets, with commas between its values.",
}
"""What is said of each kind of problem that the models can raise, by pydantic's name for it, in words of our own.

`empty` is that of a text or list that is too short, `single` that of a text that is one character.
"""


OTHERWISE = "is not what belongs here."
"""What is said of a kind that a later pydantic may bring."""


def _sentence(problem: "ErrorDetails", where: list[Any], model: type[BaseModel]) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        names = sorted(_names_at(where[:-1], model))
        near = difflib.get_close_matches(str(where[-1]), names, 1, 0.5)
        return "there is no such key. " + (f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}.")
    if kind == "value_error":
        return f"{context['error']}".rstrip(".?") + "."
    if kind == "string_pattern_mismatch":
        return f"must be {MEANINGS_OF_PATTERNS[context['pattern']]}."
    if kind == "tuple_type" and _names_at(where, model) != _names_at(where[:-1], model):
        return f"stands as tables, each with its header in double square brackets: [[{'.'.join(map(str, where))}]]."
    plain = PLAIN["empty"] if context.get("min_length") == 1 else PLAIN.get(kind, OTHERWISE)
    plain = PLAIN["single"] if context.get("max_length") == 1 else plain
    return plain.format(
        **{name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
    )


def _names_at(where: list[Any], model: type[BaseModel]) -> set[str]:
    """Collect the keys a table may have, following *where* from the whole campaign down."""
    found: type[BaseModel] = model
    for part in where:
        field = found.model_fields.get(str(part))
        tables = _tables(field.annotation) if field is not None else []
        found = tables[0] if tables else found  # an index, or a name its writer chose
    return set(found.model_fields) - {"path"}


def _tables(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [table for part in get_args(annotation) for table in _tables(part)]
