"""The keys of a campaign file, read from its models: table, key, type with bounds, default; and what each one means."""

import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dialer.campaign.address import read_source
from dialer.campaign.profiles import find_profile
from dialer.campaign.values import Weekday, parse_cap, parse_duration, parse_hours, parse_regions, parse_start
from docs.generate.pages import ROOT, table

MEANINGS = ROOT / "docs" / "reference" / "campaign-keys.toml"
"""What each key means, with an example: `[table] key = { example = '…', meaning = "…" }`."""

PROFILE = "profiles.NAME"
"""The table of `dialer.toml`."""

_OWN_TYPES: dict[Callable[..., Any], str] = {
    parse_cap: "cap",
    parse_duration: "duration",
    parse_hours: "hours",
    parse_regions: "country code",
    find_profile: "text",
    parse_start: "date and time with a zone",
    read_source: "path or address",
}
"""What a value is called that its own parser reads."""

_PLAIN_TYPES = {
    bool: "true or false",
    date: "date",
    datetime: "date and time with a zone",
    Decimal: "number",
    float: "number",
    int: "whole number",
    Path: "path",
    str: "text",
    time: "time of day",
    timedelta: "duration",
}

_WEEKDAY = '`"mon"` to `"sun"`'

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)), ("s", timedelta(seconds=1)))


class Key(NamedTuple):
    """One key of a campaign file; `table` is "" at the top, else as TOML writes it, such as `contacts.columns`."""

    table: str
    name: str
    type: str
    default: str


class Meaning(NamedTuple):
    """What a key means, and its value in an example, as TOML."""

    example: str
    meaning: str


def keys_of(model: type[BaseModel], where: str = "") -> Iterator[Key]:
    """Yield every key of *model* and of its tables, those of a table in a row."""
    tables: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        below = f"{where}.{name}".removeprefix(".")
        inner = _table_in(field.annotation)
        if name == "path" and not where:
            continue  # where the file is, which it does not say itself
        if inner is not None:
            tables.append((f"{below}[]" if get_origin(field.annotation) in (tuple, dict) else below, inner))
        if inner is None or inner is not field.annotation:
            yield Key(where, name, _type_of(field.annotation, field.metadata), _default_of(name, field))
    for below, inner in tables:
        yield from keys_of(inner, below)


def meanings() -> dict[tuple[str, str], Meaning]:
    """Return what is written about each key, by its table and its name."""
    content = tomllib.loads(MEANINGS.read_text("utf-8"))
    return {(where, name): Meaning(**entry) for where, entries in content.items() for name, entry in entries.items()}


def campaign_keys(model: type[BaseModel], where: str = "") -> str:
    """Return a table for each table of *model*, which is itself the table *where* of a file.

    Raises `KeyError` for a key without a meaning.
    """
    about, parts, keys = meanings(), [], list(keys_of(model, where))
    for name in dict.fromkeys(key.table for key in keys):
        rows = [
            (f"`{key.name}`", key.type, key.default, f"`{about[key.table, key.name].example}`",
             about[key.table, key.name].meaning)
            for key in keys if key.table == name
        ]  # fmt: skip
        parts.append(f"### {_heading(name)}\n\n{table(('key', 'type', 'default', 'example', 'meaning'), rows)}")
    return "\n\n".join(parts)


def _heading(where: str) -> str:
    """Write a table as a campaign file does: `[[call.webhooks]]` for one of several, "" for the top."""
    if where == "contacts.variables[]":
        return "an entry of `[contacts.variables]`"
    if where == "call.by[]":
        return "a word of `[call.by.COLUMN]`"
    if where == "redial.outcomes[]":
        return "`[redial.OUTCOME]`, such as `[redial.noAnswer]`"
    return (
        f"`[[{where.removesuffix('[]')}]]`" if where.endswith("[]") else f"`[{where}]`" if where else "top of the file"
    )


def _table_in(annotation: Any) -> type[BaseModel] | None:
    """Return the table that *annotation* is, or holds several of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _table_in(part)) is not None), None)


def _type_of(annotation: Any, metadata: list[Any]) -> str:
    """Name the type of a value in a campaign file, its bounds with it."""
    metadata = [inner for item in metadata for inner in (item.metadata if isinstance(item, FieldInfo) else [item])]
    own = next((_OWN_TYPES[item.func] for item in metadata if getattr(item, "func", None) in _OWN_TYPES), None)
    origin, parts = get_origin(annotation), [part for part in get_args(annotation) if part is not type(None)]
    if own is not None:
        text = own
    elif origin is Annotated:
        return _type_of(parts[0], list(annotation.__metadata__) + metadata)
    elif annotation == Weekday:
        text = _WEEKDAY
    elif origin is Literal:
        text = " or ".join(f'`"{part}"`' for part in parts)
    elif origin in (Union, UnionType):
        return " or ".join(_type_of(part, metadata if len(parts) == 1 else []) for part in parts)
    elif origin is tuple:
        text = f"list of: {_type_of(parts[0], [])}"
    elif origin is dict:
        text = f"table: {_type_of(parts[0], [])} = {_type_of(parts[1], [])}"
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        text = "table"
    else:
        text = _PLAIN_TYPES[annotation]
    return text + _bounds(metadata)


def _bounds(metadata: list[Any]) -> str:
    bounds = {
        name: getattr(item, name) for item in metadata for name in ("gt", "ge", "lt", "le") if hasattr(item, name)
    }
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    return "".join(f", {words[name]} {_value(bound)}" for name, bound in bounds.items())


def _default_of(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "the file's name" if name == "name" else "required"  # `load_campaign` takes the name from the path
    value = field.get_default(call_default_factory=True)
    return "none" if value is None else f"`{_toml(value)}`"


def _toml(value: Any) -> str:
    """Write a default as it would stand in a campaign file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, tuple) and value and isinstance(value[0], tuple) and not hasattr(value[0], "_fields"):
        return f'"{", ".join(f"{_clock(first)}-{_clock(last)}" for first, last in value)}"'
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return f"[{', '.join(map(_toml, value))}]"
    return _value(value) if isinstance(value, int | float | Decimal) else f'"{_value(value)}"'


def _value(value: Any) -> str:
    if isinstance(value, timedelta):
        exact = (f"{value // unit}{name}" for name, unit in _UNITS if not value % unit and value != timedelta(days=1))
        return next(exact, "24h") if value else "0"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return f"{value:,g}" if isinstance(value, int | float | Decimal) else str(value)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
