"""A number is called as often as its caps allow, whichever campaigns of the ledger call it."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from dialer.campaign.file import Campaign
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.preview import RunPreview
from dialer.jobs.sending.summary import RunSummary
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from tests.jobs.stories import BesidesFirst
from tests.jobs.test_run import hurried
from tests.jobs.virtual import Taking, run_virtually
from tests.simulation.world import World
from tests.support import ANY_HOUR, FAST, MONDAY_NOON, CampaignFolder, column, number, read_results

HALF_A_DAY = 'horizon = "12h"\n'


def run_named(
    api: Taking, folder: CampaignFolder, name: str, *, tables: str = "", key: str = '["phone"]', dry: bool = False
) -> RunSummary:
    """Run the folder's campaign under another name, on the one ledger, on Monday at noon."""
    campaign: Campaign = folder.campaign(ANY_HOUR + HALF_A_DAY + FAST + tables, f'region = "US"\nkey = {key}')
    named = campaign.model_copy(update={"name": name})
    return run_virtually(named, World(1), api.serve, options=RunOptions(dry_run=dry))


@pytest.mark.slow
def test_a_number_called_by_another_campaign_waits(folder: CampaignFolder) -> None:
    """Called today by one campaign, a person is called by the next tomorrow at the earliest; strangers at once."""
    api = Taking()
    run_named(api, folder, "spring")
    folder.people(4)
    summary = run_named(api, folder, "summer")
    created = api.created

    assert len(created) == 4
    assert [call["toPhoneNumber"] for call in created[3:]] == [number(3)]
    assert summary.counts[Status.CREATED] == 1
    rows = read_results(summary.results or Path())
    assert column(rows, "dialer_reason") == ["cap_reached"] * 3 + [""]
    assert column(rows, "dialer_status") == ["pending"] * 3 + ["created"]


@pytest.mark.slow
def test_a_dry_run_knows_the_calls_of_other_campaigns(folder: CampaignFolder) -> None:
    """A rehearsal holds back whom the run would hold back."""
    api = Taking()
    run_named(api, folder, "spring")
    folder.people(4)  # the fourth is free at once, so that the horizon begins now
    summary = run_named(api, folder, "summer", dry=True)

    assert summary.tally.reasons == {"cap_reached": 3, "waiting": 1}


@pytest.mark.slow
def test_whoever_may_be_called_within_the_horizon_is_deferred(folder: CampaignFolder) -> None:
    """A cap that ends before the horizon moves the slot to its end, and not a moment before."""
    tables = '[limits]\nper_number = ["1/11h"]\n'
    folder.people(1)
    api = Taking()
    run_named(api, folder, "spring", tables=tables)
    folder.people(2)  # the second is free at once, so that the horizon begins now
    run_named(api, folder, "summer", tables=tables)
    slots = sorted(
        datetime.fromisoformat(call["callDelayedUntil"]) for call in api.created if call["toPhoneNumber"] == number(0)
    )

    assert slots[1] - slots[0] == timedelta(hours=11)


def test_two_rows_of_one_number_are_called_a_day_apart(folder: CampaignFolder) -> None:
    """Two people behind one number, both wanted: the second is called when the caps allow it."""
    folder.sheet(["Name", "Phone"], [["Ada", number(0)], ["Bob", number(0)], ["Cai", number(1)]])
    tables = '[limits]\nper_number = ["1/11h"]\n'
    api = Taking()
    summary = run_named(api, folder, "spring", tables=tables, key='["phone", "name"]')
    created = api.created

    assert summary.counts[Status.CREATED] == 3
    slots = sorted(
        datetime.fromisoformat(call["callDelayedUntil"]) for call in created if call["toPhoneNumber"] == number(0)
    )
    assert [later - earlier >= timedelta(hours=11) for earlier, later in pairwise(slots)] == [True]
    assert slots[0] - MONDAY_NOON < timedelta(hours=1)


