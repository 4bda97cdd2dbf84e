"""The reference pages name what exists, all of it, and nothing else."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dialer.campaign.file import Campaign, parse_campaign
from dialer.campaign.profiles import ProfileTable
from dialer.cli.main import app
from dialer.exit_codes import EXIT_CODES
from dialer.ledger.database.schema import State
from dialer.nightly.folder import SEVERITY
from dialer.reasons import Reason, Status
from dialer.results.remedies import remedies
from dialer.settings import Settings
from dialer.sheets.results_format import COLUMNS
from docs.generate.blocks import help_of
from docs.generate.campaign_keys import PROFILE, keys_of, meanings
from docs.generate.pages import ROOT, pages, read_table

COMMANDS = (
    "check", "init", "nightly", "plan", "purge", "reconcile", "results", "retry", "rules", "run", "sandbox", "status",
    "suppress add", "suppress check", "suppress import", "suppress list", "suppress remove", "sync", "webhooks serve",
    "doctor", "jobs", "man", "migrate", "pause", "report", "resume", "schema", "stop", "test-call", "worker",
)  # fmt: skip
GROUPS = {"suppress", "webhooks"}
REFERENCE = ROOT / "docs" / "reference"


def page(name: str) -> str:
    """Return the text of a page of the reference."""
    return (REFERENCE / name).read_text("utf-8")


def shown_commands() -> set[tuple[str, ...]]:
    """Return every `dialer …` of the pages, in code, word by word."""
    text = "\n".join(item.read_text("utf-8") for item in pages())
    code = re.findall(r"(?<=`)dialer [^`\n]+|^(?:\$ )?dialer .*$|(?<=\| )dialer .*$", text, re.MULTILINE)
    return {tuple(re.split(r"\s+#|;|&&|\|", line)[0].removeprefix("$ ").split()[1:]) for line in code}


def test_columns_statuses_reasons_and_exit_codes_are_the_programs() -> None:
    """Each table holds every one of the program's, with its meaning; reasons in alphabetical order."""
    results = page("results-and-reasons.md")
    assert read_table(results, "column", "content") == [(f"`{name}`", meaning) for name, meaning in COLUMNS.items()]
    assert read_table(results, "status", "meaning") == [(f"`{item}`", item.meaning) for item in Status]
    rows = read_table(results, "reason", "status", "meaning", "what to do")
    assert [row[:3] for row in rows] == [(f"`{item}`", f"`{item.status}`", item.meaning) for item in sorted(Reason)]
    codes = read_table(page("exit-codes.md"), "exit", "meaning")
    assert codes == [(f"`{code}`", meaning) for code, meaning in EXIT_CODES.items()]


def test_the_codes_of_a_night_are_ranked_as_the_program_ranks_them() -> None:
    """The page says which of several campaigns' codes a night ends with."""
    assert f"From best to worst: {', '.join(map(str, SEVERITY))};" in page("exit-codes.md")


def test_every_reason_says_what_to_do() -> None:
    """Each reason has a remedy in dialer/results/remedies.toml, in alphabetical order, and no other has."""
    assert list(remedies()) == sorted(Reason)
    assert all(text.endswith(".") for text in remedies().values())


def test_every_key_of_a_campaign_file_is_explained() -> None:
    """Each key has a line in docs/reference/campaign-keys.toml, and no other has."""
    assert list(meanings()) == [(key.table, key.name) for key in (*keys_of(Campaign), *keys_of(ProfileTable, PROFILE))]


@pytest.mark.parametrize("key", list(keys_of(Campaign)), ids=lambda key: f"{key.table}.{key.name}".strip("."))
def test_the_example_of_each_key_can_be_loaded(tmp_path: Path, key: Any) -> None:
    """The value shown for a key stands in a campaign file as it is written."""
    line = f"{key.name} = {meanings()[key.table, key.name].example}"
    required = {
        "budget": "cost_per_minute = 0.1",
        "call.webhooks[]": 'url = "https://example.com"',
        "from_numbers[]": 'id = "one"',
        "contacts.priority": 'column = "Plan"',
        "contacts.variables[]": 'column = "Plan"',
    }
    beside = "" if key.table not in required or required[key.table].startswith(f"{key.name} =") else required[key.table]
    head = {"": "", "call.webhooks[]": "[[call.webhooks]]", "contacts.variables[]": "[contacts.variables.plan]"}
    head |= {
        "call.by[]": "[call.by.Language.de]",
        "from_numbers[]": "[[from_numbers]]",
        "redial.outcomes[]": "[redial.noAnswer]",
    }
    text = f"{head.get(key.table, f'[{key.table}]')}\n{line}\n{beside}\n"

    (tmp_path / "dialer.toml").write_text("[profiles.acme]", "utf-8")
    campaign = parse_campaign(tomllib.loads(text), tmp_path / "example.toml")
    assert campaign.path.name == "example.toml"


def test_the_campaign_file_shown_can_be_loaded() -> None:
    """The whole example is a valid campaign of the sample's sheet."""
    example = re.findall(r"```toml\n(.*?)```", page("campaign-file.md"), re.DOTALL)[0]
    campaign = parse_campaign(tomllib.loads(example), ROOT / "campaigns" / "example.toml")
    assert campaign.name == "spring-renewals"
    assert campaign.sheet == ROOT / "sample_contacts.csv"


