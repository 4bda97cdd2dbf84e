"""The library as a notebook wants it: a DataFrame in, DataFrames out, also inside a running event loop."""

import asyncio
import subprocess
import sys

import pandas as pd
import pytest

import dialer
from dialer import load_contacts, plan_frame, results_frame, run_campaign, run_campaign_async, status_frame
from dialer.errors import UsageError
from dialer.jobs.plan import PlanOptions
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from tests.jobs.test_run import hurried
from tests.support import NOON_MS, CampaignFolder, number


def people(count: int = 3) -> pd.DataFrame:
    """Return a frame of *count* people, one of them with a number that cannot be called."""
    phones = [number(index) for index in range(count - 1)]
    return pd.DataFrame({"Name": [f"Person {index}" for index in range(count)], "Phone": [*phones, "12"]})


def test_a_frame_is_judged_like_a_sheet(folder: CampaignFolder) -> None:
    """Row by row, with the reasons of a sheet, though the campaign names another file."""
    loaded = load_contacts(folder.campaign(), now_ms=NOON_MS, contacts=people())
    verdicts = [(item.row.number, getattr(item.verdict, "reason", "contact")) for item in loaded.rows()]
    assert verdicts == [(2, "contact"), (3, "contact"), (4, "phone_invalid")]


@pytest.mark.slow
def test_a_frame_is_run_and_read_back(folder: CampaignFolder) -> None:
    """Calls are created for its rows, once; results, plan and status are frames with types of their own."""
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        first = run_campaign(campaign, contacts=people(), runtime=hurried(sandbox))
        second = run_campaign(campaign, contacts=people(), runtime=hurried(sandbox))
        plan = plan_frame(campaign, runtime=hurried(sandbox))
        found = results_frame(campaign, runtime=hurried(sandbox))
        of_first = results_frame(campaign, run_id=first.run_id, runtime=hurried(sandbox))
        status = status_frame(campaign, runtime=hurried(sandbox))
        assert len(sandbox.created) == 2
        ids = {call["_id"] for call in sandbox.created}
    assert (first.counts[Status.CREATED], second.counts[Status.CREATED]) == (2, 0)
    assert list(found["dialer_status"]) == list(of_first["dialer_status"]) == ["created", "created", "rejected"]
    assert set(found["dialer_call_id"]) == {*ids, ""}
    assert found["dialer_row"].tolist() == [2, 3, 4]
    assert str(found["dialer_call_delayed_until"].dtype).startswith("datetime64[")
    assert found["dialer_call_delayed_until"].isna().tolist() == [False, False, True]
    assert set(plan["dialer_status"]) == {"skipped", "pending"}
    assert status.loc[0, "counts.created"] == 2
    assert status.loc[0, "campaign"] == "campaign"


@pytest.mark.slow
def test_a_run_inside_a_running_loop(folder: CampaignFolder) -> None:
    """A notebook has a loop already: awaiting works and lets it go on, and the plain function works there as well."""
    campaign = folder.campaign()
    ticks = []

    async def tick() -> None:
        while True:
            ticks.append(1)
            await asyncio.sleep(0)

    async def notebook(sandbox: Sandbox) -> list[int]:
        beside = asyncio.create_task(tick())
        first = await run_campaign_async(campaign, contacts=people(), runtime=hurried(sandbox))
        beside.cancel()
        second = run_campaign(campaign, contacts=people(4), runtime=hurried(sandbox))
        return [summary.counts[Status.CREATED] for summary in (first, second)]

    with Sandbox() as sandbox:
        assert asyncio.run(notebook(sandbox)) == [2, 1]
    assert len(ticks) > 1


def test_frames_of_nothing_are_refused(folder: CampaignFolder) -> None:
    """What never ran has no results and no standing; a plan that is returned is not written as well."""
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        for ask in (results_frame, status_frame):
            with pytest.raises(UsageError, match="never run"):
                ask(campaign, runtime=hurried(sandbox))
        with pytest.raises(UsageError, match="leave output out"):
            plan_frame(campaign, options=PlanOptions(output=folder.path / "plan.csv"), runtime=hurried(sandbox))
        with pytest.raises(UsageError, match="give a campaign"):
            status_frame(runtime=hurried(sandbox))


@pytest.mark.slow
def test_a_run_of_a_csv_sheet_loads_no_pandas() -> None:
    """Only who asks for a frame pays for it."""
    code = "import sys, dialer; dialer.run_campaign; dialer.load_contacts; print('pandas' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "False"
    assert dialer.results_frame is results_frame
