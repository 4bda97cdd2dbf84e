"""Where ledger and results are: beside the campaign file, wherever one stands, and never over another run's."""

import re
from pathlib import Path

import pytest

from dialer.jobs.locations import RUN_STAMP, ledger_location, new_results_path, unused_path
from dialer.settings import Settings
from tests.support import CampaignFolder


def test_the_ledger_is_beside_the_campaign_unless_somebody_says_otherwise(folder: CampaignFolder) -> None:
    """What the command names wins over the environment, and that over the default: never the folder one stands in."""
    campaign = folder.campaign()
    named = Settings(ledger="sqlite:////elsewhere/ledger.db")

    assert ledger_location(campaign, Settings(), None) == folder.path / ".dialer" / "ledger.db"
    assert ledger_location(campaign, named, None) == "sqlite:////elsewhere/ledger.db"
    assert ledger_location(campaign, named, "chosen.db") == "chosen.db"


def test_no_results_are_written_over(tmp_path: Path) -> None:
    """The first name that is free is taken, counting from 2."""
    first = tmp_path / "spring-20261201T170000Z.csv"

    assert unused_path(first) == first
    first.touch()
    (tmp_path / "spring-20261201T170000Z-2.csv").touch()
    assert unused_path(first) == tmp_path / "spring-20261201T170000Z-3.csv"


@pytest.mark.parametrize("at", ["20261201T170000Z", "2026-12-01"])
def test_results_tell_when_their_run_began(folder: CampaignFolder, at: str) -> None:
    """By their name the results of a run, or of a night, are found again."""
    path = new_results_path(folder.campaign(), folder.path, at)

    assert re.fullmatch(rf"campaign-{RUN_STAMP}\.csv", path.name)
    assert path.parent == folder.path
