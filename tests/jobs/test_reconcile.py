"""Finding out about unknown calls, against the sandbox: nothing is settled without proof, nothing sent to find out."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.calls.reconciliation import Finding
from dialer.campaign.file import Campaign, load_campaign
from dialer.errors import UsageError
from dialer.jobs.reconcile import ReconcileOptions, ReconcileSummary, reconcile_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import run_at, settings_for
from tests.support import ANY_HOUR, FAST, CampaignFolder, HurriedClock, column, read_results

AT_ONCE = ANY_HOUR + FAST + 'settle_time = "0s"\n'


def reconciled(
    sandbox: Sandbox, campaign: Campaign, *, release: bool = False, accept_empty: bool = False
) -> ReconcileSummary:
    """Reconcile *campaign* against *sandbox*."""
    options = ReconcileOptions(release=release, accept_empty=accept_empty)
    return reconcile_campaign(
        campaign, options=options, runtime=Runtime(settings=settings_for(sandbox), clock=HurriedClock())
    )


@pytest.mark.slow
def test_a_call_that_exists_is_found_with_its_id(folder: CampaignFolder, tmp_path: Path) -> None:
    """A call whose reply was lost becomes created, with the id the API lists, and stays so."""
    campaign = folder.campaign(AT_ONCE)
    with Sandbox(faults=Faults(drop_after=1.0), journal=tmp_path / "calls.jsonl") as dropping:
        first = run_at(dropping, campaign, clock=HurriedClock())
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        summary = reconciled(sandbox, campaign)
        ids = [call["_id"] for call in sorted(sandbox.created, key=lambda call: call["toPhoneNumber"])]
        second = run_at(sandbox, campaign, clock=HurriedClock())
        posts = sandbox.requests.get("POST", 0)

    assert first.counts[Status.UNKNOWN] == 3
    assert summary.findings == {Finding.CREATED: 3}
    assert summary.exit_code == 0
    assert column(read_results(second.results or Path()), "dialer_call_id") == ids
    assert posts == 0


@pytest.mark.slow
def test_a_call_that_is_not_there_is_held_until_a_person_frees_it(folder: CampaignFolder) -> None:
    """Not found in two whole listings is no proof: only `--release` lets the row be sent again."""
    campaign = folder.campaign(AT_ONCE)
    with Sandbox(faults=Faults(drop_before=1.0)) as dropping:
        run_at(dropping, campaign, clock=HurriedClock())
    with Sandbox() as sandbox:
        looked = reconciled(sandbox, campaign, accept_empty=True)
        held = run_at(sandbox, campaign, clock=HurriedClock())
        before = len(sandbox.created)
        released = reconciled(sandbox, campaign, release=True, accept_empty=True)
        sent = run_at(sandbox, campaign, clock=HurriedClock())
        after = len(sandbox.created)

    assert looked.findings == {Finding.NOT_FOUND: 3}
    assert looked.exit_code == held.exit_code == 4
    assert before == 0
    assert (released.released, released.exit_code) == (3, 0)
    assert sent.counts[Status.CREATED] == after == 3


@pytest.mark.slow
def test_an_empty_listing_frees_nobody_unless_it_is_vouched_for(folder: CampaignFolder) -> None:
    """The key of another account sees no call at all: `--release` alone does not believe that."""
    campaign = folder.campaign(AT_ONCE)
    with Sandbox(faults=Faults(drop_before=1.0)) as dropping:
        run_at(dropping, campaign, clock=HurriedClock())
    with Sandbox() as sandbox:
        summary = reconciled(sandbox, campaign, release=True)
    assert summary.findings == {Finding.STILL_UNKNOWN: 3}
    assert (summary.released, summary.exit_code) == (0, 4)


@pytest.mark.slow
def test_calls_are_looked_for_under_the_template_they_were_sent_with(folder: CampaignFolder, tmp_path: Path) -> None:
    """A template corrected after the run changes nothing about where its calls are listed."""
    campaign = folder.campaign(AT_ONCE)
    journal = tmp_path / "calls.jsonl"
    with Sandbox(faults=Faults(drop_after=1.0), journal=journal) as dropping:
        run_at(dropping, campaign, clock=HurriedClock())
    other = campaign.model_copy(update={"call": campaign.call.model_copy(update={"call_template_id": "another"})})
    with Sandbox(journal=journal) as sandbox:
        summary = reconciled(sandbox, other, release=True)
    assert summary.findings == {Finding.CREATED: 3}


@pytest.mark.slow
def test_calls_sent_to_the_api_are_not_looked_for_in_a_stand_in(folder: CampaignFolder) -> None:
    """A listing of another address says nothing about them: they stay unknown, and nothing is freed."""
    campaign = folder.campaign(AT_ONCE)
    with Sandbox(faults=Faults(drop_before=1.0)) as dropping:
        run_at(dropping, campaign, clock=HurriedClock())
    with closing(sqlite3.connect(folder.path / ".dialer/ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE runs SET facts = json_set(facts, '$.address', 'https://api.example.com')")
    with Sandbox() as sandbox:
        summary = reconciled(sandbox, campaign, release=True, accept_empty=True)
        asked = sandbox.requests.get("GET", 0)
    assert summary.findings == {Finding.STILL_UNKNOWN: 3}
    assert (summary.released, asked, summary.listing_read) == (0, 0, False)


@pytest.mark.slow
def test_a_call_that_two_campaigns_could_own_is_given_to_neither(folder: CampaignFolder, tmp_path: Path) -> None:
    """One number, unknown in two campaigns of a ledger; the API lists one call, with another slot: nobody is freed."""
    folder.people(1)
    first = folder.campaign(AT_ONCE)
    second = load_campaign(Path(shutil.copy(first.path, tmp_path / "second.toml")))
    journal = tmp_path / "calls.jsonl"
    with Sandbox(faults=Faults(drop_before=1.0), journal=journal) as dropping:
        run_at(dropping, first, clock=HurriedClock())
    with Sandbox(faults=Faults(drop_after=1.0), journal=journal) as dropping:
        run_at(dropping, second, clock=HurriedClock())
    with closing(sqlite3.connect(folder.path / ".dialer/ledger.db")) as ledger, ledger:
        ledger.execute("UPDATE attempts SET slot_ms = slot_ms + 1")  # as if the API did not keep milliseconds
    with Sandbox(journal=journal) as sandbox:
        summaries = [reconciled(sandbox, campaign, release=True) for campaign in (first, second)]
    assert [summary.findings for summary in summaries] == [{Finding.TWO_MATCHES: 1}] * 2
    assert [summary.released for summary in summaries] == [0, 0]


@pytest.mark.slow
def test_a_run_reconciles_by_itself_before_it_sends(folder: CampaignFolder, tmp_path: Path) -> None:
    """Yesterday's unknowns are looked up first, so that a nightly run needs nobody to remember them."""
    campaign = folder.campaign(AT_ONCE)
    with Sandbox(faults=Faults(drop_after=1.0), journal=tmp_path / "calls.jsonl") as dropping:
        run_at(dropping, campaign, RunOptions(limit=1), HurriedClock())
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        summary = run_at(sandbox, campaign, clock=HurriedClock())
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    assert summary.exit_code == 0
    assert column(read_results(summary.results or Path()), "dialer_reason") == ["already_created", "", ""]
    assert len(set(numbers)) == len(numbers) == 3


