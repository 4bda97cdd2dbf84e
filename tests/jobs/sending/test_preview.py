"""What a person is shown before a run: no whole number, however the sheet writes it."""

import json

import pytest

from dialer.campaign.budget import Budget
from dialer.jobs.sending.options import SilentListener
from dialer.jobs.sending.preview import RunPreview, masked
from tests.jobs.virtual import Taking, run_virtually
from tests.simulation.world import World
from tests.support import ANY_HOUR, FAST, TEMPLATE, CampaignFolder, number

PHONE = "+12125550147"


@pytest.mark.parametrize("written", [PHONE, "(212) 555-0147", "212.555.0147", "0012125550147", "call 212-555-0147"])
def test_the_number_is_masked_however_it_is_written(written: str) -> None:
    """Also in a variable that takes it from the sheet as it stands there."""
    body = {"toPhoneNumber": PHONE, "promptVariableValues": [{"key": "tel", "value": written}]}
    assert masked(body, PHONE) == {
        "toPhoneNumber": "+1…47",
        "promptVariableValues": [{"key": "tel", "value": "+1…47"}],
    }


@pytest.mark.parametrize("value", ["0147", "2026-11-23", "1,234.50", "+14155550100", "", "Ada"])
def test_other_values_are_shown_as_they_are(value: str) -> None:
    """Whoever agrees sees what will be spoken."""
    assert masked({"value": value}, PHONE) == {"value": value}


class Recording(SilentListener):
    """Remembers what it was shown."""

    preview: RunPreview

    def planned(self, preview: RunPreview) -> bool:
        """Remember."""
        self.preview = preview
        return True


def test_a_run_tells_what_it_is_about_to_do(folder: CampaignFolder) -> None:
    """Counts, local times of the first and the last call, address, template, one body, minutes and cost."""
    hook = '[[call.webhooks]]\nurl = "https://hooks.example.com/"\nsecret_env = "PATH"\n'
    budget = '[budget]\ncost_per_minute = 0.1\ncurrency = "EUR"\nminutes_per_call = 1.5\n'
    listener = Recording()
    run_virtually(folder.campaign(ANY_HOUR + FAST + hook + budget), World(1), Taking().serve, listener=listener)
    preview = listener.preview
    body = json.loads(preview.sample)

    assert (preview.facts.planned, preview.address, preview.call_template_id) == (3, "https://api.test", TEMPLATE)
    assert preview.first is not None
    assert preview.last is not None
    assert preview.first.slot_ms < preview.last.slot_ms
    assert preview.first.local.endswith(("EST", "EDT"))
    assert body["nameOfHuman"] == "Person 0"
    assert "(the value of PATH)" in body["phoneCallWebhooks"][0].values()
    assert number(0) not in preview.sample
    assert (preview.minutes, preview.cost) == (Budget(minutes_per_call=1.5).minutes_of(3), "0.45 EUR")
    assert "Person 0" not in repr(preview)
