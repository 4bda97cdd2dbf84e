"""Is everything ready to call: a line for each check, one GET, the exit code of the run that would meet the problem."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.exit_codes import EXIT_HELD, EXIT_OK, EXIT_STOPPED, EXIT_USAGE
from dialer.jobs.doctor import DoctorSummary, diagnose
from dialer.jobs.readiness.finding import Level
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.sandbox import Faults, Sandbox
from dialer.settings import Settings
from tests.support import MONDAY_NOON, CampaignFolder

CHECKS = ["key", "address", "clock", "template", "ledger", "folder", "disk", "suppression", "rules", "zones"]


def diagnosed(folder: CampaignFolder, sandbox: Sandbox, **settings: object) -> DoctorSummary:
    """Check the campaign of *folder* against *sandbox*."""
    values = {"base_url": sandbox.url, "api_key": SecretStr("a-key")} | settings
    runtime = Runtime(settings=Settings.model_validate(values))
    return diagnose(folder.campaign(), folder.path / ".dialer/ledger.db", runtime=runtime)


def problems(summary: DoctorSummary) -> list[str]:
    """Return the checks that found one."""
    return [finding.check for finding in summary.findings if finding.level is Level.PROBLEM]


def test_one_get_tells_that_all_is_ready(folder: CampaignFolder) -> None:
    """Every check has its line, in the order of a run; one GET is sent and nothing is written."""
    before = sorted(folder.path.rglob("*"))
    with Sandbox() as sandbox:
        summary = diagnosed(folder, sandbox)
        requests = sandbox.requests

    assert (summary.exit_code, problems(summary), requests) == (EXIT_OK, [], {"GET": 1})
    assert list(dict.fromkeys(finding.check for finding in summary.findings)) == CHECKS
    assert sorted(folder.path.rglob("*")) == before


@pytest.mark.parametrize(
    ("faults", "settings", "exit_code", "wrong"),
    [
        (Faults(key_refused_after=0), {}, EXIT_STOPPED, ["key"]),
        (Faults(), {"base_url": "http://127.0.0.1:9"}, EXIT_STOPPED, ["address"]),
        (Faults(), {"api_key": None}, EXIT_USAGE, ["key"]),
        (Faults(), {"api_key": SecretStr("two words")}, EXIT_USAGE, ["key"]),
        (Faults(list_errors=1.0), {}, EXIT_OK, []),  # nothing that calls are created by
    ],
)
def test_what_is_wrong_is_told_with_its_remedy(
    folder: CampaignFolder, faults: Faults, settings: dict[str, object], exit_code: int, wrong: list[str]
) -> None:
    """The code is that of the run that would meet it: 2 for what you mend here, 5 for what the API says."""
    with Sandbox(faults=faults) as sandbox:
        summary = diagnosed(folder, sandbox, **settings)
    told = [finding for finding in summary.findings if finding.level is Level.PROBLEM]

    assert (summary.exit_code, problems(summary)) == (exit_code, wrong)
    assert all(any(word in finding.text for word in ("Set", "Look", "Copy", "Put")) for finding in told)
    assert "a-key" not in json.dumps(summary.as_json())


def test_a_clock_that_is_wrong_is_told(folder: CampaignFolder) -> None:
    """Calls would be planned by it."""
    with Sandbox(now_ms=lambda: 0) as sandbox:
        assert problems(diagnosed(folder, sandbox)) == ["clock"]


@pytest.mark.slow
def test_the_ledger_is_looked_at_as_a_run_takes_it(folder: CampaignFolder) -> None:
    """One that a run holds, that is missing after a run, or that is no ledger is told as the run would be."""
    ledger = folder.path / ".dialer/ledger.db"
    with Sandbox() as sandbox:
        run_campaign(
            folder.campaign(), runtime=Runtime(settings=Settings(base_url=sandbox.url, api_key=SecretStr("a-key")))
        )
        after_a_run = diagnosed(folder, sandbox)
        with (
            Ledger.open(ledger) as opened,
            opened.lock(what="a run of campaign", since=MONDAY_NOON, campaign="campaign"),
        ):
            held = diagnosed(folder, sandbox)
        ledger.write_bytes(b"no ledger" * 1_000)
        damaged = diagnosed(folder, sandbox)
        ledger.unlink()
        missing = diagnosed(folder, sandbox)

    assert after_a_run.exit_code == EXIT_OK
    assert (held.exit_code, damaged.exit_code, missing.exit_code) == (EXIT_HELD, EXIT_USAGE, EXIT_USAGE)
    assert problems(held) == problems(damaged) == problems(missing) == ["ledger"]


def test_without_a_campaign_the_environment_is_checked(tmp_path: Path) -> None:
    """Before there is any campaign, a person can see that the key works."""
    with Sandbox() as sandbox:
        settings = Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
        summary = diagnose(None, tmp_path / "ledger.db", runtime=Runtime(settings=settings))
    assert (summary.exit_code, summary.campaign) == (EXIT_OK, None)
    assert "template" not in {finding.check for finding in summary.findings}
