"""What the commands that create calls share: asking before, showing meanwhile, telling after."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from dialer.cli.options import SANDBOX_RESULTS
from dialer.cli.target import Target, open_target
from dialer.errors import UsageError

if TYPE_CHECKING:
    from dialer.campaign.file import Campaign
    from dialer.cli.progress import RunDisplay
    from dialer.jobs.sending.options import RunOptions
    from dialer.jobs.sending.summary import RunSummary

Job = Callable[[Target, "RunOptions", "RunDisplay"], "RunSummary"]


@dataclass(frozen=True)
class Wish:
    """What the user asked for on the command line, whatever command creates the calls."""

    yes: bool
    dry_run: bool
    sandbox: bool
    quiet: bool
    as_json: bool
    ledger: str | None
    results: Path | None
    limit: int | None
    partial: bool = False
    plan: Path | None = None

    @property
    def rings_people(self) -> bool:
        """Whether calls of the real API are created."""
        return not (self.dry_run or self.sandbox)


def create_calls(campaign: "Campaign", wish: Wish, job: Job) -> NoReturn:
    """Do *job* on *campaign* and end the command with its exit code. Raises `UsageError` where nobody can be asked."""
    from dialer.cli.progress import RunDisplay  # noqa: PLC0415 - rich and the jobs: a second that --help need not pay
    from dialer.jobs.sending.options import RunOptions  # noqa: PLC0415

    on_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if wish.rings_people and not wish.yes and not on_terminal:
        raise UsageError("Nobody is there to ask: give --yes to create calls without asking.")
    ask = wish.rings_people and not wish.yes
    display = RunDisplay(campaign.name, quiet=wish.quiet or wish.as_json, ask=ask, dry_run=wish.dry_run)
    with open_target(campaign, wish.ledger, sandbox=wish.sandbox) as target, display:
        options = RunOptions(
            limit=wish.limit,
            results=None if wish.results is None else wish.results.absolute(),
            results_folder=campaign.folder / SANDBOX_RESULTS if wish.sandbox else None,
            ledger=target.ledger,
            dry_run=wish.dry_run,
            take_signals=True,
            partial=wish.partial,
            plan=None if wish.plan is None else wish.plan.absolute(),
        )
        summary = job(target, options, display)
    display.summarise(summary)
    if wish.as_json:
        typer.echo(json.dumps(summary.as_json(), indent=2))
    elif summary.results is not None:
        typer.echo(summary.results)
    raise typer.Exit(summary.exit_code)