@pytest.mark.slow
def test_a_young_unknown_is_left_alone(folder: CampaignFolder) -> None:
    """A call may appear in the listing minutes after it was created: before the settle time it is not looked for."""
    campaign = folder.campaign(AT_ONCE.replace("0s", "120s"))
    with Sandbox(faults=Faults(drop_after=1.0)) as sandbox:
        run_at(sandbox, campaign, clock=HurriedClock())
        listings = sandbox.requests["GET"]
        summary = reconciled(sandbox, campaign, release=True)

    assert campaign.submit.settle_time == timedelta(minutes=2)
    assert (summary.too_young, summary.released, summary.exit_code) == (3, 0, 4)
    assert sandbox.requests["GET"] == listings


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [Faults(list_errors=1.0), Faults(list_cap=10), Faults(list_lag_ms=3_600_000)],
    ids=["unreadable", "cut", "lagging"],
)
def test_a_listing_that_is_not_whole_settles_nothing(folder: CampaignFolder, tmp_path: Path, faults: Faults) -> None:
    """An unreadable, cut or lagging listing leaves every row unknown, and nothing can be released."""
    folder.people(12)
    campaign = folder.campaign(AT_ONCE)
    journal = tmp_path / "calls.jsonl"
    with Sandbox(journal=journal) as sandbox:
        run_at(sandbox, campaign, RunOptions(limit=11), HurriedClock())
    with Sandbox(journal=journal, faults=Faults(drop_before=1.0)) as dropping:
        run_at(dropping, campaign, clock=HurriedClock())
    with Sandbox(journal=journal, faults=faults) as sandbox:
        summary = reconciled(sandbox, campaign, release=True)

    assert summary.findings == {Finding.STILL_UNKNOWN: 1}
    assert (summary.released, summary.exit_code) == (0, 4)


