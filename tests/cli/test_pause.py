"""`dialer pause`, `resume` and `stop`: what people read, and what goes to which stream."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from dialer.calls.outcome import StopCode
from dialer.cli.control import control
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.control import Control
from dialer.jobs.sending.options import RunOptions
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import campaign_places
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from tests.cli.command_line import environment
from tests.jobs.sending.test_control import Elsewhere
from tests.jobs.test_run import hurried, settings_for
from tests.support import ANY_HOUR, CampaignFolder, number


@pytest.fixture
def ran(folder: CampaignFolder) -> Path:
    """Return the file of a campaign that has run: its calls are still to ring."""
    with Sandbox() as sandbox:
        run_campaign(folder.campaign(), runtime=hurried(sandbox))
    return folder.campaign_file


def told(capsys: pytest.CaptureFixture[str], asked: Control, campaign: Path, *, as_json: bool = False) -> list[str]:
    """Ask, and return what was printed on stdout and on stderr."""
    control(asked, campaign, None, sandbox=False, as_json=as_json)
    return list(capsys.readouterr())


def test_each_request_says_what_holds_now_and_what_comes_next(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who paused it and since when, that no run is going, and the command that goes on."""
    calls, said = told(capsys, Control.PAUSE, ran)
    assert "campaign is paused (by " in said
    assert f"Next: dialer resume {ran}" in said
    assert "ring all the same; they can be cancelled only at the API, 3 calls:" in said
    assert [line.split()[1] for line in calls.splitlines()] == ["rings"] * 3
    assert "was paused before (by " in told(capsys, Control.PAUSE, ran)[1]
    assert "stays paused" in told(capsys, Control.STOP, ran)[1]
    assert f"is resumed. No run is going. Next: dialer run {ran}" in told(capsys, Control.RESUME, ran)[1]
    assert told(capsys, Control.RESUME, ran) == ["", "campaign is not paused.\n"]
    assert "so there is none to stop." in told(capsys, Control.STOP, ran)[1]


def test_a_program_reads_one_object(ran: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--json` nothing is on stderr, and every call to ring has its id, row and instant."""
    out, said = told(capsys, Control.PAUSE, ran, as_json=True)
    found = json.loads(out)
    assert said == ""
    assert (found["asked"], found["run"], found["has_ended"], found["was_paused"]) == ("pause", None, False, False)
    assert [call["row"] for call in found["calls_to_ring"]] == [2, 3, 4]


PEOPLE = 60
UNHURRIED = ANY_HOUR + "[submit]\nrequests_per_second = 5\nconcurrency = 4\n"
"""So that a run lasts while three commands start."""


@dataclass
class SecondMachine:
    """Pauses, looks, resumes, waits for more calls and stops, each command by its own process.

    The campaign file is a copy in a folder of its own, as another machine has it: they share the ledger's server alone.
    """

    campaign: Path
    database: str
    sandbox: Sandbox
    paused: Any = None
    resumed: Any = None
    stopped: Any = None
    sent_while_paused: bool = True
    count: int = 0

    def act(self) -> None:
        """Say the commands, one after the other."""
        with Ledger.open(self.database) as ledger, ledger.write() as tx:
            tx.execute(update(campaign_places).values(host="first-machine"))  # as if the run were not on this one
        self.paused = self.say("pause")
        self.count = len(self.sandbox.created)
        self.sent_while_paused = self.sandbox.wait_until_created(self.count + 1, timeout_seconds=0.5)
        self.resumed = self.say("resume")
        self.sandbox.wait_until_created(self.count + 3, timeout_seconds=30)
        self.stopped = self.say("stop")

    def say(self, command: str) -> Any:
        """Return the object that a command prints."""
        words = [sys.executable, "-m", "dialer", command, str(self.campaign), "--ledger", self.database, "--json"]
        ended = subprocess.run(words, env=environment(None), capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout
        return json.loads(ended.stdout)


@pytest.mark.slow
def test_a_second_machine_pauses_resumes_and_stops_a_run(
    folder: CampaignFolder, database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On a PostgreSQL: paused, nothing is sent; resumed, it goes on; stopped, it drains; and everybody has one call."""
    folder.people(PEOPLE)
    campaign = folder.campaign(UNHURRIED)
    elsewhere = Path(shutil.copy(folder.campaign_file, tmp_path_factory.mktemp("elsewhere")))
    options = RunOptions(ledger=database)
    with Sandbox() as sandbox:
        machine = SecondMachine(elsewhere, database, sandbox)
        listener = Elsewhere(machine.act)
        summary = run_campaign(
            campaign, options=options, listener=listener, runtime=Runtime(settings=settings_for(sandbox))
        )
        listener.thread.join()
        ringing = {call["_id"]: call["callDelayedUntil"] for call in sandbox.created}
        rest = run_campaign(folder.campaign(), options=options, runtime=hurried(sandbox))
        called = [call["toPhoneNumber"] for call in sandbox.created]

    assert not machine.sent_while_paused
    assert len(machine.paused["calls_to_ring"]) == machine.count == machine.paused["run"]["created"]
    assert machine.paused["run"]["in_flight"] == 0
    assert (machine.resumed["was_paused"], machine.resumed["paused"]) == (True, None)
    assert summary.stop is not None
    assert (summary.stop.code, summary.exit_code) == (StopCode.STOP_REQUESTED, 5)
    assert machine.stopped["has_ended"]
    assert {call["call_id"]: call["rings_at"] for call in machine.stopped["calls_to_ring"]} == ringing
    assert machine.count + 3 <= len(ringing) == summary.counts[Status.CREATED] < PEOPLE
    assert summary.counts[Status.UNKNOWN] == 0
    assert rest.counts[Status.CREATED] == PEOPLE - len(ringing)
    assert sorted(called) == sorted(number(index) for index in range(PEOPLE))
