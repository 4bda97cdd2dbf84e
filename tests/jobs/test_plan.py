"""The whole plan before anything is sent, and a run that follows it to the millisecond."""

import csv
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from pydantic import SecretStr

from dialer.campaign.file import Campaign
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import PlanRefused, SheetError, UsageError
from dialer.jobs.check import check_campaign
from dialer.jobs.plan import PlanOptions, plan_campaign
from dialer.jobs.planning.plan_file import read_plan
from dialer.jobs.planning.summary import PlanSummary
from dialer.jobs.retry import RetryOptions, retry_campaign
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions
from dialer.reasons import Status
from dialer.sandbox import Sandbox
from dialer.settings import Settings
from tests.jobs.virtual import Taking, run_virtually
from tests.simulation.world import World
from tests.support import ANY_HOUR, FAST, CampaignFolder, FakeClock, column, number, read_results

SOON = 'start = "{}"\n'
FRIDAY = datetime(2026, 12, 4, 14, 0, tzinfo=UTC)
"""09:00 in New York."""


def planned(
    campaign: Campaign, at: datetime | None = None, *, output: Path | None = None, why: int | None = None
) -> PlanSummary:
    """Plan *campaign* as of an instant, or of now."""
    clock = SYSTEM_CLOCK if at is None else FakeClock(at)
    return plan_campaign(campaign, options=PlanOptions(output=output, why=why), runtime=Runtime(clock=clock))


def run_plan(sandbox: Sandbox, campaign: Campaign, plan: Path, *, dry_run: bool = False) -> Status:
    """Follow a plan file and return what became of the first row."""
    settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
    options = RunOptions(plan=plan, dry_run=dry_run)
    summary = run_campaign(campaign, options=options, runtime=Runtime(settings=settings))
    return next(status for status, count in summary.counts.items() if count)


def later_today(folder: CampaignFolder, minutes: int = 5) -> Campaign:
    """Return a campaign that begins in some minutes, so that a plan of it can be approved."""
    start = datetime.now(UTC) + timedelta(minutes=minutes)
    return folder.campaign(ANY_HOUR + SOON.format(start.isoformat(timespec="seconds")) + FAST)


def slots_of(plan: Path) -> list[str]:
    """Read the slots of a plan file as a spreadsheet program would, below its first line."""
    with plan.open(newline="", encoding="utf-8") as file:
        file.readline()
        return [line["dialer_call_delayed_until"] for line in csv.DictReader(file)]


@pytest.mark.slow
def test_a_run_follows_its_plan_to_the_millisecond(folder: CampaignFolder) -> None:
    """What the plan file says is what the API is asked for, row by row."""
    campaign, plan = later_today(folder), folder.path / "plan.csv"
    summary = planned(campaign, output=plan)
    with Sandbox() as sandbox:
        assert run_plan(sandbox, campaign, plan) == Status.CREATED
        created = {call["toPhoneNumber"]: call["callDelayedUntil"] for call in sandbox.created}

    assert summary.planned == 3
    assert [created[number(index)] for index in range(3)] == slots_of(plan)
    assert stat.S_IMODE(plan.stat().st_mode) == 0o600


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_plan_that_is_given_back_as_a_sheet_is_told_as_one(folder: CampaignFolder, suffix: str) -> None:
    """By check, run and retry, also after a spreadsheet program saved it: with the command that follows it."""
    campaign, plan = later_today(folder), folder.path / "plan.csv"
    planned(campaign, output=plan)
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        with plan.open(newline="", encoding="utf-8") as file:
            for line in csv.reader(file):
                book.active.append(line)
        plan = plan.with_suffix(suffix)
        book.save(plan)
    said = "is a plan, which names no numbers, and no sheet or results file. Follow it with dialer run CAMPAIGN --plan"
    with Sandbox() as sandbox:
        runtime = Runtime(settings=Settings(base_url=sandbox.url, api_key=SecretStr("a-key")))
        run_campaign(campaign, runtime=runtime)
        with pytest.raises(SheetError, match=said):
            check_campaign(campaign.with_contacts(plan))
        with pytest.raises(SheetError, match=said):
            run_campaign(campaign.with_contacts(plan), runtime=runtime)
        with pytest.raises(SheetError, match=said):
            retry_campaign(campaign, retry=RetryOptions(mended=plan), runtime=runtime)


def test_a_plan_and_a_run_at_one_moment_are_the_same(folder: CampaignFolder) -> None:
    """The same input gives the same plan, byte for byte."""
    campaign = later_today(folder)
    one, other = folder.path / "one.csv", folder.path / "other.csv"
    planned(campaign, FRIDAY, output=one)
    planned(campaign, FRIDAY, output=other)

    assert one.read_bytes() == other.read_bytes()


