"""Whole runs that send several calls in one request."""

from pathlib import Path
from typing import Any

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
@pytest.mark.parametrize("split", [False, True], ids=["refused-whole", "created-up-to-it"])
def test_a_refused_batch_is_looked_for_and_then_sent_one_by_one(
    folder: CampaignFolder, bad: list[int], *, split: bool
) -> None:
    """A row that the API refuses takes no other row of its batch with it, and nobody who was created is sent again."""
    folder.sheet(
        ["Name", "Phone"], [["Nobody" if index in bad else f"Person {index}", number(index)] for index in range(20)]
    )
    with Sandbox(faults=Faults(refuse_name="Nobody", split_batches=split)) as sandbox:
        summary = run_at(sandbox, folder.campaign(BATCHES))
        created = [call["toPhoneNumber"] for call in sandbox.created]

    rows = read_results(summary.results or Path())
    assert sorted(created) == sorted({number(index) for index in range(20) if index not in bad})
    assert [row["dialer_phone"] for row in rows if row["dialer_status"] == "failed"] == [number(i) for i in bad]
    assert summary.exit_code == 3


@pytest.mark.parametrize("faults", [{"list_errors": 1.0}, {"list_cap": 1}, {"list_lag_ms": 3_600_000}], ids=str)
def test_a_refused_batch_that_cannot_be_looked_for_is_unknown(folder: CampaignFolder, faults: dict[str, Any]) -> None:
    """Unless the listing shows that nothing of it was created, nothing of it is sent again."""
    folder.sheet(
        ["Name", "Phone"], [["Nobody" if index == 9 else f"Person {index}", number(index)] for index in range(12)]
    )
    with Sandbox(faults=Faults(refuse_name="Nobody", split_batches=True, **faults)) as sandbox:
        summary = run_at(sandbox, folder.campaign(BATCHES.replace("concurrency = 4", "concurrency = 1")))
        created = [call["toPhoneNumber"] for call in sandbox.created]

    assert created == [number(index) for index in range(9)]
    assert summary.counts[Status.UNKNOWN] >= 3
    assert summary.counts[Status.CREATED] + summary.counts[Status.UNKNOWN] == 12
    assert summary.exit_code == 4


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
