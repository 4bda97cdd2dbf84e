"""Promises of `python -m dialer.sandbox`, kept by real processes."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import fields
from pathlib import Path

import pytest

from dialer.sandbox import CallLifecycle, Faults, Sandbox, Webhooks
from dialer.sandbox.__main__ import main, parser
from tests.sandbox.client import ROOT, Answer, ask, call, outcome, post, process


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    """It says where it listens only when it does, serves, and ends with code 0."""
    with process() as (running, url):
        assert post(url, call()).status == 200

        running.send_signal(number)

        assert running.wait() == 0


@pytest.mark.slow
def test_a_killed_sandbox_has_journalled_what_it_answered(tmp_path: Path) -> None:
    """After SIGKILL amid traffic each answered call is in the journal, and a new sandbox lists it."""
    journal = tmp_path / "calls.jsonl"
    answered: list[str] = []
    enough = threading.Event()

    def create_until_killed(url: str) -> None:
        while True:
            try:
                answer: Answer = post(url, call())
            except (OSError, http.client.HTTPException):  # no reply, or half of one
                return
            answered.append(answer.data["_id"])
            if len(answered) >= 30:
                enough.set()

    with process("--journal", str(journal)) as (running, url):
        clients = [threading.Thread(target=create_until_killed, args=(url,)) for _client in range(3)]
        for client in clients:
            client.start()
        assert enough.wait()
        running.kill()
        for client in clients:
            client.join()

    journalled = [json.loads(line)["_id"] for line in journal.read_text().splitlines(keepends=True) if line[-1] == "\n"]
    assert len(answered) >= 30
    assert set(answered) <= set(journalled)
    with Sandbox(journal=journal) as again:
        assert [made["_id"] for made in ask(again.url, "GET", "/v1/phoneCalls").data] == journalled


@pytest.mark.slow
def test_a_full_disk_creates_nothing(tmp_path: Path) -> None:
    """When the journal cannot grow a POST is answered 500, creates nothing and leaves only whole lines."""
    journal = tmp_path / "calls.jsonl"
    limited = ("/bin/sh", "-c", 'ulimit -f 4; exec "$@"', "sh")
    with process("--journal", str(journal), prefix=limited) as (_running, url):
        results = [outcome(url, call()) for _post in range(30)]
        listed = ask(url, "GET", "/v1/phoneCalls").data

    created = results.count("200")
    assert 0 < created < 30
    assert results == ["200"] * created + ["500"] * (30 - created)
    assert [json.loads(line) for line in journal.read_text().splitlines()] == listed
    assert len(listed) == created


@pytest.mark.slow
def test_faults_are_taken_from_the_command_line() -> None:
    """An option reaches the fault of its name."""
    with process("--drop-after", "1", "--reset", "--no-credit-after", "2", "--seed", "5") as (_running, url):
        assert [outcome(url, call()) for _post in range(3)] == ["dropped", "dropped", "402"]


def test_every_fault_has_an_option() -> None:
    """The defaults of the command line are those of `Faults`, and no fault is left out."""
    options = vars(parser().parse_args([]))

    assert Faults(**{fault.name: options[fault.name] for fault in fields(Faults)}) == Faults()
    assert all(fault.metadata["help"] in " ".join(parser().format_help().split()) for fault in fields(Faults))


def test_every_share_and_webhook_setting_has_an_option() -> None:
    """The defaults of the command line are those of `CallLifecycle` and `Webhooks`, and none is left out."""
    options = vars(parser().parse_args([]))

    assert {part.name: options[part.name] for part in fields(CallLifecycle) if part.metadata} == {
        part.name: getattr(CallLifecycle(), part.name) for part in fields(CallLifecycle) if part.metadata
    }
    assert {part.name: options[f"webhook_{part.name}"] for part in fields(Webhooks)} == {
        part.name: getattr(Webhooks(), part.name) for part in fields(Webhooks)
    }


@pytest.mark.slow
def test_calls_live_unless_they_are_told_to_be_still() -> None:
    """By default a call rings and ends, as fast as is asked; with `--still` it stays queued."""
    with process("--busy", "1", *_NOTHING_ELSE, "--speed", "100000", alive=True) as (_running, url):
        call_id = post(url, call()).data["_id"]
        while ask(url, "GET", f"/v1/phoneCalls/{call_id}").data["status"] != "busy":
            pass
    with process("--busy", "1", *_NOTHING_ELSE, "--speed", "100000") as (_running, url):
        made = post(url, call()).data
        assert ask(url, "GET", f"/v1/phoneCalls/{made['_id']}").data == made


_NOTHING_ELSE = [
    part
    for name in ("no-answer", "failed", "cancelled", "voicemail", "ivr", "do-not-call", "call-later", "unknown-code")
    for part in (f"--{name}", "0")
]


@pytest.mark.slow
def test_a_key_comes_from_the_environment() -> None:
    """The only accepted key is named by its variable, so that it shows in no list of processes."""
    command = [sys.executable, "-m", "dialer.sandbox", "--api-key-env", "SANDBOX_KEY"]
    environment = os.environ | {"SANDBOX_KEY": "the right key"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().split()[-1]
        assert post(url, call(), key="the wrong key").status == 401
        assert post(url, call(), key="the right key").status == 200
        running.terminate()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--host", "192.0.2.1"], "only on this machine"),
        (["--refuse", "2"], "refuse must be a probability"),
        (["--busy", "0.9"], "not exceed 1 together"),
        (["--speed", "0"], "speed must be more than 0"),
        (["--webhook-lost", "2"], "lost and twice must be probabilities"),
        (["--webhook-style", "morse"], "--webhook-style"),
        (["--refuse", "often"], "--refuse"),
        (["--retry-after", "minutes"], "--retry-after"),
        (["--journal", "."], "directory"),
        (["--api-key-env", "NO_SUCH_VARIABLE_HERE"], "NO_SUCH_VARIABLE_HERE"),
    ],
)
def test_what_cannot_be_started_ends_with_code_2(
    options: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake is told in one line on stderr, without a traceback, and nothing listens."""
    with pytest.raises(SystemExit) as stopped:
        main(options)

    told = capsys.readouterr()
    assert stopped.value.code == 2
    assert named in told.err
    assert told.out == ""


def test_a_taken_port_ends_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    """Two sandboxes cannot share a port."""
    with Sandbox() as sandbox, pytest.raises(SystemExit) as stopped:
        main(["--port", sandbox.url.rsplit(":", 1)[1]])

    assert stopped.value.code == 2
    assert "in use" in capsys.readouterr().err
