"""A campaign with a budget, whole: what is planned, what is sent, what is told, and what a later run may do."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.calls.outcome import StopCode
from dialer.exit_codes import EXIT_OK, EXIT_STOPPED
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.planning.plan_file import read_plan
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.jobs.sending.summary import RunSummary
from dialer.jobs.status import read_standings
from dialer.ledger.database.open import Ledger
from dialer.reasons import Status
from dialer.sandbox import Faults, Sandbox
from dialer.settings import Settings
from tests.support import ANY_HOUR, FAST, CampaignFolder, column, read_results

PEOPLE = 12
BUDGET = "[budget]\nmax_calls = 5\n"


def run(folder: CampaignFolder, sandbox: Sandbox, tables: str, **options: object) -> RunSummary:
    """Run the campaign of *folder* with more *tables* in its file."""
    campaign = folder.campaign(ANY_HOUR + FAST + tables)
    runtime = Runtime(settings=Settings(base_url=sandbox.url, api_key=SecretStr("a-key")))
    return run_campaign(campaign, options=RunOptions(**options), runtime=runtime)  # type: ignore[arg-type] # any option


@pytest.mark.slow
@pytest.mark.parametrize(
    "tables", [BUDGET, '[budget]\ncost_per_minute = 0.25\ncurrency = "EUR"\nminutes_per_call = 4\nmax_cost = 5.5\n']
)
def test_a_run_stops_at_its_budget_and_a_later_one_goes_on(folder: CampaignFolder, tables: str) -> None:
    """Five calls are allowed: five are made, whatever is run again, until the budget is raised."""
    folder.people(PEOPLE)
    with Sandbox() as sandbox:
        first = run(folder, sandbox, tables)
        second = run(folder, sandbox, tables)
        made = len(sandbox.created)
        raised = run(folder, sandbox, "[budget]\nmax_calls = 100\n")
        numbers = [call["toPhoneNumber"] for call in sandbox.created]

    assert made == 5
    assert [first.exit_code, second.exit_code, raised.exit_code] == [EXIT_STOPPED, EXIT_STOPPED, EXIT_OK]
    assert first.stop is not None
    assert first.stop.code == StopCode.BUDGET_SPENT
    assert "7 rows wait for more" in first.stop.message
    assert first.as_json()["reasons"] == {"budget_spent": 7}
    assert column(read_results(first.results or Path()), "dialer_status").count("pending") == 7
    assert sorted(set(numbers)) == sorted(numbers)
    assert len(numbers) == PEOPLE


@pytest.mark.slow
@pytest.mark.parametrize("faults", [Faults(drop_after=0.5, seed=3), Faults(error_before=0.5, seed=3)])
def test_faults_and_retries_pass_no_budget(folder: CampaignFolder, faults: Faults) -> None:
    """Doubtful calls stay reserved and what was not sent is freed: never more than five calls exist, run after run."""
    folder.people(PEOPLE)
    with Sandbox(faults=faults) as sandbox:
        for _ in range(4):
            run(folder, sandbox, BUDGET)
        assert 0 < len(sandbox.created) <= 5


def test_the_plan_tells_and_its_file_keeps_to_it(folder: CampaignFolder, tmp_path: Path) -> None:
    """`dialer plan` counts who is beyond the budget, and a plan file holds no more slots than it allows."""
    folder.people(PEOPLE)
    campaign = folder.campaign(ANY_HOUR + FAST + BUDGET)
    summary = plan_campaign(campaign, options=PlanOptions(output=tmp_path / "plan.csv"))

    assert (summary.planned, summary.later, summary.reasons["budget_spent"]) == (5, 0, 7)
    assert any("max_calls = 5" in note and "7 calls" in note for note in summary.notes)
    assert len(read_plan(tmp_path / "plan.csv").slots) == 5


@pytest.mark.slow
def test_a_plan_file_made_before_is_cut_at_the_budget(folder: CampaignFolder, tmp_path: Path) -> None:
    """Calls that were made since the plan count: what no longer fits stays pending, by its reason."""
    folder.people(PEOPLE)
    plan_campaign(folder.campaign(ANY_HOUR + FAST + BUDGET), options=PlanOptions(output=tmp_path / "plan.csv"))
    with Sandbox() as sandbox:
        summary = run(folder, sandbox, BUDGET, plan=tmp_path / "plan.csv")
        assert len(sandbox.created) == 5
    assert summary.as_json()["counts"][Status.CREATED] == 5


@pytest.mark.slow
def test_status_tells_what_is_left(folder: CampaignFolder) -> None:
    """Calls, money spent or reserved, and how many more there may be, by the budget as the file says it now."""
    folder.people(PEOPLE)
    with Sandbox() as sandbox:
        run(folder, sandbox, '[budget]\ncost_per_minute = 0.5\ncurrency = "EUR"\nmax_calls = 5\n')
    campaign = folder.campaign(ANY_HOUR + FAST + '[budget]\ncost_per_minute = 0.5\ncurrency = "EUR"\nmax_calls = 7\n')
    with Ledger.open(folder.path / ".dialer/ledger.db") as ledger:
        (standing,) = read_standings(ledger, campaign)
        (unnamed,) = read_standings(ledger)

    assert standing.as_json()["budget"] == {"calls": 5, "calls_left": 2, "spent": "5.00 EUR"}
    assert unnamed.as_json()["budget"] is None
