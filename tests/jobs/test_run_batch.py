"""Whole runs that send several calls in one request."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from dialer.calls.reconciliation import Finding
from dialer.campaign.file import Campaign
from dialer.jobs.reconcile import reconcile_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.test_run import run_at, settings_for
from tests.jobs.virtual import run_virtually
from tests.simulation.world import World
from tests.support import ANY_HOUR, FAST, CampaignFolder, HurriedClock, column, number, read_results

BATCHES = ANY_HOUR + FAST + 'batch_size = 7\nsettle_time = "0s"\nmax_unknown = 100\nmax_failures_in_a_row = 100\n'
ONE_WORKER = BATCHES.replace("concurrency = 4", "concurrency = 1")


def ran(sandbox: Sandbox, campaign: Campaign) -> RunSummary:
    """Run *campaign* against *sandbox*; what it waits for, such as a second look at the listing, has passed at once."""
    options = RunOptions(accept_earlier_calls=True)  # a stand-in that has begun anew: nobody was called before
    return run_at(sandbox, campaign, options, clock=HurriedClock())


@pytest.mark.slow
def test_batches_create_everybody_once_with_fewer_requests(folder: CampaignFolder) -> None:
    """Twenty rows take four requests, the first of two calls, and each row gets the id of its own call."""
    folder.people(20)
    with Sandbox() as sandbox:
        summary = ran(sandbox, folder.campaign(ONE_WORKER))
        ids = {call["toPhoneNumber"]: call["_id"] for call in sandbox.created}
        posts = sandbox.requests["POST"]

    rows = read_results(summary.results or Path())
    assert posts == 4
    assert {row["dialer_phone"]: row["dialer_call_id"] for row in rows} == ids
    assert len(ids) == 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "bad", [[5], [0, 9], list(range(20))], ids=["one", "two", "all"]
)  # 15 listed calls may be a page
@pytest.mark.parametrize("split", [False, True], ids=["refused-whole", "created-up-to-it"])
def test_a_refused_batch_is_looked_for_and_then_sent_one_by_one(
    folder: CampaignFolder, bad: list[int], *, split: bool
) -> None:
    """A row that the API refuses takes no other row of its batch with it, and nobody who was created is sent again."""
    folder.sheet(
        ["Name", "Phone"], [["Nobody" if index in bad else f"Person {index}", number(index)] for index in range(20)]
    )
    with Sandbox(faults=Faults(refuse_name="Nobody", split_batches=split)) as sandbox:
        summary = ran(sandbox, folder.campaign(BATCHES))
        created = [call["toPhoneNumber"] for call in sandbox.created]

    rows = read_results(summary.results or Path())
    assert sorted(created) == sorted({number(index) for index in range(20) if index not in bad})
    assert [row["dialer_phone"] for row in rows if row["dialer_status"] == "failed"] == [number(i) for i in bad]
    assert summary.exit_code == 3


@pytest.mark.slow
def test_a_refused_batch_whose_slots_pass_while_it_is_looked_for_is_sent_all_the_same(folder: CampaignFolder) -> None:
    """Two minutes of settling carry its calls past their slots: planned anew they go alone, not as the same batch."""
    folder.sheet(["Name", "Phone"], [["Nobody" if i == 3 else f"P {i}", number(i)] for i in range(16)])
    created: list[dict[str, Any]] = []
    batches = []

    async def serve(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"data": created}) if request.url.params else httpx.Response(404)
        body = json.loads(request.content)
        calls = body.get("phoneCalls", [body])
        batches.append(len(calls))
        if any(call["nameOfHuman"] == "Nobody" for call in calls):
            return httpx.Response(400)
        made = [call | {"_id": f"call-{len(created) + index}"} for index, call in enumerate(calls)]
        created.extend(made)
        return httpx.Response(200, json={"data": made if "phoneCalls" in body else made[0]})

    slowly = ANY_HOUR.replace("6000", "10") + '[submit]\nconcurrency = 1\nbatch_size = 8\nsettle_time = "120s"\n'
    summary = run_virtually(folder.campaign(slowly), World(1), serve)

    assert Counter(call["toPhoneNumber"] for call in created) == {number(i): 1 for i in range(16) if i != 3}
    assert (summary.stop, summary.exit_code) == (None, 3)
    assert sorted(batches) == [*[1] * 8, 2, 6, 8]


@pytest.mark.slow
@pytest.mark.parametrize("faults", [{"list_errors": 1.0}, {"list_cap": 1}, {"list_lag_ms": 3_600_000}], ids=str)
def test_a_refused_batch_that_cannot_be_looked_for_is_unknown(folder: CampaignFolder, faults: dict[str, Any]) -> None:
    """Unless the listing shows that nothing of it was created, nothing of it is sent again."""
    folder.sheet(
        ["Name", "Phone"], [["Nobody" if index == 9 else f"Person {index}", number(index)] for index in range(12)]
    )
    with Sandbox(faults=Faults(refuse_name="Nobody", split_batches=True, **faults)) as sandbox:
        summary = ran(sandbox, folder.campaign(ONE_WORKER))
        created = [call["toPhoneNumber"] for call in sandbox.created]

    assert created == [number(index) for index in range(9)]
    assert summary.counts[Status.UNKNOWN] >= 3
    assert summary.counts[Status.CREATED] + summary.counts[Status.UNKNOWN] == 12
    assert summary.exit_code == 4


@pytest.mark.slow
@pytest.mark.parametrize("status", [402, 403, 429])
def test_a_batch_that_was_created_although_it_was_turned_away_is_not_sent_again(
    folder: CampaignFolder, tmp_path: Path, status: int
) -> None:
    """No credit, no right, too many requests: the calls that exist all the same are found, now and by the next run."""
    folder.people(12)
    campaign = folder.campaign(ONE_WORKER)
    journal = tmp_path / "calls.jsonl"
    with Sandbox(faults=Faults(error_after=1.0, error_status=status), journal=journal) as turning_away:
        first = ran(turning_away, campaign)
    with Sandbox(journal=journal) as sandbox:
        last = ran(sandbox, campaign)
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    assert first.counts[Status.CREATED] >= 2
    assert last.exit_code == 0
    assert len(numbers) == len(set(numbers)) == 12


@pytest.mark.slow
def test_a_listing_without_an_earlier_runs_calls_proves_nothing(folder: CampaignFolder, tmp_path: Path) -> None:
    """What earlier runs created must be listed too, before a refused batch is believed not to be there."""
    folder.people(12)
    journal = tmp_path / "calls.jsonl"
    with Sandbox(journal=journal) as sandbox:
        ran(sandbox, folder.campaign())
    folder.sheet(["Name", "Phone"], [["Nobody" if i == 17 else f"P {i}", number(i)] for i in range(12, 20)])
    faults = Faults(refuse_name="Nobody", split_batches=True, list_cap=11)
    with Sandbox(faults=faults, journal=journal) as sandbox:
        summary = ran(sandbox, folder.campaign(BATCHES))
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    assert len(numbers) == len(set(numbers)) == 17
    assert summary.counts[Status.UNKNOWN] == 3


@pytest.mark.slow
def test_a_batch_whose_answer_is_lost_is_unknown_whole_and_found_again(folder: CampaignFolder, tmp_path: Path) -> None:
    """Each row of it is looked up by itself, and none is sent twice."""
    folder.people(20)
    campaign = folder.campaign(BATCHES)
    with Sandbox(faults=Faults(drop_after=1.0), journal=tmp_path / "calls.jsonl") as dropping:
        first = ran(dropping, campaign)
    folder.people(21)  # the listing would otherwise be as long as a page
    with Sandbox(journal=tmp_path / "calls.jsonl") as sandbox:
        ran(sandbox, campaign)
        summary = reconcile_campaign(campaign, runtime=Runtime(settings=settings_for(sandbox), clock=HurriedClock()))
        last = ran(sandbox, campaign)
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    assert first.counts[Status.UNKNOWN] == 20
    assert summary.findings[Finding.NOT_FOUND] == 0
    assert len(numbers) == len(set(numbers)) == 21
    assert set(column(read_results(last.results or Path()), "dialer_status")) == {"skipped"}
