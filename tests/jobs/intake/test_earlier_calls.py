"""The first run under a ledger looks whom the API lists as called already, and holds them."""

import pytest
from sqlalchemy import select

from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.purge import PurgeOptions, purge_campaign
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.ledger.database.schema import called_elsewhere
from dialer.nightly.folder import NightlyOptions, run_nightly
from dialer.reasons import Reason, Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.stories import run, rung
from tests.jobs.test_run import settings_for
from tests.support import ANY_HOUR, FAST, CampaignFolder, HurriedClock, column, number, read_results


def forget(folder: CampaignFolder) -> None:
    """Lose the ledger, the results and the mark: nothing on this machine tells of a run."""
    for path in [*folder.path.glob(".dialer/*"), *folder.path.glob("results/*"), *folder.path.glob("*.ran")]:
        path.unlink()


@pytest.mark.slow
def test_whom_the_api_lists_is_held_and_told(folder: CampaignFolder, location: str) -> None:
    """Nobody is called again for a ledger that knows nothing; new people are called, also in later runs."""
    with Sandbox() as sandbox:
        run(sandbox, folder.campaign())
        forget(folder)
        folder.people(5)
        first = run(sandbox, folder.campaign(), location)
        second = run(sandbox, folder.campaign(), location)
        folder.people(6)
        third = run(sandbox, folder.campaign(), location)
    assert rung(sandbox) == dict.fromkeys(map(number, range(6)), 1)
    assert (first.exit_code, second.exit_code, third.exit_code) == (3, 3, 3)
    rows = read_results(first.results or folder.path)
    assert column(rows, "dialer_status") == ["pending"] * 3 + ["created"] * 2
    assert set(column(rows, "dialer_reason")[:3]) == {"called_before_elsewhere"}
    assert third.counts[Status.CREATED] == 1


@pytest.mark.slow
def test_a_row_that_joins_the_sheet_later_is_held_too(folder: CampaignFolder) -> None:
    """What the listing told at the first run counts for every later sheet."""
    folder.people(4)
    with Sandbox() as sandbox:
        run(sandbox, folder.campaign())
        forget(folder)
        folder.people(1)
        run(sandbox, folder.campaign())
        folder.people(5)
        last = run(sandbox, folder.campaign())
    assert rung(sandbox) == dict.fromkeys(map(number, range(5)), 1)
    assert last.tally.reasons[Reason.CALLED_BEFORE_ELSEWHERE] == 4


@pytest.mark.slow
def test_somebody_may_say_that_they_are_called(folder: CampaignFolder) -> None:
    """By that word everybody is called, now and in later runs, and the ledger keeps none of their numbers."""
    with Sandbox() as sandbox:
        run(sandbox, folder.campaign())
        forget(folder)
        run(sandbox, folder.campaign())
        accepted = run(sandbox, folder.campaign(), accept_earlier_calls=True)
    assert (accepted.exit_code, accepted.counts[Status.CREATED]) == (0, 3)
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger, ledger.read() as tx:
        assert tx.execute(select(called_elsewhere)).all() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("faults", "why"),
    [(Faults(list_errors=1.0), "cannot be read"), (Faults(list_cap=10), "may be a page")],
    ids=["unreadable", "cut"],
)
def test_a_listing_that_does_not_tell_stops_the_run(folder: CampaignFolder, faults: Faults, why: str) -> None:
    """Nothing is sent where nobody knows who was called; a later run looks again, and by somebody's word goes on."""
    journal = folder.path / "calls.jsonl"
    folder.people(12)
    with Sandbox(journal=journal) as sandbox:
        run(sandbox, folder.campaign())
    forget(folder)
    with Sandbox(journal=journal, faults=faults) as sandbox:
        for _ in range(2):
            summary = run(sandbox, folder.campaign())
            assert (summary.exit_code, summary.counts[Status.PENDING]) == (5, 12)
            assert summary.stop is not None
            assert (summary.stop.code, why in summary.stop.message) == ("earlier_calls_unread", True)
            assert f"AICALLER_BASE_URL (now {sandbox.url})" in summary.stop.message
        assert set(rung(sandbox).values()) == {1}
    with Sandbox(journal=journal) as sandbox:
        assert run(sandbox, folder.campaign()).counts[Status.CREATED] == 0
    with Sandbox(journal=journal, faults=faults) as sandbox:
        accepted = run(sandbox, folder.campaign(), accept_earlier_calls=True)
    assert (accepted.exit_code, accepted.counts[Status.CREATED]) == (0, 12)


def test_an_api_that_refuses_the_key_is_told_as_ever(folder: CampaignFolder) -> None:
    """A first run with a wrong key ends with 5 and that reason, before anything is sent."""
    with Sandbox(api_key="another-key") as sandbox:
        summary = run(sandbox, folder.campaign())
    assert summary.exit_code == 5
    assert summary.stop is not None
    assert summary.stop.code == "key_refused"
    assert summary.counts[Status.PENDING] == 3


@pytest.mark.slow
def test_calls_of_other_campaigns_of_the_ledger_hold_nobody(folder: CampaignFolder, location: str) -> None:
    """A new campaign with the same template and people is a new campaign: this ledger knows those calls."""
    second = folder.path / "second.toml"
    with Sandbox() as sandbox:
        campaign = folder.campaign()
        run(sandbox, campaign, location)
        purge_campaign(campaign, options=PurgeOptions(ledger=location))
        second.write_text(folder.campaign_file.read_text("utf-8"), "utf-8")
        summary = run(sandbox, campaign.model_copy(update={"name": "second", "path": second}), location)
    assert summary.counts[Status.CREATED] == 3


@pytest.mark.slow
def test_a_night_and_a_plan_hold_them_as_well(folder: CampaignFolder) -> None:
    """Nobody is there to say that they may be called: the night ends with 3, and a plan gives them no slot."""
    with Sandbox() as sandbox:
        run(sandbox, folder.campaign())
        forget(folder)
        folder.people(4)
        campaign = folder.campaign(f"{ANY_HOUR}{FAST}[nightly]\nenabled = true\n")
        runtime = Runtime(settings=settings_for(sandbox), clock=HurriedClock())
        night = run_nightly(folder.path, options=NightlyOptions(), runtime=runtime)
        plan = plan_campaign(campaign, options=PlanOptions(), runtime=runtime)
    assert night.exit_code == 3
    assert rung(sandbox) == dict.fromkeys(map(number, range(4)), 1)
    assert plan.planned == 0
