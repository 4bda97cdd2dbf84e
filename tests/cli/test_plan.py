"""`dialer plan` as a person and a program meet it."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dialer.cli.plan import show_plan
from dialer.jobs.planning.summary import PlanSummary
from dialer.sandbox import Sandbox
from tests.cli.command_line import dialer
from tests.support import ANY_HOUR, FAST, CampaignFolder, number


@pytest.mark.slow
def test_plan_answers_on_stdout_and_writes_what_run_follows(folder: CampaignFolder) -> None:
    """The histograms are on stdout, the plan's path in its last line, and `run --plan` takes it; --why tells a row."""
    start = datetime.now(UTC) + timedelta(minutes=5)
    folder.campaign(ANY_HOUR + f'start = "{start.isoformat(timespec="seconds")}"\n' + FAST)
    plan = folder.path / "plan.csv"
    shown = dialer("plan", folder.campaign_file, "--output", plan)
    why = dialer("plan", folder.campaign_file, "--why", "3")
    with Sandbox() as sandbox:
        ran = dialer("run", folder.campaign_file, "--yes", "--plan", plan, url=sandbox.url)
        again = dialer("run", folder.campaign_file, "--yes", "--plan", plan, url=sandbox.url)
        created = sandbox.created

    assert (shown.returncode, shown.stderr, shown.stdout.splitlines()[-1]) == (0, "", str(plan))
    for part in ("3 calls to commit now", "By local hour", "By local day", "Calls by zone", "are off"):
        assert part in shown.stdout
        assert part not in why.stdout or part == "are off"
    assert why.stdout.startswith("Row 3\n  stands: ")
    assert number(1) not in shown.stdout
    assert (ran.returncode, len(created)) == (0, 3)
    assert again.returncode == 2
    assert "calls have been created" in again.stderr


@pytest.mark.slow
def test_plan_in_json_is_one_object_with_the_documented_fields(folder: CampaignFolder) -> None:
    """`--json` prints one object on stdout and nothing else."""
    shown = dialer("plan", folder.campaign_file, "--json")

    told = json.loads(shown.stdout)
    assert set(told) == {
        "campaign", "planned", "beyond_horizon", "reasons", "by_hour", "by_day", "by_zones", "first_slot", "last_slot",
        "does_not_fit", "message", "notes", "why", "output", "schema_version", "exit_code",
        "by_template", "by_from_number",
    }  # fmt: skip
    assert told["planned"] == 3
    assert told["first_slot"]["utc"].endswith("Z")


@pytest.mark.slow
def test_a_plan_of_nobody_is_said(folder: CampaignFolder) -> None:
    """A sheet of bad rows has no histogram and no error."""
    folder.sheet(["Name", "Phone"], [["Ada", "12"]])
    shown = dialer("plan", folder.campaign_file)

    assert shown.returncode == 0
    assert "no call to plan" in shown.stdout
    assert "phone_invalid" in shown.stdout


@pytest.mark.slow
def test_a_run_that_cannot_finish_ends_with_two(folder: CampaignFolder) -> None:
    """What does not fit is said before anything is sent; `--partial` calls those who fit."""
    end = datetime.now(UTC) + timedelta(minutes=2, seconds=40)
    folder.campaign(ANY_HOUR.replace("6000", "1") + f'end = "{end.isoformat(timespec="seconds")}"\n' + FAST)
    folder.people(4)
    with Sandbox() as sandbox:
        refused = dialer("run", folder.campaign_file, "--yes", url=sandbox.url)
        untouched = not sandbox.created
        partial = dialer("run", folder.campaign_file, "--yes", "--partial", url=sandbox.url)
        created = len(sandbox.created)

    assert refused.returncode == 2
    assert "do not fit before" in refused.stderr
    assert untouched
    assert (partial.returncode, 0 < created < 4) == (3, True)


def test_words_in_brackets_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """A table of a campaign file, or a header, in brackets is text for people and no style of the terminal."""
    note = "To be called again, by [redial] or again_after: 3 people, if the sheet still holds them."
    nothing = PlanSummary("spring [red]", 0, 0, Counter(), {}, Counter(), Counter(), None, None, (), "", (note,))
    show_plan(nothing)
    shown = capsys.readouterr().out

    assert note in shown.replace("\n", " ")
    assert "spring [red]" in shown
