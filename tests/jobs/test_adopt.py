"""A ledger that was put back from a backup, or begun anew: recognised, taken over by a word, nobody rung twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from dialer.clock import SYSTEM_CLOCK
from dialer.errors import LedgerUnusable
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run_mark import mark_path, read_mark
from dialer.jobs.runtime import Runtime
from dialer.jobs.safeguards import adopt_ledger
from dialer.jobs.sending.options import RunOptions
from dialer.ledger.database.open import Ledger
from dialer.reasons import Reason, Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.stories import LEFT_BY_A_KILL, BackedUpThenKilled, Backup, killed, run, rung
from tests.jobs.test_run import settings_for
from tests.support import ANY_HOUR, CampaignFolder, HurriedClock, number

pytestmark = LEFT_BY_A_KILL

ONE_BY_ONE = ANY_HOUR + '[submit]\nrequests_per_second = 2000\nconcurrency = 1\nsettle_time = "0s"\n'
BEFORE, AFTER = timedelta(seconds=-45), timedelta(seconds=45)
"""Between them every claim of a killed run has settled, and neither clock seems wrong to the API."""


@pytest.mark.slow
def test_backup_of_a_killed_run_that_was_put_back_rings_nobody_twice(folder: CampaignFolder, location: str) -> None:
    """The mark beside the campaign counts every claim, so that no start takes the backup for the ledger that ran."""
    folder.people(30)
    campaign, backup = folder.campaign(ONE_BY_ONE), Backup(location)
    with Sandbox() as sandbox:
        with killed():
            listener = BackedUpThenKilled(backup, backup_after=4, kill_after=24)
            run(sandbox, campaign, location, listener=listener, ahead=BEFORE)
        backup.put_back()
        for _ in range(2):
            with pytest.raises(LedgerUnusable, match=r"older state.*20 of the 25 calls.*--adopt"):
                run(sandbox, campaign, location)
        assert sum(rung(sandbox).values()) == 24
        adopt_ledger(location, campaign, clock=SYSTEM_CLOCK)
        after = run(sandbox, campaign, location, ahead=BEFORE)
        again = run(sandbox, campaign, location, ahead=AFTER)
    assert rung(sandbox) == dict.fromkeys(map(number, range(30)), 1)
    assert again.exit_code == 3
    assert again.counts[Status.CREATED] == 0
    assert after.tally.reasons[Reason.CALLED_BEFORE_ELSEWHERE] == 19


@pytest.mark.slow
def test_backup_is_recognised_where_another_machine_made_the_calls(folder: CampaignFolder, location: str) -> None:
    """A machine whose mark has not counted the calls of the lost time: the ledger itself shows that it was put back."""
    folder.people(8)
    campaign, backup = folder.campaign(ONE_BY_ONE), Backup(location)
    with Sandbox() as sandbox:
        run(sandbox, campaign, location, limit=2)
        mark_of_other = mark_path(campaign).read_bytes()
        run(sandbox, campaign, location, limit=2)
        backup.take()
        run(sandbox, campaign, location)
        mark_path(campaign).write_bytes(mark_of_other)
        backup.put_back()
        with pytest.raises(LedgerUnusable, match=r"older state.*put back.*--adopt"):
            run(sandbox, campaign, location)
        adopt_ledger(location, campaign, clock=SYSTEM_CLOCK)
        for _ in range(2):
            run(sandbox, campaign, location)
    assert rung(sandbox) == dict.fromkeys(map(number, range(8)), 1)


@pytest.mark.slow
def test_a_killed_run_itself_goes_on(folder: CampaignFolder, location: str) -> None:
    """A ledger that a kill left is the one that ran: nothing is refused, and the rest is called.

    Who was claimed when it was killed is called once the listing has shown that there is no call.
    """
    folder.people(12)
    campaign, backup = folder.campaign(ONE_BY_ONE), Backup(location)
    with Sandbox() as sandbox:
        with killed():
            listener = BackedUpThenKilled(backup, backup_after=1, kill_after=5)
            run(sandbox, campaign, location, listener=listener, ahead=BEFORE)
        assert run(sandbox, campaign, location, ahead=BEFORE).counts[Status.UNKNOWN] == 1
        runtime = Runtime(settings=settings_for(sandbox), clock=HurriedClock(AFTER))
        reconcile_campaign(campaign, options=ReconcileOptions(ledger=location, release=True), runtime=runtime)
        assert run(sandbox, campaign, location).exit_code == 0
    assert rung(sandbox) == dict.fromkeys(map(number, range(12)), 1)


@pytest.mark.slow
def test_failed_rows_of_a_ledger_put_back_are_not_retried_blindly(folder: CampaignFolder, location: str) -> None:
    """Who failed at the time of the backup, and was called since, is held by a retry too."""
    campaign, backup = folder.campaign(ONE_BY_ONE), Backup(location)
    with Sandbox(faults=Faults(refuse_name="Person 1")) as refusing:
        run(refusing, campaign, location)
    backup.take()
    with Sandbox() as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=HurriedClock())
        retry_campaign(campaign, options=RunOptions(ledger=location), runtime=runtime)
        backup.put_back()
        with pytest.raises(LedgerUnusable, match="older state"):
            retry_campaign(campaign, options=RunOptions(ledger=location), runtime=runtime)
        adopt_ledger(location, None, clock=SYSTEM_CLOCK)
        held = retry_campaign(campaign, options=RunOptions(ledger=location), runtime=runtime)
    assert rung(sandbox) == {number(1): 1}
    assert held.tally.reasons[Reason.CALLED_BEFORE_ELSEWHERE] == 1


@pytest.mark.slow
def test_a_ledger_is_begun_anew_where_the_old_one_is_lost(folder: CampaignFolder) -> None:
    """By one command the campaign belongs to a new ledger; whom the API lists stays uncalled until somebody says so."""
    campaign, ledger = folder.campaign(), folder.path / ".dialer/ledger.db"
    with Sandbox() as sandbox:
        run(sandbox, campaign)
        ledger.unlink()
        with pytest.raises(LedgerUnusable, match=r"missing.*has run before.*--adopt"):
            run(sandbox, campaign)
        adopt_ledger(ledger, campaign, clock=SYSTEM_CLOCK)
        folder.people(4)
        held = run(sandbox, campaign)
        assert (held.exit_code, held.counts[Status.PENDING], held.counts[Status.CREATED]) == (3, 3, 1)
        accepted = run(sandbox, campaign, accept_earlier_calls=True)
    assert accepted.counts[Status.CREATED] == 3
    assert rung(sandbox) == {number(0): 2, number(1): 2, number(2): 2, number(3): 1}


@pytest.mark.slow
def test_a_ledger_moved_to_another_disk_goes_on(folder: CampaignFolder, tmp_path: Path) -> None:
    """A legal move takes one command, and the campaigns of the ledger know it from then on."""
    campaign, moved = folder.campaign(), tmp_path / "other-disk/ledger.db"
    with Sandbox() as sandbox:
        run(sandbox, campaign)
        moved.parent.mkdir()
        moved.write_bytes((folder.path / ".dialer/ledger.db").read_bytes())
        with pytest.raises(LedgerUnusable, match="copy of a ledger"):
            run(sandbox, campaign, moved)
        adopt_ledger(moved, None, clock=SYSTEM_CLOCK)
        assert run(sandbox, campaign, moved).exit_code == 0
        mark = read_mark(campaign)
    assert mark is not None
    assert (mark.ledger, mark.claims) == (str(moved), 3)
    assert set(rung(sandbox).values()) == {1}


@pytest.mark.slow
def test_adopting_leaves_campaigns_alone_that_have_gone_to_another_ledger(folder: CampaignFolder) -> None:
    """A campaign that has moved on is not drawn back to a ledger that does not know its last calls."""
    campaign, first, second = folder.campaign(), folder.path / "first.db", folder.path / "second.db"
    with Sandbox() as sandbox:
        run(sandbox, campaign, first)
        adopt_ledger(second, campaign, clock=SYSTEM_CLOCK)
        run(sandbox, campaign, second)
        adopt_ledger(first, None, clock=SYSTEM_CLOCK)
        with Ledger.open(first):
            mark = read_mark(campaign)
    assert mark is not None
    assert mark.ledger == str(second)
