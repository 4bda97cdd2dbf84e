"""What a command talks to: the real API, or the stand-in that lives as long as the command."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from dialer.campaign.file import Campaign
from dialer.cli.locations import SANDBOX_CALLS, find_ledger
from dialer.errors import LedgerBusy, LedgerUnusable, UsageError
from dialer.extras import install_command
from dialer.jobs.runtime import Runtime
from dialer.words import command, trouble


@dataclass(frozen=True)
class Target:
    """A campaign with the runtime and the ledger that go with where it is sent."""

    campaign: Campaign
    runtime: Runtime
    ledger: str | Path


@contextmanager
def open_target(campaign: Campaign, ledger: str | None, *, sandbox: bool) -> Iterator[Target]:
    """Yield the target of a command on *campaign*: for a rehearsal a stand-in, with a ledger of its own.

    Raises `SettingsError` for an environment that cannot be used, `UsageError` where the sandbox is not installed.
    """
    location = find_ledger(campaign, ledger, sandbox=sandbox)
    runtime = Runtime()
    if not sandbox:
        yield Target(campaign, runtime, location)
        return
    try:
        from dialer.sandbox import CallLifecycle, Sandbox  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(f"The sandbox is not installed. Run: {install_command('sandbox')}") from error
    journal = campaign.folder / SANDBOX_CALLS
    try:
        journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{journal.parent}: cannot be a folder for the rehearsal: {trouble(error)}.") from error
    with ExitStack() as kept:
        try:
            stand_in = kept.enter_context(Sandbox(journal=journal, life=CallLifecycle()))
        except (OSError, ValueError) as error:
            why = trouble(error) if isinstance(error, OSError) else "it is damaged"
            raise UsageError(
                f"{journal}: the rehearsal's calls cannot be kept there: {why}. Or begin anew: {_anew(campaign)}"
            ) from error
        rehearsed = campaign.with_ids(team_id="sandbox", call_template_id="sandbox")  # it takes any
        update = {"base_url": stand_in.url, "api_key": SecretStr("sandbox")}
        settings = runtime.settings.model_copy(update=update)
        try:
            yield Target(rehearsed, Runtime(settings=settings, rehearsal=True), location)
        except LedgerBusy:
            raise
        except LedgerUnusable as error:
            why = str(error).partition(". ")[0].rstrip(".")  # what follows is advice for a ledger of real calls
            raise LedgerUnusable(
                f"Nobody was called, but this rehearsal cannot go on where the last one ended: {why}. Begin it anew:"
                f" {_anew(campaign)}"
            ) from error


def _anew(campaign: Campaign) -> str:
    return command("run", campaign.path, "--sandbox", "--fresh")
