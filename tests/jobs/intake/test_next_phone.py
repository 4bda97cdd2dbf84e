"""The row's next number, once a call rang out or failed: judged by whom the sandbox was asked to ring."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import pytest

from dialer.campaign.file import Campaign
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.sandbox import CallLifecycle, End, Faults, Sandbox
from tests.jobs.test_run import settings_for
from tests.jobs.test_sync import HOUR, LaterClock, sandbox_at
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, number, read_results

MOBILE, HOME, WORK = number(0), number(1), number(2)
REDIAL = """
[redial]
on = ["busy", "failed", "VOICEMAIL_DETECTED"]
next_phone = true
max_calls = 6
[redial.noAnswer]
wait = ["1h", "1h", "1h"]
"""
UNCAPPED = "[limits]\nper_number = []\n"
COLUMNS = 'region = "US"\ncolumns = { phone = ["Mobile", "Home", "Work"] }\n'


def campaign_of(folder: CampaignFolder, numbers: Sequence[str], tables: str = UNCAPPED) -> Campaign:
    """Write a sheet of one person with these *numbers*, and its campaign."""
    folder.sheet(["Name", "Mobile", "Home", "Work"], [["Ada Example", *numbers]])
    return folder.campaign(ANY_HOUR + FAST + REDIAL + tables, COLUMNS)


def ring(sandbox: Sandbox, campaign: Campaign, clock: LaterClock, hours: Sequence[float]) -> list[dict[str, str]]:
    """Run *campaign* at each of *hours*; return the rows of the results of each run."""
    rows = []
    for hour in hours:
        clock.shift_seconds = hour * HOUR
        runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(hour * HOUR, hurried=True))
        summary = run_campaign(campaign, runtime=runtime)
        rows += read_results(summary.results) if summary.results is not None else []
    return rows


@pytest.mark.parametrize(
    ("ends", "rung"),
    [
        ({MOBILE: (End.NO_ANSWER,) * 2, HOME: (End.NO_ANSWER,), WORK: (End.NO_ANSWER,)}, [MOBILE, HOME, WORK, MOBILE]),
        ({MOBILE: (End.FAILED,), HOME: (End.NORMAL,)}, [MOBILE, HOME]),
        ({MOBILE: (End.BUSY, End.NO_ANSWER), HOME: (End.NORMAL,)}, [MOBILE, MOBILE, HOME]),
        ({MOBILE: (End.VOICEMAIL, End.NORMAL)}, [MOBILE, MOBILE]),
        ({MOBILE: (End.NO_ANSWER,), HOME: (End.DO_NOT_CALL,)}, [MOBILE, HOME]),
    ],
)
def test_the_next_number_is_rung_after_one_that_nobody_took(
    folder: CampaignFolder, ends: dict[str, tuple[End, ...]], rung: list[str]
) -> None:
    """In the order of the columns, after the last the first; a call that anybody or a machine took moves nobody on."""
    clock = LaterClock()
    with sandbox_at(clock, life=CallLifecycle(script=ends)) as sandbox:
        rows = ring(sandbox, campaign_of(folder, (MOBILE, HOME, WORK)), clock, [0, 6, 12, 18, 24])
        created = [call["toPhoneNumber"] for call in sandbox.created]
    assert created == rung
    assert column(rows, "dialer_phone")[: len(rung)] == rung


def test_cells_without_a_number_are_passed_over(folder: CampaignFolder) -> None:
    """An empty cell, a wrong one and the same number again are no next number."""
    clock = LaterClock()
    ends = {MOBILE: (End.NO_ANSWER,), WORK: (End.NO_ANSWER,)}
    with sandbox_at(clock, life=CallLifecycle(script=ends)) as sandbox:
        ring(sandbox, campaign_of(folder, (MOBILE, "555", WORK)), clock, [0, 6])
        created = [call["toPhoneNumber"] for call in sandbox.created]
    assert created == [MOBILE, WORK]


def test_caps_count_all_of_the_persons_numbers(folder: CampaignFolder) -> None:
    """One call a day is one call to the person, whichever of their numbers rings."""
    clock = LaterClock()
    ends = {MOBILE: (End.NO_ANSWER,), HOME: (End.NO_ANSWER,), WORK: (End.NO_ANSWER,)}
    with sandbox_at(clock, life=CallLifecycle(script=ends)) as sandbox:
        campaign = campaign_of(folder, (MOBILE, HOME, WORK), '[limits]\nper_number = ["1/24h"]\n')
        ring(sandbox, campaign, clock, [0, 6, 30, 60])
        slots = [datetime.fromisoformat(call["callDelayedUntil"]) for call in sandbox.created]
    assert len(slots) == 4
    assert all((later - earlier).total_seconds() >= 24 * HOUR for earlier, later in pairwise(slots))


def test_a_mended_row_stays_at_its_next_number(folder: CampaignFolder) -> None:
    """Its first number has just rung out, and the API has refused the call to the second: that one is tried again."""
    clock, campaign = LaterClock(), campaign_of(folder, (MOBILE, HOME, ""))
    journal = folder.path / "calls.jsonl"
    life = CallLifecycle(script={MOBILE: (End.NO_ANSWER,)})
    with sandbox_at(clock, life=life, journal=journal) as sandbox:
        ring(sandbox, campaign, clock, [0])
    with sandbox_at(clock, life=life, journal=journal, faults=Faults(refuse_name="Ada Example")) as sandbox:
        ring(sandbox, campaign, clock, [6])
    results = max((folder.path / "results").glob("*.csv"))
    results.write_text(results.read_text("utf-8-sig").replace("Ada Example", "Ada Sample"), "utf-8")
    clock.advance(HOUR)
    with sandbox_at(clock, life=life, journal=journal) as sandbox:
        runtime = Runtime(settings=settings_for(sandbox), clock=LaterClock(7 * HOUR, hurried=True))
        retry_campaign(campaign, retry=RetryOptions(mended=results), runtime=runtime)
        created = [(call["nameOfHuman"], call["toPhoneNumber"]) for call in sandbox.created]
    assert created == [("Ada Example", MOBILE), ("Ada Sample", HOME)]


def test_who_must_not_be_called_is_called_at_no_number(folder: CampaignFolder) -> None:
    """A number that was suppressed meanwhile holds the person, whichever number would be next."""
    clock = LaterClock()
    with sandbox_at(clock, life=CallLifecycle(script={MOBILE: (End.NO_ANSWER,)})) as sandbox:
        campaign = campaign_of(folder, (MOBILE, HOME, WORK))
        ring(sandbox, campaign, clock, [0])
        (folder.path / "no.csv").write_text(f"phone\n{WORK}\n", "utf-8")
        held = campaign_of(folder, (MOBILE, HOME, WORK), UNCAPPED + '[suppression]\nfiles = ["no.csv"]\n')
        ring(sandbox, held, clock, [6])
        created = len(sandbox.created)
    assert created == 1
