"""What `--json` prints is what the schemas in docs/json say, of every command, ending well or by an error."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dialer.cli.man import man_pages
from dialer.sandbox import CallLifecycle, End, Faults, Sandbox
from docs.generate.json_schemas import FOLDER, OBJECTS, schema_files
from tests.cli.command_line import Ended, dialer, running
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

ANEW = "run: python -m docs.generate"
SERVERS = {"sandbox", "webhooks-serve"}
GROUPS = {"suppress", "webhooks"}
COMMANDS = {"-".join(page.command[1:]) for page in man_pages() if page.command[1:]} - GROUPS


def schema(command: str) -> dict[str, Any]:
    """Return the stored schema of a command."""
    found: dict[str, Any] = json.loads((FOLDER / f"{command}.json").read_text("utf-8"))
    return found


def told_by(command: str, ended: Ended) -> dict[str, Any]:
    """Return the one object that a command printed: valid, alone on its streams, with the exit code that it had."""
    assert ended.stderr == ""
    found: dict[str, Any] = json.loads(ended.stdout)
    Draft202012Validator(schema(command)).validate(found)
    assert found["exit_code"] == ended.returncode
    return found


def objects_in(part: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of a schema that names properties."""
    if isinstance(part, list):
        for item in part:
            yield from objects_in(item)
    elif isinstance(part, dict):
        if "properties" in part:
            yield part
        for item in part.values():
            yield from objects_in(item)


def test_every_command_has_its_schema_and_the_option() -> None:
    """No command is without an object: each of the program, those of groups too, takes `--json`."""
    assert set(OBJECTS) == COMMANDS
    for page in man_pages():
        if "-".join(page.command[1:]) in COMMANDS - {"sandbox"}:  # its options are another program's
            assert any(name == "--json" for name, _ in page.options), page.name


@pytest.mark.slow
def test_the_stored_schemas_are_those_of_the_types() -> None:
    """Each file is the generated one, and there is no other."""
    files = dict(schema_files())
    assert {path.name for path in FOLDER.iterdir()} == set(files), ANEW
    for name, text in files.items():
        assert (FOLDER / name).read_text("utf-8") == text, ANEW


@pytest.mark.parametrize("command", sorted(OBJECTS))
def test_each_schema_is_closed_and_has_its_version(command: str) -> None:
    """It is a schema of its draft; a key that it does not name is forbidden in each object, and each key is there."""
    stored = schema(command)
    Draft202012Validator.check_schema(stored)
    for part in objects_in(stored):
        assert part["additionalProperties"] is False
        assert set(part["required"]) == set(part["properties"])
    for way in stored["oneOf"]:
        assert way["properties"]["schema_version"] == {"const": 1}
    assert not Draft202012Validator(stored).is_valid({"schema_version": 1})


@pytest.mark.parametrize("command", sorted(OBJECTS))
def test_a_wrong_option_is_one_object(command: str) -> None:
    """A command line that cannot be read ends with 2 and an object that says why."""
    words = command.split("-", 1) if command.startswith(("suppress", "webhooks")) else [command]
    assert told_by(command, dialer(*words, "--no-such-option", "--json"))["error"]["code"] == "usage_error"


FAILING: dict[str, tuple[str, ...]] = {
    "check": ("check", "nowhere"),
    "doctor": ("doctor", "nowhere"),
    "init": ("init", "nowhere.csv"),
    "jobs": ("jobs", "nowhere"),  # no ledger is named
    "man": ("man", "/dev/null"),
    "migrate": ("migrate", "--ledger", "ledger.db"),
    "nightly": ("nightly", "nowhere"),
    "pause": ("pause", "campaign.toml"),  # it has never run
    "plan": ("plan", "campaign.toml", "--contacts", "nowhere.csv"),
    "purge": ("purge", "nowhere", "--yes"),
    "reconcile": ("reconcile", "campaign.toml"),
    "report": ("report", "campaign.toml"),
    "results": ("results", "campaign.toml"),
    "resume": ("resume", "campaign.toml"),
    "retry": ("retry", "campaign.toml", "--yes", "--from", "nowhere.csv"),
    "rules": ("rules", "XX"),
    "run": ("run", "campaign.toml"),  # there is nobody to ask
    "sandbox": ("sandbox", "--refuse", "2"),
    "schema": ("schema", "sheet"),
    "status": ("status", "nowhere"),
    "stop": ("stop", "campaign.toml"),
    "suppress-add": ("suppress", "add", "+12125550100"),
    "suppress-check": ("suppress", "check", "--ledger", "nowhere.db"),
    "suppress-import": ("suppress", "import", "nowhere.csv", "--campaign", "campaign.toml"),
    "suppress-list": ("suppress", "list", "--ledger", "nowhere.db"),
    "suppress-remove": ("suppress", "remove", "--ledger", "nowhere.db"),
    "sync": ("sync", "campaign.toml"),
    "test-call": ("test-call", "campaign.toml", "--row", "99", "--yes"),
    "webhooks-serve": ("webhooks", "serve", "campaign.toml"),
    "worker": ("worker", "--ledger", "ledger.db"),
}
"""A mistake of each command's own."""


