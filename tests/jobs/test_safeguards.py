"""A run does not start with a ledger or a key by which people would be called again."""

from pathlib import Path

import pytest

from dialer.errors import CampaignError, LedgerUnusable
from dialer.jobs.safeguards import refuse_forgotten, refuse_other_key, refuse_stranger
from dialer.ledger.database.open import Ledger
from dialer.ledger.runs import SheetFacts, begin_run
from tests.support import CampaignFolder

RUN = "campaign-20261201T170000Z.csv"


def ran(ledger: Ledger, *key: str, campaign: str = "campaign") -> None:
    """Let a campaign have run, knowing people by *key*."""
    sheet = SheetFacts("contacts.csv", "0" * 64, ("Name", "Phone"))
    with ledger.write() as tx:
        begin_run(tx, run_id="r1", campaign=campaign, sheet=sheet, started_at_ms=1, facts={"key": list(key)})


@pytest.mark.parametrize("name", [RUN, "campaign-20261201T170000Z-2.csv", "campaign-2026-12-01.csv"])
def test_a_ledger_that_is_gone_is_missed(folder: CampaignFolder, name: str) -> None:
    """Results tell that there was one: without it everybody would be called again."""
    (folder.path / name).touch()
    with pytest.raises(LedgerUnusable, match=r"missing.*has run before"):
        refuse_forgotten(folder.campaign(), folder.path, folder.path / "gone.db")


@pytest.mark.parametrize(
    "name", ["other-20261201T170000Z.csv", "campaign-plan.csv", "campaign-2026.csv", "campaign-20261201T170000Z.xlsx"]
)
def test_other_files_are_no_run_of_the_campaign(folder: CampaignFolder, name: str) -> None:
    """A first run is not held up by a file that somebody keeps there, nor by a folder that is not there yet."""
    (folder.path / name).touch()
    refuse_forgotten(folder.campaign(), folder.path, folder.path / "gone.db")
    refuse_forgotten(folder.campaign(), folder.path / "nowhere", folder.path / "gone.db")


def test_a_ledger_that_is_there_or_on_a_server_is_not_missed(folder: CampaignFolder) -> None:
    """A server's ledger has no file to look for."""
    (folder.path / RUN).touch()
    (folder.path / "ledger.db").touch()
    refuse_forgotten(folder.campaign(), folder.path, folder.path / "ledger.db")
    refuse_forgotten(folder.campaign(), folder.path, "postgresql://dialer@db.example.com/ledger")


def test_a_ledger_of_somebody_else_is_refused(folder: CampaignFolder, tmp_path: Path) -> None:
    """It knows nobody whom the campaign has called; one that knows the campaign, or a first run, may go on."""
    campaign = folder.campaign()
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        refuse_stranger(ledger, campaign, folder.path)
        (folder.path / RUN).touch()
        ran(ledger, "phone", campaign="other")
        with pytest.raises(LedgerUnusable, match=r"does not know campaign.*--ledger"):
            refuse_stranger(ledger, campaign, folder.path)
    with Ledger.open(tmp_path / "own.db") as ledger:
        ran(ledger, "phone")
        refuse_stranger(ledger, campaign, folder.path)


def test_another_key_recognises_nobody(folder: CampaignFolder, tmp_path: Path) -> None:
    """A campaign keeps the key that it has run with; the message names both."""
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        refuse_other_key(ledger, folder.campaign())
        ran(ledger, "phone")
        refuse_other_key(ledger, folder.campaign())
        changed = folder.campaign(contacts='region = "US"\nkey = ["name"]')
        with pytest.raises(CampaignError, match=r"\['name'\].*\['phone'\]"):
            refuse_other_key(ledger, changed)
