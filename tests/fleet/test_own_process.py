"""A job in a process of its own: it ends as the command does, and whatever ends the process is told."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from dialer.fleet.own_process import Ended, OwnProcess, ended_so
from tests.fleet.hands import campaign_file, order

pytestmark = pytest.mark.slow


def test_a_command_that_fails_says_why(tmp_path: Path) -> None:
    """What stands in its JSON is the job's message."""
    campaign = campaign_file(tmp_path, "spring")
    campaign.path.write_text("[call\n", "utf-8")

    ended = asyncio.run(OwnProcess(tmp_path)(order(campaign), asyncio.Event()))

    assert ended.exit_code == 2
    assert ended.message.startswith(f"{campaign.path}: ")


@pytest.mark.parametrize(
    ("printed", "message", "has_lost_ledger"),
    [
        (b'{"stop": {"code": "no_credit", "message": "No credit."}, "exit_code": 5}', "No credit.", False),
        (b'{"stop": {"code": "lock_lost", "message": "Lost."}, "exit_code": 5}', "Lost.", True),
        (b'{"error": {"code": "lock_lost", "message": "Lost."}, "exit_code": 5}', "Lost.", True),
        (b'{"campaigns": [{"run": {"stop": {"code": "lock_lost", "message": "Lost."}}}]}', "Lost.", True),
        (b'{"error": {"code": "ledger_unreachable", "message": "Gone."}, "exit_code": 2}', "Gone.", True),
        (b'{"campaigns": [{"message": "Lost.", "error": "lock_lost", "run": null}]}', "Lost.", True),
        (b'{"campaigns": [{"message": "Gone.", "error": "ledger_unreachable", "run": null}]}', "Gone.", True),
        (b'{"campaigns": [{"message": "No key.", "error": "settings_error", "run": null}]}', "No key.", False),
        (b'{"stop": null, "exit_code": 0}', "", False),
        (b'{"campaigns": [{"campaign": "spring", "message": "too late"}], "exit_code": 5}', "too late", False),
        (b'{"stop": {"code": "ledger_lost", "message": "Cut."}, "exit_code": 5}', "Cut.", True),
        (b'{"campaigns": [{"message": "Cut.", "error": "ledger_write_lost", "run": null}]}', "Cut.", True),
        (b'{"stop": {"code": "ledger_failed", "message": "Full."}, "exit_code": 5}', "Full.", False),
        (b'{"campaigns": [], "exit_code": 2}', "", False),
        (b'{"error": {"code": "held", "message": "Held."}, "exit_code": 75}', "Held.", False),
        (b"", "Terminated.", False),
    ],
)
def test_each_end_has_its_message(tmp_path: Path, printed: bytes, message: str, has_lost_ledger: bool) -> None:  # noqa: FBT001 - a case
    """Of a run, of a night, of an error, and of a process that printed no object."""
    file = tmp_path / "spring.toml"
    assert ended_so(file, 5, printed, b"Terminated.\n") == Ended(5, message, has_lost_ledger)


@pytest.mark.parametrize("error", ["process_died", "judging_failed"])
def test_a_night_whose_process_died_may_be_taken_over(tmp_path: Path, error: str) -> None:
    """Also where it was only one of those that the job's own process has started."""
    printed = json.dumps({"campaigns": [{"message": "Died.", "error": error, "run": None}]}).encode()

    assert ended_so(tmp_path / "spring.toml", 1, printed, b"") == Ended(1, "Died.", has_died=True)


def test_a_killed_process_is_told(tmp_path: Path) -> None:
    """By the signal that ended it, with where to look."""
    ended = ended_so(tmp_path / "spring.toml", -signal.SIGKILL, b"", b"")

    assert (ended.exit_code, ended.has_died) == (137, True)
    assert ended.message == (
        "Its process was ended by SIGKILL, often because memory ran out."
        f" Next: dialer status {tmp_path / 'spring.toml'}"
    )