def change_sheet(folder: CampaignFolder) -> Campaign:
    """Add a row."""
    folder.people(4)
    return later_today(folder)


def change_campaign(folder: CampaignFolder) -> Campaign:
    """Call faster."""
    tables = folder.campaign_file.read_text("utf-8").split("[schedule]")[1].replace("6000", "600")
    return folder.campaign("[schedule]" + tables)


def change_ledger(folder: CampaignFolder) -> Campaign:
    """Call somebody else from the same ledger."""
    campaign = later_today(folder)
    before = folder.campaign_file.read_text("utf-8")
    folder.people(1)
    with Sandbox() as sandbox:
        other = campaign.model_copy(update={"name": "other"})
        run_campaign(other, runtime=Runtime(settings=Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))))
    folder.people(3)
    folder.campaign_file.write_text(before, "utf-8")
    return campaign


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (change_sheet, "the sheet has changed"),
        (change_campaign, "the campaign file has changed"),
        (change_ledger, "calls have been created or looked up"),
    ],
)
def test_a_plan_is_refused_when_what_it_was_made_of_has_changed(
    folder: CampaignFolder, change: object, told: str
) -> None:
    """Another sheet, campaign or ledger makes a plan stale: nothing is sent, and the message says which it was."""
    campaign, plan = later_today(folder), folder.path / "plan.csv"
    text = folder.campaign_file.read_text("utf-8")
    planned(campaign, output=plan)
    assert callable(change)
    changed = change(folder)
    if change is not change_campaign:
        folder.campaign_file.write_text(text, "utf-8")
        changed = campaign
    with Sandbox() as sandbox, pytest.raises(PlanRefused, match=told):
        run_plan(sandbox, changed, plan)
    assert not sandbox.created


def test_a_plan_made_with_other_rules_is_refused(folder: CampaignFolder) -> None:
    """Rules or data of another version make a plan stale, for a dry run too."""
    campaign, plan = later_today(folder), folder.path / "plan.csv"
    planned(campaign, output=plan)
    first, rest = plan.read_text("utf-8").split("\n", 1)
    start = first.index('"rules": "') + len('"rules": "')
    plan.write_text(first[:start] + "0" * 64 + first[start + 64 :] + "\n" + rest, "utf-8")
    with Sandbox() as sandbox, pytest.raises(PlanRefused, match="the rules, the holidays or the time zones"):
        run_plan(sandbox, campaign, plan, dry_run=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda text: text.replace(",waiting,", ",beyond_limit,", 1), "have been edited"),
        (lambda text: text.replace(".000Z", ".001Z").replace("00Z", "01Z", 1), "have been edited"),
        (lambda _text: "Name,Phone\nAda,+12125550100\n", "is no plan"),
        (lambda text: text.replace("dialer plan 1", "dialer plan 9"), "of this version"),
        (lambda text: text.split("\n", 1)[0] + "\nname\nAda\n", "is no plan"),
    ],
    ids=["a row taken out", "a slot moved", "a sheet", "another version", "no table"],
)
def test_a_plan_that_somebody_edited_is_refused(folder: CampaignFolder, edit: object, told: str) -> None:
    """A plan is followed as it was made or not at all."""
    campaign, plan = later_today(folder), folder.path / "plan.csv"
    planned(campaign, output=plan)
    assert callable(edit)
    plan.write_text(edit(plan.read_text("utf-8")), "utf-8")
    with Sandbox() as sandbox, pytest.raises(PlanRefused, match=told):
        run_plan(sandbox, campaign, plan)
    assert not sandbox.created


def test_a_missing_plan_and_a_limit_beside_one_are_refused(folder: CampaignFolder) -> None:
    """A file that is not there, and a limit that would change what the file says, are said before anything else."""
    campaign = later_today(folder)
    with pytest.raises(PlanRefused, match="cannot be read"):
        run_campaign(campaign, options=RunOptions(plan=folder.path / "none.csv"))
    with pytest.raises(UsageError, match="dialer plan"):
        run_campaign(campaign, options=RunOptions(plan=folder.path / "none.csv", limit=1))


