"""`[nightly]` and `[redial]`: what a campaign file may say of them, and how a wrong word is answered."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.file import parse_campaign
from dialer.errors import CampaignError

HERE = Path("/campaigns/spring.toml")


def test_nothing_comes_again_unless_the_file_says_so() -> None:
    """Without the tables a campaign is no nightly one and calls nobody twice."""
    campaign = parse_campaign({}, HERE)
    assert not campaign.nightly.enabled
    assert campaign.redial.on == ()


def test_the_tables_are_read() -> None:
    """Times of day may be written as text or as TOML's own; spans have units."""
    nightly = {"enabled": True, "at": "22:30", "not_after": time(6), "timezone": "Europe/Berlin", "max_age": "26h"}
    redial = {"on": ["noAnswer", "busy"], "wait": "4h", "max_calls": 2}
    campaign = parse_campaign({"nightly": nightly, "redial": redial}, HERE)
    assert (campaign.nightly.at, campaign.nightly.not_after) == (time(22, 30), time(6))
    assert campaign.nightly.max_age == timedelta(hours=26)
    assert (campaign.redial.on, campaign.redial.wait) == (("noAnswer", "busy"), timedelta(hours=4))


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"nightly": {"at": "late"}}, "nightly.at: write a time of day"),
        ({"nightly": {"ping_url": "example.com"}}, "nightly.ping_url"),
        ({"nightly": {"not_afer": "06:00"}}, "Did you mean not_after"),
        ({"redial": {"wait": "0s"}}, "redial.wait"),
        ({"redial": {"max_calls": 0}}, "redial.max_calls"),
        ({"redial": {"noanswer": {"wait": ["2h"]}}}, 'the API writes it "noAnswer"'),
        ({"redial": {"noAnswer": {"wait": []}}}, "noAnswer.wait: must not be empty"),
        ({"redial": {"noAnswer": {"wait": ["2"]}}}, "write a number and a unit"),
        ({"redial": {"noAnswer": {"waits": ["2h"]}}}, "Did you mean wait"),
        ({"redial": {"noAnswer": {"wait": ["2h"] * 3}}}, "noAnswer has 3 waits, so 4 calls, and max_calls allows 3"),
        ({"redial": {"on": ["busy", "DO_NOT_CALL"]}}, "DO_NOT_CALL is never called again"),
        ({"redial": {"DO_NOT_CALL": {"wait": "7d"}}}, "DO_NOT_CALL is never called again"),
        ({"redial": {"wiat": "2h"}}, "Did you mean wait"),
    ],
)
def test_a_wrong_word_is_told_with_its_key(tables: dict[str, Any], told: str) -> None:
    """The message names the file, the key and what would be right."""
    with pytest.raises(CampaignError, match=told):
        parse_campaign(tables, HERE)


def test_a_ladder_may_stand_as_a_table_of_its_own() -> None:
    """`[redial.noAnswer]` is `[redial.outcomes.noAnswer]`, and says by itself that such people are called again."""
    short = parse_campaign({"redial": {"noAnswer": {"wait": ["2h", "1d"]}}}, HERE).redial
    long = parse_campaign({"redial": {"outcomes": {"noAnswer": {"wait": ["2h", "1d"]}}}}, HERE).redial
    assert short == long
    assert short.is_used
    assert short.described == "after noAnswer: 2h, then 1d; 3 calls at most"


def test_a_single_wait_needs_no_brackets() -> None:
    """`wait = "1d"` is one more call."""
    redial = parse_campaign({"redial": {"VOICEMAIL_DETECTED": {"wait": "1d"}}}, HERE).redial
    assert redial.outcomes["VOICEMAIL_DETECTED"].wait == (timedelta(days=1),)
