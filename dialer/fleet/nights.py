"""Which nights of a folder are due: those whose time has come, and that nobody has asked for."""

from datetime import date, datetime, timedelta
from pathlib import Path

from dialer.campaign.file import Campaign, load_campaign
from dialer.errors import CampaignError
from dialer.nightly.campaign_files import campaign_files
from dialer.nightly.night_date import EARLY, is_too_late, night_of
from dialer.schedule.places.tz_database import load_zone

LATEST = timedelta(hours=6)
"""So long after its time a night is made up for that no machine could begin; `not_after` may end it sooner."""


def enabled_campaigns(place: Path) -> tuple[list[Campaign], list[CampaignError]]:
    """Return the campaigns of *place*, a folder or a file, that have nights, and why files could not be read.

    Raises `UsageError` where there is no such place.
    """
    enabled: list[Campaign] = []
    unreadable: list[CampaignError] = []
    for path in campaign_files(place):
        try:
            campaign = load_campaign(path)
        except CampaignError as error:
            unreadable.append(error)
            continue
        enabled += [campaign] if campaign.nightly.enabled else []
    return enabled, unreadable


def tonight(campaign: Campaign, now: datetime) -> date:
    """Return the date of the campaign's night that *now* belongs to, as `dialer nightly` counts it."""
    return night_of(now, at=campaign.nightly.at, zone=load_zone(campaign.nightly.timezone))


def begins_at(campaign: Campaign, night: date) -> datetime:
    """Return when the *night* of *campaign* begins."""
    return datetime.combine(night, campaign.nightly.at, load_zone(campaign.nightly.timezone))


def due_night(campaign: Campaign, now: datetime) -> date | None:
    """Return the date of the night that has to be begun *now*; None outside the hours for it."""
    nightly, zone = campaign.nightly, load_zone(campaign.nightly.timezone)
    night = night_of(now - EARLY, at=nightly.at, zone=zone)
    if now - begins_at(campaign, night) > LATEST or is_too_late(
        now, night=night, at=nightly.at, not_after=nightly.not_after, zone=zone
    ):
        return None
    return night
