"""What the commands that create calls share: they ask before, show progress meanwhile, and summarise after."""

import os
import sys
from dataclasses import replace
from typing import NoReturn, Protocol

import typer

from dialer.campaign.file import Campaign
from dialer.cli.json_output import print_json
from dialer.cli.locations import SANDBOX_RESULTS
from dialer.cli.progress import RunDisplay
from dialer.cli.target import open_target
from dialer.errors import UsageError
from dialer.jobs.locations import settings_of
from dialer.jobs.runtime import Runtime
from dialer.jobs.sending.notice import notice_of, notify
from dialer.jobs.sending.options import Listener, RunOptions, refuse_unready
from dialer.jobs.sending.summary import RunSummary
from dialer.settings import read_settings


class Job(Protocol):
    """A job that creates calls: `run_campaign`, or `retry_campaign` with its own options already given."""

    def __call__(self, campaign: Campaign, *, options: RunOptions, listener: Listener, runtime: Runtime) -> RunSummary:
        """Create the calls and return what became of every row."""


def create_calls(
    job: Job,
    campaign: Campaign,
    options: RunOptions,
    *,
    ledger: str | None,
    sandbox: bool,
    yes: bool,
    quiet: bool,
    as_json: bool,
    row: int | None = None,
    tells: bool = False,
) -> NoReturn:
    """Do *job* on *campaign* where the user wants its calls, and end the command with its exit code.

    The call of a test is shown whether somebody is asked or not, with its *row*. Ledger and results folder of *options*
    are filled in here. *tells*: whom the environment names is told of the end. Raises `UsageError` where nobody
    can be asked.
    """
    ask = not (yes or sandbox or options.dry_run)
    if ask and not (sys.stdin.isatty() and sys.stderr.isatty()):
        unasked = UsageError("There is no terminal to confirm on. Give --yes to create calls without asking.")
        refuse_unready(campaign, settings_of(campaign, read_settings()), os.environ, besides=[unasked])
    title = campaign.name if row is None else f"{campaign.name}, row {row}"
    quiet = quiet or as_json
    display = RunDisplay(title, quiet=quiet, ask=ask, dry_run=options.dry_run, in_detail=row is not None)
    results_folder = campaign.folder / SANDBOX_RESULTS if sandbox else None
    with open_target(campaign, ledger, sandbox=sandbox) as target, display:
        options = replace(options, ledger=target.ledger, results_folder=results_folder)
        made = job(target.campaign, options=options, listener=display, runtime=target.runtime)
        summary = replace(made, is_rehearsal=sandbox)
    display.summarise(summary)
    if tells and not (sandbox or options.dry_run):
        notify(target.runtime.settings, notice_of(summary))
    if as_json:
        print_json(summary.as_json())
    elif summary.results is not None:
        typer.echo(summary.results)
    raise typer.Exit(summary.exit_code)
