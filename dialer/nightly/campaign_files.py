"""Which campaign files have a night, and when it begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dialer.campaign.file import Campaign, load_campaign
from dialer.campaign.profiles import PROFILES_FILE
from dialer.errors import CampaignError, UsageError
from dialer.exit_codes import EXIT_OK, EXIT_USAGE
from dialer.nightly.timers.starts import NightTime


@dataclass(frozen=True)
class Disabled:
    """The campaigns of *place*, a folder or one file, that have no night."""

    place: Path
    names: tuple[str, ...]
    is_on_purpose: bool

    @property
    def exit_code(self) -> int:
        """Return the exit code of a night in which no campaign is enabled.

        It is 2, because a timer that does nothing is mistaken for one that works, and 0 where a campaign was switched
        off with `enabled = false`.
        """
        return EXIT_OK if self.is_on_purpose else EXIT_USAGE

    @property
    def text(self) -> str:
        """Say that no campaign is enabled, and which could be."""
        names = f": {', '.join(self.names)} could be" if self.names else ", and the folder holds none"
        return f"{self.place}: no campaign is enabled for the night{names}. Write enabled = true under [nightly]."


def disabled(place: Path, campaigns: Iterable[Campaign]) -> Disabled:
    """Return the *campaigns* of *place* that have no night; one that says `enabled = false` is off on purpose."""
    found = list(campaigns)
    is_on_purpose = any("enabled" in campaign.nightly.model_fields_set for campaign in found)
    return Disabled(place, tuple(campaign.name for campaign in found), is_on_purpose)


def campaign_files(place: Path) -> list[Path]:
    """Return the campaign files of *place*, a folder or one file, by name, without the profiles'.

    Raises `UsageError` where there is no such place.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise UsageError(
            f"{place}: there is no such folder. Name the folder that holds the campaign files, such as campaigns, or"
            " one of these files."
        )
    return sorted(path for path in place.glob("*.toml") if path.name != PROFILES_FILE)


def files_with_a_night(place: Path) -> tuple[list[Path], Disabled]:
    """Return the campaign files of *place* that are enabled or cannot be read, and what is disabled.

    The night of an unreadable file says what is wrong with it. Raises `UsageError` as `campaign_files` does.
    """
    files: list[Path] = []
    without: list[Campaign] = []
    for path in campaign_files(place):
        try:
            campaign = load_campaign(path)
        except CampaignError:
            files.append(path)
            continue
        if campaign.nightly.enabled:
            files.append(path)
        else:
            without.append(campaign)
    return files, disabled(place, without)


def night_times(folder: Path) -> list[NightTime]:
    """Return when the enabled campaigns of *folder* have their nights.

    Raises `UsageError` where none is enabled and for a file, and `CampaignError` for a file that cannot be read.
    """
    if folder.is_file():
        raise UsageError(f"{folder}: is a file, and a timer starts the nights of a folder. Name the folder it lies in.")
    campaigns = [load_campaign(path) for path in campaign_files(folder)]
    times = [NightTime(item.nightly.at, item.nightly.timezone) for item in campaigns if item.nightly.enabled]
    if not times:
        raise UsageError(disabled(folder, campaigns).text)
    return times
