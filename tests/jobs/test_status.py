"""Where a campaign stands, and the one command to give next, at every point of its life."""

from datetime import timedelta

import pytest

from dialer.clock import Clock, to_ms
from dialer.jobs.runtime import Runtime
from dialer.jobs.status import CampaignStanding, read_standings
from dialer.jobs.sync import sync_campaign
from dialer.ledger.campaign_standing import NOTHING
from dialer.ledger.database.open import Ledger
from dialer.sandbox import NO_FAULTS, CallLifecycle, End, Faults, Sandbox
from tests.jobs.test_run import run_at, settings_for
from tests.jobs.test_sync import LaterClock
from tests.support import ANY_HOUR, FAST, MONDAY_NOON, CampaignFolder, FakeClock, number

HOUR = 3600.0


def standing(folder: CampaignFolder, clock: Clock | None = None) -> CampaignStanding:
    """Return how the folder's campaign stands at the *clock*'s time."""
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        (found,) = read_standings(ledger, "campaign", clock=clock or LaterClock())
    return found


def before_any_slot() -> FakeClock:
    """Return a clock that stands still now: to look with after a run, as if that had taken no time."""
    return FakeClock(LaterClock().now())


def ran(folder: CampaignFolder, faults: Faults = NO_FAULTS) -> CampaignStanding:
    """Run the folder's campaign with these faults, and return how it stands before its calls ring."""
    clock = before_any_slot()
    with Sandbox(faults=faults) as sandbox:
        run_at(sandbox, folder.campaign(ANY_HOUR + FAST))
    return standing(folder, clock)


def test_a_campaign_that_never_ran_is_to_be_checked(folder: CampaignFolder) -> None:
    """There is nothing to count, and the first step is named."""
    found = standing(folder)
    assert sum(found.standing.counts.values()) == 0
    assert "dialer check campaign, then dialer run campaign" in found.advice


@pytest.mark.slow
def test_unknown_calls_are_to_be_looked_up(folder: CampaignFolder) -> None:
    """They come before everything else, with the time since when the oldest is in doubt."""
    found = ran(folder, Faults(drop_after=1.0))
    assert found.standing.reasons == {"no_reply": 3}
    assert found.standing.unknown_since_ms is not None
    assert abs(found.at_ms - found.standing.unknown_since_ms) < 120_000
    assert found.advice.endswith(f"dialer reconcile {folder.campaign_file}")


@pytest.mark.slow
def test_failed_rows_are_to_be_mended(folder: CampaignFolder) -> None:
    """The reason is told with how many there are of it."""
    found = ran(folder, Faults(refuse_name="Person 1"))
    assert found.standing.reasons == {"api_400": 1}
    assert found.advice.endswith(f"dialer results {folder.campaign_file} --results mend.xlsx")


@pytest.mark.slow
def test_calls_that_rang_are_to_be_asked_about(folder: CampaignFolder) -> None:
    """Before its slot a call is to ring; after it somebody has to ask how it ended; then nothing is left to do."""
    clock, early, late = LaterClock(hurried=True), before_any_slot(), LaterClock(2 * HOUR)
    life = CallLifecycle(script={number(index): (End.NORMAL,) for index in range(3)})
    with Sandbox(life=life, now_ms=clock.now_ms) as sandbox:
        campaign = folder.campaign(ANY_HOUR + FAST)
        run_at(sandbox, campaign)
        ringing = standing(folder, early)
        rung = standing(folder, late)
        clock.advance(2 * HOUR)
        sync_campaign(campaign, runtime=Runtime(settings=settings_for(sandbox), clock=clock))
        asked = standing(folder, late)
    assert (ringing.standing.ringing, ringing.standing.not_asked) == (3, 0)
    assert ringing.standing.next_slot_ms is not None
    assert (rung.standing.ringing, rung.standing.not_asked) == (0, 3)
    assert rung.advice.endswith(f"dialer sync {folder.campaign_file}")
    assert asked.standing.ends == {"completed ENDED_NORMALLY": 3}
    assert asked.advice == "Every contact has its call. Nothing to do."


@pytest.mark.slow
def test_rows_that_wait_and_rows_that_cannot_be_called_are_told(folder: CampaignFolder) -> None:
    """Pending contacts are to be run; when nobody waits, rejected rows are to be mended."""
    folder.sheet(["Name", "Phone"], [["Ann", number(0)], ["Bob", "?"]])
    waiting = ran(folder, Faults(key_refused_after=0))
    done = ran(folder)
    assert waiting.advice.startswith("The last run stopped early: The API refused the key")
    assert "Put a key that this address accepts into AICALLER_API_KEY. What was not sent waits." in waiting.advice
    assert waiting.advice.endswith(f"dialer run {folder.campaign_file}")
    assert done.standing.rejected == 1
    assert done.advice.endswith(f"Next: dialer results {folder.campaign_file} --results mend.xlsx")


def test_overdue_is_what_had_no_good_night_in_time() -> None:
    """Counted from the end of the last good night; one that never had one is overdue whatever the age."""
    now_ms = to_ms(FakeClock(MONDAY_NOON).now())
    never = CampaignStanding("spring", now_ms, NOTHING, ())
    good = CampaignStanding("spring", now_ms, NOTHING, (), now_ms - 26 * 3_600_000)
    assert never.is_overdue(timedelta(days=900))
    assert not good.is_overdue(timedelta(hours=26))
    assert good.is_overdue(timedelta(hours=25, minutes=59))


@pytest.mark.slow
def test_what_json_tells_is_whole(folder: CampaignFolder) -> None:
    """Every count and instant that the lines show stands in the object as well, and no number does."""
    told = ran(folder).as_json()
    assert told["calls_to_ring"] == 3
    assert (told["next_slot"] or "") <= (told["last_slot"] or "")
    assert told["next_slot"] is not None
    assert told["runs"][0]["exit_code"] == 0
    assert number(0)[2:] not in repr(told)