@pytest.mark.parametrize("command", sorted(OBJECTS))
def test_an_error_of_its_own_is_one_object(folder: CampaignFolder, command: str) -> None:
    """The sentence, what mends it where there is something, and the code with which the process ends."""
    ended = dialer(*FAILING[command], "--json", url="http://127.0.0.1:9", cwd=folder.path, typed="+12125550100\n")
    found = told_by(command, ended)
    assert found["error"]["message"]
    assert found["exit_code"] != 0


CAMPAIGN = ANY_HOUR + FAST + '[suppression]\nfiles = []\n[budget]\nmax_calls = 900\n[redial]\non = ["busy"]\n'

STORY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("init", ("init", "contacts.csv", "--output", "other.toml")),
    ("check", ("check", "campaign.toml")),
    ("check", ("check", "campaign.toml", "--preview", "2")),
    ("doctor", ("doctor", "campaign.toml")),
    ("plan", ("plan", "campaign.toml", "--why", "2")),
    ("plan", ("plan", "campaign.toml", "--why", "5")),
    ("run", ("run", "campaign.toml", "--dry-run")),
    ("suppress-add", ("suppress", "add", "--campaign", "campaign.toml")),
    ("run", ("run", "campaign.toml", "--yes")),
    ("status", ("status",)),
    ("status", ("status", "campaign.toml", "--max-age", "26h")),
    ("sync", ("sync", "campaign.toml")),
    ("status", ("status", "campaign.toml")),
    ("retry", ("retry", "campaign.toml", "--yes")),
    ("reconcile", ("reconcile", "campaign.toml")),
    ("results", ("results", "campaign.toml")),
    ("report", ("report", "campaign.toml")),
    ("pause", ("pause", "campaign.toml")),
    ("status", ("status", "campaign.toml")),
    ("stop", ("stop", "campaign.toml")),
    ("resume", ("resume", "campaign.toml")),
    ("suppress-add", ("suppress", "add", "--campaign", "campaign.toml")),
    ("suppress-import", ("suppress", "import", "numbers.csv", "--campaign", "campaign.toml")),
    ("suppress-list", ("suppress", "list", "--campaign", "campaign.toml")),
    ("suppress-check", ("suppress", "check", "--campaign", "campaign.toml")),
    ("suppress-remove", ("suppress", "remove", "--campaign", "campaign.toml")),
    ("test-call", ("test-call", "campaign.toml", "--row", "2", "--yes")),
    ("purge", ("purge", "campaign.toml", "--yes")),
    ("status", ("status", "campaign.toml")),
    ("man", ("man", "pages")),
    ("rules", ("rules",)),
    ("rules", ("rules", "US-FL")),
    ("rules", ("rules", "--expiring", "366d")),
    ("rules", ("rules", "--check")),
    ("schema", ("schema", "campaign")),
)
"""A campaign's life, in order; typed is a number of the sheet."""


@pytest.mark.slow
def test_each_real_object_is_valid(folder: CampaignFolder) -> None:
    """From its first file to the end of its people, every object of a campaign is what its schema says."""
    folder.campaign(CAMPAIGN)
    rows = [[f"Person {index}", number(index), "pro"] for index in range(5)]
    folder.sheet(["Name", "Phone", "Plan"], [*rows, ["Twice", number(1), "pro"], ["Nobody", "12", "pro"]])
    folder.sheet(["Phone"], [[number(4)], [number(9)]], "numbers.csv")
    os.environ["DIALER_LEDGER"] = str(folder.path / ".dialer/ledger.db")
    life = CallLifecycle(script={number(0): (End.BUSY,)}, speed=10_000.0)
    with Sandbox(life=life, faults=Faults(refuse=0.2, seed=4)) as sandbox:
        for command, arguments in STORY:
            ended = dialer(*arguments, "--json", url=sandbox.url, cwd=folder.path, typed=f"{number(3)}\n")
            found = told_by(command, ended)
            assert "error" not in found, (arguments, found)
    apart = {"nightly", "worker", "jobs", "migrate"}  # processes, on a server: tests/cli/test_{nightly,worker}.py
    assert {command for command, _ in STORY} | SERVERS | apart == set(OBJECTS)


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted(SERVERS))
def test_a_server_prints_one_object_when_it_listens(folder: CampaignFolder, command: str) -> None:
    """The address, of a port that was free, is there for a program to read; nothing follows it."""
    os.environ["HOOK_SECRET"] = "canary-hook-secret"  # noqa: S105 - a secret of the test
    with Sandbox() as sandbox:
        dialer("run", folder.campaign_file, "--yes", "--quiet", url=sandbox.url)
        hook = ("webhooks", "serve", folder.campaign_file, "--secret-env", "HOOK_SECRET")
        words: tuple[str | Path, ...] = ("sandbox",) if command == "sandbox" else hook
        with running(*words, "--port", "0", "--json", url=sandbox.url) as process:
            assert process.stdout is not None
            shown = ""
            while not shown.rstrip().endswith("}"):
                shown += process.stdout.readline()
            process.terminate()
            shown += process.stdout.read()
    found = json.loads(shown)
    Draft202012Validator(schema(command)).validate(found)
    assert found["listening"].startswith("http://127.0.0.1:")