@pytest.mark.slow
def test_slots_that_have_passed_are_refused_or_left_out(folder: CampaignFolder) -> None:
    """A plan whose time has come and gone is refused; with partial, only what can still be sent in time is sent."""
    world, api = World(1), Taking()
    start = world.now() - timedelta(minutes=10)
    tables = ANY_HOUR.replace("6000", "0.1") + SOON.format(start.isoformat(timespec="seconds")) + FAST
    campaign, plan = folder.campaign(tables), folder.path / "plan.csv"
    planned(campaign, start - timedelta(minutes=5), output=plan)  # slots 10 minutes apart: one has passed, one is now
    with pytest.raises(PlanRefused, match=r"2 of its 3 slots have passed"):
        run_virtually(campaign, world, api.serve, options=RunOptions(plan=plan))
    assert not api.created
    run_virtually(campaign, world, api.serve, options=RunOptions(plan=plan, partial=True))

    assert [call["callDelayedUntil"] for call in api.created] == slots_of(plan)[2:]
    results = max((folder.path / "results").glob("*.csv"))
    assert column(read_results(results), "dialer_reason") == ["slot_passed", "slot_passed", ""]


@pytest.mark.slow
def test_a_row_that_may_not_be_called_any_more_is_left_out_of_its_plan(folder: CampaignFolder) -> None:
    """A number suppressed after the plan was approved is skipped; the others keep their slots."""
    tables = '[suppression]\nfiles = ["stop.csv"]\n'
    folder.sheet(["Phone"], [[number(9)]], "stop.csv")
    start = datetime.now(UTC) + timedelta(minutes=5)
    campaign = folder.campaign(ANY_HOUR + SOON.format(start.isoformat(timespec="seconds")) + FAST + tables)
    plan = folder.path / "plan.csv"
    planned(campaign, output=plan)
    folder.sheet(["Phone"], [[number(9)], [number(1)]], "stop.csv")
    with Sandbox() as sandbox:
        run_plan(sandbox, campaign, plan)
        created = {call["toPhoneNumber"]: call["callDelayedUntil"] for call in sandbox.created}

    slots = slots_of(plan)
    assert created == {number(0): slots[0], number(2): slots[2]}


BUSINESS = '[schedule]\ncalls_per_minute = 1\nwindow = "09:00-17:30"\n'


@pytest.mark.slow
def test_the_plan_is_counted_by_hour_day_and_zone(folder: CampaignFolder) -> None:
    """Friday's hours hold what they can; the rest comes on Monday, and both show on the local clock."""
    folder.people(900)
    campaign = folder.campaign(BUSINESS + 'horizon = "7d"\n')

    found = planned(campaign, FRIDAY)

    assert found.planned == sum(found.by_hour.values()) == sum(found.by_day.values()) == 900
    assert sorted(found.by_day) == ["2026-12-04", "2026-12-07"]
    assert all(9 <= hour <= 17 for hour in found.by_hour)
    assert found.first is not None
    assert found.first.local.startswith("Fri 2026-12-04 09:00:30")
    assert found.misfit_text == ""


@pytest.mark.slow
def test_what_does_not_fit_is_said_with_what_would_make_it_fit(folder: CampaignFolder) -> None:
    """The pace and the end that are advised make everybody fit, and the next lower pace does not."""
    folder.people(100)  # of one area code in New Jersey
    end = 'end = "2026-12-04T15:00:00Z"\n'
    campaign = folder.campaign(BUSINESS + end)
    found = planned(campaign, FRIDAY)

    assert found.misfits[0].missing == 40
    assert (
        "40 of 100 do not fit before Friday 2026-12-04 15:00 UTC (40 of 100 in America/New_York)" in found.misfit_text
    )
    assert "1.7 calls a minute would or an end at Friday 2026-12-04 16:00 UTC would" in found.misfit_text
    faster = planned(folder.campaign(BUSINESS.replace("= 1\n", "= 1.7\n") + end), FRIDAY)
    slower = planned(folder.campaign(BUSINESS.replace("= 1\n", "= 1.6\n") + end), FRIDAY)
    longer = planned(folder.campaign(BUSINESS + end.replace("15:00", "16:00")), FRIDAY)
    assert (faster.misfits, longer.misfits) == ((), ())
    assert slower.misfits


@pytest.mark.slow
def test_a_run_that_cannot_finish_before_its_end_is_refused(folder: CampaignFolder) -> None:
    """Nothing is sent while not everybody fits, unless one is told to call those who do."""
    folder.people(5)
    world, api = World(1), Taking()
    end = world.now() + timedelta(minutes=3)
    tables = ANY_HOUR.replace("6000", "1") + f'end = "{end.isoformat(timespec="seconds")}"\n' + FAST
    campaign = folder.campaign(tables)
    with pytest.raises(PlanRefused, match=r"2 of 5 do not fit before .* --partial"):
        run_virtually(campaign, world, api.serve)
    assert not api.created
    passed = folder.campaign(tables.replace(end.isoformat(timespec="seconds"), "2026-01-01T00:00:00Z"))
    with pytest.raises(PlanRefused, match=r"2026-01-01 00:00 UTC, has passed: change end under.* sent\.$"):
        run_virtually(passed, world, api.serve)
    summary = run_virtually(campaign, world, api.serve, options=RunOptions(partial=True))

    assert summary.counts[Status.CREATED] == 3
    assert summary.tally.reasons == {"no_slot": 2}


