"""`dialer report`: one page about a campaign, or about one of its runs."""

from pathlib import Path
from typing import Annotated

import typer
from typing_extensions import TypedDict

from dialer.cli.json_output import print_json
from dialer.cli.locations import SANDBOX_RESULTS, find_campaign, find_ledger
from dialer.cli.options import (
    CampaignArgument,
    JsonOption,
    LedgerOption,
    LogFileOption,
    LogFormatOption,
    SandboxOption,
    VerboseOption,
)
from dialer.clock import SYSTEM_CLOCK
from dialer.errors import UsageError
from dialer.jobs.locations import RESULTS_FOLDER, refuse_own_input
from dialer.jobs.safeguards import open_known
from dialer.jobs.status import read_standings
from dialer.results.report.compose import Scope
from dialer.results.report.write import write_report
from dialer.words import command

SUFFIX = ".html"


class ReportJson(TypedDict):
    """What `dialer report --json` prints."""

    campaign: str
    run_id: str | None
    report: str


def report(
    campaign: CampaignArgument,
    *,
    run_id: Annotated[str | None, typer.Option("--run", metavar="RUN", help="Only what this run did.")] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Where to write: .html.")] = None,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="Show people's numbers whole.")] = False,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Write one page with plots: how far, how fast, what is wrong, who needs a person. It opens without a network."""
    found = find_campaign(campaign)
    location = find_ledger(found, ledger, sandbox=sandbox)
    if output is not None and output.suffix.lower() != SUFFIX:
        raise UsageError(f"{output.absolute()}: a report is a page. Choose a name that ends in {SUFFIX}.")
    refuse_own_input(found, None if output is None else output.absolute(), location)
    opened = open_known(found, location, rehearsal=sandbox)
    if opened is None:
        step = command("run", campaign, sandbox=sandbox)
        raise UsageError(f"{found.name} has never run, so there is nothing to report. Next: {step}")
    folder = found.folder / (SANDBOX_RESULTS if sandbox else RESULTS_FOLDER)
    name = found.name if run_id is None else f"{found.name}-{run_id}"
    path = folder / f"{name}{SUFFIX}" if output is None else output.absolute()
    with opened:
        advice = read_standings(opened, found, is_rehearsal=sandbox)[0].advice
        scope = Scope(SYSTEM_CLOCK.now_ms(), run_id, unmasked=unmasked, next_step=advice)
        write_report(opened, found, path, scope)
    if as_json:
        print_json(ReportJson(campaign=found.name, run_id=run_id, report=str(path)))
    else:
        typer.echo(path)
