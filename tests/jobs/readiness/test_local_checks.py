"""The checks that ask nobody: each says what is wrong, where, and what to do, before a run is begun."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.jobs.readiness.finding import Finding, Level
from dialer.jobs.readiness.local_checks import LEAST_FREE_BYTES, LOW_FREE_BYTES, Subject, local_findings
from dialer.schedule.rules import all_rules
from dialer.settings import Settings
from tests.support import ANY_HOUR, MONDAY_NOON, CampaignFolder

READY = Settings(api_key=SecretStr("canary-key-77"))
BUILT_IN = ANY_HOUR.replace('rules = "off"\n', "")


def found(
    folder: CampaignFolder,
    check: str,
    *,
    settings: Settings = READY,
    now: datetime = MONDAY_NOON,
    free: int = 1 << 40,
    tables: str = BUILT_IN,
    contacts: str = 'region = "US"',
) -> list[Finding]:
    """Return what one check finds of the campaign in *folder*."""
    campaign = folder.campaign(tables, contacts)
    ledger = folder.path / ".dialer/ledger.db"
    subject = Subject(settings, now, campaign, ledger, free_bytes=lambda _: free)
    return [finding for finding in local_findings(subject) if finding.check == check]


def levels(findings: list[Finding]) -> list[Level]:
    """Return their levels."""
    return [finding.level for finding in findings]


def test_a_folder_in_order_has_nothing_to_mend(folder: CampaignFolder) -> None:
    """Everything is there: no problem, and nothing was written to find that out."""
    before = sorted(folder.path.rglob("*"))
    subject = Subject(READY, MONDAY_NOON, folder.campaign(BUILT_IN), folder.path / ".dialer/ledger.db")
    assert Level.PROBLEM not in levels(local_findings(subject))
    assert sorted(folder.path.rglob("*")) == before


def test_no_key_is_a_problem_and_a_key_is_never_shown(folder: CampaignFolder) -> None:
    """The message names the variable; of a key that is there nothing is said before the API has been asked."""
    (missing,) = found(folder, "key", settings=Settings())
    assert (missing.level, "AICALLER_API_KEY" in missing.text) == (Level.PROBLEM, True)
    campaign = folder.campaign()
    assert all("canary" not in finding.text for finding in local_findings(Subject(READY, MONDAY_NOON, campaign)))


def test_a_missing_template_is_named(folder: CampaignFolder) -> None:
    """Neither the file nor the environment says what to say."""
    campaign = folder.campaign()
    silent = campaign.model_copy(update={"call": campaign.call.model_copy(update={"call_template_id": None})})
    (finding,) = (item for item in local_findings(Subject(READY, MONDAY_NOON, silent)) if item.check == "template")
    assert finding.level is Level.PROBLEM
    assert "AICALLER_CALL_TEMPLATE_ID" in finding.text


def test_a_file_in_place_of_a_folder_is_a_problem(folder: CampaignFolder) -> None:
    """Results cannot be written into a file of that name."""
    (folder.path / "results").write_text("", "utf-8")
    results, ledger = found(folder, "folder")
    assert levels([results, ledger]) == [Level.PROBLEM, Level.OK]
    assert str(folder.path / "results") in results.text


@pytest.mark.skipif(os.geteuid() == 0, reason="nobody keeps root from writing")
def test_a_folder_that_may_not_be_written_to_is_a_problem(folder: CampaignFolder) -> None:
    """Found before the question, not after it."""
    (folder.path / "results").mkdir(mode=0o500)
    assert found(folder, "folder")[0].level is Level.PROBLEM


@pytest.mark.parametrize(
    ("free", "level"),
    [
        (LEAST_FREE_BYTES - 1, Level.PROBLEM),
        (LEAST_FREE_BYTES, Level.WARNING),
        (LOW_FREE_BYTES - 1, Level.WARNING),
        (LOW_FREE_BYTES, Level.OK),
    ],
)
def test_room_on_the_disk(folder: CampaignFolder, free: int, level: Level) -> None:
    """Little room is said before a run stops for want of it."""
    assert levels(found(folder, "disk", free=free)) == [level]


@pytest.mark.parametrize(
    ("days", "max_age", "level"),
    [(0, "", Level.OK), (30, "", Level.OK), (31, "", Level.WARNING), (6, "7d", Level.OK), (8, "7d", Level.PROBLEM),
     (90, "365d", Level.OK)],
)  # fmt: skip
def test_the_age_of_a_suppression_list(folder: CampaignFolder, days: int, max_age: str, level: Level) -> None:
    """A list past `max_age` keeps a run from starting; without one, a list older than the registry's law is named."""
    file = folder.path / "dnc.csv"
    file.write_text("phone\n", "utf-8")
    written = (MONDAY_NOON - timedelta(days=days, minutes=1)).timestamp()
    os.utime(file, (written, written))
    bound = f'max_age = "{max_age}"\n' if max_age else ""
    findings = found(folder, "suppression", tables=f'{BUILT_IN}[suppression]\nfiles = ["dnc.csv"]\n{bound}')
    assert levels(findings) == [level]
    assert str(file) in findings[0].text


def test_a_suppression_list_that_is_not_there_is_a_problem(folder: CampaignFolder) -> None:
    """Nobody knows then whom not to call."""
    assert levels(found(folder, "suppression", tables=f'{BUILT_IN}[suppression]\nfiles = ["none.csv"]\n')) == [
        Level.PROBLEM
    ]


def test_rules_about_to_expire_are_named_where_the_campaign_calls(folder: CampaignFolder) -> None:
    """The rule of a country that may be called is named two months before its end; another country's is not."""
    ends = all_rules()["DE"].expires
    soon = datetime(ends.year, ends.month, ends.day, tzinfo=UTC) - timedelta(days=30)
    (here,) = found(folder, "rules", now=soon, contacts='region = "DE"')
    assert here.level is Level.WARNING
    assert f"DE expires {ends}" in here.text
    early = soon - timedelta(days=60)
    before = found(folder, "rules", now=early, contacts='region = "DE"')
    assert all(f"DE expires {ends}" not in item.text for item in before)
    others = found(folder, "rules", now=soon, contacts='region = "FR"')
    assert all("DE" not in item.text for item in others)


def test_rules_that_are_off_are_said(folder: CampaignFolder) -> None:
    """Whoever turned them off reads so before each run."""
    (finding,) = found(folder, "rules", tables=ANY_HOUR)
    assert (finding.level, "off" in finding.text) == (Level.WARNING, True)


def test_old_time_zones_are_named(folder: CampaignFolder) -> None:
    """A database of zones that has missed releases is told; a new one is not."""
    assert levels(found(folder, "zones")) == [Level.OK]
    assert levels(found(folder, "zones", now=MONDAY_NOON + timedelta(days=3 * 365))) == [Level.WARNING]


def test_without_a_campaign_only_the_environment_is_checked(tmp_path: Path) -> None:
    """What every campaign needs, and nothing that only one could say."""
    findings = local_findings(Subject(READY, MONDAY_NOON, None, tmp_path / "ledger.db"))
    assert {finding.check for finding in findings} == {"folder", "disk", "rules", "zones"}
