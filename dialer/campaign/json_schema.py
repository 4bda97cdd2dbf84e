"""The JSON Schema of a campaign file, by which editors complete keys and mark wrong ones."""

import json
from typing import Any

from dialer.campaign.file import Campaign

SCHEMA_FILE = "campaign.schema.json"
"""The name under which `dialer init` writes it beside the campaign files."""


def campaign_schema() -> dict[str, Any]:
    """Return the schema of what `load_campaign` reads, as JSON Schema draft 7: types, bounds and names of keys.

    What a single value means, such as whether hours overlap, only reading the file tells.
    """
    schema: dict[str, Any] = _as_toml(Campaign.model_json_schema(mode="validation"))
    del schema["properties"]["path"]  # where the file is, which it does not say itself
    del schema["required"]  # the name is the file's, where it has none
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema, "title": "A campaign of dialer"}


def schema_text() -> str:
    """Return the schema as `dialer schema campaign` prints it."""
    return json.dumps(campaign_schema(), indent=2, ensure_ascii=False) + "\n"


def _as_toml(part: Any) -> Any:
    """Return a part of a schema without null, which TOML has not, and without titles and defaults of Python's."""
    if isinstance(part, list):
        return [_as_toml(item) for item in part if item != {"type": "null"}]
    if not isinstance(part, dict):
        return part
    kept: dict[str, Any] = {
        name: _as_named(value) if name in {"properties", "$defs"} else _as_toml(value)
        for name, value in part.items()
        if name not in {"title", "default"}
    }
    alone = kept.pop("anyOf")[0] if len(kept.get("anyOf", ())) == 1 else {}
    return kept | alone


def _as_named(tables: dict[str, Any]) -> dict[str, Any]:
    return {name: _as_toml(value) for name, value in tables.items()}  # a key may be called `title`, too
