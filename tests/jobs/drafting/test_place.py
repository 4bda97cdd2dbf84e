"""A campaign file is drafted where there is room for it, and nothing is written over."""

from pathlib import Path

import pytest

from dialer.errors import UsageError
from dialer.jobs.drafting.place import refuse_place


@pytest.mark.parametrize(
    ("output", "said", "may_be_deleted"),
    [
        ("people.csv", "is the contact sheet itself", False),
        (".", "is a folder", False),
        ("my spring.toml", "named after its file", False),
        ("notes.txt", "already exists", False),
        ("spring.toml", "already exists", True),
    ],
)
def test_a_place_that_cannot_be_drafted_to_is_told(
    tmp_path: Path, output: str, said: str, *, may_be_deleted: bool
) -> None:
    """The message leads to another name, and to deleting only a campaign file."""
    for name in ("people.csv", "notes.txt", "spring.toml"):
        (tmp_path / name).write_text("mine", "utf-8")
    with pytest.raises(UsageError, match=said) as refused:
        refuse_place(tmp_path / output, tmp_path / "people.csv")
    assert ("--output" in str(refused.value), "delete" in str(refused.value)) == (True, may_be_deleted)


def test_a_campaign_file_in_place_of_a_sheet_leads_to_check(tmp_path: Path) -> None:
    """It is drafted already."""
    campaign = tmp_path / "spring.toml"
    campaign.touch()
    with pytest.raises(UsageError, match=f"is a campaign file, and a sheet is needed.*dialer check {campaign}"):
        refuse_place(tmp_path / "campaigns" / "spring.toml", campaign)


def test_a_new_file_may_be_drafted(tmp_path: Path) -> None:
    """Also in a folder that is not there yet."""
    refuse_place(tmp_path / "campaigns" / "spring.toml", tmp_path / "people.csv")
