"""Every error that a public function documents is raised by it: each is provoked, by what a caller would do wrong."""

import ast
import asyncio
import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

import dialer
from dialer import errors
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import DialerError
from dialer.jobs.sending.control import Control
from dialer.sandbox import Sandbox
from tests.jobs.test_run import hurried
from tests.support import ANY_HOUR, FAST, NOON_MS, CampaignFolder

ROOT = Path(__file__).parents[1]
FUNCTIONS = [name for name in dialer.__all__ if inspect.isfunction(getattr(dialer, name))]
ERRORS = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, DialerError)}
LIKE = {"retry_campaign": "run_campaign", "run_campaign_async": "run_campaign", "plan_frame": "plan_campaign"}
"""Functions that raise as another does, by their own words."""

KEY = dialer.Runtime(settings=dialer.Settings(base_url="http://127.0.0.1:9", api_key=SecretStr("a-key")))
NO_KEY = dialer.Runtime(settings=dialer.Settings(base_url="http://127.0.0.1:9", api_key=None))


def documented() -> set[tuple[str, str]]:
    """Return each public function with each error that its docstring names."""
    texts = {name: inspect.getdoc(getattr(dialer, name)) or "" for name in FUNCTIONS}
    own = {(name, error) for name, text in texts.items() for error in _named(text)}
    return own | {(name, error) for name, other in LIKE.items() for error in _named(texts[other])}


def _named(text: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", re.split(r"aises\s", text, maxsplit=1)[-1] if "aises" in text else "")) & ERRORS


def damaged(folder: CampaignFolder) -> dialer.Campaign:
    """Return a campaign whose ledger is no database."""
    path = folder.path / ".dialer/ledger.db"
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 500)
    return folder.campaign()


def without_sheet(folder: CampaignFolder) -> dialer.Campaign:
    """Return a campaign whose sheet is not there."""
    (folder.path / "contacts.csv").unlink()
    return folder.campaign()


def nameless(folder: CampaignFolder) -> dialer.Campaign:
    """Return a campaign that names no sheet."""
    campaign = folder.campaign()
    return campaign.model_copy(update={"contacts": campaign.contacts.model_copy(update={"file": None})})


def paused(folder: CampaignFolder, job: Callable[..., Any]) -> None:
    """Do *job* on a campaign that somebody has paused."""
    campaign = _ran(folder)
    dialer.control_run(campaign, Control.PAUSE, ledger=folder.path / ".dialer/ledger.db", runtime=KEY)
    job(campaign, runtime=KEY)


def held(folder: CampaignFolder, job: Callable[..., Any]) -> None:
    """Do *job* on a campaign whose ledger somebody works on."""
    campaign = _ran(folder)
    with (
        dialer.Ledger.open(folder.path / ".dialer/ledger.db") as ledger,
        ledger.lock(what="a run", since=SYSTEM_CLOCK.now(), campaign=campaign.name),
    ):
        job(campaign, runtime=KEY)


def _ran(folder: CampaignFolder) -> dialer.Campaign:
    """Return a campaign that has run: its one row cannot be called, so that nothing is sent."""
    folder.sheet(["Name", "Phone"], [["Ada", "12"]])
    campaign = folder.campaign()
    with Sandbox() as sandbox:
        dialer.run_campaign(campaign, runtime=hurried(sandbox))
    return campaign


def in_a_wrong_environment(job: Callable[[], Any]) -> None:
    """Do *job* where the address is none."""
    os.environ["AICALLER_BASE_URL"] = "nonsense"
    job()


def async_run(campaign: dialer.Campaign, **settings: Any) -> dialer.RunSummary:
    """Await a run."""
    return asyncio.run(dialer.run_campaign_async(campaign, **settings))


def undeletable(folder: CampaignFolder) -> None:
    """Purge where a folder bears the name of a results file."""
    campaign = _ran(folder)
    (folder.path / "results/campaign.csv").mkdir()
    dialer.purge_campaign(campaign, runtime=KEY)


def _rebuild(folder: CampaignFolder) -> None:
    with dialer.Ledger.open(folder.path / "l.db") as ledger:
        dialer.rebuild_results(ledger, "spring", folder.path / "all.csv")


RUNS: dict[str, Callable[..., Any]] = {
    "run_campaign": dialer.run_campaign,
    "run_campaign_async": async_run,
    "retry_campaign": dialer.retry_campaign,
}
PLANS: dict[str, Callable[..., Any]] = {"plan_campaign": dialer.plan_campaign, "plan_frame": dialer.plan_frame}

