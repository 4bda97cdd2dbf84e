"""Whole runs that send several calls in one request."""

from pathlib import Path

import pytest

from dialer.jobs.reconcile import reconcile_campaign
from dialer.jobs.run import run_campaign
from dialer.sandbox import Faults, Sandbox
from dialer.status import Status
from dialer.submit.listing import Finding
from tests.jobs.test_run import run_at, settings_for
from tests.support import ANY_HOUR, FAST, CampaignFolder, HurriedClock, column, number, read_results

BATCHES = ANY_HOUR + FAST + 'batch_size = 8\nsettle_time = "0s"\nmax_unknown = 100\nmax_failures_in_a_row = 100\n'


def test_batches_create_everybody_once_with_fewer_requests(folder: CampaignFolder) -> None:
    """Twenty rows take three requests, and each row gets the id of its own call."""
    folder.people(20)
    with Sandbox() as sandbox:
        summary = run_at(sandbox, folder.campaign(BATCHES.replace("concurrency = 4", "concurrency = 1")))
        ids = {call["toPhoneNumber"]: call["_id"] for call in sandbox.created}
        posts = sandbox.requests["POST"]

    rows = read_results(summary.results or Path())
    assert posts == 3
    assert {row["dialer_phone"]: row["dialer_call_id"] for row in rows} == ids
    assert len(ids) == 20


@pytest.mark.parametrize("bad", [[5], [0, 19], list(range(20))], ids=["one", "two", "all"])
def test_a_refused_batch_is_halved_until_the_bad_row_is_alone(folder: CampaignFolder, bad: list[int]) -> None:
    """A row that the API refuses takes no other row of its batch with it."""
    folder.sheet(
        ["Name", "Phone"], [["Nobody" if index in bad else f"Person {index}", number(index)] for index in range(20)]
    )
    with Sandbox(faults=Faults(refuse_name="Nobody")) as sandbox:
        summary = run_at(sandbox, folder.campaign(BATCHES))
        created = {call["toPhoneNumber"] for call in sandbox.created}

    rows = read_results(summary.results or Path())
    assert created == {number(index) for index in range(20) if index not in bad}
    assert [row["dialer_phone"] for row in rows if row["dialer_status"] == "failed"] == [number(i) for i in bad]
    assert summary.exit_code == 3


def test_a_batch_whose_answer_is_lost_is_unknown_whole_and_found_again(folder: CampaignFolder, tmp_path: Path) -> None:
    """Each row of it is looked up by itself, and none is sent twice."""
    folder.people(20)
    campaign = folder.campaign(BATCHES)
    with Sandbox(faults=Faults(drop_after=1.0), journal=tmp_path / "calls.jsonl") as dropping:
        first = run_campaign(campaign, settings_for(dropping))
    folder.people(21)  # the listing would otherwise be as long as a page
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        run_campaign(campaign, settings_for(sandbox))
        summary = reconcile_campaign(campaign, settings_for(sandbox), clock=HurriedClock())
        last = run_campaign(campaign, settings_for(sandbox))
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    assert first.counts[Status.UNKNOWN] == 20
    assert summary.findings[Finding.NOT_FOUND] == 0
    assert len(numbers) == len(set(numbers)) == 21
    assert set(column(read_results(last.results or Path()), "dialer_status")) == {"skipped"}