def test_a_row_is_explained(folder: CampaignFolder) -> None:
    """Zones, rules with their source, caps, the days before the slot and what closed them: all that decided."""
    folder.sheet(["Name", "Phone", "State"], [["Ada", "+12125550100", "FL"], ["Bob", "12", ""], ["Cai", number(5), ""]])
    friday_evening = datetime(2026, 12, 24, 23, 0, tzinfo=UTC)
    campaign = folder.campaign(BUSINESS, 'region = "US"\ncolumns = { state = "State" }')

    explanation = planned(campaign, friday_evening, why=2).explanation
    rejected = planned(campaign, friday_evening, why=3).explanation

    assert explanation is not None
    told = dict(explanation.topics)
    assert told["zones"] == ("America/Chicago", "America/New_York")
    assert [rule.split(":")[0] for rule in told["rules"]] == ["US United States", "US-FL Florida", "US-NY New York"]
    assert "Mon 2026-12-28 10:" in told["stands"][0] or "Mon 2026-12-28 09:" in told["stands"][0]
    assert any("Fri 2026-12-25: closed (holiday: Christmas Day" in day for day in told["days"])
    assert any("Sat 2026-12-26: closed (the campaign has no hours on sat)" in day for day in told["days"])
    assert told["caps"] == ("at most 1/24h, 2/7d, 3/24h, 4/30d for one number",)
    assert rejected is not None
    assert rejected.topics[0][1][0].startswith("rejected, phone_invalid: ")
    with pytest.raises(UsageError, match="rows 2 to 4"):
        planned(campaign, friday_evening, why=99)


@pytest.mark.slow
def test_what_decides_hours_unseen_is_said_aloud(folder: CampaignFolder) -> None:
    """Consent that a law wants, no rule, a state nobody knows, a rule that expires, rules that are off: all is said."""
    people = [["A", "+420212345678", "", ""], ["C", "+33199001234", "", ""]]
    people.append(["B", number(0), "Bavaria", "America/New_York"])
    folder.sheet(["Name", "Phone", "State", "Time zone"], people)
    contacts = 'regions = ["US", "CZ", "FR"]\ncolumns = { state = "State" }'
    now = planned(folder.campaign(BUSINESS, contacts), FRIDAY)
    off = planned(folder.campaign(BUSINESS + 'rules = "off"\n', contacts), FRIDAY)
    in_time = planned(folder.campaign(BUSINESS, contacts), FRIDAY + timedelta(days=600))

    assert [note.split(":")[0] for note in now.notes] == ["FR", "CZ", "US-ZZ"]
    assert 'consent = "required"' in now.notes[0]
    assert off.notes[0] == now.notes[0]
    assert "are off" in off.notes[1]
    assert any(note.startswith("US: its rule expires on 2027-11-23") for note in in_time.notes)


def test_planning_leaves_nothing_behind(folder: CampaignFolder) -> None:
    """No ledger, no results, nothing stored."""
    before = set(folder.path.rglob("*"))
    planned(later_today(folder))

    assert set(folder.path.rglob("*")) == before


def test_no_end_is_named_where_none_is_set(folder: CampaignFolder) -> None:
    """Of four people a pace of one call in half a year leaves one out: both texts say so, and no campaign's end."""
    folder.sheet(["Name", "Phone"], [[name, number(at)] for at, name in enumerate(["Ada", "Bob", "Eve", "Max"])])
    campaign = folder.campaign('[schedule]\ncalls_per_minute = 0.000004\nrules = "off"\n')
    plan = folder.path / "plan.csv"
    summary = planned(campaign, FRIDAY, output=plan)

    assert summary.reasons == {"beyond_horizon": 2, "no_slot": 1}
    assert "find no permitted time in the next 366 days" in summary.misfit_text
    text = plan.read_text("utf-8")
    assert "No permitted time was found in the next 366 days" in text
    assert " end" not in summary.misfit_text + text.partition("no_slot")[2]


@pytest.mark.parametrize("first", ["#" + "[" * 50_000, "#" + "1" * 100_000, "#{}"], ids=["deep", "long", "empty"])
def test_a_hostile_plan_file_is_no_plan(tmp_path: Path, first: str) -> None:
    """Whatever its first line holds; and a pipe is not waited for."""
    path = tmp_path / "plan.csv"
    path.write_text(f"{first}\n\n", "utf-8")
    with pytest.raises(PlanRefused, match="is no plan"):
        read_plan(path)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(PlanRefused, match="is no file"):
        read_plan(tmp_path / "pipe.csv")
