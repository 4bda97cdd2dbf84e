"""`dialer results`: the table again, from the ledger."""

import sys
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
from dialer.errors import UsageError
from dialer.jobs.locations import RESULTS_FOLDER, refuse_own_input
from dialer.jobs.results import rebuild_results
from dialer.jobs.safeguards import open_known
from dialer.reasons import Status
from dialer.words import command


class ResultsJson(TypedDict):
    """What `dialer results --json` prints."""

    campaign: str
    counts: dict[Status, int]
    reasons: dict[str, int]
    results: str


def results(
    campaign: CampaignArgument,
    *,
    output: Annotated[
        Path | None, typer.Option("--results", metavar="FILE", help="Where to write: .csv, .xlsx or .json.")
    ] = None,
    run_id: Annotated[str | None, typer.Option("--run", metavar="RUN", help="Only what this run did.")] = None,
    sandbox: SandboxOption = False,
    as_json: JsonOption = False,
    ledger: LedgerOption = None,
    log_file: LogFileOption = None,  # noqa: ARG001 - its callback does the work
    log_format: LogFormatOption = "text",  # noqa: ARG001 - as above
    verbose: VerboseOption = False,  # noqa: ARG001 - as above
) -> None:
    """Write where every row of the campaign stands, rebuilt from the ledger."""
    found = find_campaign(campaign)
    location = find_ledger(found, ledger, sandbox=sandbox)
    refuse_own_input(found, None if output is None else output.absolute(), location)
    opened = open_known(found, location, rehearsal=sandbox)
    if opened is None:
        step = command("run", campaign, sandbox=sandbox)
        raise UsageError(f"{found.name} has never run, so there are no results. Next: {step}")
    folder = found.folder / (SANDBOX_RESULTS if sandbox else RESULTS_FOLDER)
    path = folder / f"{found.name}.csv" if output is None else output.absolute()
    with opened:
        tally = rebuild_results(opened, found.name, path, run_id=run_id)
    counts = {status: tally.counts[status] for status in Status}
    if as_json:
        reasons = dict(sorted(tally.reasons.items()))
        print_json(ResultsJson(campaign=found.name, counts=counts, reasons=reasons, results=str(path)))
        return
    sys.stderr.write(", ".join(f"{count} {status}" for status, count in counts.items() if count) + "\n")
    typer.echo(path)
