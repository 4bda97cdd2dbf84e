"""What a command talks to: the real API, or the stand-in that lives as long as the command."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialer.cli.options import SANDBOX_CALLS, chosen_ledger
from dialer.errors import UsageError
from dialer.extras import install_command

if TYPE_CHECKING:
    from dialer.campaign.file import Campaign
    from dialer.jobs.runtime import Runtime


@dataclass(frozen=True)
class Target:
    """A campaign with the runtime and the ledger that go with where it is sent."""

    campaign: "Campaign"
    runtime: "Runtime"
    ledger: str | Path


@contextmanager
def open_target(campaign: "Campaign", ledger: str | None, *, sandbox: bool) -> Iterator[Target]:
    """Open what *campaign* is run with; for a rehearsal that is a stand-in with a ledger of its own.

    Raises `SettingsError` for an environment that cannot be used, `UsageError` where the sandbox is not installed.
    """
    from dialer.jobs.runtime import Runtime  # noqa: PLC0415 - a second that --help need not pay

    location = chosen_ledger(campaign, ledger, sandbox=sandbox)
    runtime = Runtime()
    if not sandbox:
        yield Target(campaign, runtime, location)
        return
    from pydantic import SecretStr  # noqa: PLC0415 - as above

    try:
        from dialer.sandbox import CallLifecycle, Sandbox  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(f"The sandbox is not installed. Run: {install_command('sandbox')}") from error
    journal = campaign.folder / SANDBOX_CALLS
    journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Sandbox(journal=journal, life=CallLifecycle()) as stand_in:
        update = {"base_url": stand_in.url, "api_key": SecretStr("sandbox")}
        settings = runtime.settings.model_copy(update=update)
        yield Target(_with_any_ids(campaign), Runtime(settings=settings), location)


def _with_any_ids(campaign: "Campaign") -> "Campaign":
    """Put ids into a campaign that has none yet: the sandbox takes any."""
    call = campaign.call
    ids = {"team_id": call.team_id or "sandbox", "call_template_id": call.call_template_id or "sandbox"}
    return campaign.model_copy(update={"call": call.model_copy(update=ids)})
