"""`[pilot]` and `[stop_when]`: what they may say, and which share is reached."""

from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import Campaign, parse_campaign
from dialer.errors import CampaignError


def campaign(**tables: Any) -> Campaign:
    """Return a campaign with these tables."""
    return parse_campaign(tables, Path("spring.toml"))


STOPS = {"DO_NOT_CALL": 0.02, "failed": 0.2, "after": 50}


@pytest.mark.parametrize(
    ("ended", "of", "said"),
    [
        (49, {"DO_NOT_CALL": 49}, ""),
        (50, {"DO_NOT_CALL": 1}, "1 of 50 ended calls were DO_NOT_CALL: 2.0%, where it says 2.0%"),
        (51, {"DO_NOT_CALL": 1, "completed": 50}, ""),
        (100, {"failed": 20}, "20 of 100 ended calls were failed: 20.0%"),
        (100, {"failed": 19}, ""),
        (0, {}, ""),
    ],
)
def test_a_share_counts_once_enough_calls_have_ended(ended: int, of: dict[str, int], said: str) -> None:
    """And is reached when it is no longer below what the campaign says."""
    stop_when = campaign(stop_when=STOPS).stop_when
    reached = stop_when.reached(ended, of, after=stop_when.after)
    assert reached.startswith(said) if said else reached == ""


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"do_not_call": 0.02}, 'the API writes it "DO_NOT_CALL"'),
        ({"DO_NOT_CAL": 0.02}, "Did you mean DO_NOT_CALL"),
        ({"failed": 20}, "must be at most 1"),
        ({"failed": 0}, "must be greater than 0"),
        ({"failed": "many"}, "must be a number"),
        ({"after": 0}, "must be at least 1"),
    ],
)
def test_what_would_never_stop_anything_is_told(table: dict[str, Any], said: str) -> None:
    """A known outcome in another spelling, and a share that is none."""
    with pytest.raises(CampaignError, match=said):
        campaign(stop_when=table)


def test_without_the_tables_no_ends_are_needed() -> None:
    """A campaign that says nothing of them asks the API nothing."""
    assert not campaign().needs_ends
    assert campaign(pilot={"calls": 1}).needs_ends
    assert campaign(stop_when={"failed": 0.5}).needs_ends
