"""A campaign that begins with a pilot, and stops itself by how its calls end: the sandbox tells who was called."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dialer.calls.disposition import Disposition
from dialer.calls.outcome import Outcome, StopCode
from dialer.campaign.file import Campaign
from dialer.errors import CampaignPaused, UsageError
from dialer.exit_codes import EXIT_OK, EXIT_STOPPED
from dialer.jobs.plan import plan_campaign
from dialer.jobs.record_dispositions import record_ends
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.control import Control, control_run
from dialer.jobs.sending.options import Progress, RunOptions, SilentListener
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.status import read_standings
from dialer.ledger.campaign_standing import standing_of
from dialer.ledger.database.engine import Transaction
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import State
from dialer.ledger.dispositions import calls_without_end
from dialer.ledger.live.breaker import stop_by_ends
from dialer.ledger.live.ended_calls import accept_ends
from dialer.ledger.live.live_runs import live_run_id
from dialer.ledger.live.pauses import Request, ask_to_stop, paused_by
from dialer.reasons import Status
from dialer.sandbox import CallLifecycle, End, Sandbox
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import HOUR, LaterClock, sandbox_at, synced
from tests.nightly.nights import EVERY_NIGHT, Folder
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

PEOPLE = 6
LIFE = CallLifecycle(script={number(at): (End.DO_NOT_CALL if at == 1 else End.NORMAL,) for at in range(PEOPLE)})
END_OF = {1: End.DO_NOT_CALL, 2: End.DO_NOT_CALL, 4: End.DO_NOT_CALL}
PILOT = '[pilot]\ncalls = 2\nwait = "2h"\n'


def campaign_of(folder: CampaignFolder, tables: str) -> Campaign:
    """Return a campaign of six people with more *tables*."""
    folder.people(PEOPLE)
    return folder.campaign(ANY_HOUR + FAST + tables)


def advice(folder: CampaignFolder, campaign: Campaign) -> str:
    """Return what the status advises."""
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        return read_standings(ledger, campaign)[0].advice


def ran(sandbox: Sandbox, campaign: Campaign, clock: LaterClock, *, limit: int | None = None) -> RunSummary:
    """Run *campaign* at the clock's time; nobody was called before."""
    runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(clock.shift_seconds, hurried=True))
    return run_campaign(campaign, options=RunOptions(accept_earlier_calls=True, limit=limit), runtime=runtime)


@pytest.mark.slow
def test_the_rest_waits_until_the_pilot_has_ended(folder: CampaignFolder) -> None:
    """Two calls are made alone; the others come once both have ended and the wait is over, with the shares below."""
    campaign = campaign_of(folder, f"{PILOT}[stop_when]\nDO_NOT_CALL = 0.6\n")
    clock = LaterClock()
    assert plan_campaign(campaign).reasons == {"pilot_waits": 4}
    with sandbox_at(clock, life=LIFE) as sandbox:
        first = ran(sandbox, campaign, clock)
        told = advice(folder, campaign)
        clock.advance(HOUR)
        early = ran(sandbox, campaign, clock)
        clock.advance(2 * HOUR)
        late = ran(sandbox, campaign, clock)
        called = [call["toPhoneNumber"] for call in sandbox.created]

    assert [run.counts[Status.CREATED] for run in (first, early, late)] == [2, 0, 4]
    assert [run.exit_code for run in (first, early, late)] == [EXIT_OK] * 3
    assert first.as_json()["reasons"]["pilot_waits"] == 4
    assert "4 rows wait until the pilot's calls have ended" in told
    assert sorted(called) == [number(at) for at in range(PEOPLE)]


