"""A campaign that begins with a pilot, and stops itself by how its calls end: the sandbox tells who was called."""

import pytest

from dialer.campaign.file import Campaign
from dialer.errors import CampaignPaused, UsageError
from dialer.exit_codes import EXIT_OK
from dialer.jobs.plan import plan_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.control import Control, control_run
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.reasons import Status
from dialer.sandbox import CallLifecycle, End, Sandbox
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import HOUR, LaterClock, sandbox_at
from tests.support import ANY_HOUR, FAST, CampaignFolder, number

PEOPLE = 6
LIFE = CallLifecycle(script={number(at): (End.DO_NOT_CALL if at == 1 else End.NORMAL,) for at in range(PEOPLE)})
PILOT = '[pilot]\ncalls = 2\nwait = "2h"\n'


def campaign_of(folder: CampaignFolder, tables: str) -> Campaign:
    """Return a campaign of six people with more *tables*."""
    folder.people(PEOPLE)
    return folder.campaign(ANY_HOUR + FAST + tables)


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
        clock.advance(HOUR)
        early = ran(sandbox, campaign, clock)
        clock.advance(2 * HOUR)
        late = ran(sandbox, campaign, clock)
        called = [call["toPhoneNumber"] for call in sandbox.created]

    assert [run.counts[Status.CREATED] for run in (first, early, late)] == [2, 0, 4]
    assert [run.exit_code for run in (first, early, late)] == [EXIT_OK] * 3
    assert first.as_json()["reasons"]["pilot_waits"] == 4
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
        control_run(campaign, Control.RESUME, ledger=ledger, runtime=Runtime(clock=clock), accept=True)
        assert ran(sandbox, campaign, clock).counts[Status.CREATED] == 4


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
