"""`dialer run`: the main job."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.options import (
    SANDBOX_CALLS,
    CampaignArgument,
    ContactsOption,
    JsonOption,
    LedgerOption,
    QuietOption,
    SandboxOption,
    VerboseOption,
    chosen_ledger,
    find_campaign,
)
from dialer.errors import UsageError

if TYPE_CHECKING:
    from dialer.campaign import Campaign
    from dialer.settings import Settings


def run(
    campaign: CampaignArgument,
    *,
    contacts: ContactsOption = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Create at most this many calls, the first rows'.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Everything but the calls and the ledger.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before creating calls.")] = False,
    sandbox: SandboxOption = False,
    results: Annotated[Path | None, typer.Option(metavar="FILE", help="Results file: .csv, .xlsx or .json.")] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    ledger: LedgerOption = None,
    verbose: VerboseOption = False,  # noqa: ARG001 - its callback does the work
) -> None:
    """Create a call for every eligible row of the campaign's sheet, and write what became of each row."""
    from dialer.cli.screen import Screen  # noqa: PLC0415 - rich and the jobs: a second that --help need not pay
    from dialer.jobs.run import RunOptions, run_campaign  # noqa: PLC0415

    rings_people = not (dry_run or sandbox)
    on_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if rings_people and not yes and not on_terminal:
        raise UsageError("Nobody is there to ask: give --yes to create calls without asking.")
    found = find_campaign(campaign, contacts)
    options = RunOptions(
        limit=limit,
        results=None if results is None else results.absolute(),
        ledger=chosen_ledger(found, ledger, sandbox=sandbox),
        dry_run=dry_run,
        take_signals=True,
    )
    screen = Screen(found.name, quiet=quiet or as_json, ask=rings_people and not yes, dry_run=dry_run)
    with _settings(found, sandbox=sandbox) as (settings, ready), screen:
        summary = run_campaign(ready, settings, options=options, listener=screen)
    screen.summarise(summary)
    if as_json:
        typer.echo(json.dumps(summary.as_json(), indent=2))
    elif summary.results is not None:
        typer.echo(summary.results)
    raise typer.Exit(summary.exit_code)


@contextmanager
def _settings(campaign: "Campaign", *, sandbox: bool) -> "Iterator[tuple[Settings, Campaign]]":
    """Give the settings to run with; for a rehearsal those of a stand-in that lives as long as the context."""
    from pydantic import SecretStr  # noqa: PLC0415 - as above

    from dialer.settings import read_settings  # noqa: PLC0415

    settings = read_settings()
    if not sandbox:
        yield settings, campaign
        return
    try:
        from dialer.sandbox import Sandbox  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("The sandbox is not installed. Run: pip install 'dialer[sandbox]'") from error
    journal = campaign.folder / SANDBOX_CALLS
    journal.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Sandbox(journal=journal) as stand_in:
        update = {"base_url": stand_in.url, "api_key": SecretStr("sandbox")}
        yield settings.model_copy(update=update), _with_any_ids(campaign)


def _with_any_ids(campaign: "Campaign") -> "Campaign":
    """Give ids to a campaign that has none yet: the sandbox takes any."""
    call = campaign.call
    ids = {"team_id": call.team_id or "sandbox", "call_template_id": call.call_template_id or "sandbox"}
    return campaign.model_copy(update={"call": call.model_copy(update=ids)})
