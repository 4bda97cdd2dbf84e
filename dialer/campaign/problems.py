"""Explains a wrong key or value of a campaign file: where, what is wrong, the nearest right name."""

import difflib
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError


def explain(error: ValidationError, model: type[BaseModel], path: Path) -> str:
    """Turn pydantic's list of problems into one line for each: file, key, what is wrong, the nearest right name."""
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        where = [part for part in problem["loc"] if not str(part).startswith(("literal", "function-", "[key]"))]
        key = ".".join(str(part) for part in where) or "the file"
        lines.append(f"{path}: {key}: {_sentence(problem['type'], problem['msg'], where, model)}")
    return "\n".join(dict.fromkeys(lines))


_PLAIN = {
    "dict_type": "must be a table.",
    "missing": "is missing.",
    "model_type": "must be a table.",
    "tuple_type": "must be a list in square brackets.",
}


def _sentence(kind: str, message: str, where: list[Any], model: type[BaseModel]) -> str:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind != "extra_forbidden":
        return message.removeprefix("Value error, ").replace("Input should be", "must be", 1).rstrip(".?") + "."
    names = sorted(_names_at(where[:-1], model))
    near = difflib.get_close_matches(str(where[-1]), names, 1, 0.5)
    return "there is no such key. " + (f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}.")


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
