"""Pausing, resuming and stopping a run from elsewhere, by its ledger: nothing is claimed meanwhile, nobody is lost."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from dialer.calls.outcome import Outcome, StopCode
from dialer.calls.pause import PauseReason
from dialer.campaign.file import Campaign
from dialer.clock import to_ms
from dialer.errors import CampaignPaused, UsageError
from dialer.jobs.retry import retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.control import Control, ControlSummary, control_run
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.requests import LONGEST_HOLD_OF_A_NIGHT
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.ledger.live.live_runs import live_run
from dialer.ledger.live.pauses import Request, pause_campaign, pauses_of
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from tests.jobs.test_run import hurried
from tests.jobs.virtual import Taking, run_virtually
from tests.simulation.world import World
from tests.support import ANY_HOUR, MONDAY_NOON, CampaignFolder

PEOPLE = 30

LEISURELY = ANY_HOUR + "[submit]\nrequests_per_second = 15\nconcurrency = 4\n"
"""A rate at which a request from elsewhere comes before the end."""


def ask(campaign: Campaign, asked: Control, sandbox: Sandbox) -> ControlSummary:
    """Ask the run of *campaign* for something, as another process would: with an own connection to the ledger."""
    return control_run(
        campaign, asked, ledger=campaign.folder / ".dialer/ledger.db", runtime=hurried(sandbox), by="ada@office"
    )


@dataclass
class Elsewhere(SilentListener):
    """Does something in another thread when the third call is settled."""

    act: Callable[[], None]
    counted: int = 0
    thread: threading.Thread = field(default_factory=threading.Thread)

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Count, and start the thread at the third."""
        del outcome, final
        self.counted += 1
        if self.counted == 3:
            self.thread = threading.Thread(target=self.act)
            self.thread.start()


def _run_with(
    campaign: Campaign, sandbox: Sandbox, act: Callable[[], None], options: RunOptions | None = None
) -> RunSummary:
    listener = Elsewhere(act)
    summary = run_campaign(campaign, options=options, listener=listener, runtime=hurried(sandbox))
    listener.thread.join()
    return summary


@pytest.mark.slow
def test_a_paused_run_claims_nothing_until_it_is_resumed_and_then_loses_nobody(folder: CampaignFolder) -> None:
    """From the request's answer on nothing is claimed or in flight; after `resume` everybody gets one call."""
    folder.people(PEOPLE)
    campaign = folder.campaign(LEISURELY)
    seen: list[object] = []

    with Sandbox() as sandbox:

        def pause_and_resume() -> None:
            paused = ask(campaign, Control.PAUSE, sandbox)
            with Ledger.open(campaign.folder / ".dialer/ledger.db") as ledger:
                run = live_run(ledger, campaign.name, now_ms=0)
                (standing,) = read_standings(ledger, campaign)
            assert run is not None
            assert standing.live is not None
            assert replace(standing.live, pause=None) == replace(run, pause=None)  # which may be stored between the two
            assert standing.advice == f"Paused {standing.paused}. Next: dialer resume {campaign.path}"
            assert standing.counts[Status.CREATED] == run.done == run.total - run.waiting
            seen.extend([paused, run, len(sandbox.created), ask(campaign, Control.RESUME, sandbox)])

        summary = _run_with(campaign, sandbox, pause_and_resume)
        created = [call["toPhoneNumber"] for call in sandbox.created]

    paused, run, count, resumed = seen
    assert isinstance(paused, ControlSummary)
    assert paused.run is not None
    assert paused.run.in_flight == 0
    assert len({call.call_id for call in paused.calls}) == count == paused.run.done < PEOPLE
    assert run == paused.run or run.run_id == summary.run_id  # type: ignore[attr-defined]
    assert resumed.run.run_id == summary.run_id  # type: ignore[attr-defined]
    assert len(created) == len(set(created)) == summary.counts[Status.CREATED] == PEOPLE
    with Ledger.open(campaign.folder / ".dialer/ledger.db") as ledger, ledger.read() as tx:
        (pause,) = [item for item in pauses_of(tx, summary.run_id) if item.reason == PauseReason.ASKED]
    assert pause.until_ms is not None
    assert pause.message.startswith("Paused by ada@office")