def test_a_rules_own_cap_holds_beside_the_campaigns(folder: CampaignFolder) -> None:
    """Without any limit of the campaign, Florida's three calls in 24 hours still hold."""
    people = [[f"Person {index}", "+13055550100"] for index in range(5)]
    folder.sheet(["Name", "Phone"], people)
    hours = '[schedule]\nwindow = "00:00-24:00"\ncalls_per_minute = 600\nhorizon = "7d"\nholidays = false\n'
    campaign = folder.campaign(hours + FAST + "[limits]\nper_number = []\n", 'region = "US"\nkey = ["phone", "name"]')
    api = Taking()
    run_virtually(campaign, World(1), api.serve)
    slots = sorted(datetime.fromisoformat(call["callDelayedUntil"]) for call in api.created)

    assert len(slots) == 5
    assert slots[3] - slots[0] >= timedelta(hours=24)
    assert slots[2] - slots[0] < timedelta(minutes=1)


class Counting(SilentListener):
    """Takes down how many calls were planned to be committed now."""

    def __init__(self) -> None:
        self.planned_calls = 0

    def planned(self, preview: RunPreview) -> bool:
        """Go on."""
        self.planned_calls = preview.facts.planned
        return True


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_what_is_planned_is_sent(folder: CampaignFolder, seed: int) -> None:
    """Whatever caps hold and whatever laxer ones allowed before: with no change in between every slot is used."""
    chance = Random(seed)
    people = [[f"{name}", number(chance.randrange(3))] for name in range(12)]
    hours = ANY_HOUR.replace('rules = "off"', 'rules = "off"\nhorizon = "72h"')
    contacts = 'region = "US"\nkey = ["phone", "name"]'
    world = World(seed)
    for night in range(4):
        drawn = [f'"{chance.randint(1, 4)}/{chance.choice([1, 2, 5, 24, 48])}h"' for _ in range(chance.randint(0, 3))]
        folder.sheet(["Name", "Phone"], people[: 3 * (night + 1)])
        campaign = folder.campaign(f"{hours}{FAST}[limits]\nper_number = [{', '.join(drawn)}]\n", contacts)
        api, listener = Taking(), Counting()
        summary = run_virtually(campaign, world, api.serve, listener=listener)
        assert len(api.created) == listener.planned_calls, drawn
        assert "slot_refused" not in summary.tally.reasons
        world.advance(timedelta(hours=chance.randrange(1, 30)))


@pytest.mark.slow
@pytest.mark.parametrize("by_plan", [True, False], ids=["by a plan file", "by its own plan"])
def test_a_number_planned_by_a_run_under_way_is_not_called_by_another(tmp_path: Path, *, by_plan: bool) -> None:
    """What one run means to call and has not claimed counts for another campaign, also where a file has its plan."""
    ledger = tmp_path / "ledger.db"
    tables = ANY_HOUR + HALF_A_DAY + "[submit]\nrequests_per_second = 50\nconcurrency = 1\n"
    campaigns = []
    for name, numbers in (("spring", (0, 1)), ("summer", (1, 2))):
        (tmp_path / name).mkdir()
        place = CampaignFolder(tmp_path / name)
        place.sheet(["Name", "Phone"], [[f"Person {index}", number(index)] for index in numbers])
        campaigns.append(place.campaign(tables).model_copy(update={"name": name}))
    spring, summer = campaigns
    ended: list[RunSummary] = []

    def run_summer() -> None:
        plan = tmp_path / "plan.csv" if by_plan else None
        if plan is not None:
            plan_campaign(summer, options=PlanOptions(ledger=ledger, output=plan), runtime=hurried(sandbox))
        options = RunOptions(ledger=ledger, plan=plan)
        ended.append(run_campaign(summer, options=options, runtime=hurried(sandbox)))

    with Sandbox() as sandbox:
        options = RunOptions(ledger=ledger)
        run_campaign(spring, options=options, runtime=hurried(sandbox), listener=BesidesFirst(run_summer))
        calls = sorted(call["toPhoneNumber"] for call in sandbox.created)

    assert calls == [number(0), number(1), number(2)]
    assert ended[0].tally.reasons == {"cap_reached": 1}
