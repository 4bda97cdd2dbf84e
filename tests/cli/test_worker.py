"""A fleet from the command line: asked for, done, stopped and done by another; `dialer jobs` tells it all."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dialer.sandbox import Sandbox
from docs.generate.json_schemas import FOLDER
from tests.cli.command_line import dialer, running
from tests.fleet.hands import campaign_file, rung
from tests.support import ANY_HOUR, number

pytestmark = pytest.mark.slow

NIGHTLY = f"{ANY_HOUR}[submit]\nrequests_per_second = 4\n[nightly]\nenabled = true\n"


@pytest.fixture
def folder(tmp_path: Path, database: str) -> Path:
    """Return a folder with one campaign, whose ledger is on a server without a queue."""
    os.environ["DIALER_LEDGER"] = database
    campaign_file(tmp_path, "spring", tables=NIGHTLY)
    return tmp_path


def _jobs(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _valid("jobs", dialer("jobs", folder, "--json", *arguments).stdout)["jobs"]
    return found


def _valid(command: str, printed: str) -> dict[str, Any]:
    """Return the object that a command printed, which is as its schema says."""
    found: dict[str, Any] = json.loads(printed)
    Draft202012Validator(json.loads((FOLDER / f"{command}.json").read_text("utf-8"))).validate(found)
    return found


def test_a_run_goes_on_with_another_worker_after_a_drain(folder: Path) -> None:
    """SIGTERM ends the worker with 0 and its run in order; the job waits, the next worker does the rest of it."""
    assert dialer("migrate", folder).returncode == 0
    assert dialer("run", folder / "spring.toml", "--enqueue", "--yes").stdout.startswith("job 1 waits: run of spring")
    with Sandbox() as sandbox:
        with running("worker", folder, "--port", "0", "--json", url=sandbox.url) as process:
            until = time.monotonic() + 60
            while not sandbox.created and time.monotonic() < until:
                time.sleep(0.05)  # two processes have to begin
            process.send_signal(signal.SIGTERM)
            printed, told = process.communicate(timeout=60)
        assert _valid("worker", printed)["queues"] == []
        assert (process.returncode, len(told.splitlines())) == (0, 1), told
        (waits,) = _jobs(folder)
        assert (waits["state"], waits["exit_code"], waits["tries"]) == ("waits", 143, 1)
        assert sum(rung(sandbox).values()) < 3
        assert dialer("worker", folder, "--once", url=sandbox.url).returncode == 0
        assert rung(sandbox) == {number(index): 1 for index in range(3)}
    (done,) = _jobs(folder)
    assert (done["state"], done["exit_code"], done["tries"], done["message"]) == ("succeeded", 0, 2, "")


def test_what_is_asked_for_waits_until_it_is_cancelled(folder: Path) -> None:
    """Without a queue the command that makes it is told; a run and a night wait side by side, each once."""
    run = ("run", folder / "spring.toml", "--enqueue", "--yes")
    assert dialer(*run).stderr.endswith("it has no queue yet. Next: dialer migrate\n")
    first, second = (_valid("migrate", dialer("migrate", folder, "--json").stdout) for _ in range(2))
    assert (first["queue_scripts"], second["queue_scripts"]) == (["schema"], [])
    for asked in (run, ("nightly", folder, "--enqueue")):
        assert len(_valid(str(asked[0]), dialer(*asked, "--json").stdout)["jobs"]) == 1
        assert json.loads(dialer(*asked, "--json").stdout) == {
            "schema_version": 1, "jobs": [], "waiting": ["spring"], "unreadable": [], "exit_code": 0
        }  # fmt: skip
    assert [job["state"] for job in _jobs(folder, "--cancel", "1")] == ["cancelled", "waits"]
    assert dialer("jobs", folder, "--cancel", "1").returncode == 2
    (folder / "broken.toml").write_text("[nightly\n", "utf-8")
    again = dialer("nightly", folder, "--enqueue")
    assert again.stdout.startswith(f"spring: has its job already; see `dialer jobs`\n{folder / 'broken.toml'}: ")
    assert again.returncode == 2
    assert "there is no such folder" in dialer("worker", folder / "nowhere").stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "A worker asks nobody before it calls. Look at `dialer plan`, then give --yes with --enqueue."),
        (("--yes", "--limit", "3"), "--enqueue goes with --yes, --ledger, --json and --quiet:"),
        (("--yes", "--sandbox"), "--enqueue goes with --yes, --ledger, --json and --quiet:"),
        (("--yes", "--ledger", "ledger.db"), "ledger.db: is a file, and a fleet shares a ledger in PostgreSQL."),
    ],
)
def test_what_a_worker_cannot_do_is_refused(folder: Path, more: tuple[str, ...], said: str) -> None:
    """Nothing waits that would be done in another way than was asked."""
    ended = dialer("run", folder / "spring.toml", "--enqueue", *more)

    assert ended.returncode == 2
    assert said in ended.stderr