@pytest.mark.slow
def test_a_stop_ends_the_run_and_lists_what_still_rings(folder: CampaignFolder) -> None:
    """What was not sent stays pending for the next run; every created call is listed with its id and its instant."""
    folder.people(PEOPLE)
    campaign = folder.campaign(LEISURELY)
    stopped: list[ControlSummary] = []
    with Sandbox() as sandbox:
        summary = _run_with(campaign, sandbox, lambda: stopped.append(ask(campaign, Control.STOP, sandbox)))
        ids = {call["_id"] for call in sandbox.created}
        again = run_campaign(campaign, runtime=hurried(sandbox))
    assert summary.stop is not None
    assert (summary.stop.code, summary.exit_code) == (StopCode.STOP_REQUESTED, 5)
    assert "ada@office" in summary.stop.message
    assert stopped[0].has_ended
    assert {call.call_id for call in stopped[0].calls} == ids
    assert len(ids) == summary.counts[Status.CREATED] < PEOPLE
    assert again.counts[Status.CREATED] == PEOPLE - len(ids)


@pytest.mark.slow
def test_a_pause_holds_the_next_run_too(folder: CampaignFolder) -> None:
    """After a restart nothing is sent either, by run or retry, until somebody resumes; a dry run only looks."""
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        run_campaign(campaign, options=RunOptions(limit=1), runtime=hurried(sandbox))
        assert not ask(campaign, Control.PAUSE, sandbox).was_paused
        assert ask(campaign, Control.PAUSE, sandbox).was_paused
        for job in (run_campaign, retry_campaign):
            with pytest.raises(CampaignPaused, match=r"is paused \(by ada@office.*Next: dialer resume .*campaign.toml"):
                job(campaign, runtime=hurried(sandbox))
        assert run_campaign(campaign, options=RunOptions(dry_run=True), runtime=hurried(sandbox)).exit_code == 0
        assert len(sandbox.created) == 1
        ask(campaign, Control.RESUME, sandbox)
        assert run_campaign(campaign, runtime=hurried(sandbox)).counts[Status.CREATED] == 2


@pytest.mark.slow
def test_nothing_is_going_that_could_be_stopped(folder: CampaignFolder) -> None:
    """Without a run there is nothing to stop and the next run is not asked; a campaign that never ran is told so."""
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        with pytest.raises(UsageError, match=r"never run, so there is nothing to stop\. Next: dialer run"):
            ask(campaign, Control.STOP, sandbox)
        run_campaign(campaign, options=RunOptions(limit=1), runtime=hurried(sandbox))
        assert ask(campaign, Control.STOP, sandbox).run is None
        assert run_campaign(campaign, runtime=hurried(sandbox)).counts[Status.CREATED] == 2


class PausedAt(SilentListener):
    """Pauses the campaign at the second call, as another process would."""

    def __init__(self, folder: CampaignFolder, world: World) -> None:
        self._ledger = folder.path / ".dialer/ledger.db"
        self._world = world
        self._counted = 0

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Pause at the second."""
        del outcome, final
        self._counted += 1
        if self._counted == 2:
            with Ledger.open(self._ledger) as ledger, ledger.write() as tx:
                pause_campaign(tx, "campaign", Request("ada@office", self._world.now_ms()))


@pytest.mark.slow
def test_a_night_waits_an_hour_for_its_resume(folder: CampaignFolder) -> None:
    """The other campaigns of the folder have their night too: the run ends, the campaign stays paused."""
    folder.people(PEOPLE)
    world, api = World(3), Taking()
    campaign = folder.campaign()
    summary = run_virtually(
        campaign,
        world,
        api.serve,
        options=RunOptions(night=MONDAY_NOON.date()),
        listener=PausedAt(folder, world),
    )
    assert summary.stop is not None
    assert summary.stop.code == StopCode.PAUSED
    waited = summary.ended_at_ms - to_ms(MONDAY_NOON)
    assert LONGEST_HOLD_OF_A_NIGHT * 1000 <= waited < LONGEST_HOLD_OF_A_NIGHT * 1000 + 60_000
    assert len(api.created) == summary.counts[Status.CREATED] < PEOPLE
    with pytest.raises(CampaignPaused):
        run_virtually(campaign, world, api.serve)


@pytest.mark.parametrize("asked", list(Control))
def test_a_run_that_reads_its_sheet_yet_is_waited_for(folder: CampaignFolder, asked: Control) -> None:
    """It has the lock and stands nowhere in the ledger: nothing can be asked of it, and status says what it does."""
    campaign = folder.campaign()
    run_id = "20261123T170000Z-aaaaaa"
    with (
        Sandbox() as sandbox,
        Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
        ledger.lock(what="a run", since=MONDAY_NOON, campaign=campaign.name, run_id=run_id),
    ):
        with pytest.raises(UsageError, match=r"has not begun yet, so it cannot be asked\. Ask again"):
            ask(campaign, asked, sandbox)
        (standing,) = read_standings(ledger, campaign)
    assert standing.advice.startswith("A run is beginning. Next: dialer status")
