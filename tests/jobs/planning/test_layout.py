"""Promises about the plan of a run, at any hour of any day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialer.campaign.file import load_campaign
from dialer.jobs.planning.layout import PlanFacts
from dialer.jobs.run import run_campaign
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.options import RunOptions, SilentListener
from dialer.jobs.sending.preview import RunPreview
from dialer.settings import Settings
from tests.support import CampaignFolder, FakeClock

SAMPLE = Path(__file__).parents[3] / "campaigns" / "sample.toml"


class Recording(SilentListener):
    """Remembers the plan it was shown."""

    def __init__(self) -> None:
        self.facts: PlanFacts | None = None

    def planned(self, preview: RunPreview) -> bool:
        """Remember."""
        self.facts = preview.facts
        return True


def planned_at(instant: datetime, path: Path, limit: int | None = None) -> PlanFacts:
    """Plan the campaign file *path* as a dry run at *instant*."""
    listener = Recording()
    run_campaign(
        load_campaign(path),
        options=RunOptions(dry_run=True, limit=limit, partial=True),
        listener=listener,
        runtime=Runtime(settings=Settings(api_key=SecretStr("a-key")), clock=FakeClock(instant)),
    )
    assert listener.facts is not None
    return listener.facts


@pytest.mark.parametrize("hours", range(0, 168, 11))
def test_the_sample_has_a_slot_for_everyone_at_any_hour_of_the_week(hours: int) -> None:
    """Whenever a stranger tries the sample, each of its 23 callable rows gets a slot."""
    facts = planned_at(datetime(2026, 12, 21, tzinfo=UTC) + timedelta(hours=hours), SAMPLE)

    assert (facts.planned, facts.beyond_horizon, facts.no_slot) == (23, 0, 0)


def test_slots_leave_time_to_send_them(folder: CampaignFolder) -> None:
    """The first slot lies far enough ahead for connections to be opened and calls to be claimed."""
    now = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    facts = planned_at(now, folder.campaign_file)

    assert facts.first_slot_ms is not None
    assert facts.first_slot_ms - now.timestamp() * 1000 == 30_000


def test_calls_are_never_rung_faster_than_they_can_be_sent(folder: CampaignFolder) -> None:
    """A pace to people beyond the pace to the API would put slots into the past before their turn."""
    folder.people(20)
    any_hour = '[schedule]\nwindow = "00:00-24:00"\ndays = ["mon"]\ncalls_per_minute = 6000\n'
    folder.campaign(any_hour + "[submit]\nrequests_per_second = 1\n")
    facts = planned_at(datetime(2026, 11, 23, 17, 0, tzinfo=UTC), folder.campaign_file)

    assert facts.first_slot_ms is not None
    assert facts.last_slot_ms is not None
    assert facts.last_slot_ms - facts.first_slot_ms >= 19_000


def test_rows_beyond_the_campaigns_end_have_no_slot(folder: CampaignFolder) -> None:
    """What does not fit before the end is counted as such and not as beyond the horizon."""
    folder.people(10)
    folder.campaign(
        '[schedule]\nwindow = "00:00-24:00"\ncalls_per_minute = 1\nstart = "2026-11-23T17:00:00Z"\n'
        'end = "2026-11-23T17:05:00Z"\n'
    )
    facts = planned_at(datetime(2026, 11, 23, 16, 0, tzinfo=UTC), folder.campaign_file)

    assert (facts.planned, facts.no_slot, facts.beyond_horizon) == (5, 5, 0)


def test_a_limit_counts_only_rows_that_would_be_called(folder: CampaignFolder) -> None:
    """The rows left out by the limit are counted apart."""
    folder.people(10)
    facts = planned_at(datetime(2026, 11, 23, 17, 0, tzinfo=UTC), folder.campaign_file, limit=4)

    assert (facts.planned, facts.beyond_limit) == (4, 6)
