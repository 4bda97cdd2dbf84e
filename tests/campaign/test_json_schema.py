"""The schema that editors check a campaign file against: it takes what is right, and marks what is wrong."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import Campaign
from dialer.campaign.json_schema import campaign_schema, schema_text
from docs.generate.campaign_keys import Key, keys_of, meanings
from tests.campaign.json_schema import complaints

ROOT = Path(__file__).parents[2]
SCHEMA = campaign_schema()
CAMPAIGNS = sorted((ROOT / "campaigns").rglob("*.toml"))


def judged(text: str) -> list[str]:
    """Return what the schema says against a campaign file; TOML's own times are strings to it, as to an editor."""
    content = tomllib.loads(text)
    return complaints(json.loads(json.dumps(content, default=str)), SCHEMA, SCHEMA)


@pytest.mark.parametrize("path", CAMPAIGNS, ids=lambda path: path.name)
def test_it_takes_every_campaign_of_the_checkout(path: Path) -> None:
    """Whatever is shown as right is right to an editor."""
    assert judged(path.read_text("utf-8")) == []


@pytest.mark.parametrize("key", list(keys_of(Campaign)), ids=lambda key: f"{key.table}.{key.name}".strip("."))
def test_it_knows_every_key_with_its_example(key: Key) -> None:
    """The documented value of each key is taken, and another name in its place is not."""
    head = {"": "", "call.webhooks[]": "[[call.webhooks]]", "contacts.variables[]": "[contacts.variables.plan]"}
    head |= {
        "call.by[]": "[call.by.Language.de]",
        "from_numbers[]": "[[from_numbers]]",
        "redial.outcomes[]": "[redial.noAnswer]",
    }
    table = head.get(key.table, f"[{key.table}]")
    example = meanings()[key.table, key.name].example
    named = {"contacts.variables[]", "contacts.priority"}  # may be a column's name alone, or a table: told less sharply
    required = {"call.webhooks[]": 'url = "https://example.com"'} | dict.fromkeys(named, 'column = "Plan"')
    beside = required.get(key.table, "")
    beside = "" if beside.startswith(f"{key.name} =") else beside

    assert judged(f"{table}\n{key.name} = {example}\n{beside}\n") == []
    if key.table not in named:
        assert judged(f"{table}\n{key.name}x = {example}\n{beside}\n") != []


@pytest.mark.parametrize(
    "text",
    [
        "[schedule]\nwindow = 9\n",
        '[schedule]\ndays = ["monday"]\n',
        '[submit]\nconcurrency = "8"\n',
        "[submit]\nconcurrency = 0\n",
        '[call]\ntelephony_provider = "bell"\n',
        '[contacts]\nconsent = "yes"\n',
        "[budget]\nmax_cost = -1\n",
        'path = "x"\n',
    ],
)
def test_it_marks_what_is_wrong(text: str) -> None:
    """Types, bounds and words that `load_campaign` refuses are marked while they are typed."""
    assert judged(text) != []


def test_it_is_one_json_text() -> None:
    """What is printed is what the function returns, and says which draft it is."""
    printed: dict[str, Any] = json.loads(schema_text())
    assert printed == SCHEMA
    assert printed["$schema"] == "http://json-schema.org/draft-07/schema#"
