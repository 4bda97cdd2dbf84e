"""`dialer pause`, `resume` and `stop`: what people read, and what goes to which stream."""

import json
from pathlib import Path

import pytest

from dialer.cli.control import control
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.control import Control
from dialer.sandbox import Sandbox
from tests.jobs.test_run import hurried
from tests.support import CampaignFolder


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
