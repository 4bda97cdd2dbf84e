"""A ledger that another command keeps to itself: every command says so, says what to do, and ends with 75."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from typer.testing import CliRunner

from dialer.cli.main import COMMANDS, app
from dialer.errors import DialerError
from dialer.exit_codes import exit_code_of
from dialer.ledger.database.open import Ledger
from tests.support import ANY_HOUR, CampaignFolder

COMMANDS_OF_A_LEDGER = {
    "plan": ["CAMPAIGN"],
    "doctor": ["CAMPAIGN"],
    "run": ["CAMPAIGN", "--yes"],
    "retry": ["CAMPAIGN", "--yes"],
    "reconcile": ["CAMPAIGN"],
    "sync": ["CAMPAIGN"],
    "nightly": ["FOLDER"],
    "status": ["CAMPAIGN"],
    "results": ["CAMPAIGN"],
    "report": ["CAMPAIGN"],
    "pause": ["CAMPAIGN"],
    "resume": ["CAMPAIGN"],
    "stop": ["CAMPAIGN"],
    "purge": ["CAMPAIGN", "--yes"],
    "suppress": ["list"],
    "webhooks": ["serve", "CAMPAIGN", "--port", "0", "--secret-env", "WEBHOOK_SECRET"],
}
WITHOUT_LEDGER = {"test-call", "init", "check", "schema", "rules", "sandbox", "man", "worker", "jobs", "migrate"}
"""`test-call` has one of its own; what works with a queue refuses a file."""


@pytest.fixture
def busy(folder: CampaignFolder) -> Iterator[CampaignFolder]:
    """Keep the ledger as a run does that was stopped within a commit."""
    folder.campaign(ANY_HOUR + "[nightly]\nenabled = true\n")
    file = folder.path / "ledger.db"
    Ledger.open(file).close()
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield folder


def test_every_command_is_either_tried_or_needs_no_ledger() -> None:
    """No command is forgotten here."""
    assert COMMANDS_OF_A_LEDGER.keys() | WITHOUT_LEDGER == COMMANDS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS_OF_A_LEDGER)
def test_a_ledger_that_is_kept_busy_ends_every_command_with_75(busy: CampaignFolder, name: str) -> None:
    """The message says what holds the command up and what to do about it."""
    names = {"CAMPAIGN": str(busy.campaign_file), "FOLDER": str(busy.path)}
    arguments = [names.get(argument, argument) for argument in COMMANDS_OF_A_LEDGER[name]]
    environment = {
        "DIALER_LEDGER": f"sqlite:///{busy.path}/ledger.db?timeout=0.05",
        "AICALLER_API_KEY": "sk-none",
        "AICALLER_BASE_URL": "http://127.0.0.1:9",
        "WEBHOOK_SECRET": "a secret of the webhooks",
    }
    done = CliRunner().invoke(app, [name, *arguments], env=environment)
    error, told = done.exception, f"{done.output} {done.exception}"
    code = exit_code_of(error) if isinstance(error, DialerError) else done.exit_code
    assert (code, "another command keeps the ledger to itself" in told) == (75, True), told
    assert "kill -CONT" in told