CASES: dict[tuple[str, str], Callable[[CampaignFolder], Any]] = {
    ("check_campaign", "SheetError"): lambda folder: dialer.check_campaign(without_sheet(folder)),
    ("check_campaign", "CampaignError"): lambda folder: dialer.check_campaign(nameless(folder)),
    ("control_run", "UsageError"): lambda folder: dialer.control_run(
        folder.campaign(), Control.STOP, ledger=folder.path / "l.db", runtime=KEY
    ),
    ("control_run", "LedgerUnusable"): lambda folder: dialer.control_run(
        damaged(folder), Control.STOP, ledger=folder.path / ".dialer/ledger.db", runtime=KEY
    ),
    ("diagnose", "SettingsError"): lambda folder: in_a_wrong_environment(
        lambda: dialer.diagnose(None, folder.path / "l.db")
    ),
    ("load_campaign", "CampaignError"): lambda folder: dialer.load_campaign(folder.path / "nowhere.toml"),
    ("load_contacts", "SheetError"): lambda folder: dialer.load_contacts(without_sheet(folder), now_ms=NOON_MS),
    ("load_contacts", "CampaignError"): lambda folder: dialer.load_contacts(nameless(folder), now_ms=NOON_MS),
    ("purge_campaign", "UsageError"): lambda folder: dialer.purge_campaign(_ran(folder), confirm=lambda _: False),
    ("purge_campaign", "LedgerHeld"): lambda folder: held(folder, dialer.purge_campaign),
    ("purge_campaign", "ResultsNotWritten"): undeletable,
    ("read_settings", "SettingsError"): lambda _: in_a_wrong_environment(dialer.read_settings),
    ("rebuild_results", "UsageError"): _rebuild,
    ("reconcile_campaign", "CannotStart"): lambda folder: dialer.reconcile_campaign(folder.campaign(), runtime=NO_KEY),
    ("reconcile_campaign", "LedgerHeld"): lambda folder: held(folder, dialer.reconcile_campaign),
    ("results_frame", "UsageError"): lambda folder: dialer.results_frame(folder.campaign(), runtime=KEY),
    ("results_frame", "LedgerUnusable"): lambda folder: dialer.results_frame(damaged(folder), runtime=KEY),
    ("run_campaign_async", "UsageError"): lambda folder: async_run(
        folder.campaign(), options=dialer.RunOptions(take_signals=True), runtime=KEY
    ),
    ("run_nightly", "UsageError"): lambda folder: dialer.run_nightly(folder.path / "nowhere", runtime=KEY),
    ("run_nightly", "SettingsError"): lambda folder: in_a_wrong_environment(lambda: dialer.run_nightly(folder.path)),
    ("status_frame", "UsageError"): lambda folder: dialer.status_frame(folder.campaign(), runtime=KEY),
    ("sync_campaign", "CannotStart"): lambda folder: dialer.sync_campaign(folder.campaign(), runtime=NO_KEY),
    ("sync_campaign", "LedgerHeld"): lambda folder: held(folder, dialer.sync_campaign),
}
for _name, _plan in PLANS.items():
    CASES[_name, "SheetError"] = lambda folder, job=_plan: job(without_sheet(folder), runtime=KEY)  # type: ignore[misc]
    CASES[_name, "CampaignError"] = lambda folder, job=_plan: job(nameless(folder), runtime=KEY)  # type: ignore[misc]
    CASES[_name, "UsageError"] = lambda folder, job=_plan: job(  # type: ignore[misc]
        folder.campaign(), options=dialer.PlanOptions(output=folder.path / "contacts.csv"), runtime=KEY
    )
    CASES[_name, "LedgerUnusable"] = lambda folder, job=_plan: job(damaged(folder), runtime=KEY)  # type: ignore[misc]
for _name, _run in RUNS.items():
    CASES[_name, "CannotStart"] = lambda folder, job=_run: job(folder.campaign(), runtime=NO_KEY)  # type: ignore[misc]
    CASES[_name, "LedgerHeld"] = lambda folder, job=_run: held(folder, job)  # type: ignore[misc]
    CASES[_name, "CampaignPaused"] = lambda folder, job=_run: paused(folder, job)  # type: ignore[misc]


ELSEWHERE = {
    ("check_campaign", "JudgingFailed"): "tests/jobs/test_check.py",  # a process of it is ended
    ("control_run", "LedgerWriteFailed"): "tests/ledger/database/test_engine_faults.py",  # by any write of the ledger
    ("purge_campaign", "LedgerWriteFailed"): "tests/ledger/test_purge.py",
}
"""What needs a disk or a process that fails: where it is provoked."""


def test_every_documented_error_is_provoked() -> None:
    """What a docstring promises is provoked here, or in the test that is named; nothing else is provoked here."""
    assert documented() == set(CASES) | set(ELSEWHERE)
    for (_, error), file in ELSEWHERE.items():
        assert error in raised_in(ROOT / file), file


@pytest.mark.slow
@pytest.mark.parametrize(("function", "error"), sorted(CASES), ids=str)
def test_each_is_raised(folder: CampaignFolder, function: str, error: str) -> None:
    """With its own class or one below it, and a sentence that ends as one."""
    folder.campaign(ANY_HOUR + FAST)
    with pytest.raises(getattr(errors, error)) as raised:
        CASES[function, error](folder)
    assert str(raised.value).strip()


def raised_in(file: Path) -> set[str]:
    """Return the errors that a test file expects, by name."""
    calls = (item for item in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(item, ast.Call))
    expected = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "raises")
    return {name.id for call in expected for name in ast.walk(call) if isinstance(name, ast.Name)} & ERRORS


INSIDE = {"CreatedMeanwhile", "NumberSuppressed", "StopRequested", "BudgetSpent"}
"""A run goes on, or ends by itself, where the ledger raises one of these: they reach no caller."""


@pytest.mark.slow
def test_every_error_of_the_tree_is_provoked_by_some_test() -> None:
    """No class is there that nothing raises; the two at the top are bases."""
    found = set().union(*(raised_in(file) for file in (ROOT / "tests").rglob("test_*.py")))
    assert ERRORS - found <= INSIDE | {"DialerError", "CannotStart"}