def test_a_campaign_that_never_ran_has_nothing_to_reconcile(folder: CampaignFolder) -> None:
    """Without a ledger there is nothing unknown, and the message says what to do."""
    with Sandbox() as sandbox, pytest.raises(UsageError, match="never run"):
        reconciled(sandbox, folder.campaign())


@pytest.mark.slow
def test_a_listing_cut_after_its_oldest_calls_frees_nobody(folder: CampaignFolder, tmp_path: Path) -> None:
    """It holds every known call and no unknown one, at no round number: nobody is freed, and nobody is rung twice."""
    folder.people(20)
    campaign = folder.campaign(AT_ONCE)
    journal = tmp_path / "calls.jsonl"
    with Sandbox(journal=journal) as sandbox:
        run_at(sandbox, campaign, RunOptions(limit=13), HurriedClock())
    with Sandbox(journal=journal, faults=Faults(drop_after=1.0)) as dropping:
        run_at(dropping, campaign, clock=HurriedClock())
    with Sandbox(journal=journal, faults=Faults(list_cap=13, list_oldest=True)) as sandbox:
        summary = reconciled(sandbox, campaign, release=True)
        run_at(sandbox, campaign, clock=HurriedClock())
        calls = [call["toPhoneNumber"] for call in sandbox.created]

    assert (summary.findings, summary.released, summary.exit_code) == ({Finding.STILL_UNKNOWN: 7}, 0, 4)
    assert all("no known call newer" in why for why in summary.doubts)
    assert len(set(calls)) == len(calls) == 20


@pytest.mark.slow
def test_a_newer_known_call_lets_the_absent_be_freed(folder: CampaignFolder, tmp_path: Path) -> None:
    """The next run's calls show that the listing goes on: what lies before them and is not there was not created."""
    folder.people(4)
    campaign = folder.campaign(AT_ONCE)
    journal = tmp_path / "calls.jsonl"
    with Sandbox(journal=journal, faults=Faults(drop_before=1.0)) as dropping:
        run_at(dropping, campaign, RunOptions(limit=2), HurriedClock())
    with Sandbox(journal=journal) as sandbox:
        before = reconciled(sandbox, campaign, release=True)
        run_at(sandbox, campaign, clock=HurriedClock())
        after = reconciled(sandbox, campaign, release=True)
        run_at(sandbox, campaign, clock=HurriedClock())
        calls = [call["toPhoneNumber"] for call in sandbox.created]

    assert (before.findings, before.released) == ({Finding.STILL_UNKNOWN: 2}, 0)
    assert (after.findings, after.released) == ({Finding.NOT_FOUND: 2}, 2)
    assert len(set(calls)) == len(calls) == 4
