"""The `[call]` table: what it refuses because nobody could tell which of two things is meant."""

from pathlib import Path
from typing import Any

import pytest

from dialer.campaign.call_table import Call
from dialer.campaign.file import parse_campaign
from dialer.errors import CampaignError

GERMAN, ENGLISH = {"call_template_id": "german"}, {"call_template_id": "english"}


def refusal(call: dict[str, Any]) -> str:
    """Return how a campaign with this `[call]` is refused."""
    with pytest.raises(CampaignError) as refused:
        parse_campaign({"call": call}, Path("/campaigns/spring.toml"))
    return str(refused.value)


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ({"Language": {}}, "by.Language lists no word"),
        ({"Language": {"de": {}}}, "by.Language.de sets no key"),
        ({"Language": {"de": GERMAN, "DE ": ENGLISH}}, "by.Language has de and DE , which are one word"),
        ({"Language": {"de": GERMAN}, "Plan": {"gold": ENGLISH}}, "two columns decide about call_template_id"),
        (
            {"Language": {"de": {"phone_number_id": "one"}}, "Plan": {"gold": {"from_phone_number": "+12015550100"}}},
            "two columns decide about the number to call from",
        ),
        ({"Language": {"de": {"call_templat_id": "x"}}}, "Did you mean call_template_id?"),
        (
            {"Language": {"de": {"from_phone_number": "0123"}}},
            "by.Language.de.from_phone_number: must be a number with",
        ),
        ({"Language": {"de": {"team_id": "x"}}}, "by.Language.de.team_id: there is no such key"),
        ({"Language": "de"}, "by.Language: must be a table"),
    ],
)
def test_maps_that_nobody_could_follow_are_refused(by: dict[str, Any], told: str) -> None:
    """Each map says one thing of each word, and no two columns decide about one key: the message names the place."""
    assert told in refusal({"by": by})


def test_two_columns_may_decide_about_different_keys() -> None:
    """A language may choose the template while a plan chooses whether calls are recorded."""
    call = Call.model_validate({"by": {"Language": {"de": GERMAN}, "Plan": {"gold": {"record": False}}}})
    assert call.by["Plan"]["gold"].chosen == {"record": False}


def test_every_template_of_the_file_is_known() -> None:
    """Calls may be listed under each of them: that of `[call]` and those of the words, each once."""
    call = Call.model_validate({"call_template_id": "english", "by": {"L": {"de": GERMAN, "en": ENGLISH}}})
    assert call.templates == ("english", "german")
