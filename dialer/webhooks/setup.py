"""Puts together what a receiver needs: the secrets it accepts, and its own way to the ledger and to the API."""

from collections.abc import Mapping, Sequence

from dialer.campaign.file import Campaign
from dialer.campaign.tables import Submit
from dialer.errors import UsageError
from dialer.jobs.runtime import Runtime
from dialer.ledger.database.open import Ledger
from dialer.webhooks.inbox import CallSource
from dialer.webhooks.signature import EVENT, SecretCheck, SecretStyle

PACE_SHARE = 0.2
"""The share of the slowest campaign's `requests_per_second` at which calls are read: a run may be going beside it."""

DEFAULT_NAMES = {
    SecretStyle.HEADER: "x-webhook-secret",
    SecretStyle.HMAC_HEX: "x-webhook-signature",
    SecretStyle.HMAC_BASE64: "x-webhook-signature",
    SecretStyle.BODY: "secret",
}
"""The header or field that shows the secret, unless it is given: a guess, since the API's pages name none."""


def secret_check(
    campaigns: Sequence[Campaign],
    more_variables: Sequence[str],
    environment: Mapping[str, str],
    *,
    style: SecretStyle,
    name: str | None,
) -> SecretCheck:
    """Read the secrets of the campaigns' webhooks, and those in *more_variables*, from the *environment*.

    Raises `UsageError` for a variable that is not set, and where there is no secret at all.
    """
    hooks = [hook for campaign in campaigns for hook in campaign.call.webhooks if hook.event == EVENT]
    variables = [*(hook.secret_env for hook in hooks if hook.secret_env), *more_variables]
    if not variables:
        raise UsageError(
            "No secret to know webhooks by. Give the campaign's [[call.webhooks]] a secret_env, or name a variable with"
            " --secret-env."
        )
    for variable in variables:
        if not environment.get(variable):
            raise UsageError(f"The environment variable {variable}, a webhook's secret, is not set.")
    secrets = tuple(dict.fromkeys(environment[variable] for variable in variables))
    return SecretCheck(style, name or DEFAULT_NAMES[style], secrets)


def call_source(campaigns: Sequence[Campaign], ledger: Ledger, runtime: Runtime) -> CallSource:
    """Return the way to the ledger and the API. Raises `SettingsError` where there is no key."""
    runtime.settings.require_key()
    slowest = min((campaign.submit for campaign in campaigns), key=_pace, default=Submit())
    slow = slowest.model_copy(update={"requests_per_second": _pace(slowest) * PACE_SHARE})
    return CallSource(ledger, runtime, slow, next(iter(campaigns), None))


def _pace(submit: Submit) -> float:
    return submit.requests_per_second
