"""The jobs on a real PostgreSQL: the same campaign, the same answers as on SQLite."""

from pathlib import Path

import pytest

from dialer.errors import LedgerWriteFailed
from dialer.exit_codes import EXIT_STOPPED
from dialer.jobs.purge import PurgeOptions, purge_campaign
from dialer.jobs.reconcile import ReconcileOptions, reconcile_campaign
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.status import read_standings
from dialer.jobs.suppress import suppress
from dialer.jobs.sync import sync_campaign
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State
from dialer.reasons import Status
from dialer.sandbox import CallLifecycle, End, Faults, Sandbox
from tests.jobs.stories import BesidesFirst, run, rung
from tests.jobs.test_run import hurried, settings_for
from tests.jobs.test_sync import LaterClock
from tests.kills import age_unknown
from tests.ledger.postgres import Server
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

REDIAL = '[redial]\non = ["noAnswer"]\nwait = "4h"\n'


@pytest.mark.slow
def test_a_campaign_lives_its_whole_life(folder: CampaignFolder, tmp_path: Path, database: str) -> None:
    """Refused, lost, found, retried, ended, redialled, suppressed, purged: everybody is called as the policy says."""
    folder.people(6)
    campaign = folder.campaign(ANY_HOUR + FAST + 'settle_time = "0s"\n' + REDIAL)
    options = RunOptions(ledger=database)
    clock = LaterClock(hurried=True)
    journal = tmp_path / "calls.jsonl"
    life = CallLifecycle(
        script={number(index): (End.NO_ANSWER if index == 4 else End.NORMAL, End.NORMAL) for index in range(6)}
    )

    def sandbox(faults: Faults | None = None) -> Sandbox:
        return Sandbox(life=life, faults=faults or Faults(), journal=journal, now_ms=clock.now_ms)

    with sandbox(Faults(refuse_name="Person 1", drop_after=0.4, seed=22)) as stand_in:
        first = run_campaign(campaign, options=options, runtime=Runtime(settings=settings_for(stand_in), clock=clock))
    clock.advance(60)  # on a server nothing is looked for sooner: a claim of a run that lost its lock may live
    with sandbox() as stand_in:
        settings = settings_for(stand_in)
        found = reconcile_campaign(
            campaign, options=ReconcileOptions(ledger=database), runtime=Runtime(settings=settings, clock=clock)
        )
        again = retry_campaign(campaign, options=options, runtime=Runtime(settings=settings, clock=clock))
        idle = retry_campaign(campaign, options=options, runtime=Runtime(settings=settings, clock=clock))
        clock.advance(2 * 3600)
        ends = sync_campaign(campaign, ledger=database, runtime=Runtime(settings=settings, clock=clock))
        with Ledger.open(database) as opened:
            added = suppress(opened, [number(5)], reason="asked", clock=clock)
        clock.advance(24 * 3600)
        last = run_campaign(campaign, options=options, runtime=Runtime(settings=settings, clock=clock))
        calls = [str(call["toPhoneNumber"]) for call in stand_in.created]
    with Ledger.open(database) as opened:
        (standing,) = read_standings(opened, campaign.name, clock=clock)
    purged = purge_campaign(campaign, options=PurgeOptions(ledger=database), runtime=Runtime(clock=clock))

    assert first.counts[Status.FAILED] == 1
    assert first.counts[Status.UNKNOWN] > 0
    assert found.unknown == 0
    assert (again.counts[Status.CREATED], idle.idle) == (1, True)
    assert sum((each.sync.ended for each in (again, idle) if each.sync is not None), ends.ended) == {
        "completed ENDED_NORMALLY": 5,
        "noAnswer": 1,
    }
    assert added.changed == 1
    assert sorted(calls) == sorted([*(number(index) for index in range(6)), number(4)])
    assert last.counts[Status.CREATED] == 1
    assert (standing.standing.counts[State.CREATED], standing.runs[0].exit_code) == (6, 0)
    assert purged.remembered == 6


@pytest.mark.slow
def test_a_server_that_can_only_be_read_is_told_and_calls_nobody(
    folder: CampaignFolder, database: str, postgres: Server
) -> None:
    """A standby answers what only reads; a run ends with what to do, and goes on when the server may be written."""
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        run(sandbox, campaign, database, limit=1)
        with postgres.as_standby():
            with Ledger.open(database) as ledger:
                (standing,) = read_standings(ledger, campaign.name)
            with pytest.raises(LedgerWriteFailed, match=r"only lets it be read\. Name the server that writes"):
                run(sandbox, campaign, database)
        assert (standing.standing.counts[State.CREATED], rung(sandbox).total()) == (1, 1)
        run(sandbox, campaign, database)
        assert rung(sandbox) == dict.fromkeys(map(number, range(3)), 1)


@pytest.mark.slow
def test_a_restart_of_the_server_ends_a_run_and_the_next_one_goes_on(
    folder: CampaignFolder, database: str, postgres: Server
) -> None:
    """Every session ends in the middle of sending: the run stops and says so, and nobody is called twice or lost."""
    folder.people(20)
    campaign = folder.campaign()

    def restart() -> None:
        postgres.stop()
        postgres.start()

    with Sandbox() as sandbox:
        stopped = run(sandbox, campaign, database, listener=BesidesFirst(restart))
        before = rung(sandbox).total()
        for _ in range(3):
            run(sandbox, campaign, database)
            age_unknown(database)
            options = ReconcileOptions(ledger=database, release=True)
            reconcile_campaign(campaign, options=options, runtime=hurried(sandbox))
        assert rung(sandbox) == dict.fromkeys(map(number, range(20)), 1)
    assert stopped.exit_code == EXIT_STOPPED
    assert before < 20
