"""Which campaign a person means, and what is said where there is none."""

import shlex
from pathlib import Path

import pytest

from dialer.cli.locations import find_campaign
from dialer.errors import CampaignError
from tests.support import CampaignFolder


@pytest.mark.parametrize("name", ["people.csv", "people.XLSX", "missing.ods", "good list.csv"])
def test_a_sheet_in_place_of_a_campaign_leads_to_init(name: str) -> None:
    """Whoever gives the sheet reads which command makes a campaign of it, quoted."""
    with pytest.raises(CampaignError, match=f"dialer init {shlex.quote(name)}"):
        find_campaign(Path(name))


def test_a_folder_of_the_campaigns_name_is_not_in_its_way(
    folder: CampaignFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NAME is the campaign in `campaigns/`, although a folder beside that is called so; a folder itself is told."""
    campaigns = folder.path / "campaigns"
    campaigns.mkdir()
    folder.campaign_file.rename(campaigns / "spring.toml")
    (folder.path / "spring").mkdir()
    (folder.path / "autumn").mkdir()
    monkeypatch.chdir(folder.path)

    assert find_campaign(Path("spring")).name == "spring"
    with pytest.raises(CampaignError, match="autumn: is a folder"):
        find_campaign(Path("autumn"))


def test_a_name_that_is_none_is_answered_with_those_there_are(
    folder: CampaignFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that was looked into is named."""
    monkeypatch.chdir(folder.path)
    with pytest.raises(CampaignError, match=rf"no campaign sprnig: {folder.path}/campaigns has none"):
        find_campaign(Path("sprnig"))


def test_a_folder_with_the_name_of_a_campaign_file_is_no_campaign(
    folder: CampaignFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not listed as one that there is."""
    (folder.path / "campaigns/folder.toml").mkdir(parents=True)
    monkeypatch.chdir(folder.path)
    with pytest.raises(CampaignError, match=r"no campaign folder: .*/campaigns has none"):
        find_campaign(Path("folder"))


def test_whoever_stands_in_another_folder_is_told_where_to_go(
    folder: CampaignFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among the campaign files themselves the file is named; where there are none, the folder above them is."""
    monkeypatch.chdir(folder.path)
    with pytest.raises(CampaignError, match=r"Give the file: campaign\.toml"):
        find_campaign(Path("campaign"))
    with pytest.raises(CampaignError, match="Go to the folder above campaigns/"):
        find_campaign(Path("spring"))
