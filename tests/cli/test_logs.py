"""The log of a command in a file: only its owner reads it, instants are UTC, rows are the sheet's."""

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.cli.logs import log_to_file
from dialer.errors import UsageError
from dialer.jobs.run import run_campaign
from dialer.sandbox import Sandbox
from tests.cli.command_line import dialer
from tests.jobs.test_run import hurried
from tests.support import CampaignFolder, number


@pytest.fixture(autouse=True)
def _no_trace() -> Iterator[None]:
    """Leave the logger as it was."""
    logger = logging.getLogger("dialer")
    before = (list(logger.handlers), logger.level, logger.propagate)
    yield
    for handler in logger.handlers:
        if handler not in before[0]:
            handler.close()
    logger.handlers, logger.level, logger.propagate = before


@pytest.mark.slow
def test_a_run_is_logged_as_json_with_the_rows_of_its_sheet(folder: CampaignFolder, tmp_path: Path) -> None:
    """Each line is an object; a call's line has run, row and contact, and no number stands anywhere."""
    path = tmp_path / "run.log"
    log_to_file(path, "json")
    with Sandbox() as sandbox:
        summary = run_campaign(folder.campaign(), runtime=hurried(sandbox))
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    settled = [line for line in lines if line.get("action") == "settled"]
    assert sorted(line["row"] for line in settled) == [2, 3, 4]
    assert {line["run_id"] for line in settled} == {summary.run_id}
    assert all(line["at"].endswith("Z") and len(line["at"]) == 24 for line in lines)
    assert number(0)[2:] not in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_goes_on_where_it_ended_and_stays_closed_to_others(tmp_path: Path) -> None:
    """An earlier file is kept, and made 0600 where it was not; text lines have their instant first."""
    path = tmp_path / "old.log"
    path.write_text("before\n", "utf-8")
    path.chmod(0o644)
    log_to_file(path, "text")
    logging.getLogger("dialer.test").warning("told")
    first, second = path.read_text("utf-8").splitlines()
    assert first == "before"
    assert second.endswith("WARNING dialer.test told")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_cannot_be_a_log_is_said(tmp_path: Path) -> None:
    """A folder, or a format that there is not, ends the command before it does anything."""
    with pytest.raises(UsageError, match=r"--log-file .*: cannot be written"):
        log_to_file(tmp_path, "text")
    with pytest.raises(UsageError, match="--log-format: yaml is none of text, json"):
        log_to_file(tmp_path / "new.log", "yaml")


def test_a_wrong_format_is_told_without_a_log_too(folder: CampaignFolder) -> None:
    """Nobody finds out later that there is no such format."""
    ended = dialer("check", folder.campaign_file, "--log-format", "yaml")
    assert ended.returncode == 2
    assert "--log-format: yaml is none of text, json" in ended.stderr