def test_every_command_has_a_section_with_its_help() -> None:
    """The listing of `dialer --help` and the sections of commands.md are the same commands."""
    listed = set(re.findall(r"^  ([a-z-]+)  ", help_of().partition("Commands:")[2], re.MULTILINE))
    nested = {f"{group} {name}" for group in GROUPS for name in
              re.findall(r"^  ([a-z-]+)  ", help_of(group).partition("Commands:")[2], re.MULTILINE)}  # fmt: skip
    assert (listed - GROUPS) | nested == set(COMMANDS)
    for command in COMMANDS:
        assert re.search(
            rf"^##+ {command}$.*?<!-- generated: help {command} -->", page("commands.md"), re.MULTILINE | re.DOTALL
        )


@pytest.mark.slow
def test_the_commands_shown_exist_with_their_options() -> None:
    """No page shows a command or an option that the program does not have."""
    for words in shown_commands():
        command = " ".join(words[:2]) if words and words[0] in GROUPS else words[0] if words else ""
        if not re.fullmatch(r"[a-z][a-z -]*", command) or command in {"", *GROUPS}:
            continue  # `dialer --help`, and names such as `dialer …`
        assert command in COMMANDS, f"dialer {' '.join(words)}"
        options = {word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)}
        known = set(re.findall(r"--[a-z-]+", help_of(*command.split())))
        assert options <= known, f"dialer {' '.join(words)}"


def test_the_environment_is_the_programs() -> None:
    """Every variable that is read stands in environment.md, and the address that is used without one."""
    names = {name.strip("`") for name, _ in read_table(page("environment.md"), "variable", "meaning")}
    assert names == {str(field.validation_alias) for field in Settings.model_fields.values()} | {"NO_COLOR"}
    assert f"`{Settings.model_fields['base_url'].default}`" in page("environment.md")


OPEN = {
    "reasons", "mapping", "variables", "example", "by_hour", "by_day", "by_zones", "ended", "running", "ends",
    "contacts", "hours", "counts", "findings", "phone_columns", "kinds",
}  # fmt: skip
"""Keys whose own keys are names of other things: reasons, headers, zones, statuses."""


def keys_in(value: Any) -> set[str]:
    """Collect the keys of a JSON value, but for names of other things."""
    if isinstance(value, list):
        return {key for item in value for key in keys_in(item)}
    if not isinstance(value, dict):
        return set()
    return set(value) | {key for name, item in value.items() if name not in OPEN for key in keys_in(item)}


def objects_on(text: str) -> list[Any]:
    """Return every JSON value that a page shows, as a block or as output."""
    blocks = re.findall(r"^```(?:json|console)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    outputs = [part for block in blocks for part in re.split(r"^\$ .*\n", block, flags=re.MULTILINE)]
    return [json.loads(part) for part in outputs if part.lstrip()[:1] in ("{", "[")]


@pytest.mark.parametrize("name", ["reference/json.md", "how-to/nightly.md"])
def test_every_key_that_json_prints_is_explained(name: str) -> None:
    """Each key of the objects shown stands in a table."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    explained = set(re.findall(r"`([a-z_]+)`", text + page("json.md")))
    shown = objects_on(text)
    assert shown
    assert keys_in(shown) <= explained


def test_every_key_of_the_rules_is_explained() -> None:
    """Each key that `dialer rules --json` prints stands in json.md."""
    shown = json.loads(CliRunner().invoke(app, ["rules", "US-FL", "--json"]).stdout)
    assert keys_in(shown) <= set(re.findall(r"`([a-z_]+)`", page("json.md")))


def test_every_state_and_change_of_a_contact_is_explained() -> None:
    """The diagram in at-most-once.md has each state of the ledger, and each change that its transitions draw."""
    text = (ROOT / "docs" / "explanation" / "at-most-once.md").read_text("utf-8")
    diagram = text.partition("```text\n")[2].partition("```")[0]
    drawn = "".join(file.read_text("utf-8") for file in (ROOT / "dialer" / "ledger" / "transitions").glob("*.py"))
    assert set(State) <= set(re.findall(r"\w+", diagram))
    assert set(re.findall(r"── (\w+) ─", drawn)) == set(re.findall(r"── (\w+) ─", diagram))


@pytest.mark.slow
def test_every_message_of_the_troubleshooting_is_one_of_the_programs() -> None:
    """What a person looks for is what the program writes, word for word."""
    said = "\n".join(texts_of_the_program())
    text = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    messages = re.findall(r"^\| `([^`]+)` \| ", text, re.MULTILINE)
    assert len(messages) > 30
    for fragment in (part for message in messages for part in message.split("…")):
        assert fragment.strip() in said, fragment


def texts_of_the_program() -> list[str]:
    """Return every text in the package's code, those of an f-string part by part."""
    trees = [ast.parse(file.read_text("utf-8")) for file in (ROOT / "dialer").rglob("*.py")]
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [value for value in constants if isinstance(value, str)]


def test_the_change_log_has_an_unreleased_heading() -> None:
    """What users will see is collected under the release to come."""
    assert re.search(r"^## .*not released", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