@pytest.mark.slow
def test_a_pilot_that_goes_wrong_stops_the_campaign(folder: CampaignFolder) -> None:
    """Nobody more is called before a person has accepted what the pause tells."""
    campaign = campaign_of(folder, f"{PILOT}[stop_when]\nDO_NOT_CALL = 0.3\n")
    clock, ledger = LaterClock(), folder.path / ".dialer/ledger.db"
    with sandbox_at(clock, life=LIFE) as sandbox:
        ran(sandbox, campaign, clock)
        clock.advance(3 * HOUR)
        for _ in range(2):
            with pytest.raises(CampaignPaused, match=r"1 of 2 ended calls were DO_NOT_CALL: 50.0%.*--accept"):
                ran(sandbox, campaign, clock)
        with pytest.raises(UsageError, match=r"paused by \[stop_when\].*--accept"):
            control_run(campaign, Control.RESUME, ledger=ledger, runtime=Runtime(clock=clock))
        assert len(sandbox.created) == 2
        assert advice(folder, campaign).endswith("--accept")
        control_run(campaign, Control.RESUME, ledger=ledger, runtime=Runtime(clock=clock), accept=True)
        assert "next window" in advice(folder, campaign)
        assert ran(sandbox, campaign, clock).counts[Status.CREATED] == 4


@pytest.mark.slow
def test_once_a_pilot_is_accepted_the_shares_wait_for_their_count(folder: CampaignFolder) -> None:
    """The few calls that end first after it say as little as those of a campaign without a pilot."""
    campaign = campaign_of(folder, f"{PILOT}[stop_when]\nDO_NOT_CALL = 0.3\nafter = 4\n")
    life = CallLifecycle(script={number(at): (END_OF.get(at, End.NORMAL),) for at in range(PEOPLE)})
    clock, ledger = LaterClock(), folder.path / ".dialer/ledger.db"
    with sandbox_at(clock, life=life) as sandbox:
        ran(sandbox, campaign, clock)
        clock.advance(3 * HOUR)
        with pytest.raises(CampaignPaused):
            ran(sandbox, campaign, clock)
        control_run(campaign, Control.RESUME, ledger=ledger, runtime=Runtime(clock=clock), accept=True)
        for _ in range(2):  # of the first two that end after it, one ends so, and then two of four
            ran(sandbox, campaign, clock, limit=2)
            clock.advance(HOUR)
        with pytest.raises(CampaignPaused, match="2 of 4 ended calls"):
            ran(sandbox, campaign, clock)


LIFE_BAD = {number(10): (End.FAILED,), number(11): (End.NORMAL,)}


@pytest.mark.slow
@pytest.mark.parametrize("accepts", [False, True])
def test_ends_that_are_accepted_while_they_are_judged_pause_nothing(folder: CampaignFolder, *, accepts: bool) -> None:
    """A look that has read them before must not pause the campaign again after `resume --accept`."""
    clock = LaterClock()
    with sandbox_at(clock, life=LIFE) as sandbox:
        ran(sandbox, campaign_of(folder, PILOT), clock)
        clock.advance(3 * HOUR)
        synced(sandbox, folder.campaign(), clock)
    breaking = campaign_of(folder, f"{PILOT}[stop_when]\nDO_NOT_CALL = 0.3\n")
    with _AcceptedMeanwhile.open(folder.path / ".dialer/ledger.db") as ledger:
        ledger.accepts_at_ms = clock.now_ms() if accepts else None
        stop_by_ends(ledger, breaking, now_ms=clock.now_ms())
        with ledger.read() as tx:
            assert (paused_by(tx, breaking.name) is None) == accepts


