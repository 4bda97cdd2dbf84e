"""The README holds what the program does: its tables are the program's own, its commands exist."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dialer.campaign.file import load_campaign, parse_campaign
from dialer.exit_codes import EXIT_CODES
from dialer.reasons import Reason, Status
from dialer.sheets.results_format import COLUMNS

NESTED = {"suppress": [("add",), ("import",), ("remove",), ("list",), ("check",)], "webhooks": [("serve",)]}
"""Commands of commands."""

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = (
    "check", "init", "nightly", "plan", "purge", "reconcile", "results",
    "retry", "rules", "run", "sandbox", "status", "suppress", "sync",
    "webhooks",
)  # fmt: skip


def table(*header: str) -> list[tuple[str, ...]]:
    """Give the body of the README's table with this header, cell by cell."""
    start = README.index("| " + " | ".join(header) + " |")
    lines = README[start:].split("\n\n", 1)[0].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]


def help_of(*command: str) -> str:
    """Give what `--help` prints, on one line."""
    ended = subprocess.run(
        [sys.executable, "-m", "dialer", *command, "--help"],
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return " ".join(ended.stdout.split())


def test_the_exit_codes_are_the_programs() -> None:
    """Every exit code stands in the README with its meaning, and no other."""
    assert table("exit", "meaning") == [(str(code), meaning) for code, meaning in EXIT_CODES.items()]


def test_the_columns_are_the_programs() -> None:
    """Every added column stands in the README with its meaning, in its order."""
    assert table("column", "content") == [(f"`{name}`", meaning) for name, meaning in COLUMNS.items()]


def test_the_statuses_and_reasons_are_the_programs() -> None:
    """Every status and every reason stands in the README with its meaning."""
    assert table("status", "meaning") == [(f"`{status}`", status.meaning) for status in Status]
    assert table("reason", "status", "meaning") == [
        (f"`{reason}`", f"`{reason.status}`", reason.meaning) for reason in Reason
    ]


def test_the_commands_are_the_programs() -> None:
    """The README lists every command that exists, and shows none that does not."""
    listed = {row[0].strip("`").split()[1] for row in table("command", "what it does")}
    shown = set(
        re.findall(r"(?<!from )\bdialer ([a-z]+)\b", " ".join(re.findall(r"`[^`]+`|^dialer .*$", README, re.MULTILINE)))
    )
    told = help_of()

    assert listed == set(COMMANDS)
    assert shown <= set(COMMANDS)
    assert all(f" {command} " in told for command in COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "sandbox"])
def test_the_options_are_the_programs(command: str) -> None:
    """Every option in the README is one of the commands it names, and every option of a command is in the README."""
    told = " ".join(help_of(command, *nested) for nested in NESTED.get(command, [()]))
    documented = {
        row[0].strip("`").split()[0]
        for row in table("option", "of", "meaning")
        if (command in row[1]) != row[1].startswith("all but ")
    }
    assert documented == set(re.findall(r"(?<!\S)--[a-z-]+", told)) - {"--help"}


def test_the_campaign_file_shown_can_be_loaded() -> None:
    """The example is a valid campaign, also with everything uncommented that can stand there as it is."""
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    campaign = parse_campaign(tomllib.loads(example), ROOT / "campaigns" / "example.toml")

    assert campaign.name == "spring-renewals"
    assert campaign.sheet_path.resolve() == ROOT / "sample_contacts.csv"


def test_the_sample_campaign_can_be_loaded() -> None:
    """What a new user runs first is there."""
    campaign = load_campaign(ROOT / "campaigns" / "sample.toml")
    assert campaign.sheet_path.exists()


def test_both_commands_are_single_lines_that_make_their_environment() -> None:
    """A stranger copies one line to run, one line to test."""
    for name in ("run", "test"):
        (command,) = re.findall(rf"<!-- the {name} command -->\n```sh\n(.*?)\n```", README, re.DOTALL)
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && ")
        assert "--require-hashes" in command
