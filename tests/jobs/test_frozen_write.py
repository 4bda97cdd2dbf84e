"""A run that a SIGSTOP catches within a write, with the ledger's write lock: the stand-in's own list is the judge."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.clock import to_ms
from dialer.reasons import Reason
from dialer.sandbox import Sandbox
from tests.cli.command_line import dialer, environment
from tests.support import ANY_HOUR, CampaignFolder, number

SUBMIT = "[submit]\nrequests_per_second = 400\nconcurrency = 4\n"
PEOPLE = 40
SUSPENDED_SECONDS = 45
"""Longer than a claim lives, shorter than what a clock may be off."""


@contextmanager
def frozen_run(folder: CampaignFolder, ledger: Path, sandbox: Sandbox, leap: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a run that has frozen within the write of its tenth claims."""
    leap.write_text("0")
    arguments = (str(folder.campaign_file), str(ledger), sandbox.url, "10", str(leap))
    with subprocess.Popen([sys.executable, "-m", "tests.jobs.freezing", *arguments], env=environment(None)) as process:
        try:
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status)
            yield process
        finally:
            process.kill()


def attempts(ledger: Path) -> list[tuple[str, int, str]]:
    """Read number, slot and reason of every attempt."""
    with closing(sqlite3.connect(ledger)) as connection:
        return connection.execute("SELECT phone, slot_ms, reason FROM attempts").fetchall()


@pytest.mark.slow
def test_a_run_frozen_within_a_write_sends_no_old_claim_and_holds_nobody_up_for_ever(
    folder: CampaignFolder, tmp_path: Path
) -> None:
    """Whoever needs the ledger meanwhile gets 75 and what to do; thawed after its claims' time, it claims anew."""
    folder.people(PEOPLE)
    start = (datetime.now(UTC) + timedelta(hours=1)).isoformat()  # so that no slot passes meanwhile
    folder.campaign(ANY_HOUR.replace("[schedule]", f'[schedule]\nstart = "{start}"') + SUBMIT)
    other = shutil.copy(folder.campaign_file, tmp_path / "autumn.toml")
    ledger = tmp_path / "kept/ledger.db"
    os.environ["DIALER_LEDGER"] = f"sqlite:///{ledger}?timeout=0.1"
    with Sandbox() as sandbox, frozen_run(folder, ledger, sandbox, tmp_path / "leap") as process:
        commands = (
            ("run", folder.campaign_file, "--yes"),
            ("reconcile", folder.campaign_file),
            ("run", other, "--yes"),
            ("pause", folder.campaign_file),
        )
        ends = [dialer(*command, url=sandbox.url) for command in commands]
        assert [end.returncode for end in ends] == [75] * len(ends), [end.stderr for end in ends]
        (tmp_path / "leap").write_text(str(SUSPENDED_SECONDS))
        process.send_signal(signal.SIGCONT)
        code = process.wait(timeout=60)
        calls = [(call["toPhoneNumber"], slot_ms(call)) for call in sandbox.created]

    assert all("kill -CONT" in end.stderr for end in ends)
    assert code == 0
    assert Counter(phone for phone, _ in calls) == {number(index): 1 for index in range(PEOPLE)}
    given_back = {(phone, at_ms) for phone, at_ms, reason in attempts(ledger) if reason == Reason.CLAIM_EXPIRED}
    assert given_back
    assert given_back.isdisjoint(calls)


def slot_ms(call: dict[str, str]) -> int:
    """Return when a call of the stand-in is to ring."""
    return to_ms(datetime.fromisoformat(call["callDelayedUntil"]))
