"""`dialer webhooks serve` as a process: what it says, what it stores, how it ends."""

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dialer.cli.ports import cannot_listen
from dialer.jobs.results import rebuild_results
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.sandbox import CallLifecycle, End, Sandbox, Webhooks
from tests.cli.command_line import CANARY_KEY, dialer, environment
from tests.jobs.test_run import settings_for
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, number, read_results

pytestmark = pytest.mark.slow

HOOK = '[[call.webhooks]]\nurl = "{url}"\nsecret_env = "HOOK_SECRET"\n'
CANARY = "canary-hook-secret"
PROOF = "x-proof"


@contextmanager
def serving(*arguments: str | Path, url: str) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """Start the receiver on a free port; return the process and its address."""
    command = [sys.executable, "-m", "dialer", "webhooks", "serve", *map(str, arguments), "--port", "0", "--verbose"]
    with subprocess.Popen(
        command, env=environment(url) | {"HOOK_SECRET": CANARY}, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            told = next(line for line in process.stderr if line.startswith("listening on "))
            yield process, told.removeprefix("listening on ").strip()
        finally:
            process.kill()


@pytest.mark.parametrize("style", ["header", "hmac-hex"])
def test_ends_come_in_while_a_run_is_going(folder: CampaignFolder, style: str) -> None:
    """Each call of a run is heard of, read from the API and stored, while it holds the ledger; no secret is told."""
    os.environ["HOOK_SECRET"] = CANARY
    ledger_file = folder.path / ".dialer/ledger.db"
    Ledger.open(ledger_file).close()
    posted = Webhooks(style="hmac-hex" if style == "hmac-hex" else "header", secret_name=PROOF)
    ends = {number(index): (End.BUSY,) for index in range(3)}
    life = CallLifecycle(script=ends, speed=10_000.0, webhooks=posted)
    folder.campaign(ANY_HOUR + FAST + HOOK.format(url="http://127.0.0.1:9/"))
    options = ("--secret-in", style, "--secret-name", PROOF)
    with Sandbox(life=life) as sandbox, serving(folder.campaign_file, *options, url=sandbox.url) as (process, url):
        run_campaign(
            folder.campaign(ANY_HOUR + FAST + HOOK.format(url=url + "/hook")),
            runtime=Runtime(settings=settings_for(sandbox)),
        )
        assert process.stderr is not None
        lines: list[str] = []
        while sum("its call is busy" in line for line in lines) < 3:
            lines.append(process.stderr.readline())
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        code = process.wait(timeout=30)

    with Ledger.open(ledger_file) as ledger:
        rebuild_results(ledger, "campaign", folder.path / "now.csv")
    assert column(read_results(folder.path / "now.csv"), "dialer_call_status") == ["busy"] * 3
    assert code == 0
    said = "".join(lines) + rest
    assert not any(secret in said for secret in (CANARY, CANARY_KEY, *(number(index)[2:] for index in range(3))))


def test_a_port_of_the_administrators_is_told_as_one() -> None:
    """The message names the lowest port that anybody may take, and the way from the other to it."""
    refused = PermissionError(errno.EACCES, "Permission denied")
    assert "--port 80: ports below 1024 are the administrator's" in cannot_listen("127.0.0.1", 80, refused)
    assert "--host" in cannot_listen("127.0.0.1", 8090, refused)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "No secret"),
        (["--secret-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE"),
        (["--secret-in", "morse"], "--secret-in"),
        (["--secret-env", "PATH"], "no ledger yet"),
        (["--port", "70000"], "'70000' is no port: a whole number from 1 to 65535, or 0"),
        (["--port", "http"], "'http' is no port"),
    ],
)
def test_what_cannot_be_served_ends_with_2(folder: CampaignFolder, arguments: list[str], told: str) -> None:
    """Without a secret or a ledger nothing listens, and the message says what is missing."""
    ended = dialer("webhooks", "serve", folder.campaign_file, *arguments, url="http://127.0.0.1:9")
    assert ended.returncode == 2
    assert told in ended.stderr
    assert not (folder.path / ".dialer").exists()


def test_campaigns_of_several_ledgers_are_served_apart(folder: CampaignFolder, tmp_path: Path) -> None:
    """One receiver writes one ledger; an address that cannot be had is named."""
    (tmp_path / "other").mkdir()
    other = CampaignFolder(tmp_path / "other")
    secret = ("--secret-env", "PATH")
    ended = dialer("webhooks", "serve", folder.campaign_file, other.campaign_file, *secret, url="http://127.0.0.1:9")
    Ledger.open(folder.path / ".dialer/ledger.db").close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        busy = dialer("webhooks", "serve", folder.campaign_file, *secret, "--port", port, url="http://127.0.0.1:9")
    away = dialer("webhooks", "serve", folder.campaign_file, *secret, "--host", "192.0.2.1", url="http://127.0.0.1:9")

    assert (ended.returncode, away.returncode) == (2, 2)
    assert "several ledgers" in ended.stderr
    assert "--host 192.0.2.1: cannot be listened at" in away.stderr
    assert (busy.returncode, f"--port {port}: another program listens there" in busy.stderr) == (2, True)
