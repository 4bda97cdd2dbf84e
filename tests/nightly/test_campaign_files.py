"""Promises about which files of a folder have a night: a scheduler starts each of them by itself."""

from pathlib import Path

import pytest

from dialer.errors import UsageError
from dialer.nightly.campaign_files import campaign_files, files_with_a_night, night_times
from tests.nightly.nights import Folder
from tests.support import ANY_HOUR

ON, OFF = "[nightly]\nenabled = true\n", "[nightly]\nenabled = false\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return an empty folder."""
    return Folder(tmp_path)


def test_a_file_that_is_enabled_or_cannot_be_read_has_a_night(folder: Folder) -> None:
    """What cannot be read is started too, so that somebody is told; what is disabled is named and left out."""
    folder.campaign("spring", [0], ON)
    folder.campaign("summer", [1], ANY_HOUR)
    (folder.path / "broken.toml").write_text("[call\n", "utf-8")
    files, disabled = files_with_a_night(folder.path)
    assert files == [folder.path / "broken.toml", folder.path / "spring.toml"]
    assert disabled.names == ("summer",)


@pytest.mark.parametrize(
    ("tables", "code", "told"),
    [(None, 2, "the folder holds none"), (ANY_HOUR, 2, "spring could be"), (OFF, 0, "spring could be")],
)
def test_a_folder_without_a_night_is_a_mistake_unless_it_says_so(
    folder: Folder, tables: str | None, code: int, told: str
) -> None:
    """A scheduler that starts nothing is told, but for a campaign that was switched off."""
    if tables is not None:
        folder.campaign("spring", [0], tables)
    files, disabled = files_with_a_night(folder.path)
    assert (files, disabled.exit_code) == ([], code)
    assert told in disabled.text


def test_one_file_is_a_place_of_its_own(folder: Folder) -> None:
    """A file stands for itself alone, whatever else lies in its folder."""
    folder.campaign("spring", [0], ON)
    folder.campaign("summer", [1], ON)
    spring = folder.path / "spring.toml"
    assert campaign_files(spring) == [spring]
    assert files_with_a_night(spring)[0] == [spring]


def test_what_is_not_there_is_told(folder: Folder) -> None:
    """Neither a folder nor a file: the message says what to name."""
    with pytest.raises(UsageError, match="no such folder"):
        campaign_files(folder.path / "none")


def test_times_of_nights_are_those_of_enabled_campaigns(folder: Folder) -> None:
    """What a timer is made for; a folder without nights, and a single file, have no timer."""
    folder.campaign("spring", [0], f'{ON}at = "17:00"\ntimezone = "Europe/Berlin"\n')
    folder.campaign("summer", [1], ANY_HOUR)
    (time,) = night_times(folder.path)
    assert (time.at.hour, time.zone) == (17, "Europe/Berlin")
    with pytest.raises(UsageError, match="Name the folder it lies in"):
        night_times(folder.path / "spring.toml")
    (folder.path / "spring.toml").unlink()
    with pytest.raises(UsageError, match="no campaign is enabled"):
        night_times(folder.path)
