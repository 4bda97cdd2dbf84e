"""The public interface: what a scheduler's task imports."""

import inspect
import subprocess
import sys

import pytest
from pydantic import SecretStr

import dialer
from dialer.sandbox import Sandbox
from tests.support import CampaignFolder


def test_all_is_sorted_and_true() -> None:
    """Every name of `__all__` can be imported, none stands twice, and they are sorted as a linter sorts them."""
    constants, classes, functions = (
        sorted(name for name in dialer.__all__ if kind(name))
        for kind in (str.isupper, lambda name: name[0].isupper() and not name.isupper(), str.islower)
    )
    assert [*constants, *classes, *functions] == dialer.__all__
    assert all(getattr(dialer, name) is not None for name in dialer.__all__)
    assert dir(dialer) == sorted(dialer.__all__)


@pytest.mark.parametrize("name", dialer.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    """A person who asks for help on a public class or function gets a sentence."""
    found = getattr(dialer, name)
    assert not callable(found) or (inspect.getdoc(found) or "").strip()


def test_a_name_that_is_not_public_is_refused() -> None:
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="run_campain"):
        _ = dialer.run_campain


def test_importing_it_costs_nothing() -> None:
    """`import dialer` loads none of the libraries, so that a scheduler can parse a file of tasks quickly."""
    heavy = ("pandas", "httpx", "sqlalchemy", "pydantic", "typer", "openpyxl", "phonenumbers")
    code = f"import sys, dialer; print([name for name in {heavy!r} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_task_can_do_the_whole_job(folder: CampaignFolder) -> None:
    """Check, run, standing and results, with nothing but public names."""
    with Sandbox() as sandbox:
        settings = dialer.Settings(base_url=sandbox.url, api_key=SecretStr("a-key"))
        campaign = dialer.load_campaign(folder.campaign_file)
        checked = dialer.check_campaign(campaign)
        summary = dialer.run_campaign(
            campaign, options=dialer.RunOptions(limit=2), runtime=dialer.Runtime(settings=settings)
        )

    with dialer.Ledger.open(dialer.ledger_location(campaign, settings, None)) as ledger:
        (standing,) = dialer.read_standings(ledger, campaign.name)
        tally = dialer.rebuild_results(ledger, campaign.name, folder.path / "all.json")
    assert checked.callable_rows == 3
    assert summary.counts[dialer.Status.CREATED] == 2
    assert standing.runs[0].id == summary.run_id
    assert tally.counts == {dialer.Status.CREATED: 2, dialer.Status.PENDING: 1}
