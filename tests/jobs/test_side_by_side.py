"""Several campaigns run at once on one ledger and overlapping people: the stand-in's own list is the judge."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from dialer.campaign.file import Campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.suppress import suppress
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from tests.jobs.stories import rung
from tests.jobs.test_run import hurried
from tests.support import ANY_HOUR, CampaignFolder, number

CAMPAIGNS = 4
PEOPLE = 10
EACH_DAY = 2
TABLES = (
    f'horizon = "12h"\n[limits]\nper_number = ["{EACH_DAY}/24h"]\n'
    "[submit]\nrequests_per_second = 2000\nconcurrency = 3\n"
)


def _people(index: int) -> list[str]:
    """Return the numbers of a campaign: half of them are the next one's, too, and one is everybody's."""
    return [number(0), *(number(1 + index * PEOPLE // 2 + each) for each in range(PEOPLE))]


ALL_PEOPLE = Counter(phone for index in range(CAMPAIGNS) for phone in _people(index))
"""Everybody, with the number of campaigns that want them."""


def _campaign(folder: Path, index: int, *, schedule: str = "", budget: str = "") -> Campaign:
    (folder / str(index)).mkdir()
    place = CampaignFolder(folder / str(index))
    people = _people(index)
    Random(index).shuffle(people)
    place.sheet(["Name", "Phone"], [[f"Person {phone[-4:]}", phone] for phone in people])
    return place.campaign(ANY_HOUR + schedule + TABLES + budget).model_copy(update={"name": f"campaign-{index}"})


def _run_all(campaigns: list[Campaign], ledger: str, sandbox: Sandbox) -> list[RunSummary]:
    """Run every campaign at once, each with the ledger opened for itself."""

    def run(campaign: Campaign) -> RunSummary:
        options = RunOptions(ledger=ledger, accept_earlier_calls=True)  # ten that are listed might be a page of more
        return run_campaign(campaign, options=options, runtime=hurried(sandbox))

    with ThreadPoolExecutor(len(campaigns)) as pool:
        return list(pool.map(run, campaigns))


@pytest.mark.slow
def test_campaigns_at_once_call_everybody_as_often_as_their_caps_allow(location: str, tmp_path: Path) -> None:
    """Whoever is in several sheets is called by as many as may, never twice at one instant, and nobody is left out."""
    campaigns = [_campaign(tmp_path, index) for index in range(CAMPAIGNS)]
    with Sandbox() as sandbox:
        summaries = _run_all(campaigns, location, sandbox)
        calls = rung(sandbox)
        instants = {(call["toPhoneNumber"], call["callDelayedUntil"]) for call in sandbox.created}

    assert [(summary.exit_code, summary.stop) for summary in summaries] == [(0, None)] * CAMPAIGNS
    assert calls == {phone: min(EACH_DAY, campaigns) for phone, campaigns in ALL_PEOPLE.items()}
    assert len(instants) == calls.total()


@pytest.mark.slow
def test_an_opt_out_a_budget_and_a_daily_limit_hold_while_campaigns_run_at_once(location: str, tmp_path: Path) -> None:
    """Once `suppress` has returned, no call follows that it has not listed, whoever was about to claim it."""
    campaigns = [_campaign(tmp_path, index) for index in range(2, CAMPAIGNS)]
    campaigns.append(_campaign(tmp_path, 0, budget="[budget]\nmax_calls = 7\n"))
    campaigns.append(_campaign(tmp_path, 1, schedule="daily_limit = 9\n"))
    listed: dict[str, int] = {}

    def opt_out(sandbox: Sandbox) -> None:
        assert sandbox.wait_until_created(1, timeout_seconds=60)
        with Ledger.open(location) as ledger:
            for phone in sorted(ALL_PEOPLE)[::2]:
                listed[phone] = len(suppress(ledger, [phone], reason="asked").open_calls)

    with Sandbox(faults=Faults(latency_ms=30)) as sandbox, ThreadPoolExecutor(1) as pool:
        opting_out = pool.submit(opt_out, sandbox)
        summaries = _run_all(campaigns, location, sandbox)
        opting_out.result(60)
        calls = rung(sandbox)

    assert all(calls[phone] <= count for phone, count in listed.items())
    assert any(count < min(EACH_DAY, ALL_PEOPLE[phone]) for phone, count in listed.items())
    assert all(count <= EACH_DAY for count in calls.values())
    assert all(summary.counts[Status.CREATED] <= most for summary, most in zip(summaries[2:], (7, 9), strict=True))
    assert calls.total() == sum(summary.counts[Status.CREATED] for summary in summaries)
