"""Promises about what a receiver is made of: which secrets it accepts, and how fast it asks."""

import pytest
from pydantic import SecretStr

from dialer.errors import SettingsError, UsageError
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.settings import Settings
from dialer.webhooks.setup import PACE_SHARE, call_source, secret_check
from dialer.webhooks.signature import SecretStyle
from tests.support import ANY_HOUR, FAST, CampaignFolder

HOOKS = """
[[call.webhooks]]
url = "https://example.com/hook"
secret_env = "FIRST"
[[call.webhooks]]
url = "https://example.com/hook"
secret_env = "OTHER_EVENT"
event = "phoneCall.started"
"""


def test_secrets_come_from_the_campaigns_and_from_the_variables_named(folder: CampaignFolder) -> None:
    """Only those of webhooks for the end of a call, each once; the place is a guess that can be told."""
    campaign = folder.campaign(ANY_HOUR + FAST + HOOKS)
    environment = {"FIRST": "one", "MORE": "two"}
    found = secret_check([campaign, campaign], ["MORE"], environment, style=SecretStyle.HEADER, name=None)
    named = secret_check([campaign], [], environment, style=SecretStyle.BODY, name="data.key")

    assert (found.secrets, found.name) == (("one", "two"), "x-webhook-secret")
    assert (named.secrets, named.name) == (("one",), "data.key")


def test_a_secret_that_is_missing_is_named(folder: CampaignFolder) -> None:
    """The variable is told and never its value; without any there is no receiver."""
    campaign = folder.campaign(ANY_HOUR + FAST + HOOKS)
    with pytest.raises(UsageError, match="FIRST"):
        secret_check([campaign], [], {"FIRST": ""}, style=SecretStyle.HEADER, name=None)
    with pytest.raises(UsageError, match="--secret-env"):
        secret_check([folder.campaign()], [], {}, style=SecretStyle.HEADER, name=None)


def test_the_slowest_campaign_gives_the_pace(folder: CampaignFolder) -> None:
    """A run may be going beside it, so it asks at a share of what is allowed; without a key it cannot ask at all."""
    slow = folder.campaign(ANY_HOUR + "[submit]\nrequests_per_second = 10\n")
    fast = folder.campaign(ANY_HOUR + FAST)
    with Ledger.open(folder.path / "ledger.db") as ledger:
        source = call_source([fast, slow], ledger, Runtime(settings=Settings(api_key=SecretStr("k"))))
        with pytest.raises(SettingsError, match="AICALLER_API_KEY"):
            call_source([], ledger, Runtime(settings=Settings()))
    assert source.submit.requests_per_second == 10 * PACE_SHARE