class _AcceptedMeanwhile(Ledger):
    """A ledger in which somebody accepts how the calls have ended as soon as they were read."""

    accepts_at_ms: int | None = None

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Read, and accept."""
        with super().read() as tx:
            yield tx
        if self.accepts_at_ms is not None:
            request, self.accepts_at_ms = Request("a test", self.accepts_at_ms), None
            with self.write() as writes:
                accept_ends(writes, 1, request)


@pytest.mark.slow
def test_nights_begin_with_the_pilot_and_end_with_the_breaker(tmp_path: Path) -> None:
    """The night after the pilot calls the rest, unless its ends are too bad: that night says why, and each after it."""
    nights = Folder(tmp_path, life=CallLifecycle(script={number(at): (End.NORMAL,) for at in range(2)} | LIFE_BAD))
    stops = f"{EVERY_NIGHT}{PILOT}[stop_when]\nfailed = 0.5\n"
    nights.campaign("good", [0, 1, 2], stops)
    nights.campaign("bad", [10, 11, 12], stops)
    told = []
    for _ in range(3):
        summary = nights.night()
        told.append([(night.exit_code, "1 of 2 ended calls were failed" in night.message) for night in summary.nights])
        nights.clock.advance(24 * HOUR)

    paused = (EXIT_STOPPED, True)
    assert told == [[(EXIT_OK, False)] * 2, [paused, (EXIT_OK, False)], [paused, (EXIT_OK, False)]]
    assert sorted(nights.called) == [number(at) for at in (0, 1, 2, 10, 11)]


@pytest.mark.slow
def test_a_run_sends_nothing_more_once_ends_that_come_meanwhile_trip_the_breaker(folder: CampaignFolder) -> None:
    """What is in flight is finished; the others stay pending, and the run waits until somebody resumes or stops it."""
    people = 400
    folder.people(people)
    slow = "[submit]\nrequests_per_second = 20\nconcurrency = 1\n"
    campaign = folder.campaign(f"{ANY_HOUR}{slow}[stop_when]\nDO_NOT_CALL = 0.5\nafter = 3\n")
    clock = LaterClock()
    with sandbox_at(clock) as sandbox, Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        listener = _Ends(ledger)
        runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(hurried=True))
        options = RunOptions(accept_earlier_calls=True)
        summary = run_campaign(campaign, options=options, listener=listener, runtime=runtime)
        made = len(sandbox.created)

    assert summary.stop is not None
    assert summary.stop.code == StopCode.STOP_REQUESTED
    assert "3 of 3 ended calls were DO_NOT_CALL" in listener.paused
    assert summary.counts[Status.CREATED] == made == listener.made_when_paused < people
    assert summary.counts[Status.PENDING] == people - made


class _Ends(SilentListener):
    """Lets the first three calls of a run end while it sends, and stops it once it has been paused for a while."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._looks_left = 20
        self.made_when_paused = 0
        self.paused = ""

    def settled(self, outcome: Outcome, *, final: bool) -> None:
        """Store the ends of the calls so far, once."""
        del outcome, final
        with self._ledger.read() as tx:
            calls = calls_without_end(tx, 1, slots_from_ms=0, slots_to_ms=2**53)
        if len(calls) == 3:
            now_ms = LaterClock().now_ms()
            ended = [(call, Disposition(call.call_id, "completed", "DO_NOT_CALL")) for call in calls]
            record_ends(self._ledger, ended, seen_at_ms=now_ms)

    def going(self, now: Progress) -> None:
        """Count what was made once the run holds still, and ask it to stop a while later."""
        if now.pause is None or now.in_flight:
            return
        self.paused = now.pause.message
        self._looks_left -= 1
        with self._ledger.read() as tx:
            made = standing_of(tx, 1, now_ms=0).counts[State.CREATED]
        self.made_when_paused = self.made_when_paused or made
        if not self._looks_left:
            run_id = live_run_id(self._ledger, "campaign")
            with self._ledger.write() as tx:
                ask_to_stop(tx, "campaign", str(run_id), Request("a test", 0))


@pytest.mark.slow
def test_shares_hold_without_a_pilot_too(folder: CampaignFolder) -> None:
    """As soon as enough calls have ended."""
    campaign = campaign_of(folder, "[stop_when]\nDO_NOT_CALL = 0.3\nafter = 3\n")
    clock = LaterClock()
    with sandbox_at(clock, life=LIFE) as sandbox:
        ran(sandbox, campaign, clock, limit=2)
        clock.advance(HOUR)
        ran(sandbox, campaign, clock, limit=1)
        clock.advance(HOUR)
        with pytest.raises(CampaignPaused, match="1 of 3 ended calls were DO_NOT_CALL"):
            ran(sandbox, campaign, clock)
