"""No run commits a call further ahead than its horizon, whatever caps, waits and earlier plans would make of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.summary import RunSummary
from dialer.sandbox import Sandbox
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import LaterClock, sandbox_at
from tests.support import ANY_HOUR, FAST, MONDAY_NOON, CampaignFolder

NEW_YORK = ZoneInfo("America/New_York")

OFFICE_HOURS = """
[schedule]
calls_per_minute = 6000
window = "09:00-17:00"
rules = "off"
"""
FRIDAY_EVENING = datetime(2026, 12, 4, 23, 30, tzinfo=UTC)
"""18:30 in New York: the week is over."""


def clock_at(at: datetime) -> LaterClock:
    """Return a clock that shows *at* now, and goes on from there."""
    return LaterClock((at - datetime.now(UTC)).total_seconds(), hurried=True)


def run(
    sandbox: Sandbox, folder: CampaignFolder, tables: str, clock: LaterClock, *, name: str = "spring"
) -> RunSummary:
    """Run the folder's campaign under *name* on the one ledger, at the clock's time."""
    campaign = folder.campaign(tables + FAST).model_copy(update={"name": name})
    return run_campaign(campaign, runtime=Runtime(settings=settings_for(sandbox), clock=clock))


def slots(sandbox: Sandbox) -> list[datetime]:
    """Return every `callDelayedUntil` that the API was given."""
    return sorted(datetime.fromisoformat(call["callDelayedUntil"]) for call in sandbox.created)


@pytest.mark.slow
def test_six_campaigns_with_the_same_people_commit_one_day(folder: CampaignFolder) -> None:
    """The default caps push each person's later calls days and weeks away: what lies beyond stays pending."""
    clock = clock_at(MONDAY_NOON)
    with sandbox_at(clock) as sandbox:
        summaries = [run(sandbox, folder, ANY_HOUR, clock, name=f"campaign-{index}") for index in range(6)]
        committed = slots(sandbox)

    assert len(committed) <= 6  # of two calls a week, the second may lie a day after the first to the second
    assert max(committed) <= MONDAY_NOON + timedelta(hours=25)
    assert all(summary.tally.reasons["cap_reached"] == 3 for summary in summaries[2:])


@pytest.mark.slow
@pytest.mark.parametrize("cap", ["1/365d", "1/30d", "1/25h"])
def test_a_long_cap_commits_nothing_next_year(folder: CampaignFolder, cap: str) -> None:
    """Called by another campaign today, nobody is committed for the day on which the cap lets go."""
    limits = f'[limits]\nper_number = ["{cap}"]\n'
    clock = clock_at(MONDAY_NOON)
    with sandbox_at(clock) as sandbox:
        run(sandbox, folder, ANY_HOUR + limits, clock, name="first")
        run(sandbox, folder, ANY_HOUR + limits, clock, name="second")
        committed = slots(sandbox)

    assert len(committed) == 3
    assert max(committed) <= MONDAY_NOON + timedelta(hours=25)


@pytest.mark.slow
def test_runs_one_after_the_other_do_not_stretch_it(folder: CampaignFolder) -> None:
    """Three runs within a minute commit together what lies in the hour that one of them may commit."""
    slow = ANY_HOUR.replace("calls_per_minute = 6000", 'calls_per_minute = 0.1\nhorizon = "1h"')
    folder.people(40)
    clock = clock_at(MONDAY_NOON)
    with sandbox_at(clock) as sandbox:
        for _ in range(3):
            run(sandbox, folder, slow, clock)
            clock.advance(60)
        committed = slots(sandbox)

    assert len(committed) == 7  # one every ten minutes
    assert max(committed) <= MONDAY_NOON + timedelta(hours=1, minutes=3)


@pytest.mark.slow
def test_a_friday_evening_commits_monday(folder: CampaignFolder) -> None:
    """The horizon begins when somebody may be called again, so a run after hours is not in vain."""
    clock = clock_at(FRIDAY_EVENING)
    with sandbox_at(clock) as sandbox:
        summary = run(sandbox, folder, OFFICE_HOURS, clock)
        committed = slots(sandbox)

    assert summary.exit_code == 0
    local = {slot.astimezone(ZoneInfo("America/New_York")).strftime("%a") for slot in committed}
    assert local == {"Mon"}


@pytest.mark.slow
def test_a_start_in_three_weeks_commits_the_day_of_the_start(folder: CampaignFolder) -> None:
    """A campaign that starts later has its horizon there."""
    start = MONDAY_NOON + timedelta(days=21)
    tables = OFFICE_HOURS + f'start = "{start.isoformat()}"\n'
    clock = clock_at(MONDAY_NOON)
    with sandbox_at(clock) as sandbox:
        run(sandbox, folder, tables, clock)
        committed = slots(sandbox)

    assert committed
    assert start <= min(committed) <= max(committed) <= start + timedelta(days=2)


@pytest.mark.slow
@pytest.mark.parametrize("end", ["", f'end = "{(MONDAY_NOON + timedelta(days=2)).isoformat()}"'])
def test_the_instant_at_which_a_run_goes_on_is_the_first_that_commits_more(folder: CampaignFolder, end: str) -> None:
    """Whoever comes before it creates no call; whoever comes then does. It is told on the clock of the person."""
    slow = ANY_HOUR.replace("calls_per_minute = 6000", f'calls_per_minute = 0.1\nhorizon = "1h"\n{end}')
    folder.people(40)  # of one area code, in New York's time
    clock = clock_at(MONDAY_NOON)
    with sandbox_at(clock) as sandbox:
        told = run(sandbox, folder, slow, clock).resumes
        begun = len(slots(sandbox))
        shown = datetime.strptime(told.removesuffix(" EST"), "%a %Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)
        seconds = (shown - clock.now()).total_seconds()
        clock.advance(seconds - 60)
        run(sandbox, folder, slow, clock)
        before = len(slots(sandbox))
        clock.advance(120)
        run(sandbox, folder, slow, clock)
        after = len(slots(sandbox))

    assert told.endswith(" EST")
    assert 0 < begun == before < after < 40
