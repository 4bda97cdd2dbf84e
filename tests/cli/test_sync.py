"""`dialer sync` from outside: exit codes and streams; no number is told."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from dialer.calls.outcome import Stop, StopCode
from dialer.cli.sync import lines
from dialer.jobs.sync import SyncSummary
from dialer.ledger.suppression_list import OpenCall
from dialer.sandbox import Sandbox
from tests.cli.command_line import dialer
from tests.support import ANY_HOUR, FAST, CampaignFolder


@pytest.mark.slow
def test_ends_are_told_to_people_and_to_programs(folder: CampaignFolder) -> None:
    """People read counts on stderr; `--json` prints the documented object; a rehearsal has a life of its own."""
    start = datetime.now(UTC) + timedelta(hours=1)  # so that no call is due, however long the commands take
    folder.campaign(f'{ANY_HOUR}start = "{start.isoformat(timespec="seconds")}"\n{FAST}')
    with Sandbox() as sandbox:
        dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
        early = dialer("sync", folder.campaign_file, url=sandbox.url)
        told = json.loads(dialer("sync", folder.campaign_file, "--json", url=sandbox.url).stdout)
    rehearsed = dialer("run", folder.campaign_file, "--sandbox")
    looked = dialer("sync", folder.campaign_file, "--sandbox")

    assert early.returncode == 0
    assert early.stdout == ""
    assert "no call whose end is not known is due" in early.stderr
    assert told == {
        "schema_version": 1,
        "campaign": "campaign", "ended": {}, "running": {}, "gone": 0, "elsewhere": 0, "unread": 0, "opted_out": 0,
        "open_calls": [],
        "stop": None, "exit_code": 0,
    }  # fmt: skip
    assert (rehearsed.returncode, looked.returncode) == (0, 0)


@pytest.mark.slow
def test_a_sync_of_nothing_ends_with_2(folder: CampaignFolder) -> None:
    """A campaign that never ran has no calls to ask about."""
    with Sandbox() as sandbox:
        ended = dialer("sync", folder.campaign_file, url=sandbox.url)
    assert ended.returncode == 2
    assert "never run" in ended.stderr


def test_everything_found_has_its_sentence() -> None:
    """Ends, calls that go on, that are gone or unread, opt-outs with the calls that will still ring, and the stop."""
    summary = SyncSummary("spring", gone=2, elsewhere=6, unread=3, opted_out=1)
    summary.ended["completed DO_NOT_CALL"] = 4
    summary.running["ringing"] = 5
    summary.still_open = (OpenCall("summer", "call-9", 1_800_000_000_000),)
    summary.stop = Stop(StopCode.UNREACHABLE, "Nobody there.")

    told = "\n".join(lines(summary))
    counts = ("4 ended: completed DO_NOT_CALL", "2 ARE GONE", "6 were sent", "3 could not", "1 asked not")
    for part in (*counts, "ringing", "Nobody there", "call call-9 of summer", "2027-01-15T08:00:00.000Z"):
        assert part in told
