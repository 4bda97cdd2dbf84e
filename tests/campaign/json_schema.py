"""Judges a value by the parts of JSON Schema draft 7 that the schema of campaign files uses, and refuses any other."""

import re
from typing import Any

KNOWN = {
    "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "description", "enum", "exclusiveMinimum", "format",
    "items", "maxLength", "maximum", "minItems", "minLength", "minimum", "pattern", "properties", "propertyNames",
    "required", "title", "type",
}  # fmt: skip
TYPES: dict[str, Any] = {
    "array": list, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "string": str,
}  # fmt: skip


def complaints(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> list[str]:
    """Return what is wrong with *value*. Raises `AssertionError` for a word of the schema that is not known here."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return complaints(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        found = [complaints(value, way, root) for way in schema["anyOf"]]
        return [] if [] in found else found[0]
    is_bool = isinstance(value, bool)
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (is_bool and kind != "boolean")):
        return [f"{value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{value!r} is none of {schema['enum']}"]
    return _bounds(value, schema) + _inside(value, schema, root)


def _bounds(value: Any, schema: dict[str, Any]) -> list[str]:
    size = len(value) if isinstance(value, str | list) else value
    least, most = ("minimum", "minLength", "minItems"), ("maximum", "maxLength")
    is_wrong = (
        any(size < schema[name] for name in least if name in schema)
        or any(size > schema[name] for name in most if name in schema)
        or ("exclusiveMinimum" in schema and size <= schema["exclusiveMinimum"])
        or ("pattern" in schema and not re.search(schema["pattern"], value))
    )
    return [f"{value!r} breaks {schema}"] if is_wrong else []


def _inside(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> list[str]:
    if isinstance(value, list):
        return [line for item in value for line in complaints(item, schema.get("items", {}), root)]
    if not isinstance(value, dict):
        return []
    found = [f"{name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, item in value.items():
        rest = schema.get("additionalProperties", True)
        part = schema.get("properties", {}).get(name, rest)
        found += complaints(name, schema.get("propertyNames", {}), root)
        found += [f"{name} is no key"] if part is False else [] if part is True else complaints(item, part, root)
    return found
