"""A rehearsal begins anew when it is asked to, and never touches what is real."""

import json
import os
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.ledger.database.open import Ledger
from tests.cli.command_line import dialer
from tests.support import ANY_HOUR, CampaignFolder, number


def counts(ended: str) -> dict[str, int]:
    """Return the rows by status that `--json` printed."""
    found: dict[str, int] = json.loads(ended)["counts"]
    return found


def files(folder: CampaignFolder) -> set[Path]:
    """Return every file of the folder."""
    return {path for path in folder.path.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_fresh_rehearsal_creates_every_call_again(folder: CampaignFolder) -> None:
    """Without it a second rehearsal creates nothing; with it the stand-in has heard of nobody."""
    rehearse = ("run", folder.campaign_file, "--sandbox", "--json")
    first, again, fresh = dialer(*rehearse), dialer(*rehearse), dialer(*rehearse, "--fresh")

    assert [counts(ended.stdout)["created"] for ended in (first, again, fresh)] == [3, 0, 3]
    assert len((folder.path / ".dialer/sandbox-calls.jsonl").read_text("utf-8").splitlines()) == 3
    assert len(list((folder.path / "results/sandbox").iterdir())) == 1


@pytest.mark.slow
def test_only_what_rehearsals_wrote_is_deleted(folder: CampaignFolder) -> None:
    """The real ledger, real results, and whatever a person put beside the rehearsal's results stay."""
    dialer("run", folder.campaign_file, "--sandbox")
    Ledger.open(folder.path / ".dialer/ledger.db").close()
    mended = folder.path / "results/sandbox/mended.csv"
    real = folder.path / "results/campaign-20261123T170000Z.csv"
    for path in (mended, real):
        path.write_text("kept", "utf-8")
    kept = {mended, real, folder.campaign_file, folder.path / "contacts.csv", folder.path / ".dialer/ledger.db"}

    ended = dialer("run", folder.campaign_file, "--sandbox", "--fresh", "--dry-run")
    assert ended.returncode == 0
    assert kept <= files(folder)


def test_real_calls_are_never_forgotten(folder: CampaignFolder) -> None:
    """Without `--sandbox` it is refused, whatever else is asked for."""
    ended = dialer("run", folder.campaign_file, "--fresh", "--yes")
    assert ended.returncode == 2
    assert "Give it with --sandbox" in ended.stderr


def test_a_rehearsal_under_way_is_left_alone(folder: CampaignFolder) -> None:
    """What another terminal rehearses is not deleted under its feet."""
    dialer("run", folder.campaign_file, "--sandbox")
    with (
        Ledger.open(folder.path / ".dialer/sandbox.db") as ledger,
        ledger.lock(what="a rehearsal", since=datetime.now(UTC)),
    ):
        ended = dialer("run", folder.campaign_file, "--sandbox", "--fresh")
    assert ended.returncode == 75
    assert (folder.path / ".dialer/sandbox-calls.jsonl").exists()


@pytest.mark.slow
def test_a_rehearsal_that_cannot_go_on_says_how_to_begin_anew(folder: CampaignFolder) -> None:
    """Somebody deletes its ledger, or breaks it: nobody is alarmed, and one command helps."""
    dialer("run", folder.campaign_file, "--sandbox")
    ledger = folder.path / ".dialer/sandbox.db"
    ledger.unlink()
    missing = dialer("run", folder.campaign_file, "--sandbox")
    ledger.write_bytes(os.urandom(4096))
    broken = dialer("run", folder.campaign_file, "--sandbox")

    for ended in (missing, broken):
        assert ended.returncode == 2
        assert "Nobody was called" in ended.stderr
        assert "--sandbox --fresh" in ended.stderr
    assert counts(dialer("run", folder.campaign_file, "--sandbox", "--fresh", "--json").stdout)["created"] == 3


@pytest.mark.slow
def test_every_next_command_of_a_rehearsal_can_be_pasted(tmp_path: Path) -> None:
    """By every command, before the first run, after it, and when it broke: the file quoted, `--sandbox` kept."""
    (tmp_path / "my camp").mkdir()
    folder = CampaignFolder(tmp_path / "my camp")
    folder.sheet(["Name", "Phone"], [["Ann", number(0)], ["Bob", "?"]])
    folder.campaign(ANY_HOUR)
    given = (folder.campaign_file, "--sandbox")
    before = [dialer(job, *given) for job in ("results", "reconcile", "sync")]
    after = [dialer("run", *given), dialer("status", *given)]
    (folder.path / ".dialer/sandbox.db").write_bytes(b"no ledger")
    broken = dialer("run", *given)

    assert "ledger" in broken.stderr.partition("Begin")[0]
    for ended in [*before, *after, broken]:
        (told,) = re.findall(r"(?:Next|anew): (dialer .*)", ended.stdout + ended.stderr)
        words = shlex.split(told)
        assert words[2] == str(folder.campaign_file)
        assert "--sandbox" in words
